import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer, queryError } from './scripted-aws.ts';
import { ARN, asked, clusterPage, DB_ARN, named, OTHER, OWN } from './scripted-rds.ts';
import { scriptedSite } from './scripted-site.ts';

test('cluster snapshots: every page and every field', async () => {
  const { rds, aws } = scriptedSite(({ input }) =>
    input['Marker'] === undefined
      ? clusterPage(
          [
            named(
              'shop-1',
              `<DBClusterIdentifier>shop</DBClusterIdentifier><Engine>aurora-postgresql</Engine><EngineVersion>16.4</EngineVersion>
               <Status>available</Status><PercentProgress>100</PercentProgress><SnapshotType>manual</SnapshotType>
               <StorageEncrypted>true</StorageEncrypted><StorageEncryptionType>sse-kms</StorageEncryptionType><KmsKeyId>arn:key</KmsKeyId>
               <SnapshotCreateTime>2026-11-19T03:04:05.678Z</SnapshotCreateTime><SourceDBClusterSnapshotArn>${ARN('first')}</SourceDBClusterSnapshotArn>
               <Port>5432</Port><MasterUsername>admin</MasterUsername><IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled>
               <StorageType>aurora-iopt1</StorageType><TagList><Tag><Key>tier</Key><Value>gold</Value></Tag><Tag><Key>bare</Key><Value></Value></Tag></TagList>`,
            ),
          ],
          'page 2',
        )
      : clusterPage([named('shop-2', '<StorageType></StorageType>'), '<Engine>aurora</Engine>']),
  );
  assert.deepEqual(await rds.describeSnapshots('cluster', {}), [
    {
      kind: 'cluster',
      id: 'shop-1',
      arn: ARN('shop-1'),
      database: 'shop',
      engine: 'aurora-postgresql',
      engineVersion: '16.4',
      status: 'available',
      progress: 100,
      type: 'manual',
      encrypted: true,
      encryptionType: 'sse-kms',
      kmsKeyId: 'arn:key',
      createdAt: Date.parse('2026-11-19T03:04:05.678Z'),
      originalCreatedAt: undefined,
      sourceArn: ARN('first'),
      port: 5432,
      masterUsername: 'admin',
      iamAuthentication: true,
      storageType: 'aurora-iopt1',
      optionGroup: undefined,
      tags: { tier: 'gold', bare: '' },
    },
    {
      kind: 'cluster',
      id: 'shop-2',
      arn: ARN('shop-2'),
      database: '',
      engine: '',
      engineVersion: undefined,
      status: 'unknown',
      progress: undefined,
      type: 'unknown',
      encrypted: false,
      encryptionType: undefined,
      kmsKeyId: undefined,
      createdAt: undefined,
      originalCreatedAt: undefined,
      sourceArn: undefined,
      port: undefined,
      masterUsername: undefined,
      iamAuthentication: false,
      storageType: undefined,
      optionGroup: undefined,
      tags: {},
    },
  ]);
  assert.deepEqual(aws.sent.map(asked), [
    { Action: 'DescribeDBClusterSnapshots' },
    { Action: 'DescribeDBClusterSnapshots', Marker: 'page 2' },
  ]);
});

