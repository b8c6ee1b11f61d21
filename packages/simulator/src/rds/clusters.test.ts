import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  type DBCluster,
  DeleteDBClusterCommand,
  type DeleteDBClusterCommandInput,
  DeleteDBInstanceCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeExportTasksCommand,
  DescribeGlobalClustersCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
  type ModifyDBClusterCommandInput,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  type RestoreDBClusterFromSnapshotCommandInput,
  StartExportTaskCommand,
} from '@aws-sdk/client-rds';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { at, DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { refused } from '../../test-support/sdk-clients.ts';

const MINUTE = 60_000;
const SNAPSHOT = `snapshots: [{ ${at(DESTINATION)}, id: saved, database: shop, engineVersion: "16.6", kmsKey: alias/dr }, { ${at(DESTINATION)}, id: old, database: shop, engineVersion: "15.10", kmsKey: alias/dr }]\n`;

function restore(rds: RDSClient, more: Partial<RestoreDBClusterFromSnapshotCommandInput> = {}) {
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

function member(rds: RDSClient, id: string, more: Partial<CreateDBInstanceCommandInput> = {}) {
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

function modify(rds: RDSClient, more: Partial<ModifyDBClusterCommandInput>, id = 'restored') {
  return rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier: id, ApplyImmediately: true, ...more }));
}

function remove(rds: RDSClient, more: Partial<DeleteDBClusterCommandInput> = { SkipFinalSnapshot: true }, id = 'restored') {
  return rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: id, ...more }));
}

async function cluster(rds: RDSClient, id = 'restored'): Promise<DBCluster | undefined> {
  return (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }))).DBClusters?.[0];
}

