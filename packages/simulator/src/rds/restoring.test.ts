import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CreateDBClusterSnapshotCommand,
  type CreateDBInstanceCommandInput,
  DeleteDBInstanceCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  RestoreDBClusterFromSnapshotCommand,
  type RestoreDBClusterFromSnapshotCommandInput,
} from '@aws-sdk/client-rds';
import { cluster, instanceStatus, member, remove, restore, restored, SNAPSHOT } from '../../test-support/cluster-calls.ts';
import { DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { refused } from '../../test-support/sdk-clients.ts';

const MINUTE = 60_000;

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