test('instance snapshots: the names AWS gives their fields', async () => {
  const { rds } = scriptedSite(() =>
    queryAnswer(
      'DescribeDBSnapshots',
      `<DBSnapshots><DBSnapshot><DBSnapshotIdentifier>rds:books-2026-11-19</DBSnapshotIdentifier><DBSnapshotArn>${DB_ARN('rds:books-2026-11-19')}</DBSnapshotArn>
       <DBInstanceIdentifier>books</DBInstanceIdentifier><Engine>mysql</Engine><EngineVersion>8.0.39</EngineVersion><Status>copying</Status><PercentProgress>0</PercentProgress>
       <SnapshotType>automated</SnapshotType><Encrypted>true</Encrypted><StorageEncryptionType>sse-rds</StorageEncryptionType><KmsKeyId>k</KmsKeyId>
       <SnapshotCreateTime>2026-11-19T00:00:00Z</SnapshotCreateTime><OriginalSnapshotCreateTime>2026-11-18T00:00:00Z</OriginalSnapshotCreateTime>
       <SourceDBSnapshotIdentifier>${DB_ARN('first')}</SourceDBSnapshotIdentifier><Port>3306</Port><MasterUsername>root</MasterUsername>
       <IAMDatabaseAuthenticationEnabled>false</IAMDatabaseAuthenticationEnabled><StorageType>gp3</StorageType><OptionGroupName>default:mysql-8-0</OptionGroupName>
       </DBSnapshot></DBSnapshots>`,
    ),
  );
  assert.deepEqual(await rds.describeSnapshots('instance', {}), [
    {
      kind: 'instance',
      id: 'rds:books-2026-11-19',
      arn: DB_ARN('rds:books-2026-11-19'),
      database: 'books',
      engine: 'mysql',
      engineVersion: '8.0.39',
      status: 'copying',
      progress: 0,
      type: 'automated',
      encrypted: true,
      encryptionType: 'sse-rds',
      kmsKeyId: 'k',
      createdAt: Date.UTC(2026, 10, 19),
      originalCreatedAt: Date.UTC(2026, 10, 18),
      sourceArn: DB_ARN('first'),
      port: 3306,
      masterUsername: 'root',
      iamAuthentication: false,
      storageType: 'gp3',
      optionGroup: 'default:mysql-8-0',
      tags: {},
    },
  ]);
});

const database = (kind: string, id: string) => ({
  'Filters.Filter.1.Name': `db-${kind}-id`,
  'Filters.Filter.1.Values.Value.1': id,
});

/** kind, filter, what AWS is asked */
const questions: [Parameters<ReturnType<typeof scriptedSite>['rds']['describeSnapshots']>, Record<string, string>][] = [
  [['cluster', { id: 'Shop-1' }], { DBClusterSnapshotIdentifier: 'shop-1' }],
  [['cluster', { id: ARN('shop-1') }], { DBClusterSnapshotIdentifier: 'shop-1' }],
  [['cluster', { id: 'rds:shop-2026' }], { DBClusterSnapshotIdentifier: 'rds:shop-2026', SnapshotType: 'automated' }],
  [['cluster', { id: ARN('rds:shop-2026') }], { DBClusterSnapshotIdentifier: 'rds:shop-2026', SnapshotType: 'automated' }],
  [['cluster', { id: 'awsbackup:job-1' }], { DBClusterSnapshotIdentifier: 'awsbackup:job-1', SnapshotType: 'awsbackup' }],
  [['cluster', { id: 'shop-1', type: 'manual' }], { DBClusterSnapshotIdentifier: 'shop-1', SnapshotType: 'manual' }],
  [['cluster', { database: 'Shop' }], database('cluster', 'shop')],
  [['cluster', { database: 'shop', type: 'automated' }], { ...database('cluster', 'shop'), SnapshotType: 'automated' }],
  [['cluster', { id: 'shop-1', database: 'shop' }], { DBClusterSnapshotIdentifier: 'shop-1' }],
  [['cluster', { id: ARN('a', OTHER) }], { DBClusterSnapshotIdentifier: ARN('a', OTHER), IncludeShared: 'true' }],
  [
    ['cluster', { id: ARN('a', OTHER), type: 'shared' }],
    { DBClusterSnapshotIdentifier: ARN('a', OTHER), SnapshotType: 'shared', IncludeShared: 'true' },
  ],
  [['cluster', { type: 'shared' }], { SnapshotType: 'shared', IncludeShared: 'true' }],
  [['cluster', { id: 'a', type: 'shared' }], { SnapshotType: 'shared', IncludeShared: 'true' }],
  [['cluster', { database: 'shop', type: 'shared' }], { SnapshotType: 'shared', IncludeShared: 'true' }],
  [['instance', { database: 'Books' }], database('instance', 'books')],
  [['instance', { id: 'rds:books-1' }], { DBSnapshotIdentifier: 'rds:books-1', SnapshotType: 'automated' }],
  [['instance', { id: DB_ARN('a', OTHER) }], { DBSnapshotIdentifier: DB_ARN('a', OTHER), IncludeShared: 'true' }],
];

