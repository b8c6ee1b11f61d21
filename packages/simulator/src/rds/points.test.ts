import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
  RestoreDBClusterToPointInTimeCommand,
  type RestoreDBClusterToPointInTimeCommandInput,
  RestoreDBInstanceFromDBSnapshotCommand,
  type RestoreDBInstanceFromDBSnapshotCommandInput,
  RestoreDBInstanceToPointInTimeCommand,
  type RestoreDBInstanceToPointInTimeCommandInput,
} from '@aws-sdk/client-rds';
import { cluster, instanceStatus } from '../../test-support/cluster-calls.ts';
import { at, DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { refused } from '../../test-support/sdk-clients.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const MORE = `snapshots:
  - { ${at(DESTINATION)}, kind: instance, id: saved, database: ledger, engine: postgres, engineVersion: "16.6", kmsKey: alias/dr, optionGroup: special }
  - { ${at(SOURCE)}, kind: instance, id: foreign, database: ledger, engine: postgres, engineVersion: "16.6", kmsKey: alias/shop, sharedWith: ["${DESTINATION.account}"] }
optionGroups:
  - { ${at(DESTINATION)}, name: special, majorVersion: "16" }
  - { ${at(DESTINATION)}, name: older, majorVersion: "15" }
`;

function restore(rds: RDSClient, more: Partial<RestoreDBInstanceFromDBSnapshotCommandInput> = {}) {
  return rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'Back', DBSnapshotIdentifier: 'saved', ...more }),
  );
}

function toPoint(rds: RDSClient, more: Partial<RestoreDBInstanceToPointInTimeCommandInput>) {
  const names = { SourceDBInstanceIdentifier: 'ledger', TargetDBInstanceIdentifier: 'back' };
  return rds.send(new RestoreDBInstanceToPointInTimeCommand({ ...names, ...more }));
}

function clusterToPoint(rds: RDSClient, more: Partial<RestoreDBClusterToPointInTimeCommandInput>) {
  const names = { SourceDBClusterIdentifier: 'shop', DBClusterIdentifier: 'back' };
  return rds.send(new RestoreDBClusterToPointInTimeCommand({ ...names, ...more }));
}

async function instance(rds: RDSClient, id: string) {
  return (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances?.[0];
}

describe('restoring an instance', () => {
  test('what is not asked for becomes AWS’s default, not the source’s; creating, modifying, available', async () => {
    const { destination, clock } = databaseWorld(MORE);
    const { rds } = destination;
    assert.equal((await restore(rds)).DBInstance?.DBInstanceStatus, 'creating');
    assert.equal((await instance(rds, 'back'))?.Endpoint, undefined);
    await clock.sleep(8 * MINUTE + 1_000);
    assert.equal(await instanceStatus(rds, 'back'), 'modifying');
    await clock.sleep(MINUTE);
    const found = await instance(rds, 'BACK');
    assert.deepEqual(
      {
        status: found?.DBInstanceStatus,
        group: found?.DBParameterGroups?.[0]?.DBParameterGroupName,
        options: found?.OptionGroupMemberships?.[0]?.OptionGroupName,
        subnets: found?.DBSubnetGroup?.DBSubnetGroupName,
        iam: found?.IAMDatabaseAuthenticationEnabled,
        protection: found?.DeletionProtection,
        zones: found?.MultiAZ,
        logs: found?.EnabledCloudwatchLogsExports ?? [],
        tags: found?.TagList ?? [],
        secret: found?.MasterUserSecret,
        cluster: found?.DBClusterIdentifier,
      },
      {
        status: 'available',
        group: 'default.postgres16',
        options: 'special',
        subnets: 'default',
        iam: false,
        protection: false,
        zones: false,
        logs: [],
        tags: [],
        secret: undefined,
        cluster: undefined,
      },
    );
    assert.match(found?.Endpoint?.Address ?? '', /^back\./);
  });

  const wrong: readonly [
    what: string,
    more: Partial<RestoreDBInstanceFromDBSnapshotCommandInput>,
    code: string,
    status: number,
    message: RegExp,
  ][] = [
    ['unknown snapshot', { DBSnapshotIdentifier: 'none' }, 'DBSnapshotNotFound', 404, /none/],
    ['another engine', { Engine: 'mysql' }, 'InvalidParameterCombination', 400, /does not match/],
    ['unknown subnet group', { DBSubnetGroupName: 'none' }, 'DBSubnetGroupNotFoundFault', 404, /none/],
    ['unknown parameter group', { DBParameterGroupName: 'none' }, 'DBParameterGroupNotFound', 404, /none/],
    ['unknown option group', { OptionGroupName: 'none' }, 'OptionGroupNotFoundFault', 404, /none/],
    ['option group of another version', { OptionGroupName: 'older' }, 'InvalidParameterCombination', 400, /postgres 15/],
    ['default group of another engine', { OptionGroupName: 'default:mysql-8-0' }, 'InvalidParameterCombination', 400, /postgres/],
    ['log of another engine', { EnableCloudwatchLogsExports: ['slowquery'] }, 'InvalidParameterCombination', 400, /slowquery/],
    ['class', { DBInstanceClass: 'large' }, 'InvalidParameterValue', 400, /large/],
    ['zone and several', { MultiAZ: true, AvailabilityZone: 'us-west-2a' }, 'InvalidParameterCombination', 400, /Multi-AZ/],
    ['zone elsewhere', { AvailabilityZone: 'us-east-1a' }, 'InvalidParameterValue', 400, /us-east-1a/],
    ['io1 without IOPS', { StorageType: 'io1' }, 'InvalidParameterCombination', 400, /iops/],
    ['IOPS of gp2', { StorageType: 'gp2', Iops: 3_000 }, 'InvalidParameterCombination', 400, /gp2/],
    ['throughput of io1', { StorageType: 'io1', Iops: 9, StorageThroughput: 9 }, 'InvalidParameterCombination', 400, /io1/],
    ['unknown storage', { StorageType: 'tape' }, 'StorageTypeNotSupported', 400, /tape/],
    ['a smaller disk', { AllocatedStorage: 5 }, 'InvalidParameterCombination', 400, /100 GiB/],
    ['port', { Port: 80 }, 'InvalidParameterValue', 400, /80/],
    ['retention', { BackupRetentionPeriod: 36 }, 'InvalidParameterValue', 400, /36/],
    ['what the simulator would not do', { LicenseModel: 'a' }, 'InvalidParameterCombination', 400, /LicenseModel/],
  ];
  for (const [what, more, code, status, message] of wrong) {
    test(`refuses: ${what}`, async () => {
      const { destination } = databaseWorld(MORE);
      await assert.rejects(restore(destination.rds, more), refused(code, status, message));
    });
  }

  test('refuses a name that is taken, and a shared snapshot that is encrypted', async () => {
    const { destination, across } = databaseWorld(MORE);
    await restore(destination.rds);
    await assert.rejects(restore(destination.rds), refused('DBInstanceAlreadyExists', 400, /already exists/));
    const arn = `arn:aws:rds:${SOURCE.region}:${SOURCE.account}:snapshot:foreign`;
    const shared = restore(across.rds, { DBSnapshotIdentifier: arn });
    await assert.rejects(shared, refused('InvalidParameterCombination', 400, /copy it/));
  });

  test('is modified as a database of its own: password, protection, retention, monitoring', async () => {
    const { source, clock } = databaseWorld();
    const { rds } = source;
    const modify = (more: object) =>
      rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'ledger', ApplyImmediately: true, ...more }));
    await modify({ ManageMasterUserPassword: true });
    assert.equal(await instanceStatus(rds, 'ledger'), 'resetting-master-credentials');
    await clock.sleep(MINUTE);
    const secret = (await instance(rds, 'ledger'))?.MasterUserSecret;
    assert.match(secret?.SecretArn ?? '', /rds!db-/);
    assert.equal(secret?.SecretStatus, 'active');
    await assert.rejects(modify({ MasterUserPassword: 'long-enough' }), refused('InvalidParameterCombination', 400, /manages/));
    await assert.rejects(modify({ MonitoringInterval: 60 }), refused('InvalidParameterCombination', 400, /MonitoringRole/i));
    await modify({ DeletionProtection: true, BackupRetentionPeriod: 0, EnablePerformanceInsights: true });
    await clock.sleep(MINUTE);
    const found = await instance(rds, 'ledger');
    assert.deepEqual(
      [found?.DeletionProtection, found?.BackupRetentionPeriod, found?.PerformanceInsightsEnabled, found?.LatestRestorableTime],
      [true, 0, true, undefined],
    );
  });
});

describe('points in time', () => {
  test('an instance goes back to a moment within its window, under its own key', async () => {
    const { source, clock } = databaseWorld();
    const { rds } = source;
    const ledger = await instance(rds, 'ledger');
    assert.equal(ledger?.LatestRestorableTime?.getTime(), clock.now() - 5 * MINUTE);
    const { DBInstanceAutomatedBackups: backups } = await rds.send(
      new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: 'ledger' }),
    );
    assert.deepEqual(backups?.[0]?.RestoreWindow, {
      EarliestTime: new Date(clock.now() - 7 * DAY),
      LatestTime: new Date(clock.now() - 5 * MINUTE),
    });
    await toPoint(rds, { RestoreTime: new Date(clock.now() - DAY) });
    await clock.sleep(10 * MINUTE);
    const back = await instance(rds, 'back');
    assert.deepEqual([back?.DBInstanceStatus, back?.KmsKeyId], ['available', ledger?.KmsKeyId]);
  });

  test('a cluster goes back to the latest moment, without instances', async () => {
    const { source, clock } = databaseWorld();
    const { rds } = source;
    const shop = await cluster(rds, 'shop');
    assert.deepEqual(
      [shop?.EarliestRestorableTime?.getTime(), shop?.LatestRestorableTime?.getTime()],
      [clock.now() - 7 * DAY, clock.now() - 5 * MINUTE],
    );
    await clusterToPoint(rds, { UseLatestRestorableTime: true });
    assert.equal((await cluster(rds, 'back'))?.LatestRestorableTime, undefined);
    await clock.sleep(10 * MINUTE);
    const back = await cluster(rds, 'back');
    assert.deepEqual([back?.Status, back?.DBClusterMembers ?? [], back?.KmsKeyId], ['available', [], shop?.KmsKeyId]);
  });

  test('refuses both ways, neither, the future, what is too old, and what has no backups', async () => {
    const { source, destination, clock } = databaseWorld('', undefined);
    const { rds } = source;
    const later = new Date(clock.now() + MINUTE);
    const tooLate = new Date(clock.now() - MINUTE);
    const tooEarly = new Date(clock.now() - 8 * DAY);
    const combination = refused('InvalidParameterCombination', 400, /UseLatestRestorableTime/);
    for (const send of [
      (more: { time?: Date; UseLatestRestorableTime?: boolean }) => {
        const { time, ...rest } = more;
        return toPoint(rds, { ...rest, ...(time === undefined ? {} : { RestoreTime: time }) });
      },
      (more: { time?: Date; UseLatestRestorableTime?: boolean }) => {
        const { time, ...rest } = more;
        return clusterToPoint(rds, { ...rest, ...(time === undefined ? {} : { RestoreToTime: time }) });
      },
    ]) {
      await assert.rejects(send({ time: tooLate, UseLatestRestorableTime: true }), combination);
      await assert.rejects(send({}), combination);
      await assert.rejects(send({ time: later }), refused('InvalidParameterValue', 400, /latest restorable time/));
      await assert.rejects(send({ time: tooLate }), refused('InvalidParameterValue', 400, /latest restorable time/));
      await assert.rejects(send({ time: tooEarly }), refused('InvalidParameterValue', 400, /earliest restorable time/));
    }
    await assert.rejects(
      toPoint(destination.rds, { UseLatestRestorableTime: true }),
      refused('DBInstanceNotFound', 404, /ledger/),
    );
    const foreign = `arn:aws:rds:${SOURCE.region}:${SOURCE.account}:cluster:shop`;
    await assert.rejects(
      clusterToPoint(destination.rds, { SourceDBClusterIdentifier: foreign, UseLatestRestorableTime: true }),
      refused('DBClusterNotFoundFault', 404, /shop/),
    );
    await rds.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'open', BackupRetentionPeriod: 0, ApplyImmediately: true }),
    );
    await assert.rejects(
      toPoint(rds, { SourceDBInstanceIdentifier: 'open', UseLatestRestorableTime: true }),
      refused('PointInTimeRestoreNotEnabled', 400, /open/),
    );
    await assert.rejects(
      clusterToPoint(rds, { SourceDBClusterIdentifier: 'plain', UseLatestRestorableTime: true, KmsKeyId: 'alias/shop' }),
      refused('InvalidParameterCombination', 400, /not encrypted/),
    );
    await assert.rejects(
      toPoint(rds, { SourceDBInstanceIdentifier: 'shop-1', UseLatestRestorableTime: true }),
      refused('InvalidParameterCombination', 400, /member of a DB cluster/),
    );
    await assert.rejects(
      clusterToPoint(rds, { RestoreType: 'copy-on-write', UseLatestRestorableTime: true }),
      refused('InvalidParameterCombination', 400, /copy-on-write/),
    );
  });
});
