import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer, queryError, type SentRequest } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const CLUSTER = 'arn:aws:rds:eu-west-1:111122223333:cluster:shop';

function asked({ input: { Version: _, ...rest } }: SentRequest): Record<string, unknown> {
  return rest;
}

test('clusters: every page, every field', async () => {
  const { rds, aws } = scriptedSite(({ operation, input }) =>
    queryAnswer(
      operation,
      input['Marker'] === undefined
        ? `<DBClusters><DBCluster><DBClusterIdentifier>shop</DBClusterIdentifier><DBClusterArn>${CLUSTER}</DBClusterArn>
           <DbClusterResourceId>cluster-ABC</DbClusterResourceId><Status>available</Status><Engine>aurora-postgresql</Engine><EngineVersion>16.4</EngineVersion>
           <EngineMode>provisioned</EngineMode><Endpoint>shop.cluster-x</Endpoint><ReaderEndpoint>shop.cluster-ro-x</ReaderEndpoint><Port>5432</Port>
           <DatabaseName>app</DatabaseName><MasterUsername>admin</MasterUsername>
           <MasterUserSecret><SecretArn>arn:secret</SecretArn><SecretStatus>active</SecretStatus></MasterUserSecret>
           <DBClusterMembers><DBClusterMember><DBInstanceIdentifier>shop-1</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter>
           <DBClusterParameterGroupStatus>in-sync</DBClusterParameterGroupStatus><PromotionTier>1</PromotionTier></DBClusterMember>
           <DBClusterMember><DBInstanceIdentifier>shop-2</DBInstanceIdentifier><IsClusterWriter>false</IsClusterWriter></DBClusterMember><DBClusterMember/></DBClusterMembers>
           <DBSubnetGroup>db-subnets</DBSubnetGroup><VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups>
           <DBClusterParameterGroup>pg16</DBClusterParameterGroup><KmsKeyId>arn:key</KmsKeyId><StorageEncrypted>true</StorageEncrypted>
           <IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled><DeletionProtection>true</DeletionProtection><HttpEndpointEnabled>true</HttpEndpointEnabled>
           <EnabledCloudwatchLogsExports><member>postgresql</member></EnabledCloudwatchLogsExports><BackupRetentionPeriod>7</BackupRetentionPeriod>
           <PreferredBackupWindow>02:00-03:00</PreferredBackupWindow><PreferredMaintenanceWindow>sun:05:00-sun:06:00</PreferredMaintenanceWindow>
           <CopyTagsToSnapshot>true</CopyTagsToSnapshot><StorageType>aurora</StorageType>
           <ServerlessV2ScalingConfiguration><MinCapacity>0.5</MinCapacity><MaxCapacity>16</MaxCapacity><SecondsUntilAutoPause>300</SecondsUntilAutoPause></ServerlessV2ScalingConfiguration>
           <ClusterCreateTime>2026-01-01T00:00:00Z</ClusterCreateTime><PendingModifiedValues><EngineVersion>16.6</EngineVersion></PendingModifiedValues>
           <TagList><Tag><Key>app</Key><Value>shop</Value></Tag></TagList></DBCluster></DBClusters><Marker>2</Marker>`
        : '<DBClusters><DBCluster><DBClusterIdentifier>bare</DBClusterIdentifier><PendingModifiedValues/><StorageType></StorageType></DBCluster><DBCluster/></DBClusters>',
    ),
  );
  const [shop, bare, ...more] = await rds.describeClusters();
  assert.deepEqual(more, []);
  assert.deepEqual(shop, {
    id: 'shop',
    arn: CLUSTER,
    resourceId: 'cluster-ABC',
    status: 'available',
    engine: 'aurora-postgresql',
    engineVersion: '16.4',
    engineMode: 'provisioned',
    endpoint: 'shop.cluster-x',
    readerEndpoint: 'shop.cluster-ro-x',
    port: 5432,
    databaseName: 'app',
    masterUsername: 'admin',
    masterSecret: { arn: 'arn:secret', status: 'active' },
    members: [
      { instance: 'shop-1', writer: true, promotionTier: 1, parameterGroupStatus: 'in-sync' },
      { instance: 'shop-2', writer: false, promotionTier: undefined, parameterGroupStatus: undefined },
    ],
    subnetGroup: 'db-subnets',
    securityGroups: ['sg-1'],
    parameterGroup: 'pg16',
    kmsKeyId: 'arn:key',
    encrypted: true,
    iamAuthentication: true,
    deletionProtection: true,
    httpEndpoint: true,
    logExports: ['postgresql'],
    backupRetentionDays: 7,
    backupWindow: '02:00-03:00',
    maintenanceWindow: 'sun:05:00-sun:06:00',
    copyTagsToSnapshot: true,
    storageType: 'aurora',
    serverless: { min: 0.5, max: 16, autoPauseSeconds: 300 },
    createdAt: Date.UTC(2026, 0, 1),
    pending: true,
    tags: { app: 'shop' },
  });
  assert.deepEqual(bare, {
    id: 'bare',
    arn: '',
    resourceId: undefined,
    status: 'unknown',
    engine: '',
    engineVersion: undefined,
    engineMode: undefined,
    endpoint: undefined,
    readerEndpoint: undefined,
    port: undefined,
    databaseName: undefined,
    masterUsername: undefined,
    masterSecret: undefined,
    members: [],
    subnetGroup: undefined,
    securityGroups: [],
    parameterGroup: undefined,
    kmsKeyId: undefined,
    encrypted: false,
    iamAuthentication: false,
    deletionProtection: false,
    httpEndpoint: false,
    logExports: [],
    backupRetentionDays: undefined,
    backupWindow: undefined,
    maintenanceWindow: undefined,
    copyTagsToSnapshot: false,
    storageType: undefined,
    serverless: undefined,
    createdAt: undefined,
    pending: false,
    tags: {},
  });
  assert.deepEqual(aws.sent.map(asked), [{ Action: 'DescribeDBClusters' }, { Action: 'DescribeDBClusters', Marker: '2' }]);
});

