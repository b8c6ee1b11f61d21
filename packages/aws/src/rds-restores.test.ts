import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer, queryError } from './scripted-aws.ts';
import { asked } from './scripted-rds.ts';
import { scriptedSite } from './scripted-site.ts';

const madeInstance = (operation: string) =>
  queryAnswer(
    operation,
    '<DBInstance><DBInstanceIdentifier>i</DBInstanceIdentifier><DBInstanceStatus>creating</DBInstanceStatus></DBInstance>',
  );

const WISHES = {
  instanceClass: 'db.r6g.large',
  port: 5433,
  multiAz: false,
  availabilityZone: 'eu-west-1a',
  subnetGroup: 'sn',
  securityGroups: ['sg-1'],
  parameterGroup: 'pg',
  optionGroup: 'og',
  publiclyAccessible: false,
  storageType: 'io1',
  iops: 3_000,
  storageThroughput: 500,
  iamAuthentication: true,
  deletionProtection: true,
  logExports: ['postgresql'],
  copyTagsToSnapshot: true,
  backupRetentionDays: 7,
  backupWindow: '02:00-03:00',
  tags: { a: 'b' },
};
const WISHED = {
  DBInstanceClass: 'db.r6g.large',
  Port: '5433',
  MultiAZ: 'false',
  AvailabilityZone: 'eu-west-1a',
  DBSubnetGroupName: 'sn',
  'VpcSecurityGroupIds.VpcSecurityGroupId.1': 'sg-1',
  DBParameterGroupName: 'pg',
  OptionGroupName: 'og',
  PubliclyAccessible: 'false',
  StorageType: 'io1',
  Iops: '3000',
  StorageThroughput: '500',
  EnableIAMDatabaseAuthentication: 'true',
  DeletionProtection: 'true',
  'EnableCloudwatchLogsExports.member.1': 'postgresql',
  CopyTagsToSnapshot: 'true',
  BackupRetentionPeriod: '7',
  PreferredBackupWindow: '02:00-03:00',
  'Tags.Tag.1.Key': 'a',
  'Tags.Tag.1.Value': 'b',
};

test('an instance is restored with what is given; the rest is left to AWS', async () => {
  const { rds, aws } = scriptedSite(({ operation }) => madeInstance(operation));
  assert.equal((await rds.restoreInstance({ id: 'i', snapshot: 's', tags: {} })).status, 'creating');
  await rds.restoreInstance({ id: 'i', snapshot: 's', securityGroups: [], logExports: [], tags: {} });
  await rds.restoreInstance({ id: 'i', snapshot: 's', ...WISHES });
  const sent = { Action: 'RestoreDBInstanceFromDBSnapshot', DBInstanceIdentifier: 'i', DBSnapshotIdentifier: 's' };
  assert.deepEqual(aws.sent.map(asked), [sent, sent, { ...sent, ...WISHED }]);
});

test('a Multi-AZ instance is not told its zone, which AWS would refuse', async () => {
  const { rds, aws } = scriptedSite(({ operation }) => madeInstance(operation));
  await rds.restoreInstance({ id: 'i', snapshot: 's', multiAz: true, availabilityZone: 'eu-west-1a', tags: {} });
  const [sent] = aws.sent.map(asked);
  assert.deepEqual([sent?.['MultiAZ'], sent?.['AvailabilityZone']], ['true', undefined]);
});

