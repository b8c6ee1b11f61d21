import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer } from './scripted-aws.ts';
import { asked } from './scripted-rds.ts';
import { scriptedSite } from './scripted-site.ts';

const CLUSTER = 'arn:aws:rds:eu-west-1:111122223333:cluster:shop';

const madeCluster = (operation: string) =>
  queryAnswer(operation, '<DBCluster><DBClusterIdentifier>c</DBClusterIdentifier><Status>creating</Status></DBCluster>');

test('a restore sends what is given and leaves the rest to AWS', async () => {
  const { rds, aws } = scriptedSite(({ operation }) => madeCluster(operation));
  const least = { id: 'c', snapshot: 'arn:s', engine: 'aurora-mysql', engineVersion: '8.0.mysql_aurora.3.08.0', tags: {} };
  assert.equal((await rds.restoreCluster(least)).status, 'creating');
  await rds.restoreCluster({ ...least, securityGroups: [], logExports: [] });
  await rds.restoreCluster({
    ...least,
    port: 3307,
    databaseName: 'app',
    subnetGroup: 'sn',
    securityGroups: ['sg-1', 'sg-2'],
    parameterGroup: 'pg',
    kmsKeyId: 'k',
    iamAuthentication: true,
    deletionProtection: false,
    logExports: ['audit', 'error'],
    copyTagsToSnapshot: true,
    storageType: 'aurora-iopt1',
    backupRetentionDays: 7,
    backupWindow: '02:00-03:00',
    serverless: { min: 0.5, max: 8, autoPauseSeconds: 300 },
    tags: { a: 'b' },
  });
  const sent = {
    Action: 'RestoreDBClusterFromSnapshot',
    DBClusterIdentifier: 'c',
    SnapshotIdentifier: 'arn:s',
    Engine: 'aurora-mysql',
    EngineVersion: '8.0.mysql_aurora.3.08.0',
  };
  assert.deepEqual(aws.sent.map(asked), [
    sent,
    sent,
    {
      ...sent,
      Port: '3307',
      DatabaseName: 'app',
      DBSubnetGroupName: 'sn',
      'VpcSecurityGroupIds.VpcSecurityGroupId.1': 'sg-1',
      'VpcSecurityGroupIds.VpcSecurityGroupId.2': 'sg-2',
      DBClusterParameterGroupName: 'pg',
      KmsKeyId: 'k',
      EnableIAMDatabaseAuthentication: 'true',
      DeletionProtection: 'false',
      'EnableCloudwatchLogsExports.member.1': 'audit',
      'EnableCloudwatchLogsExports.member.2': 'error',
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
  ]);
});

test('an instance of a cluster', async () => {
  const { rds, aws } = scriptedSite(({ operation }) =>
    queryAnswer(
      operation,
      '<DBInstance><DBInstanceIdentifier>c-1</DBInstanceIdentifier><DBInstanceStatus>creating</DBInstanceStatus></DBInstance>',
    ),
  );
  const least = { id: 'c-1', cluster: 'c', instanceClass: 'db.serverless', engine: 'aurora-mysql', tags: {} };
  assert.equal((await rds.createClusterInstance(least)).status, 'creating');
  await rds.createClusterInstance({
    ...least,
    parameterGroup: 'pg',
    promotionTier: 0,
    availabilityZone: 'eu-west-1a',
    publiclyAccessible: false,
    performanceInsights: true,
    monitoringInterval: 60,
    monitoringRoleArn: 'arn:role',
    tags: { a: 'b' },
  });
  const sent = {
    Action: 'CreateDBInstance',
    DBInstanceIdentifier: 'c-1',
    DBClusterIdentifier: 'c',
    DBInstanceClass: 'db.serverless',
    Engine: 'aurora-mysql',
  };
  assert.deepEqual(aws.sent.map(asked), [
    sent,
    {
      ...sent,
      DBParameterGroupName: 'pg',
      PromotionTier: '0',
      AvailabilityZone: 'eu-west-1a',
      PubliclyAccessible: 'false',
      EnablePerformanceInsights: 'true',
      MonitoringInterval: '60',
      MonitoringRoleArn: 'arn:role',
      'Tags.Tag.1.Key': 'a',
      'Tags.Tag.1.Value': 'b',
    },
  ]);
});

test('a modification applies at once, and tells a new password as a secret first', async () => {
  const told: string[] = [];
  const { rds, aws } = scriptedSite(
    ({ operation }) => {
      assert.ok(aws.sent.length < 3 || told.includes('hunter22'));
      return madeCluster(operation);
    },
    { onSecret: (secret) => told.push(secret) },
  );
  await rds.modifyCluster({ id: 'c', newId: 'd', deletionProtection: false, backupRetentionDays: 1 });
  await rds.modifyCluster({ id: 'c', manageMasterPassword: {} });
  await rds.modifyCluster({ id: 'c', masterPassword: 'hunter22' });
  await rds.modifyCluster({ id: 'c', manageMasterPassword: { kmsKeyId: 'k' } });
  const sent = { Action: 'ModifyDBCluster', DBClusterIdentifier: 'c', ApplyImmediately: 'true' };
  assert.deepEqual(aws.sent.map(asked), [
    { ...sent, NewDBClusterIdentifier: 'd', DeletionProtection: 'false', BackupRetentionPeriod: '1' },
    { ...sent, ManageMasterUserPassword: 'true' },
    { ...sent, MasterUserPassword: 'hunter22' },
    { ...sent, ManageMasterUserPassword: 'true', MasterUserSecretKmsKeyId: 'k' },
  ]);
});

test('renaming, deleting, the HTTP endpoint and exports', async () => {
  const { rds, aws } = scriptedSite(({ operation }) =>
    queryAnswer(
      operation,
      operation !== 'DescribeExportTasks'
        ? ''
        : '<ExportTasks><ExportTask><ExportTaskIdentifier>X</ExportTaskIdentifier><Status>FAILED</Status><PercentProgress>40</PercentProgress><FailureCause>no bucket</FailureCause></ExportTask></ExportTasks>',
    ),
  );
  await rds.renameInstance('a', 'b');
  await rds.deleteCluster('c', { finalSnapshot: undefined });
  await rds.deleteCluster('c', { finalSnapshot: 'last' });
  await rds.deleteCluster('c', { finalSnapshot: undefined, automatedBackups: 'deleted' });
  await rds.deleteInstance('a');
  await rds.enableHttpEndpoint(CLUSTER);
  await rds.startExport({ id: 'x', snapshotArn: 'arn:s', bucket: 'b', roleArn: 'arn:r', kmsKeyId: 'k' });
  await rds.startExport({ id: 'x', snapshotArn: 'arn:s', bucket: 'b', prefix: 'p', roleArn: 'arn:r', kmsKeyId: 'k' });
  assert.deepEqual(await rds.exportStatus('x'), { status: 'FAILED', progress: 40, failure: 'no bucket' });
  assert.equal(await rds.exportStatus('y'), undefined);
  const exported = {
    Action: 'StartExportTask',
    ExportTaskIdentifier: 'x',
    SourceArn: 'arn:s',
    S3BucketName: 'b',
    IamRoleArn: 'arn:r',
    KmsKeyId: 'k',
  };
  assert.deepEqual(aws.sent.map(asked), [
    { Action: 'ModifyDBInstance', DBInstanceIdentifier: 'a', NewDBInstanceIdentifier: 'b', ApplyImmediately: 'true' },
    { Action: 'DeleteDBCluster', DBClusterIdentifier: 'c', SkipFinalSnapshot: 'true', DeleteAutomatedBackups: 'false' },
    {
      Action: 'DeleteDBCluster',
      DBClusterIdentifier: 'c',
      SkipFinalSnapshot: 'false',
      FinalDBSnapshotIdentifier: 'last',
      DeleteAutomatedBackups: 'false',
    },
    { Action: 'DeleteDBCluster', DBClusterIdentifier: 'c', SkipFinalSnapshot: 'true', DeleteAutomatedBackups: 'true' },
    { Action: 'DeleteDBInstance', DBInstanceIdentifier: 'a', SkipFinalSnapshot: 'true' },
    { Action: 'EnableHttpEndpoint', ResourceArn: CLUSTER },
    exported,
    { ...exported, S3Prefix: 'p' },
    { Action: 'DescribeExportTasks', ExportTaskIdentifier: 'x' },
    { Action: 'DescribeExportTasks', ExportTaskIdentifier: 'y' },
  ]);
});

type Rds = ReturnType<typeof scriptedSite>['rds'];

const CHANGES: Record<string, (rds: Rds) => Promise<unknown>> = {
  restoreCluster: (rds) => rds.restoreCluster({ id: 'c', snapshot: 's', engine: 'e', engineVersion: '1', tags: {} }),
  createClusterInstance: (rds) => rds.createClusterInstance({ id: 'i', cluster: 'c', instanceClass: 'k', engine: 'e', tags: {} }),
  modifyCluster: (rds) => rds.modifyCluster({ id: 'c', newId: 'd' }),
  renameInstance: (rds) => rds.renameInstance('a', 'b'),
  deleteCluster: (rds) => rds.deleteCluster('c', { finalSnapshot: undefined }),
  deleteInstance: (rds) => rds.deleteInstance('i'),
  startExport: (rds) => rds.startExport({ id: 'x', snapshotArn: 's', bucket: 'b', roleArn: 'r', kmsKeyId: 'k' }),
};

for (const [name, change] of Object.entries(CHANGES)) {
  test(`${name} is sent once, and ambiguous when its answer is lost`, async () => {
    const { rds, aws } = scriptedSite(() => ({ status: 503, xml: '<ErrorResponse/>' }));
    await assert.rejects(change(rds), { code: 'aws-unavailable', ambiguous: true, next: /looks first/ });
    assert.equal(aws.sent.length, 1);
  });
}

for (const name of ['restoreCluster', 'createClusterInstance', 'modifyCluster']) {
  test(`${name} answered without what it made is ambiguous`, async () => {
    const { rds } = scriptedSite(({ operation }) => queryAnswer(operation));
    await assert.rejects(CHANGES[name]?.(rds) ?? Promise.resolve(), { code: 'aws-fault', ambiguous: true });
  });
}

test('enabling the HTTP endpoint is repeated until it is answered', async () => {
  const { rds, aws } = scriptedSite(({ operation }, nth) => (nth < 2 ? { socketError: 'ECONNRESET' } : queryAnswer(operation)));
  await rds.enableHttpEndpoint(CLUSTER);
  assert.equal(aws.sent.length, 3);
});
