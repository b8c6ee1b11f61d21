import { AwsFault } from '../aws-fault.ts';
import type { ServiceName } from '../wire/read-request.ts';
import { accessDenied, type Principal } from '../world/identities.ts';
import type { ConditionContext } from './conditions.ts';
import { like } from './conditions.ts';
import { type Demand, decide } from './evaluate.ts';

/** Where a call is answered. */
interface Place {
  readonly account: string;
  readonly region: string;
}

/** A question to IAM with the keys that every request has. */
export function demand(
  action: string,
  resource: string,
  {
    principal,
    place,
    via,
    context = {},
  }: {
    readonly principal: Principal;
    readonly place: Place;
    /** The service that asks in its caller's name: `drs.amazonaws.com`. */
    readonly via?: string;
    readonly context?: ConditionContext;
  },
): Demand {
  const owner = resource.split(':')[4];
  return {
    action,
    resource,
    context: {
      'aws:principalaccount': principal.account,
      'aws:principalarn': principal.role?.arn ?? principal.arn,
      'aws:requestedregion': place.region,
      'aws:viaawsservice': String(via !== undefined),
      ...(owner === undefined || owner === '' ? {} : { 'aws:resourceaccount': owner }),
      ...(via === undefined ? {} : { 'aws:calledvia': [via], 'aws:calledviafirst': via, 'aws:calledvialast': via }),
      ...context,
    },
  };
}

/**
 * Why a principal may not, in IAM's own words; undefined: it may. The scenario's `deny` list refuses first. A principal without
 * policies may do whatever is not on that list.
 */
export function refusal(principal: Principal, { action, resource, context }: Demand): string | undefined {
  const denied = principal.deny.some((pattern) => pattern === '*' || like(pattern, action));
  const decision = principal.policies === undefined ? 'allowed' : decide(principal.policies, { action, resource, context });
  if (!denied && decision === 'allowed') {
    principal.grants?.add(principal, { action, resource, context });
    return undefined;
  }
  const why =
    decision === 'explicit'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const on = resource === '*' ? '' : ` on resource: ${resource}`;
  return `User: ${principal.arn} is not authorized to perform: ${action}${on} ${why}`;
}

/** Refuses as `service` does, if IAM refuses any of it. */
export function authorise(principal: Principal, service: ServiceName, demands: readonly Demand[]): void {
  for (const each of demands) {
    const message = refusal(principal, each);
    if (message === undefined) continue;
    if (service === 'ec2') {
      throw new AwsFault('UnauthorizedOperation', 403, `You are not authorized to perform this operation. ${message}`);
    }
    throw accessDenied(service, message);
  }
}
