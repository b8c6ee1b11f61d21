import type { BreakwaterError, Clock } from '@breakwater/core';
import type { CredentialSource } from './credential-memo.ts';
import { type BaseCredentials, baseSource, type CredentialOptions, roleSource } from './credentials.ts';
import { drsGateway } from './drs-gateway.ts';
import { ec2Gateway } from './ec2-gateway.ts';
import type { SiteGateways } from './gateways.ts';
import { kmsGateway } from './kms-gateway.ts';
import { parameterGateway } from './parameter-gateway.ts';
import { rdsDataGateway } from './rds-data-gateway.ts';
import { rdsGateway } from './rds-gateway.ts';
import { route53Gateway } from './route53-gateway.ts';
import { secretsGateway } from './secrets-gateway.ts';
import type { Surroundings } from './service-caller.ts';
import { roleSessionName } from './session-name.ts';
import { snsGateway } from './sns-gateway.ts';
import { ssmGateway } from './ssm-gateway.ts';
import { identityOf, stsCaller } from './sts-gateway.ts';

export interface ConnectOptions {
  readonly clock: Clock;
  readonly credentials: BaseCredentials;
  /** Name of the role sessions, seen in CloudTrail; what STS does not take is replaced, and it is cut at 64 characters. */
  readonly sessionName: string;
  /** An in-process request handler (the simulator) instead of the network. */
  readonly requestHandler?: object;
  /** Another address for every service, as `http://127.0.0.1:4000`. Without it the SDK's own rules apply (AWS_ENDPOINT_URL …). */
  readonly endpoint?: string;
  /** Told every secret before it is used: keys, tokens, presigned URLs, the values of secrets. */
  readonly onSecret?: (secret: string) => void;
  /** Told when credentials could not be renewed early; the old ones go on until they expire. */
  readonly onWarning?: (error: BreakwaterError) => void;
  /** Added to the user agent, as `[['breakwater', '0.1.0'], ['run', '123']]`. */
  readonly userAgent?: readonly (readonly [string, string])[];
  /** Aborting ends every read and every wait at once; a change on its way is always brought to its answer. */
  readonly signal?: AbortSignal;
}

/** Where and as whom. */
export interface AwsSite {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Assumed with the run's credentials; none, or the very role of the web identity: those are used as they are. */
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
}

/**
 * The way to AWS. Asking twice for a site (the same account, Region, role and external id) gives the same gateways, with one set
 * of credentials for all of them. Nothing is loaded, read or sent before the first call of a gateway's method.
 */
export function connect(options: ConnectOptions): (site: AwsSite) => SiteGateways {
  const { clock, credentials: base, signal, endpoint, requestHandler } = options;
  const sessionName = roleSessionName(options.sessionName);
  const onSecret = options.onSecret ?? (() => undefined);
  let handler: Promise<object> | undefined;
  const surroundings: Surroundings = {
    clock,
    signal,
    seed: sessionName,
    userAgent: options.userAgent ?? [],
    endpoint,
    onSecret,
    inProcess: requestHandler !== undefined,
    handler: () => {
      handler ??=
        requestHandler === undefined
          ? import('./network-handler.ts').then(({ networkHandler, TIMEOUTS }) => networkHandler(TIMEOUTS))
          : Promise.resolve(requestHandler);
      return handler;
    },
  };
  const credentialOptions: CredentialOptions = {
    surroundings,
    base,
    sessionName,
    onSecret,
    warn: options.onWarning ?? (() => undefined),
  };
  const baseOf = memoised((region: string) => baseSource(region, credentialOptions));
  const gateways = new Map<string, SiteGateways>();

  const sourceOf = (site: AwsSite): CredentialSource => {
    const { account, region, roleArn, externalId } = site;
    const own = base.kind === 'web-identity' && base.roleArn === roleArn && externalId === undefined;
    if (roleArn === undefined || own) return baseOf(region);
    return roleSource({ account, region, roleArn, externalId }, baseOf(region), credentialOptions);
  };

  return (site) => {
    const { account, region, roleArn, externalId } = site;
    const key = JSON.stringify([account, region, roleArn ?? null, externalId ?? null]);
    const known = gateways.get(key);
    if (known !== undefined) return known;
    const place = { account, region, credentials: sourceOf(site) };
    const made: SiteGateways = {
      account,
      region,
      drs: drsGateway(surroundings, place),
      ec2: ec2Gateway(surroundings, place),
      ssm: ssmGateway(surroundings, place),
      rds: rdsGateway(surroundings, place),
      kms: kmsGateway(surroundings, place),
      secrets: secretsGateway(surroundings, place),
      rdsData: rdsDataGateway(surroundings, place),
      sns: snsGateway(surroundings, place),
      parameters: parameterGateway(surroundings, place),
      route53: route53Gateway(surroundings, place),
      identity: identityOf(stsCaller(surroundings, place)),
    };
    gateways.set(key, made);
    return made;
  };
}

function memoised<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(key);
    made.set(key, fresh);
    return fresh;
  };
}
