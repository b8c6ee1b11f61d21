import {
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  type DBCluster,
  DeleteDBClusterCommand,
  type DeleteDBClusterCommandInput,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  ModifyDBClusterCommand,
  type ModifyDBClusterCommandInput,
  type RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  type RestoreDBClusterFromSnapshotCommandInput,
} from '@aws-sdk/client-rds';
import { at, DESTINATION, databaseWorld } from './database-worlds.ts';

const MINUTE = 60_000;

export const SNAPSHOT = `snapshots: [{ ${at(DESTINATION)}, id: saved, database: shop, engineVersion: "16.6", kmsKey: alias/dr }, { ${at(DESTINATION)}, id: old, database: shop, engineVersion: "15.10", kmsKey: alias/dr }]\n`;

export function restore(rds: RDSClient, more: Partial<RestoreDBClusterFromSnapshotCommandInput> = {}) {
  return rds.send(
    new RestoreDBClusterFromSnapshotCommand({
      DBClusterIdentifier: 'restored',
      SnapshotIdentifier: 'saved',
      Engine: 'aurora-postgresql',
      EngineVersion: '16.6',
      ...more,
    }),
  );
}

export function member(rds: RDSClient, id: string, more: Partial<CreateDBInstanceCommandInput> = {}) {
  return rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      DBClusterIdentifier: 'restored',
      DBInstanceClass: 'db.r6g.large',
      Engine: 'aurora-postgresql',
      ...more,
    }),
  );
}

export function modify(rds: RDSClient, more: Partial<ModifyDBClusterCommandInput>, id = 'restored') {
  return rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: id, ApplyImmediately: true, ...more }));
}

export function remove(
  rds: RDSClient,
  more: Partial<DeleteDBClusterCommandInput> = { SkipFinalSnapshot: true },
  id = 'restored',
) {
  return rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: id, ...more }));
}

export async function cluster(rds: RDSClient, id = 'restored'): Promise<DBCluster | undefined> {
  return (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }))).DBClusters?.[0];
}

export async function instanceStatus(rds: RDSClient, id: string): Promise<string | undefined> {
  return (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances?.[0]?.DBInstanceStatus;
}

/** A restored cluster, available, without instances. */
export async function restored(more: Partial<RestoreDBClusterFromSnapshotCommandInput> = {}, scenario = '') {
  const world = databaseWorld(SNAPSHOT + scenario);
  await restore(world.destination.rds, more);
  await world.clock.sleep(10 * MINUTE);
  return { ...world, rds: world.destination.rds };
}
