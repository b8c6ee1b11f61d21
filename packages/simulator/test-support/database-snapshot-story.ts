import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import {
  AddTagsToResourceCommand,
  CopyDBClusterSnapshotCommand,
  CopyDBSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotAttributesCommand,
  DescribeDBSnapshotsCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBSnapshotAttributeCommand,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { DESTINATION, type databaseWorld, SOURCE } from './database-worlds.ts';
import type { clients } from './sdk-clients.ts';

type Clients = ReturnType<typeof clients>;

/** Who calls in the story, and what keeps the answers. */
export interface DatabaseStage {
  readonly clock: ReturnType<typeof databaseWorld>['clock'];
  readonly source: Clients;
  readonly there: Clients;
  /** The destination's account in the source's Region. */
  readonly destinationAtSource: Clients;
  readonly keep: <T extends object>(operation: string, output: T) => T;
}

export const MINUTE = 60_000;

/** Snapshots of a cluster and an instance: taken, shared, copied to another account and Region. Returns the ARN of the cluster's copy. */
export async function databaseSnapshotStory({
  clock,
  source,
  there,
  destinationAtSource,
  keep,
}: DatabaseStage): Promise<string | undefined> {
  const { rds } = source;

  keep('kms:DescribeKey', await source.kms.send(new DescribeKeyCommand({ KeyId: 'alias/shop' })));
  keep('kms:DescribeKey', await there.kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/rds' })));
  const automated = keep(
    'rds:DescribeDBClusterSnapshots',
    await rds.send(
      new DescribeDBClusterSnapshotsCommand({
        SnapshotType: 'automated',
        Filters: [
          { Name: 'db-cluster-id', Values: ['SHOP'] },
          { Name: 'engine', Values: ['aurora-postgresql'] },
        ],
        MaxRecords: 20,
      }),
    ),
  ).DBClusterSnapshots?.at(-1);
  keep(
    'rds:CopyDBClusterSnapshot',
    await rds.send(
      new CopyDBClusterSnapshotCommand({
        SourceDBClusterSnapshotIdentifier: automated?.DBClusterSnapshotIdentifier,
        TargetDBClusterSnapshotIdentifier: 'Transit-1',
        CopyTags: true,
      }),
    ),
  );
  const created = keep(
    'rds:CreateDBClusterSnapshot',
    await rds.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: 'shop',
        DBClusterSnapshotIdentifier: 'by-hand',
        Tags: [
          { Key: 'a key', Value: 'ä/b' },
          { Key: 'empty', Value: '' },
        ],
      }),
    ),
  ).DBClusterSnapshot;
  await clock.sleep(20 * MINUTE);
  const transit = { DBClusterSnapshotIdentifier: 'transit-1' };
  keep(
    'rds:ModifyDBClusterSnapshotAttribute',
    await rds.send(
      new ModifyDBClusterSnapshotAttributeCommand({ ...transit, AttributeName: 'restore', ValuesToAdd: [DESTINATION.account] }),
    ),
  );
  keep('rds:DescribeDBClusterSnapshotAttributes', await rds.send(new DescribeDBClusterSnapshotAttributesCommand(transit)));
  const shared = await destinationAtSource.rds.send(
    new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'shared', IncludeShared: true }),
  );
  keep('rds:DescribeDBClusterSnapshots', shared);
  const copy = keep(
    'rds:CopyDBClusterSnapshot',
    await there.rds.send(
      new CopyDBClusterSnapshotCommand({
        SourceDBClusterSnapshotIdentifier: shared.DBClusterSnapshots?.[0]?.DBClusterSnapshotArn,
        TargetDBClusterSnapshotIdentifier: 'shop-copy',
        KmsKeyId: 'alias/dr',
        Tags: [{ Key: 'breakwater:source-time', Value: '2026-03-04T02:10:00Z' }],
      }),
    ),
  ).DBClusterSnapshot;
  await clock.sleep(30 * MINUTE);
  keep('rds:DescribeDBClusterSnapshots', await there.rds.send(new DescribeDBClusterSnapshotsCommand({})));
  const ResourceName = created?.DBClusterSnapshotArn;
  keep('rds:AddTagsToResource', await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'c', Value: 'd' }] })));
  keep('rds:RemoveTagsFromResource', await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['empty'] })));
  keep('rds:ListTagsForResource', await rds.send(new ListTagsForResourceCommand({ ResourceName })));
  keep('rds:DeleteDBClusterSnapshot', await rds.send(new DeleteDBClusterSnapshotCommand(transit)));

  const instanceSnapshot = { DBSnapshotIdentifier: 'ledger-1' };
  keep(
    'rds:CreateDBSnapshot',
    await rds.send(new CreateDBSnapshotCommand({ ...instanceSnapshot, DBInstanceIdentifier: 'ledger' })),
  );
  await clock.sleep(10 * MINUTE);
  keep(
    'rds:ModifyDBSnapshotAttribute',
    await rds.send(
      new ModifyDBSnapshotAttributeCommand({ ...instanceSnapshot, AttributeName: 'restore', ValuesToAdd: [DESTINATION.account] }),
    ),
  );
  keep('rds:DescribeDBSnapshotAttributes', await rds.send(new DescribeDBSnapshotAttributesCommand(instanceSnapshot)));
  keep(
    'rds:CopyDBSnapshot',
    await there.rds.send(
      new CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: `arn:aws:rds:${SOURCE.region}:${SOURCE.account}:snapshot:ledger-1`,
        TargetDBSnapshotIdentifier: 'ledger-copy',
        KmsKeyId: 'alias/dr',
      }),
    ),
  );
  await clock.sleep(30 * MINUTE);
  keep('rds:DescribeDBSnapshots', await there.rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'ledger-copy' })));
  keep('rds:DeleteDBSnapshot', await rds.send(new DeleteDBSnapshotCommand(instanceSnapshot)));
  return copy?.DBClusterSnapshotArn;
}