test('instances: every field, by id and by cluster', async () => {
  const { rds, aws } = scriptedSite(({ operation }) =>
    queryAnswer(
      operation,
      `<DBInstances><DBInstance><DBInstanceIdentifier>shop-1</DBInstanceIdentifier><DBInstanceArn>arn:i</DBInstanceArn><DBInstanceStatus>creating</DBInstanceStatus>
       <DBClusterIdentifier>shop</DBClusterIdentifier><DBInstanceClass>db.r6g.large</DBInstanceClass><Engine>aurora-postgresql</Engine><EngineVersion>16.4</EngineVersion>
       <AvailabilityZone>eu-west-1a</AvailabilityZone><PromotionTier>0</PromotionTier><DBParameterGroups><DBParameterGroup><DBParameterGroupName>pg</DBParameterGroupName></DBParameterGroup></DBParameterGroups>
       <PubliclyAccessible>true</PubliclyAccessible><PerformanceInsightsEnabled>true</PerformanceInsightsEnabled><MonitoringInterval>60</MonitoringInterval>
       <MonitoringRoleArn>arn:role</MonitoringRoleArn><Endpoint><Address>shop-1.x</Address><Port>5432</Port></Endpoint>
       <TagList><Tag><Key>a</Key><Value>b</Value></Tag></TagList></DBInstance>
       <DBInstance><DBInstanceIdentifier>books</DBInstanceIdentifier></DBInstance><DBInstance/></DBInstances>`,
    ),
  );
  const first = {
    id: 'shop-1',
    arn: 'arn:i',
    status: 'creating',
    cluster: 'shop',
    instanceClass: 'db.r6g.large',
    engine: 'aurora-postgresql',
    engineVersion: '16.4',
    availabilityZone: 'eu-west-1a',
    promotionTier: 0,
    parameterGroup: 'pg',
    publiclyAccessible: true,
    performanceInsights: true,
    monitoringInterval: 60,
    monitoringRoleArn: 'arn:role',
    endpoint: 'shop-1.x',
    tags: { a: 'b' },
  };
  const bare = {
    id: 'books',
    arn: '',
    status: 'unknown',
    cluster: undefined,
    instanceClass: '',
    engine: '',
    engineVersion: undefined,
    availabilityZone: undefined,
    promotionTier: undefined,
    parameterGroup: undefined,
    publiclyAccessible: false,
    performanceInsights: false,
    monitoringInterval: undefined,
    monitoringRoleArn: undefined,
    endpoint: undefined,
    tags: {},
  };
  assert.deepEqual(await rds.describeInstances(), [first, bare]);
  assert.deepEqual(await rds.describeInstances({ cluster: 'Shop' }), [first]);
  assert.deepEqual(await rds.describeInstances({ cluster: CLUSTER }), [first]);
  await rds.describeInstances({ id: 'shop-1' });
  assert.deepEqual(aws.sent.map(asked), [
    { Action: 'DescribeDBInstances' },
    {
      Action: 'DescribeDBInstances',
      'Filters.Filter.1.Name': 'db-cluster-id',
      'Filters.Filter.1.Values.Value.1': 'shop',
    },
    {
      Action: 'DescribeDBInstances',
      'Filters.Filter.1.Name': 'db-cluster-id',
      'Filters.Filter.1.Values.Value.1': CLUSTER,
    },
    { Action: 'DescribeDBInstances', DBInstanceIdentifier: 'shop-1' },
  ]);
});

