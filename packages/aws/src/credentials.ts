import { AwsError, BreakwaterError } from '@breakwater/core';
import { toAwsError } from './aws-error.ts';
import type { CallContext } from './call-context.ts';
import { CredentialMemo, type CredentialSource, type Credentials } from './credential-memo.ts';
import { holdStill } from './hold-still.ts';
import { moment } from './parse.ts';
import type { Surroundings } from './service-caller.ts';
import { type StsCaller, stsCaller } from './sts-gateway.ts';

/** Where credentials begin. */
export type BaseCredentials =
  | { readonly kind: 'default' }
  | { readonly kind: 'static'; readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
  | { readonly kind: 'web-identity'; readonly roleArn: string; readonly token: () => Promise<string> };

/** A chained session lasts an hour at most, whatever the role allows; so does ours from a web identity. */
const SESSION_SECONDS = 3_600;

export interface CredentialOptions {
  readonly surroundings: Surroundings;
  readonly base: BaseCredentials;
  readonly sessionName: string;
  readonly onSecret: (secret: string) => void;
  readonly warn: (error: BreakwaterError) => void;
}

/**
 * The credentials a run starts from, as seen in one Region: STS is always asked at the Region of the site, because the Region a
 * global endpoint stands in may be the one that burns.
 */
export function baseSource(region: string, options: CredentialOptions): CredentialSource {
  const { surroundings, base, onSecret, warn } = options;
  const sts = stsCaller(surroundings, { account: undefined, region, credentials: undefined });
  const renew = () => {
    if (base.kind === 'static') return Promise.resolve(told(staticCredentials(base), onSecret));
    if (base.kind === 'web-identity') return fromWebIdentity(sts, base, options);
    return fromDefaultChain(region, options);
  };
  return new CredentialMemo({ renew, clock: surroundings.clock, warn });
}

/** The credentials of a site's role, assumed with those of `base`. */
export function roleSource(
  site: { readonly account: string; readonly region: string; readonly roleArn: string; readonly externalId: string | undefined },
  base: CredentialSource,
  options: CredentialOptions,
): CredentialSource {
  const { surroundings, sessionName, onSecret, warn } = options;
  const sts = stsCaller(surroundings, { account: site.account, region: site.region, credentials: base });
  const renew = async () => {
    const operation = 'AssumeRole';
    const answer = await sts.call(operation, 'read', (sdk, client, send) =>
      client.send(
        new sdk.AssumeRoleCommand({
          RoleArn: site.roleArn,
          RoleSessionName: sessionName,
          DurationSeconds: SESSION_SECONDS,
          ...(site.externalId === undefined ? {} : { ExternalId: site.externalId }),
        }),
        send,
      ),
    );
    return told(sessionCredentials(answer.Credentials, sts.context(operation, 'read')), onSecret);
  };
  return new CredentialMemo({ renew, clock: surroundings.clock, warn });
}

async function fromWebIdentity(
  sts: StsCaller,
  base: Extract<BaseCredentials, { kind: 'web-identity' }>,
  { sessionName, onSecret }: CredentialOptions,
): Promise<Credentials> {
  const operation = 'AssumeRoleWithWebIdentity';
  // A token lives some minutes only, so each renewal asks for one of its own.
  const token = await webIdentityToken(base.token, sts.context(operation, 'read'));
  onSecret(token);
  const answer = await sts.call(operation, 'read', (sdk, client, send) =>
    client.send(
      new sdk.AssumeRoleWithWebIdentityCommand({
        RoleArn: base.roleArn,
        RoleSessionName: sessionName,
        DurationSeconds: SESSION_SECONDS,
        WebIdentityToken: token,
      }),
      send,
    ),
  );
  return told(sessionCredentials(answer.Credentials, sts.context(operation, 'read')), onSecret);
}

async function webIdentityToken(ask: () => Promise<string>, call: CallContext): Promise<string> {
  try {
    const token = await ask();
    if (token !== '') return token;
  } catch (error) {
    if (error instanceof BreakwaterError) throw error;
    throw noToken(error instanceof Error ? error.message : String(error), call, error);
  }
  throw noToken('the answer was empty', call, undefined);
}

function noToken(why: string, call: CallContext, cause: unknown): AwsError {
  return new AwsError('credentials-missing', `no identity token for ${call.service}:${call.operation}: ${why}`, {
    next: 'Give the job "permissions: id-token: write" so that GitHub hands out identity tokens (docs/credentials.md).',
    call: { ...awsCall(call), awsCode: 'NoIdentityToken' },
    cause,
  });
}

async function fromDefaultChain(region: string, { surroundings, onSecret }: CredentialOptions): Promise<Credentials> {
  const call: CallContext = { service: 'sts', operation: 'default credential chain', account: undefined, region, effect: 'read' };
  try {
    // A new chain each time: an old one would remember what it found by the machine's clock.
    const found = await holdStill(
      surroundings.clock,
      import('./credential-chain.ts').then(({ fromNodeProviderChain }) => fromNodeProviderChain({ clientConfig: { region } })()),
    );
    const expiresAt = moment(found.expiration);
    return told(
      {
        accessKeyId: found.accessKeyId,
        secretAccessKey: found.secretAccessKey,
        ...(found.sessionToken === undefined ? {} : { sessionToken: found.sessionToken }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
      onSecret,
    );
  } catch (error) {
    throw toAwsError(error, call);
  }
}

function staticCredentials(base: Extract<BaseCredentials, { kind: 'static' }>): Credentials {
  const { accessKeyId, secretAccessKey, sessionToken } = base;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

/** Anything AWS hands out for a session, checked: without a key nothing can be signed. */
function sessionCredentials(
  answer:
    | {
        readonly AccessKeyId?: string | undefined;
        readonly SecretAccessKey?: string | undefined;
        readonly SessionToken?: string | undefined;
        readonly Expiration?: Date | undefined;
      }
    | undefined,
  call: CallContext,
): Credentials {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = answer ?? {};
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) {
    throw new AwsError('aws-fault', `${call.service}:${call.operation} answered without credentials`, {
      next: 'Run it again. If it stays, something between this machine and STS alters its answers.',
      call: { ...awsCall(call), awsCode: 'IncompleteAnswer' },
    });
  }
  const expiresAt = moment(answer?.Expiration);
  return { accessKeyId, secretAccessKey, sessionToken, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

function awsCall({ service, operation, account, region }: CallContext) {
  return { service, operation, account, region, requestId: undefined, httpStatus: undefined };
}

/** Names the secrets before anybody can use them. The access key id is no secret: it stands in every CloudTrail record. */
function told(credentials: Credentials, onSecret: (secret: string) => void): Credentials {
  onSecret(credentials.secretAccessKey);
  if (credentials.sessionToken !== undefined) onSecret(credentials.sessionToken);
  return credentials;
}
