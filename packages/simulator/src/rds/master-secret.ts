import { defaultKey } from '../kms/keys.ts';
import { putSecret } from '../secrets-manager/secrets.ts';
import type { World } from '../world/world.ts';
import type { Cluster, MasterSecret } from './state.ts';

/** A secret that RDS keeps for a cluster: `rds!cluster-…`, readable once it is active. The master password changes with it. */
export function makeManagedSecret(world: World, cluster: Cluster, keyArn: string | undefined, now: number): MasterSecret {
  const { account, region, resourceId } = cluster;
  const state = world.region(account, region);
  const password = world.random.base62(28, 'master-password', resourceId, Math.round(now));
  const activeAt = now + cluster.durations.secret;
  const name = `rds!cluster-${world.random.uuid('master-secret', resourceId, Math.round(now))}`;
  const value = JSON.stringify({ username: cluster.contents.masterUsername, password });
  const { arn } = putSecret(world, state, name, value, now, { owner: 'rds', visibleAt: activeAt });
  cluster.masterPassword = password;
  return {
    arn,
    activeAt,
    keyArn: keyArn ?? defaultKey(world, account, region).arn.replace(/key\/.*$/, 'alias/aws/secretsmanager'),
  };
}