test('what is not there is missing from the answer; any other refusal is an error', async () => {
  const codes: Record<string, string> = {
    DescribeDBClusters: 'DBClusterNotFoundFault',
    DescribeDBInstances: 'DBInstanceNotFound',
    DescribeExportTasks: 'ExportTaskNotFound',
  };
  const { rds } = scriptedSite(({ operation }) => queryError(404, codes[operation] ?? 'Odd'));
  assert.deepEqual(await rds.describeClusters('gone'), []);
  assert.deepEqual(await rds.describeInstances({ id: 'gone' }), []);
  assert.equal(await rds.exportStatus('gone'), undefined);
  await assert.rejects(rds.globalClusterOf(CLUSTER), { code: 'aws-fault' });
  await assert.rejects(rds.deleteCluster('gone', { finalSnapshot: undefined }), { code: 'aws-fault' });
});

for (const [status, available] of [
  ['<Status>available</Status>', true],
  ['<Status>deprecated</Status>', false],
  ['', true],
] as const) {
  test(`an engine version listed ${status || 'without a status'} ${available ? 'can' : 'cannot'} be created`, async () => {
    const { rds, aws } = scriptedSite(({ operation, input }) =>
      queryAnswer(
        operation,
        input['Marker'] === undefined
          ? '<DBEngineVersions><DBEngineVersion><EngineVersion>16.40</EngineVersion></DBEngineVersion></DBEngineVersions><Marker>m</Marker>'
          : `<DBEngineVersions><DBEngineVersion><EngineVersion>16.4</EngineVersion>${status}</DBEngineVersion></DBEngineVersions>`,
      ),
    );
    assert.equal(await rds.engineVersionAvailable('aurora-postgresql', '16.4'), available);
    assert.deepEqual(aws.sent.map(asked)[0], {
      Action: 'DescribeDBEngineVersions',
      Engine: 'aurora-postgresql',
      EngineVersion: '16.4',
    });
  });
}

test('an engine version that is not listed cannot be created', async () => {
  const { rds } = scriptedSite(({ operation }) => queryAnswer(operation));
  assert.equal(await rds.engineVersionAvailable('aurora-mysql', '5.6'), false);
});

test('the global cluster of a writer, of a secondary and of neither', async () => {
  const { rds } = scriptedSite(({ operation, input }) =>
    queryAnswer(
      operation,
      input['Marker'] === undefined
        ? '<GlobalClusters><GlobalClusterMember><GlobalClusterIdentifier>empty</GlobalClusterIdentifier></GlobalClusterMember></GlobalClusters><Marker>m</Marker>'
        : `<GlobalClusters><GlobalClusterMember><GlobalClusterIdentifier>world</GlobalClusterIdentifier><GlobalClusterMembers>
           <GlobalClusterMember><DBClusterArn>${CLUSTER}</DBClusterArn><Readers><member>arn:second</member></Readers></GlobalClusterMember>
           </GlobalClusterMembers></GlobalClusterMember></GlobalClusters>`,
    ),
  );
  assert.equal(await rds.globalClusterOf(CLUSTER.toUpperCase()), 'world');
  assert.equal(await rds.globalClusterOf('arn:second'), 'world');
  assert.equal(await rds.globalClusterOf('arn:third'), undefined);
});

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