async function instanceStatus(rds: RDSClient, id: string): Promise<string | undefined> {
  return (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances?.[0]?.DBInstanceStatus;
}

/** A restored cluster, available, without instances. */
async function restored(more: Partial<RestoreDBClusterFromSnapshotCommandInput> = {}, scenario = '') {
  const world = databaseWorld(SNAPSHOT + scenario);
  await restore(world.destination.rds, more);
  await world.clock.sleep(10 * MINUTE);
  return { ...world, rds: world.destination.rds };
}

describe('restoring', () => {
  test('what is not asked for becomes AWS’s default, not the source’s; no instances come with it', async () => {
    const { destination, clock } = databaseWorld(SNAPSHOT);
    const answer = await restore(destination.rds);
    assert.equal(answer.DBCluster?.Status, 'creating');
    await clock.sleep(8 * MINUTE);
    const found = await cluster(destination.rds, 'RESTORED');
    assert.deepEqual(
      {
        status: found?.Status,
        members: found?.DBClusterMembers ?? [],
        group: found?.DBClusterParameterGroup,
        subnets: found?.DBSubnetGroup,
        iam: found?.IAMDatabaseAuthenticationEnabled,
        protection: found?.DeletionProtection,
        http: found?.HttpEndpointEnabled,
        logs: found?.EnabledCloudwatchLogsExports ?? [],
        tags: found?.TagList ?? [],
        secret: found?.MasterUserSecret,
      },
      {
        status: 'available',
        members: [],
        group: 'default.aurora-postgresql16',
        subnets: 'default',
        iam: false,
        protection: false,
        http: false,
        logs: [],
        tags: [],
        secret: undefined,
      },
    );
  });

  test('without a version it takes the Region’s default, which may not fit', async () => {
    const { destination } = databaseWorld(
      `${SNAPSHOT}engineVersions: [{ engine: aurora-postgresql, versions: ["15.10", "16.6", "16.8"], default: "16.8" }]\n`,
    );
    const { rds } = destination;
    const send = (more: object) =>
      rds.send(
        new RestoreDBClusterFromSnapshotCommand({
          DBClusterIdentifier: 'a',
          SnapshotIdentifier: 'saved',
          Engine: 'aurora-postgresql',
          ...more,
        }),
      );
    await assert.rejects(send({ SnapshotIdentifier: 'old' }), refused('InvalidParameterCombination', 400, /not compatible/));
    assert.equal((await send({})).DBCluster?.EngineVersion, '16.8');
  });

  const wrong: readonly [
    what: string,
    more: Partial<RestoreDBClusterFromSnapshotCommandInput>,
    code: string,
    status: number,
    message: RegExp,
  ][] = [
    ['unknown snapshot', { SnapshotIdentifier: 'none' }, 'DBClusterSnapshotNotFoundFault', 404, /none/],
    ['another engine', { Engine: 'aurora-mysql' }, 'InvalidParameterCombination', 400, /engine/],
    [
      'version that the Region lacks',
      { EngineVersion: '16.99' },
      'InvalidParameterCombination',
      400,
      /Cannot find version 16.99/,
    ],
    ['older version', { EngineVersion: '16.4' }, 'InvalidParameterCombination', 400, /not compatible/],
    ['unknown subnet group', { DBSubnetGroupName: 'none' }, 'DBSubnetGroupNotFoundFault', 404, /none/],
    [
      'security group of another VPC',
      { DBSubnetGroupName: 'dr', VpcSecurityGroupIds: ['sg-0other'] },
      'InvalidParameterCombination',
      400,
      /different VPCs/,
    ],
    [
      'unknown security group',
      { DBSubnetGroupName: 'dr', VpcSecurityGroupIds: ['sg-0none'] },
      'InvalidParameterValue',
      400,
      /sg-0none/,
    ],
    ['unknown parameter group', { DBClusterParameterGroupName: 'none' }, 'DBClusterParameterGroupNotFound', 404, /none/],
    [
      'parameter group of another family',
      { DBClusterParameterGroupName: 'default.aurora-mysql8.0' },
      'InvalidParameterCombination',
      400,
      /Family/,
    ],
    ['key of nobody', { KmsKeyId: 'alias/none' }, 'KMSKeyNotAccessibleFault', 400, /alias\/none/],
    ['log of another engine', { EnableCloudwatchLogsExports: ['slowquery'] }, 'InvalidParameterCombination', 400, /slowquery/],
    ['port', { Port: 80 }, 'InvalidParameterValue', 400, /80/],
    ['retention', { BackupRetentionPeriod: 36 }, 'InvalidParameterValue', 400, /36/],
    [
      'capacity in thirds',
      { ServerlessV2ScalingConfiguration: { MinCapacity: 0.3, MaxCapacity: 8 } },
      'InvalidParameterValue',
      400,
      /0.5/,
    ],
    [
      'minimum above maximum',
      { ServerlessV2ScalingConfiguration: { MinCapacity: 8, MaxCapacity: 4 } },
      'InvalidParameterValue',
      400,
      /less/,
    ],
    [
      'pause without zero',
      { ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 4, SecondsUntilAutoPause: 300 } },
      'InvalidParameterCombination',
      400,
      /Pause/,
    ],
    ['reserved tag', { Tags: [{ Key: 'aws:x', Value: '' }] }, 'InvalidParameterValue', 400, /reserved/],
    ['what the simulator would not do', { BacktrackWindow: 3_600 }, 'InvalidParameterCombination', 400, /BacktrackWindow/],
    ['Serverless v1', { EngineMode: 'serverless' }, 'InvalidParameterCombination', 400, /serverless/],
  ];
  for (const [what, more, code, status, message] of wrong) {
    test(`refuses: ${what}`, async () => {
      const { destination, world } = databaseWorld(SNAPSHOT);
      await assert.rejects(restore(destination.rds, more), refused(code, status, message));
      assert.deepEqual(world.state().regions.find(({ region }) => region === DESTINATION.region)?.databases.clusters, []);
    });
  }

  test('the identifier must be free', async () => {
    const { rds } = await restored();
    await assert.rejects(restore(rds, { DBClusterIdentifier: 'Restored' }), refused('DBClusterAlreadyExistsFault', 400));
  });

  test('a shared snapshot is restored by its ARN, and stays under its owner’s key', async () => {
    const { across, source, clock } = databaseWorld();
    await source.rds.send(
      new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'shop', DBClusterSnapshotIdentifier: 'given' }),
    );
    await clock.sleep(3 * MINUTE);
    const arn = `arn:aws:rds:${SOURCE.region}:${SOURCE.account}:cluster-snapshot:given`;
    await assert.rejects(restore(across.rds, { SnapshotIdentifier: arn }), refused('DBClusterSnapshotNotFoundFault', 404));
    await source.rds.send(
      new ModifyDBClusterSnapshotAttributeCommand({
        DBClusterSnapshotIdentifier: 'given',
        AttributeName: 'restore',
        ValuesToAdd: [DESTINATION.account],
      }),
    );
    await assert.rejects(restore(across.rds, { SnapshotIdentifier: 'given' }), refused('DBClusterSnapshotNotFoundFault', 404));
    const answer = await restore(across.rds, { SnapshotIdentifier: arn });
    assert.match(answer.DBCluster?.KmsKeyId ?? '', new RegExp(SOURCE.account));
  });

  test('a restore that fails stays in its status', async () => {
    const { rds, clock } = await restored({}, 'faults: [{ effect: { kind: restore-fails } }]\n');
    assert.equal((await cluster(rds))?.Status, 'migration-failed');
    await clock.sleep(60 * MINUTE);
    assert.equal((await cluster(rds))?.Status, 'migration-failed');
    await assert.rejects(member(rds, 'a'), refused('InvalidDBClusterStateFault', 400));
    await remove(rds);
  });
});

