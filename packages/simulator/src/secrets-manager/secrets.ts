import type { RegionState } from '../world/region-state.ts';
import type { World } from '../world/world.ts';

export interface SecretVersion {
  readonly id: string;
  readonly value: string;
  readonly createdAt: number;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly visibleAt: number;
  readonly owner: string | undefined;
  tags: Readonly<Record<string, string>>;
  /** Oldest first; the last is AWSCURRENT, the one before AWSPREVIOUS. */
  readonly versions: SecretVersion[];
}

/** Gives a secret a new current value, and makes it if need be. */
export function putSecret(
  world: World,
  state: RegionState,
  name: string,
  value: string,
  now: number,
  {
    owner,
    visibleAt = now,
    versionId,
  }: { readonly owner?: string; readonly visibleAt?: number; readonly versionId?: string } = {},
): Secret {
  let secret = state.secrets.get(name);
  if (secret === undefined) {
    const suffix = world.random.base62(6, 'secret', state.account, state.region, name);
    secret = {
      arn: `arn:aws:secretsmanager:${state.region}:${state.account}:secret:${name}-${suffix}`,
      name,
      createdAt: now,
      visibleAt,
      owner,
      tags: {},
      versions: [],
    };
    state.secrets.set(name, secret);
  }
  secret.versions.push({
    id: versionId ?? world.random.uuid('secret-version', state.account, state.region, name, secret.versions.length),
    value,
    createdAt: now,
  });
  return secret;
}

/** A secret by name, ARN, or ARN without its random suffix; undefined if there is none to be seen here. */
export function findSecret(state: RegionState, id: string, now: number): Secret | undefined {
  return [...state.secrets.values()].find(
    (secret) => (secret.name === id || secret.arn === id || secret.arn.slice(0, -7) === id) && secret.visibleAt <= now,
  );
}
