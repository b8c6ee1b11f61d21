import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeExportTasksCommand,
  DescribeGlobalClustersCommand,
  EnableHttpEndpointCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
  StartExportTaskCommand,
} from '@aws-sdk/client-rds';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import {
  cluster,
  instanceStatus,
  member,
  modify,
  remove,
  restore,
  restored,
  SNAPSHOT,
} from '../../test-support/cluster-calls.ts';
import { DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { refused } from '../../test-support/sdk-clients.ts';

const MINUTE = 60_000;

describe('deleting', () => {
  test('readers, writer, cluster: in this order, and the cluster outlives its last instance', async () => {
    const { rds, clock } = await restored({ DeletionProtection: true });
    await member(rds, 'a');
    await clock.sleep(8 * MINUTE);
    await assert.rejects(
      remove(rds),
      refused(
        'InvalidParameterCombination',
        400,
        /^Cannot delete protected Cluster, please disable deletion protection and try again\.$/,
      ),
    );
    await modify(rds, { DeletionProtection: false });
    await assert.rejects(
      remove(rds),
      refused(
        'InvalidDBClusterStateFault',
        400,
        /^Cluster cannot be deleted, it still contains DB instances in non-deleting state\.$/,
      ),
    );
    await assert.rejects(remove(rds, {}), refused('InvalidParameterCombination', 400, /FinalDBSnapshotIdentifier is required/));
    await assert.rejects(
      remove(rds, { SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'x' }),
      refused('InvalidParameterCombination', 400),
    );
    const last = { DBInstanceIdentifier: 'a' };
    await assert.rejects(
      rds.send(new DeleteDBInstanceCommand({ ...last, FinalDBSnapshotIdentifier: 'x' })),
      refused('InvalidParameterCombination', 400),
    );
    await rds.send(new DeleteDBInstanceCommand({ ...last, SkipFinalSnapshot: true }));
    await assert.rejects(
      rds.send(new DeleteDBInstanceCommand({ ...last, SkipFinalSnapshot: true })),
      refused('InvalidDBInstanceState', 400),
    );
    const answer = await remove(rds, { FinalDBSnapshotIdentifier: 'final' });
    assert.equal(answer.DBCluster?.Status, 'available');
    assert.equal((await cluster(rds))?.Status, 'deleting');
    await assert.rejects(remove(rds), refused('InvalidDBClusterStateFault', 400));
    await clock.sleep(5 * MINUTE);
    await assert.rejects(instanceStatus(rds, 'a'), refused('DBInstanceNotFound', 404));
    await clock.sleep(10 * MINUTE);
    await assert.rejects(cluster(rds), refused('DBClusterNotFoundFault', 404));
    const final = await rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'final' }));
    assert.equal(final.DBClusterSnapshots?.[0]?.Status, 'available');
  });

  test('a final snapshot whose name is taken stops it', async () => {
    const { rds } = await restored();
    await assert.rejects(
      remove(rds, { FinalDBSnapshotIdentifier: 'saved' }),
      refused('DBClusterSnapshotAlreadyExistsFault', 400),
    );
    assert.equal((await cluster(rds))?.Status, 'available');
  });

  test('automated snapshots go with their cluster unless they are to be kept', async () => {
    const { source, clock } = databaseWorld();
    const left = async (id: string) =>
      (await source.rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterIdentifier: id }))).DBClusterSnapshots?.length ?? 0;
    for (const [id, keep] of [
      ['shop', false],
      ['plain', true],
    ] as const) {
      await source.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: `${id}-1`, SkipFinalSnapshot: true }));
      assert.equal(await left(id), 7);
      await remove(source.rds, { SkipFinalSnapshot: true, DeleteAutomatedBackups: !keep }, id);
    }
    await clock.sleep(10 * MINUTE);
    assert.deepEqual([await left('shop'), await left('plain')], [0, 7]);
  });

  test('a member of a global cluster is refused', async () => {
    const { source } = databaseWorld();
    await source.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'member-1', SkipFinalSnapshot: true }));
    await assert.rejects(
      remove(source.rds, { SkipFinalSnapshot: true }, 'member'),
      refused('InvalidGlobalClusterStateFault', 400),
    );
    await assert.rejects(
      modify(source.rds, { NewDBClusterIdentifier: 'x' }, 'member'),
      refused('InvalidGlobalClusterStateFault', 400),
    );
    const globals = await source.rds.send(
      new DescribeGlobalClustersCommand({ Filters: [{ Name: 'db-cluster-id', Values: ['member'] }] }),
    );
    assert.equal(globals.GlobalClusters?.[0]?.GlobalClusterIdentifier, 'world');
    await assert.rejects(
      source.rds.send(new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: 'none' })),
      refused('GlobalClusterNotFoundFault', 404),
    );
  });
});