for (const [question, sent] of questions) {
  test(`asked for ${JSON.stringify(question)}`, async () => {
    const { rds, aws } = scriptedSite(({ operation }) => queryAnswer(operation));
    assert.deepEqual(await rds.describeSnapshots(...question), []);
    assert.deepEqual(aws.sent.map(asked), [
      { Action: question[0] === 'cluster' ? 'DescribeDBClusterSnapshots' : 'DescribeDBSnapshots', ...sent },
    ]);
  });
}

test('a shared snapshot is called by its ARN, and found by name, by ARN and by database', async () => {
  const { rds } = scriptedSite(() =>
    clusterPage([
      named(ARN('shop-1', OTHER), '<DBClusterIdentifier>shop</DBClusterIdentifier><SnapshotType>shared</SnapshotType>'),
      named(ARN('other-1', OTHER), '<DBClusterIdentifier>other</DBClusterIdentifier><SnapshotType>shared</SnapshotType>'),
    ]),
  );
  const ids = async (filter: { id?: string; database?: string }) =>
    (await rds.describeSnapshots('cluster', { type: 'shared', ...filter })).map(({ id, arn }) => [id, arn]);
  const shop = ['shop-1', ARN('shop-1', OTHER)];
  assert.deepEqual(await ids({}), [shop, ['other-1', ARN('other-1', OTHER)]]);
  assert.deepEqual(await ids({ id: 'SHOP-1' }), [shop]);
  assert.deepEqual(await ids({ id: ARN('shop-1', OTHER) }), [shop]);
  assert.deepEqual(await ids({ database: 'Shop' }), [shop]);
  assert.deepEqual(await ids({ id: ARN('shop-1', '999988887777') }), [], 'the same name of a third account is another snapshot');
});

test('the same name in another Region is another snapshot', async () => {
  const { rds } = scriptedSite(() => clusterPage([named('shop-1')]));
  assert.deepEqual(await rds.describeSnapshots('cluster', { id: ARN('shop-1', OWN, 'us-east-1') }), []);
  assert.equal((await rds.describeSnapshots('cluster', { id: ARN('shop-1') })).length, 1);
});

test('a refused describe is not taken for an empty answer', async () => {
  const { rds } = scriptedSite(() => queryError(400, 'InvalidParameterValue'));
  await assert.rejects(rds.describeSnapshots('cluster', { id: 'x' }), { code: 'aws-fault' });
});

test('the accounts a snapshot is shared with', async () => {
  const attributes = (kind: string) =>
    `<${kind}AttributesResult><${kind}Attributes>
     <${kind}Attribute><AttributeName>other</AttributeName><AttributeValues><AttributeValue>no</AttributeValue></AttributeValues></${kind}Attribute>
     <${kind}Attribute><AttributeName>restore</AttributeName><AttributeValues><AttributeValue>${OTHER}</AttributeValue><AttributeValue>${OWN}</AttributeValue></AttributeValues></${kind}Attribute>
     </${kind}Attributes></${kind}AttributesResult>`;
  const { rds } = scriptedSite(({ operation }, nth) =>
    queryAnswer(
      operation,
      nth > 0 ? '' : attributes(operation.startsWith('DescribeDBCluster') ? 'DBClusterSnapshot' : 'DBSnapshot'),
    ),
  );
  for (const kind of ['cluster', 'instance'] as const) {
    assert.deepEqual(await rds.sharedWith(kind, 's'), [OTHER, OWN]);
    assert.deepEqual(await rds.sharedWith(kind, 's'), []);
  }
});
