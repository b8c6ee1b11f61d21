import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer, queryError } from './scripted-aws.ts';
import { asked } from './scripted-rds.ts';
import { scriptedSite } from './scripted-site.ts';

const CLUSTER = 'arn:aws:rds:eu-west-1:111122223333:cluster:shop';

test('clusters: every page, every field', async () => {
  const { rds, aws } = scriptedSite(({ operation, input }) =>
    queryAnswer(
      operation,
      input['Marker'] === undefined
        ? `<DBClusters><DBCluster><DBClusterIdentifier>shop</DBClusterIdentifier><DBClusterArn>${CLUSTER}</DBClusterArn>
           <DbClusterResourceId>cluster-ABC</DbClusterResourceId><Status>available</Status><Engine>aurora-postgresql</Engine><EngineVersion>16.4</EngineVersion>
           <EngineMode>provisioned</EngineMode><Endpoint>shop.cluster-x</Endpoint><ReaderEndpoint>shop.cluster-ro-x</ReaderEndpoint>
           <CustomEndpoints><member>reports.cluster-custom-x</member></CustomEndpoints><Port>5432</Port>
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
    customEndpoints: ['reports.cluster-custom-x'],
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
    customEndpoints: [],
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
       <DbiResourceId>db-ABC</DbiResourceId><DBName>app</DBName><MasterUsername>admin</MasterUsername>
       <MasterUserSecret><SecretArn>arn:secret</SecretArn><SecretStatus>active</SecretStatus></MasterUserSecret>
       <DBSubnetGroup><DBSubnetGroupName>db-subnets</DBSubnetGroupName></DBSubnetGroup>
       <VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups>
       <OptionGroupMemberships><OptionGroupMembership><OptionGroupName>og</OptionGroupName></OptionGroupMembership></OptionGroupMemberships>
       <MultiAZ>true</MultiAZ><StorageType>io1</StorageType><AllocatedStorage>100</AllocatedStorage><Iops>3000</Iops><StorageThroughput>500</StorageThroughput>
       <KmsKeyId>arn:key</KmsKeyId><StorageEncrypted>true</StorageEncrypted><IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled>
       <DeletionProtection>true</DeletionProtection><EnabledCloudwatchLogsExports><member>postgresql</member></EnabledCloudwatchLogsExports>
       <BackupRetentionPeriod>7</BackupRetentionPeriod><PreferredBackupWindow>02:00-03:00</PreferredBackupWindow><CopyTagsToSnapshot>true</CopyTagsToSnapshot>
       <ReadReplicaSourceDBInstanceIdentifier>main</ReadReplicaSourceDBInstanceIdentifier><InstanceCreateTime>2026-01-01T00:00:00Z</InstanceCreateTime>
       <TagList><Tag><Key>a</Key><Value>b</Value></Tag></TagList></DBInstance>
       <DBInstance><DBInstanceIdentifier>books</DBInstanceIdentifier><DbInstancePort>0</DbInstancePort></DBInstance><DBInstance/></DBInstances>`,
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
    resourceId: 'db-ABC',
    port: 5432,
    databaseName: 'app',
    masterUsername: 'admin',
    masterSecret: { arn: 'arn:secret', status: 'active' },
    subnetGroup: 'db-subnets',
    securityGroups: ['sg-1'],
    optionGroup: 'og',
    multiAz: true,
    storageType: 'io1',
    allocatedStorage: 100,
    iops: 3_000,
    storageThroughput: 500,
    kmsKeyId: 'arn:key',
    encrypted: true,
    iamAuthentication: true,
    deletionProtection: true,
    logExports: ['postgresql'],
    backupRetentionDays: 7,
    backupWindow: '02:00-03:00',
    copyTagsToSnapshot: true,
    replicaOf: 'main',
    createdAt: Date.UTC(2026, 0, 1),
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
    resourceId: undefined,
    port: undefined,
    databaseName: undefined,
    masterUsername: undefined,
    masterSecret: undefined,
    subnetGroup: undefined,
    securityGroups: [],
    optionGroup: undefined,
    multiAz: false,
    storageType: undefined,
    allocatedStorage: undefined,
    iops: undefined,
    storageThroughput: undefined,
    kmsKeyId: undefined,
    encrypted: false,
    iamAuthentication: false,
    deletionProtection: false,
    logExports: [],
    backupRetentionDays: undefined,
    backupWindow: undefined,
    copyTagsToSnapshot: false,
    replicaOf: undefined,
    createdAt: undefined,
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