describe('renaming', () => {
  test('a cluster is known by its old name, then by both, then by its new one; its endpoint moves', async () => {
    const { rds, clock, world } = await restored();
    const before = (await cluster(rds))?.Endpoint;
    assert.equal((await modify(rds, { NewDBClusterIdentifier: 'Renamed' })).DBCluster?.Status, 'renaming');
    const known = async () =>
      (await Promise.allSettled(['restored', 'renamed'].map((id) => cluster(rds, id)))).map(
        ({ status }) => status === 'fulfilled',
      );
    const seen = [await known()];
    for (let i = 0; i < 2; i++) {
      await clock.sleep(35_000);
      seen.push(await known());
    }
    assert.deepEqual(seen, [
      [true, false],
      [true, true],
      [false, true],
    ]);
    const after = await cluster(rds, 'renamed');
    assert.equal(after?.Status, 'available');
    assert.equal(after?.Endpoint, before?.replace('restored', 'renamed'));
    assert.ok(world.events.some(({ detail }) => detail.EventID === 'RDS-EVENT-0172' && detail.SourceIdentifier === 'renamed'));
    await restore(rds, { DBClusterIdentifier: 'restored' });
  });

  test('both names are taken meanwhile, and nothing else may be changed', async () => {
    const { rds } = await restored();
    await modify(rds, { NewDBClusterIdentifier: 'renamed' });
    for (const DBClusterIdentifier of ['renamed', 'restored'])
      await assert.rejects(restore(rds, { DBClusterIdentifier }), refused('DBClusterAlreadyExistsFault', 400));
    await assert.rejects(modify(rds, { DeletionProtection: true }), refused('InvalidDBClusterStateFault', 400, /renaming/));
    await assert.rejects(remove(rds), refused('InvalidDBClusterStateFault', 400));
  });

  test('without ApplyImmediately it waits for the maintenance window', async () => {
    const { rds, clock } = await restored();
    await modify(rds, { NewDBClusterIdentifier: 'renamed', ApplyImmediately: false });
    await clock.sleep(60 * MINUTE);
    const found = await cluster(rds);
    assert.deepEqual([found?.Status, found?.PendingModifiedValues?.DBClusterIdentifier], ['available', 'renamed']);
  });

  test('an instance reboots on its way', async () => {
    const { rds, clock } = await restored();
    await member(rds, 'a');
    await clock.sleep(8 * MINUTE);
    const move = new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'a', NewDBInstanceIdentifier: 'b', ApplyImmediately: true });
    await rds.send(move);
    await assert.rejects(rds.send(move), refused('InvalidDBInstanceState', 400));
    await clock.sleep(65_000);
    assert.equal(await instanceStatus(rds, 'b'), 'rebooting');
    await clock.sleep(60_000);
    assert.equal(await instanceStatus(rds, 'b'), 'available');
    assert.equal((await cluster(rds))?.DBClusterMembers?.[0]?.DBInstanceIdentifier, 'b');
  });
});

describe('master password', () => {
  test('RDS makes a secret that becomes readable after a while', async () => {
    const { rds, clock, destination } = await restored();
    const secret = (await modify(rds, { ManageMasterUserPassword: true, MasterUserSecretKmsKeyId: 'alias/dr' })).DBCluster
      ?.MasterUserSecret;
    assert.match(secret?.SecretArn ?? '', /:secret:rds!cluster-/);
    assert.equal(secret?.SecretStatus, 'creating');
    const read = new GetSecretValueCommand({ SecretId: secret?.SecretArn });
    await assert.rejects(destination.secrets.send(read), { name: 'ResourceNotFoundException' });
    assert.equal((await cluster(rds))?.Status, 'resetting-master-credentials');
    await clock.sleep(30_000);
    assert.equal((await cluster(rds))?.MasterUserSecret?.SecretStatus, 'active');
    assert.match((await destination.secrets.send(read)).SecretString ?? '', /^\{"username":"postgres","password":".{28}"\}$/);
    await assert.rejects(modify(rds, { MasterUserPassword: 'another-password' }), refused('InvalidParameterCombination', 400));
    await assert.rejects(modify(rds, { ManageMasterUserPassword: false }), refused('InvalidParameterCombination', 400));
    await modify(rds, { ManageMasterUserPassword: false, MasterUserPassword: 'another-password' });
    assert.equal((await cluster(rds))?.MasterUserSecret, undefined);
  });

  test('a password that cannot be one is refused, and none is in the log', async () => {
    const { rds, world } = await restored();
    for (const MasterUserPassword of ['short', 'has/slash1', 'has"quote', 'has@sign12', 'has space1', 'x'.repeat(42)])
      await assert.rejects(modify(rds, { MasterUserPassword }), refused('InvalidParameterValue', 400), MasterUserPassword);
    await modify(rds, { MasterUserPassword: 'correct-horse' });
    assert.doesNotMatch(JSON.stringify(world.calls), /has.?sign|correct-horse/);
  });
});

