import { demand, refusal } from '../iam/authorise.ts';
import type { KmsKeySpec } from '../scenario/database-spec.ts';
import type { Principal } from '../world/identities.ts';
import type { World } from '../world/world.ts';

export interface Key extends KmsKeySpec {
  readonly arn: string;
  readonly createdAt: number;
}

/** Keys of one account in one Region, by id. */
export type KmsState = Map<string, Key>;

export const DEFAULT_ALIAS = 'alias/aws/rds';

export function makeKey(spec: KmsKeySpec, createdAt: number): Key {
  return { ...spec, arn: `arn:aws:kms:${spec.region}:${spec.account}:key/${spec.id}`, createdAt };
}

/** The key that RDS made for the account: `aws/rds`. It cannot be shared. */
export function defaultKey(world: World, account: string, region: string): Key {
  const { kms } = world.region(account, region);
  const known = [...kms.values()].find((key) => key.alias === DEFAULT_ALIAS);
  if (known !== undefined) return known;
  const key = makeKey(
    {
      account,
      region,
      id: world.random.uuid('default-key', account, region),
      alias: DEFAULT_ALIAS,
      manager: 'AWS',
      state: 'Enabled',
      usage: 'ENCRYPT_DECRYPT',
      multiRegion: false,
      accounts: [],
    },
    world.began,
  );
  kms.set(key.id, key);
  return key;
}

/** A key by id, ARN, alias or alias ARN, as seen from an account and Region; a key of another Region only by its ARN. */
export function findKey(
  world: World,
  text: string,
  home: { readonly account: string; readonly region: string },
): Key | undefined {
  const arn = /^arn:aws:kms:([a-z0-9-]+):(\d{12}):(key\/|(?=alias\/))(.+)$/.exec(text);
  const place = arn === null ? home : { region: arn[1] ?? '', account: arn[2] ?? '' };
  const name = arn === null ? text : (arn[4] ?? '');
  if (name === DEFAULT_ALIAS) return defaultKey(world, place.account, place.region);
  const { kms } = world.region(place.account, place.region);
  return name.startsWith('alias/') ? [...kms.values()].find((key) => key.alias === name) : kms.get(name);
}

/** On whose behalf a key is used. */
export interface KeyUse {
  readonly principal: Principal;
  readonly state: { readonly account: string; readonly region: string };
}

/**
 * Whether a principal may use a key for an action: by its own policies, and across accounts by the key policy as well. `via` is the
 * service that asks in its name, as `rds`: it uses the key through grants.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export function mayUse(key: Key, use: KeyUse, action: string, via?: string): boolean {
  return keyRefusal(key, use, action, via) === undefined;
}

/** Why not, in IAM's words. */
export function keyRefusal(key: Key, { principal, state }: KeyUse, action: string, via?: string): string | undefined {
  const service = via === undefined ? {} : { via: `${via}.amazonaws.com` };
  const asked = demand(`kms:${action}`, key.arn, {
    principal,
    place: state,
    ...service,
    context: {
      'kms:calleraccount': principal.account,
      ...(via === undefined ? {} : { 'kms:viaservice': `${via}.${key.region}.amazonaws.com` }),
      ...(action === 'CreateGrant' ? { 'kms:grantisforawsresource': String(via !== undefined) } : {}),
    },
  });
  const refused = refusal(principal, asked);
  if (refused !== undefined || key.account === principal.account) return refused;
  const named = key.accounts.find((entry) => entry.id === principal.account);
  const open =
    key.manager !== 'AWS' && named !== undefined && !named.without.some((one) => matches(one.replace(/^kms:/, ''), action));
  if (open) return undefined;
  return `User: ${principal.arn} is not authorized to perform: kms:${action} on resource: ${key.arn} because no resource-based policy allows the kms:${action} action`;
}

function matches(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}
