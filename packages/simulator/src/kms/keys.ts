import type { KmsKeySpec } from '../scenario/database-spec.ts';
import { isDenied, type Principal } from '../world/identities.ts';
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

/** Whether a principal may use a key for an action: by its own deny list, and across accounts by the key policy. */
export function mayUse(key: Key, principal: Principal, action: string): boolean {
  if (isDenied(principal, `kms:${action}`)) return false;
  if (key.account === principal.account) return true;
  const named = key.accounts.find((entry) => entry.id === principal.account);
  if (key.manager === 'AWS' || named === undefined) return false;
  return !named.without.some((pattern) => matches(pattern.replace(/^kms:/, ''), action));
}

function matches(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}
