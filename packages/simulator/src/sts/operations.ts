import { AwsFault } from '../aws-fault.ts';
import { parseJson } from '../boundary.ts';
import { authorise, demand } from '../iam/authorise.ts';
import type { RoleSpec } from '../scenario/scenario.ts';
import { type CallContext, type Handler, handler, type Output } from '../world/call-context.ts';

const HOUR_SECONDS = 3_600;

interface AssumeRoleRequest {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly DurationSeconds?: number;
  readonly ExternalId?: string;
  readonly SourceIdentity?: string;
}

interface AssumeRoleWithWebIdentityRequest {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly WebIdentityToken: string;
  readonly DurationSeconds?: number;
}

function checkDuration(role: RoleSpec, seconds: number): void {
  if (seconds * 1_000 > role.maxSession) {
    throw new AwsFault('ValidationError', 400, 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

function session(context: CallContext, role: RoleSpec, name: string, seconds: number): Output {
  const issued = context.world.identities.issue(role, name, context.now, seconds * 1_000);
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: issued.expiresAt,
    },
    AssumedRoleUser: { AssumedRoleId: issued.assumedRoleId, Arn: issued.principal.arn },
  };
}

const assumeRole = handler<AssumeRoleRequest>((context, input) => {
  const { world, principal } = context;
  const refused = new AwsFault(
    'AccessDenied',
    403,
    `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
  );
  authorise(principal, 'sts', [
    demand('sts:AssumeRole', input.RoleArn, {
      principal,
      place: context.state,
      context: input.ExternalId === undefined ? {} : { 'sts:externalid': input.ExternalId },
    }),
  ]);
  const role = world.identities.roles.get(input.RoleArn);
  if (role === undefined) throw refused;
  const trusted =
    role.trust === undefined ||
    [principal.arn, principal.account, principal.role?.arn].some((who) => who !== undefined && role.trust?.includes(who));
  if (!trusted || (role.externalId !== undefined && role.externalId !== input.ExternalId)) throw refused;
  const seconds = input.DurationSeconds ?? HOUR_SECONDS;
  if (principal.role !== undefined && seconds > HOUR_SECONDS) {
    throw new AwsFault(
      'ValidationError',
      400,
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  checkDuration(role, seconds);
  return session(context, role, input.RoleSessionName, seconds);
});

interface Claims {
  readonly iss?: unknown;
  readonly aud?: unknown;
  readonly sub?: unknown;
  readonly exp?: unknown;
}

/** The claims of a JWT; its signature is not checked, for there is nobody to sign it here. */
function claimsOf(token: string): Claims {
  const payload = token.split('.')[1];
  try {
    const claims = payload === undefined ? undefined : parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims === 'object' && claims !== null) return claims;
  } catch {
    // Refused below.
  }
  throw new AwsFault(
    'InvalidIdentityToken',
    400,
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
  );
}

const assumeRoleWithWebIdentity = handler<AssumeRoleWithWebIdentityRequest>((context, input) => {
  const { world, now } = context;
  const claims = claimsOf(input.WebIdentityToken);
  const denied = new AwsFault('AccessDenied', 403, 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  const role = world.identities.roles.get(input.RoleArn);
  const trust = role?.webIdentity;
  if (role === undefined || trust === undefined) throw denied;
  if (claims.iss !== undefined && claims.iss !== trust.issuer) {
    throw new AwsFault(
      'InvalidIdentityToken',
      400,
      'No OpenIDConnect provider found in your account for the issuer of the token',
    );
  }
  if (claims.aud !== trust.audience) throw new AwsFault('InvalidIdentityToken', 400, 'Incorrect token audience');
  if (typeof claims.exp === 'number' && claims.exp * 1_000 <= now) {
    throw new AwsFault(
      'ExpiredTokenException',
      400,
      `Token expired: current date/time ${Math.floor(now / 1_000)} must be before the expiration date/time ${claims.exp}`,
    );
  }
  const subject = typeof claims.sub === 'string' ? claims.sub : '';
  if (!trust.subjects.some((pattern) => matchesPattern(pattern, subject))) throw denied;
  const seconds = input.DurationSeconds ?? HOUR_SECONDS;
  checkDuration(role, seconds);
  return {
    ...session(context, role, input.RoleSessionName, seconds),
    SubjectFromWebIdentityToken: subject,
    Audience: trust.audience,
    Provider: `arn:aws:iam::${role.account}:oidc-provider/${trust.issuer.replace(/^https:\/\//, '')}`,
  };
});

/** `*` stands for anything, as in StringLike. */
function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(text);
}

export const STS_HANDLERS: Readonly<Record<string, Handler>> = {
  GetCallerIdentity: handler<object>(({ principal }) => ({
    UserId: principal.userId,
    Account: principal.account,
    Arn: principal.arn,
  })),
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
};
