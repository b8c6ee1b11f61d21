import { defaultKey } from '../kms/keys.ts';
import { putSecret } from '../secrets-manager/secrets.ts';
import type { World } from '../world/world.ts';
import type { Cluster, DbInstance, MasterSecret } from './state.ts';

/** A secret that RDS keeps for a database: `rds!cluster-…` or `rds!db-…`, readable once it is active. The master password changes with it. */
export function makeManagedSecret(
  world: World,
  database: Cluster | DbInstance,
  keyArn: string | undefined,
  now: number,
): MasterSecret {
  const { account, region, resourceId } = database;
  const state = world.region(account, region);
  const password = world.random.base62(28, 'master-password', resourceId, Math.round(now));
  const activeAt = now + database.durations.secret;
  const name = `rds!${'instanceClass' in database ? 'db' : 'cluster'}-${world.random.uuid('master-secret', resourceId, Math.round(now))}`;
  const value = JSON.stringify({ username: database.contents.masterUsername, password });
  const { arn } = putSecret(world, state, name, value, now, { owner: 'rds', visibleAt: activeAt });
  database.masterPassword = password;
  return {
    arn,
    activeAt,
    keyArn: keyArn ?? defaultKey(world, account, region).arn.replace(/key\/.*$/, 'alias/aws/secretsmanager'),
  };
}

/** As describes show it. */
export function masterSecretOutput({ masterSecret }: Cluster | DbInstance, now: number) {
  if (masterSecret === undefined) return undefined;
  const { arn, activeAt, keyArn } = masterSecret;
  return { SecretArn: arn, SecretStatus: now < activeAt ? 'creating' : 'active', KmsKeyId: keyArn };
}
