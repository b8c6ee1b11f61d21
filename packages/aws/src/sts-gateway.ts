import { AwsError } from '@breakwater/core';
import type { Identity } from './gateways.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type StsSdk = typeof import('./sts-client.ts');
export type StsCaller = ServiceCaller<StsSdk, InstanceType<StsSdk['STSClient']>>;

/** IAM actions that each method needs. GetCallerIdentity is always allowed. */
export const STS_PERMISSIONS = {
  identity: [],
  /** On each site's role, for the role or user the run starts from. */
  assumeSiteRole: ['sts:AssumeRole'],
} as const satisfies Record<string, readonly string[]>;

export function stsCaller(surroundings: Surroundings, place: Omit<Place, 'service'>): StsCaller {
  return new ServiceCaller(
    // Credentials are shared by all that goes on at a site: the abort of a run must not leave them half renewed.
    { ...surroundings, signal: undefined },
    { ...place, service: 'sts' },
    () => import('./sts-client.ts'),
    (sdk, settings) => new sdk.STSClient(settings),
  );
}

/** Who AWS says the site's credentials are. */
export function identityOf(sts: StsCaller): () => Promise<Identity> {
  return async () => {
    const { Account: account, Arn: arn } = await sts.call('GetCallerIdentity', 'read', (sdk, client, options) =>
      client.send(new sdk.GetCallerIdentityCommand({}), options),
    );
    if (account !== undefined && arn !== undefined) return { account, arn };
    const { service, operation, account: expected, region } = sts.context('GetCallerIdentity', 'read');
    throw new AwsError('aws-fault', `${service}:${operation} answered without an account`, {
      next: 'Run it again. If it stays, something between this machine and STS alters its answers.',
      call: {
        service,
        operation,
        account: expected,
        region,
        requestId: undefined,
        httpStatus: undefined,
        awsCode: 'IncompleteAnswer',
      },
    });
  };
}