test('a point in time is a moment or the latest one, never both', async () => {
  const { rds, aws } = scriptedSite(({ operation }) =>
    operation === 'RestoreDBClusterToPointInTime'
      ? queryAnswer(operation, '<DBCluster><DBClusterIdentifier>c</DBClusterIdentifier></DBCluster>')
      : madeInstance(operation),
  );
  const time = Date.UTC(2026, 2, 4, 5, 6, 7);
  await rds.restoreInstanceToPoint({ id: 'i', source: 'd', time, ...WISHES });
  await rds.restoreInstanceToPoint({ id: 'i', source: 'd', time: 'latest', tags: {} });
  await rds.restoreClusterToPoint({
    id: 'c',
    source: 'd',
    time,
    port: 3307,
    subnetGroup: 'sn',
    securityGroups: ['sg-1'],
    parameterGroup: 'pg',
    kmsKeyId: 'k',
    iamAuthentication: true,
    deletionProtection: false,
    logExports: ['audit'],
    copyTagsToSnapshot: true,
    storageType: 'aurora-iopt1',
    backupRetentionDays: 7,
    backupWindow: '02:00-03:00',
    serverless: { min: 0.5, max: 8, autoPauseSeconds: 300 },
    tags: { a: 'b' },
  });
  await rds.restoreClusterToPoint({ id: 'c', source: 'd', time: 'latest', tags: {} });
  const instance = {
    Action: 'RestoreDBInstanceToPointInTime',
    TargetDBInstanceIdentifier: 'i',
    SourceDBInstanceIdentifier: 'd',
  };
  const cluster = { Action: 'RestoreDBClusterToPointInTime', DBClusterIdentifier: 'c', SourceDBClusterIdentifier: 'd' };
  assert.deepEqual(aws.sent.map(asked), [
    { ...instance, ...WISHED, RestoreTime: '2026-03-04T05:06:07Z' },
    { ...instance, UseLatestRestorableTime: 'true' },
    {
      ...cluster,
      RestoreToTime: '2026-03-04T05:06:07Z',
      Port: '3307',
      DBSubnetGroupName: 'sn',
      'VpcSecurityGroupIds.VpcSecurityGroupId.1': 'sg-1',
      DBClusterParameterGroupName: 'pg',
      KmsKeyId: 'k',
      EnableIAMDatabaseAuthentication: 'true',
      DeletionProtection: 'false',
      'EnableCloudwatchLogsExports.member.1': 'audit',
      CopyTagsToSnapshot: 'true',
      StorageType: 'aurora-iopt1',
      BackupRetentionPeriod: '7',
      PreferredBackupWindow: '02:00-03:00',
      'ServerlessV2ScalingConfiguration.MinCapacity': '0.5',
      'ServerlessV2ScalingConfiguration.MaxCapacity': '8',
      'ServerlessV2ScalingConfiguration.SecondsUntilAutoPause': '300',
      'Tags.Tag.1.Key': 'a',
      'Tags.Tag.1.Value': 'b',
    },
    { ...cluster, UseLatestRestorableTime: 'true' },
  ]);
});

test('a restore that is answered without what it made is an error, and none is ever sent twice', async () => {
  const empty = scriptedSite(({ operation }) => queryAnswer(operation, ''));
  await assert.rejects(empty.rds.restoreInstance({ id: 'i', snapshot: 's', tags: {} }), /an instance/);
  await assert.rejects(empty.rds.restoreClusterToPoint({ id: 'c', source: 'd', time: 'latest', tags: {} }), /a cluster/);
  const broken = scriptedSite(() => queryError(500, 'InternalFailure'));
  const sent = broken.rds.restoreInstanceToPoint({ id: 'i', source: 'd', time: 'latest', tags: {} });
  await assert.rejects(sent, { ambiguous: true });
  assert.equal(broken.aws.sent.length, 1);
});

test('a change of an instance applies at once, and tells a new password as a secret first', async () => {
  const told: string[] = [];
  const { rds, aws } = scriptedSite(({ operation }) => madeInstance(operation), { onSecret: (secret) => told.push(secret) });
  await rds.modifyInstance({ id: 'i', masterPassword: 'hunter22' });
  assert.ok(told.includes('hunter22'));
  await rds.modifyInstance({
    id: 'i',
    deletionProtection: false,
    manageMasterPassword: { kmsKeyId: 'k' },
    performanceInsights: true,
    monitoringInterval: 60,
    monitoringRoleArn: 'arn:role',
  });
  const sent = { Action: 'ModifyDBInstance', DBInstanceIdentifier: 'i', ApplyImmediately: 'true' };
  assert.deepEqual(aws.sent.map(asked), [
    { ...sent, MasterUserPassword: 'hunter22' },
    {
      ...sent,
      DeletionProtection: 'false',
      ManageMasterUserPassword: 'true',
      MasterUserSecretKmsKeyId: 'k',
      EnablePerformanceInsights: 'true',
      MonitoringInterval: '60',
      MonitoringRoleArn: 'arn:role',
    },
  ]);
});

