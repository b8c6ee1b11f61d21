import { AwsFault } from '../aws-fault.ts';
import { Grants } from '../iam/grants.ts';
import type { PolicyDocument } from '../iam/policy.ts';
import type { Randomness } from '../random.ts';
import type { CallerSpec, RoleSpec, Scenario } from '../scenario/scenario.ts';
import type { ServiceName } from '../wire/read-request.ts';

/** Who makes a call. */
export interface Principal {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
  readonly deny: readonly string[];
  /** What it is allowed; undefined: everything. */
  readonly policies: readonly PolicyDocument[] | undefined;
  /** Keeps which of them were needed. */
  readonly grants: Grants | undefined;
  /** The role whose session this is. */
  readonly role: RoleSpec | undefined;
}

interface Key {
  readonly principal: Principal;
  readonly sessionToken: string | undefined;
  expiresAt: number;
}

export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: number;
  readonly principal: Principal;
  readonly assumedRoleId: string;
}

/** Access keys: those of the scenario, and those STS has handed out. */
export class Identities {
  readonly #keys = new Map<string, Key>();
  readonly #random: Randomness;
  #issued = 0;
  readonly roles: ReadonlyMap<string, RoleSpec>;
  readonly grants = new Grants();

  constructor(scenario: Scenario, random: Randomness) {
    this.#random = random;
    this.roles = new Map(scenario.roles.map((role) => [role.arn, role]));
    for (const caller of scenario.callers) {
      const principal = callerPrincipal(caller, random, this.grants);
      this.#keys.set(caller.accessKeyId, { principal, sessionToken: undefined, expiresAt: Number.POSITIVE_INFINITY });
    }
  }

  /**
   * Who signs with a key. Signatures are not checked, but the key must be known, its session token must match and it must not have
   * expired. Throws the service's own `AwsFault`.
   */
  resolve(service: ServiceName, accessKeyId: string | undefined, sessionToken: string | undefined, now: number): Principal {
    if (accessKeyId === undefined) throw new AwsFault('MissingAuthenticationToken', 403, 'Missing Authentication Token');
    const key = this.#keys.get(accessKeyId);
    if (key === undefined || key.sessionToken !== sessionToken) throw unknownKey(service);
    if (key.expiresAt <= now) throw expiredKey(service);
    return key.principal;
  }

  issue(role: RoleSpec, sessionName: string, now: number, durationMs: number): IssuedCredentials {
    const number = this.#issued++;
    const name = role.arn.slice(role.arn.lastIndexOf('/') + 1);
    const roleId = `AROA${this.#random.base32(17, 'role', role.arn)}`;
    const assumedRoleId = `${roleId}:${sessionName}`;
    const principal: Principal = {
      account: role.account,
      arn: `arn:aws:sts::${role.account}:assumed-role/${name}/${sessionName}`,
      userId: assumedRoleId,
      deny: role.deny,
      policies: role.policies,
      grants: this.grants,
      role,
    };
    const accessKeyId = `ASIA${this.#random.base32(16, 'key', number)}`;
    const sessionToken = `FwoGZXIvYXdzE${this.#random.base62(200, 'token', number)}`;
    const expiresAt = Math.floor((now + durationMs) / 1_000) * 1_000;
    this.#keys.set(accessKeyId, { principal, sessionToken, expiresAt });
    return {
      accessKeyId,
      secretAccessKey: this.#random.base62(40, 'secret', number),
      sessionToken,
      expiresAt,
      principal,
      assumedRoleId,
    };
  }

  /** Ends a session now. Long-lived keys are left alone: they do not expire. */
  expire(accessKeyId: string | undefined, now: number): void {
    const key = accessKeyId === undefined ? undefined : this.#keys.get(accessKeyId);
    if (key?.sessionToken !== undefined) key.expiresAt = Math.min(key.expiresAt, now);
  }
}

function callerPrincipal(caller: CallerSpec, random: Randomness, grants: Grants): Principal {
  return {
    account: caller.account,
    arn: caller.arn,
    userId: `AIDA${random.base32(17, 'user', caller.arn)}`,
    deny: caller.deny,
    policies: caller.policies,
    grants,
    role: undefined,
  };
}

const SPEAKS_XML: ReadonlySet<ServiceName> = new Set(['sts', 'ec2', 'rds', 'sns', 'route53']);

/** awsJson services refuse with 400, restJson ones with 403. */
function refusalStatus(service: ServiceName): number {
  return service === 'drs' || service === 'rds-data' ? 403 : 400;
}

/** Services that speak XML spell it one way (403), JSON services another. */
function unknownKey(service: ServiceName): AwsFault {
  const message = 'The security token included in the request is invalid.';
  if (SPEAKS_XML.has(service)) return new AwsFault('InvalidClientTokenId', 403, message);
  return new AwsFault('UnrecognizedClientException', refusalStatus(service), message);
}

export function expiredKey(service: ServiceName): AwsFault {
  const message = 'The security token included in the request is expired';
  if (SPEAKS_XML.has(service)) return new AwsFault('ExpiredToken', 403, message);
  return new AwsFault('ExpiredTokenException', refusalStatus(service), message);
}

/** A refusal of IAM in the service's own words. */
export function accessDenied(service: ServiceName, message: string): AwsFault {
  if (service === 'sns') return new AwsFault('AuthorizationError', 403, message);
  if (SPEAKS_XML.has(service)) return new AwsFault('AccessDenied', 403, message);
  return new AwsFault('AccessDeniedException', refusalStatus(service), message);
}
