import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  type DBClusterSnapshot,
  DescribeDBClusterSnapshotsCommand,
  type DescribeDBClusterSnapshotsCommandInput,
  ModifyDBClusterSnapshotAttributeCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { DESTINATION, databaseWorld, SOURCE } from './database-worlds.ts';

const MINUTE = 60_000;

export async function snapshots(
  rds: RDSClient,
  input: DescribeDBClusterSnapshotsCommandInput,
): Promise<readonly DBClusterSnapshot[]> {
  return (await rds.send(new DescribeDBClusterSnapshotsCommand(input))).DBClusterSnapshots ?? [];
}

export async function one(rds: RDSClient, id: string): Promise<DBClusterSnapshot | undefined> {
  return (await snapshots(rds, { DBClusterSnapshotIdentifier: id }))[0];
}

export function manual(rds: RDSClient, id: string, cluster = 'shop', Tags?: { Key: string; Value: string }[]) {
  return rds.send(new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id, DBClusterIdentifier: cluster, Tags }));
}

export function copy(
  rds: RDSClient,
  from: string,
  to: string,
  more: { KmsKeyId?: string; CopyTags?: boolean; Tags?: { Key: string; Value: string }[]; PreSignedUrl?: string } = {},
) {
  return rds.send(
    new CopyDBClusterSnapshotCommand({ SourceDBClusterSnapshotIdentifier: from, TargetDBClusterSnapshotIdentifier: to, ...more }),
  );
}

export function share(rds: RDSClient, id: string, ...ValuesToAdd: string[]) {
  return rds.send(
    new ModifyDBClusterSnapshotAttributeCommand({ DBClusterSnapshotIdentifier: id, AttributeName: 'restore', ValuesToAdd }),
  );
}

export function arn(id: string, { account, region } = SOURCE): string {
  return `arn:aws:rds:${region}:${account}:cluster-snapshot:${id}`;
}

/** A world with a manual snapshot of `cluster`, shared with the destination. */
export async function withShared(cluster = 'shop', more = '') {
  const world = databaseWorld(more);
  await manual(world.source.rds, 'given', cluster);
  await world.clock.sleep(3 * MINUTE);
  await share(world.source.rds, 'given', DESTINATION.account);
  return world;
}