describe('beside clusters', () => {
  test('the HTTP endpoint is for clusters that are available', async () => {
    const { destination, clock } = databaseWorld(SNAPSHOT);
    const arn = (await restore(destination.rds)).DBCluster?.DBClusterArn;
    const enable = (ResourceArn: string | undefined) => destination.rds.send(new EnableHttpEndpointCommand({ ResourceArn }));
    await assert.rejects(enable(arn), refused('InvalidResourceStateFault', 400));
    await assert.rejects(enable(`${arn}x`), refused('ResourceNotFoundFault', 404));
    await clock.sleep(10 * MINUTE);
    assert.equal((await enable(arn)).HttpEndpointEnabled, true);
  });

  test('engine versions by Region, subnet groups by account', async () => {
    const { source, destination } = databaseWorld(
      'engineVersions: [{ engine: aurora-postgresql, versions: ["16.6"], regions: [us-east-1] }]\n',
    );
    const versions = async (rds: RDSClient) =>
      (await rds.send(new DescribeDBEngineVersionsCommand({ Engine: 'aurora-postgresql', EngineVersion: '16.6' })))
        .DBEngineVersions?.length ?? 0;
    assert.deepEqual([await versions(source.rds), await versions(destination.rds)], [1, 0]);
    await assert.rejects(
      source.rds.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: 'dr' })),
      refused('DBSubnetGroupNotFoundFault', 404),
    );
  });

  test('what needs a role to be passed, or a secret to be made', async () => {
    const { source, clock } = databaseWorld('', undefined, 'deny: ["iam:PassRole", "secretsmanager:CreateSecret"]');
    const monitored = new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'x',
      DBClusterIdentifier: 'shop',
      DBInstanceClass: 'db.r6g.large',
      Engine: 'aurora-postgresql',
      MonitoringInterval: 60,
      MonitoringRoleArn: `arn:aws:iam::${SOURCE.account}:role/monitor`,
    });
    await assert.rejects(source.rds.send(monitored), refused('AccessDenied', 403, /iam:PassRole/));
    await assert.rejects(
      modify(source.rds, { ManageMasterUserPassword: true }, 'shop'),
      refused('AccessDenied', 403, /secretsmanager:CreateSecret/),
    );
    await modify(source.rds, { BackupRetentionPeriod: 2 }, 'shop');
    await clock.sleep(24 * 60 * MINUTE);
    assert.equal((await cluster(source.rds, 'shop'))?.BackupRetentionPeriod, 2);
  });

  test('an export goes through its statuses', async () => {
    const { destination, clock } = databaseWorld(SNAPSHOT);
    const start = (more: object = {}) =>
      destination.rds.send(
        new StartExportTaskCommand({
          ExportTaskIdentifier: 'out',
          SourceArn: `arn:aws:rds:${DESTINATION.region}:${DESTINATION.account}:cluster-snapshot:saved`,
          S3BucketName: 'archive',
          IamRoleArn: `arn:aws:iam::${DESTINATION.account}:role/export`,
          KmsKeyId: 'alias/dr',
          ...more,
        }),
      );
    await assert.rejects(start({ IamRoleArn: 'export' }), refused('IamRoleNotFound', 404));
    await assert.rejects(start({ S3BucketName: 'No' }), refused('InvalidS3BucketFault', 400));
    await assert.rejects(start({ KmsKeyId: 'alias/none' }), refused('KMSKeyNotAccessibleFault', 400));
    const seen = [(await start()).Status];
    await assert.rejects(start(), refused('ExportTaskAlreadyExists', 400));
    const look = async () =>
      (await destination.rds.send(new DescribeExportTasksCommand({ ExportTaskIdentifier: 'out' }))).ExportTasks?.[0]?.Status;
    for (const minutes of [10, 60]) {
      await clock.sleep(minutes * MINUTE);
      seen.push(await look());
    }
    assert.deepEqual(seen, ['STARTING', 'IN_PROGRESS', 'COMPLETE']);
    await assert.rejects(
      destination.rds.send(new DescribeExportTasksCommand({ ExportTaskIdentifier: 'none' })),
      refused('ExportTaskNotFound', 404),
    );
  });
});