describe('instances', () => {
  test('the first is the writer, and usable when it is available; then the lowest tier takes over', async () => {
    const { rds, clock } = await restored();
    const [answer] = await Promise.all([
      member(rds, 'a', { PromotionTier: 5 }),
      member(rds, 'b', { PromotionTier: 2 }),
      member(rds, 'c', { PromotionTier: 1 }),
    ]);
    assert.deepEqual([answer.DBInstance?.DBInstanceStatus, answer.DBInstance?.Endpoint], ['creating', undefined]);
    await clock.sleep(8 * MINUTE);
    const writer = async () =>
      (await cluster(rds))?.DBClusterMembers?.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
    assert.equal(await writer(), 'a');
    assert.equal(await instanceStatus(rds, 'a'), 'available');
    await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'a', SkipFinalSnapshot: true }));
    assert.equal(await writer(), 'c');
  });

  test('asked for before the cluster is there, it waits for it', async () => {
    const { destination, clock } = databaseWorld(SNAPSHOT);
    await restore(destination.rds);
    await member(destination.rds, 'early');
    await clock.sleep(10 * MINUTE);
    assert.equal(await instanceStatus(destination.rds, 'early'), 'creating');
    await clock.sleep(6 * MINUTE);
    assert.equal(await instanceStatus(destination.rds, 'early'), 'available');
  });

  const wrong: readonly [
    what: string,
    more: Partial<CreateDBInstanceCommandInput>,
    code: string,
    status: number,
    message: RegExp,
  ][] = [
    ['no such cluster', { DBClusterIdentifier: 'none' }, 'DBClusterNotFoundFault', 404, /none/],
    ['another engine', { Engine: 'aurora-mysql' }, 'InvalidParameterCombination', 400, /doesn't match/],
    ['a master user', { MasterUsername: 'me' }, 'InvalidParameterCombination', 400, /master user name/],
    ['storage', { AllocatedStorage: 100 }, 'InvalidParameterCombination', 400, /storage/],
    [
      'serverless without scaling',
      { DBInstanceClass: 'db.serverless' },
      'InvalidDBClusterStateFault',
      400,
      /Serverless v2 scaling configuration/,
    ],
    ['parameter group', { DBParameterGroupName: 'none' }, 'DBParameterGroupNotFound', 404, /none/],
    ['tier', { PromotionTier: 16 }, 'InvalidParameterValue', 400, /16/],
    ['zone of another Region', { AvailabilityZone: 'us-east-1a' }, 'InvalidParameterValue', 400, /us-east-1a/],
    ['monitoring without a role', { MonitoringInterval: 60 }, 'InvalidParameterCombination', 400, /Monitoring/],
    ['class', { DBInstanceClass: 'large' }, 'InvalidParameterValue', 400, /large/],
  ];
  test('what cannot be', async () => {
    const { rds } = await restored();
    for (const [what, more, code, status, message] of wrong)
      await assert.rejects(member(rds, 'x', more), refused(code, status, message), what);
    await member(rds, 'x');
    await assert.rejects(member(rds, 'X'), refused('DBInstanceAlreadyExists', 400));
  });

  test('serverless with scaling; an instance that fails', async () => {
    const { rds, clock } = await restored(
      { ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 8 } },
      'faults: [{ match: { database: two }, effect: { kind: instance-fails, status: incompatible-parameters } }]\n',
    );
    assert.equal((await cluster(rds))?.ServerlessV2ScalingConfiguration?.SecondsUntilAutoPause, 300);
    await member(rds, 'one', { DBInstanceClass: 'db.serverless' });
    await member(rds, 'two', { DBInstanceClass: 'db.serverless' });
    await clock.sleep(10 * MINUTE);
    assert.deepEqual(
      [await instanceStatus(rds, 'one'), await instanceStatus(rds, 'two')],
      ['available', 'incompatible-parameters'],
    );
  });
});

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