test('an instance goes with its data only with a final snapshot or without one as asked; its backups are kept', async () => {
  const { rds, aws } = scriptedSite(({ operation }) => madeInstance(operation));
  await rds.deleteStandalone('i', { finalSnapshot: 'last' });
  await rds.deleteStandalone('i', { finalSnapshot: undefined });
  const sent = { Action: 'DeleteDBInstance', DBInstanceIdentifier: 'i', DeleteAutomatedBackups: 'false' };
  assert.deepEqual(aws.sent.map(asked), [
    { ...sent, SkipFinalSnapshot: 'false', FinalDBSnapshotIdentifier: 'last' },
    { ...sent, SkipFinalSnapshot: 'true' },
  ]);
});

test('what the backups reach: of a cluster, of an instance, and of none', async () => {
  const window = { earliest: Date.UTC(2026, 0, 1), latest: Date.UTC(2026, 0, 8) };
  const times = (from: string, to: string) => `<${from}>2026-01-01T00:00:00Z</${from}><${to}>2026-01-08T00:00:00Z</${to}>`;
  const { rds } = scriptedSite(({ operation }) =>
    operation === 'DescribeDBClusters'
      ? queryAnswer(
          operation,
          `<DBClusters><DBCluster>${times('EarliestRestorableTime', 'LatestRestorableTime')}</DBCluster></DBClusters>`,
        )
      : queryAnswer(
          operation,
          `<DBInstanceAutomatedBackups>
             <DBInstanceAutomatedBackup><DBInstanceIdentifier>d</DBInstanceIdentifier><Status>retained</Status><RestoreWindow><EarliestTime>2020-01-01T00:00:00Z</EarliestTime><LatestTime>2020-01-08T00:00:00Z</LatestTime></RestoreWindow></DBInstanceAutomatedBackup>
             <DBInstanceAutomatedBackup><DBInstanceIdentifier>d</DBInstanceIdentifier><Status>active</Status><Region>eu-central-1</Region><RestoreWindow><EarliestTime>2021-01-01T00:00:00Z</EarliestTime><LatestTime>2021-01-08T00:00:00Z</LatestTime></RestoreWindow></DBInstanceAutomatedBackup>
             <DBInstanceAutomatedBackup><DBInstanceIdentifier>d</DBInstanceIdentifier><Status>creating</Status></DBInstanceAutomatedBackup>
             <DBInstanceAutomatedBackup><DBInstanceIdentifier>D</DBInstanceIdentifier><Status>active</Status><RestoreWindow>${times('EarliestTime', 'LatestTime')}</RestoreWindow></DBInstanceAutomatedBackup>
           </DBInstanceAutomatedBackups>`,
        ),
  );
  assert.deepEqual(await rds.restoreWindow('cluster', 'd'), window);
  assert.deepEqual(await rds.restoreWindow('instance', 'd'), window, 'not that of an instance which is gone');
  const without = scriptedSite(({ operation }) => queryAnswer(operation, '<DBClusters><DBCluster/></DBClusters>'));
  assert.equal(await without.rds.restoreWindow('cluster', 'd'), undefined);
  assert.equal(await without.rds.restoreWindow('instance', 'd'), undefined);
  const gone = scriptedSite(({ operation }) =>
    queryError(404, operation === 'DescribeDBClusters' ? 'DBClusterNotFoundFault' : 'DBInstanceNotFound'),
  );
  assert.equal(await gone.rds.restoreWindow('cluster', 'd'), undefined);
  assert.equal(await gone.rds.restoreWindow('instance', 'd'), undefined);
});
