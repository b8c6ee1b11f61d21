import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer, queryError, type SentRequest } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const OWN = '111122223333';
const OTHER = '222233334444';
const ARN = (id: string, account = OWN, region = 'eu-west-1') => `arn:aws:rds:${region}:${account}:cluster-snapshot:${id}`;
const DB_ARN = (id: string, account = OWN) => `arn:aws:rds:eu-west-1:${account}:snapshot:${id}`;

/** What was asked, without what every query says. */
function asked({ input }: SentRequest): Record<string, unknown> {
  const { Action, Version, ...rest } = input;
  assert.equal(Version, '2014-10-31');
  return { Action, ...rest };
}

const clusterSnapshot = (inner: string) => `<DBClusterSnapshot>${inner}</DBClusterSnapshot>`;
const clusterPage = (items: string[], marker = '') =>
  queryAnswer(
    'DescribeDBClusterSnapshots',
    `<DBClusterSnapshots>${items.map(clusterSnapshot).join('')}</DBClusterSnapshots>${marker === '' ? '' : `<Marker>${marker}</Marker>`}`,
  );
const named = (id: string, more = '') =>
  `<DBClusterSnapshotIdentifier>${id}</DBClusterSnapshotIdentifier><DBClusterSnapshotArn>${id.startsWith('arn:') ? id : ARN(id)}</DBClusterSnapshotArn>${more}`;

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

for (const [kind, code] of [
  ['cluster', 'DBClusterSnapshotNotFoundFault'],
  ['instance', 'DBSnapshotNotFound'],
] as const) {
  test(`a ${kind} snapshot that is not there is not described, and deleting it is done already`, async () => {
    const { rds, aws } = scriptedSite(() => queryError(404, code));
    assert.deepEqual(await rds.describeSnapshots(kind, { id: 'gone' }), []);
    await rds.deleteSnapshot(kind, 'gone');
    assert.equal(aws.sent.length, 2);
    await assert.rejects(rds.sharedWith(kind, 'gone'), { code: 'aws-fault', next: /check the name/ });
  });
}

for (const [status, done] of [
  ['deleting', true],
  ['creating', false],
  [undefined, true],
] as const) {
  test(`deleting a snapshot whose state forbids it, because it is ${status ?? 'gone by now'}`, async () => {
    const { rds, aws } = scriptedSite(({ operation }) => {
      if (operation.startsWith('Delete'))
        return queryError(400, operation.includes('Cluster') ? 'InvalidDBClusterSnapshotStateFault' : 'InvalidDBSnapshotState');
      if (status === undefined)
        return queryError(404, operation.includes('Cluster') ? 'DBClusterSnapshotNotFoundFault' : 'DBSnapshotNotFound');
      return operation.includes('Cluster')
        ? clusterPage([named('s', `<Status>${status}</Status>`)])
        : queryAnswer(
            operation,
            `<DBSnapshots><DBSnapshot><DBSnapshotIdentifier>s</DBSnapshotIdentifier><Status>${status}</Status></DBSnapshot></DBSnapshots>`,
          );
    });
    for (const kind of ['cluster', 'instance'] as const) {
      if (done) await rds.deleteSnapshot(kind, 's');
      else await assert.rejects(rds.deleteSnapshot(kind, 's'), { code: 'aws-fault', message: /InvalidDB/ });
    }
    assert.equal(aws.sent.length, 4);
  });
}

test('a refused describe is not taken for an empty answer', async () => {
  const { rds } = scriptedSite(() => queryError(400, 'InvalidParameterValue'));
  await assert.rejects(rds.describeSnapshots('cluster', { id: 'x' }), { code: 'aws-fault' });
});

const tags = { 'breakwater:owner': 'x', b: '' };
const SENT_TAGS = {
  'Tags.Tag.1.Key': 'breakwater:owner',
  'Tags.Tag.1.Value': 'x',
  'Tags.Tag.2.Key': 'b',
  'Tags.Tag.2.Value': '',
};

test('creating a snapshot of either kind', async () => {
  const { rds, aws } = scriptedSite(({ operation }) =>
    operation === 'CreateDBClusterSnapshot'
      ? queryAnswer(operation, clusterSnapshot(named('s', '<Status>creating</Status>')))
      : queryAnswer(
          operation,
          '<DBSnapshot><DBSnapshotIdentifier>s</DBSnapshotIdentifier><Status>creating</Status></DBSnapshot>',
        ),
  );
  const made = await rds.createSnapshot('cluster', { id: 's', database: 'shop', tags });
  assert.deepEqual([made.kind, made.id, made.status], ['cluster', 's', 'creating']);
  assert.equal((await rds.createSnapshot('instance', { id: 's', database: 'books', tags: {} })).kind, 'instance');
  assert.deepEqual(aws.sent.map(asked), [
    { Action: 'CreateDBClusterSnapshot', DBClusterSnapshotIdentifier: 's', DBClusterIdentifier: 'shop', ...SENT_TAGS },
    { Action: 'CreateDBSnapshot', DBSnapshotIdentifier: 's', DBInstanceIdentifier: 'books' },
  ]);
});

const copied = { xml: queryAnswer('CopyDBClusterSnapshot', clusterSnapshot(named('t', '<Status>copying</Status>'))).xml ?? '' };

test('a copy within the Region: no URL, no CopyTags', async () => {
  const told: string[] = [];
  const { rds, aws } = scriptedSite(
    ({ operation }) =>
      operation === 'CopyDBSnapshot'
        ? queryAnswer(operation, '<DBSnapshot><DBSnapshotIdentifier>t</DBSnapshotIdentifier></DBSnapshot>')
        : copied,
    { onSecret: (secret) => told.push(secret) },
  );
  const copy = await rds.copySnapshot('cluster', { source: ARN('s', OTHER), target: 't', kmsKeyId: 'alias/dr', tags });
  assert.equal(copy.status, 'copying');
  await rds.copySnapshot('instance', { source: 's', target: 't', optionGroup: 'og', tags: {} });
  assert.deepEqual(aws.sent.map(asked), [
    {
      Action: 'CopyDBClusterSnapshot',
      SourceDBClusterSnapshotIdentifier: ARN('s', OTHER),
      TargetDBClusterSnapshotIdentifier: 't',
      KmsKeyId: 'alias/dr',
      ...SENT_TAGS,
    },
    { Action: 'CopyDBSnapshot', SourceDBSnapshotIdentifier: 's', TargetDBSnapshotIdentifier: 't', OptionGroupName: 'og' },
  ]);
  assert.deepEqual(told, ['key-of-AKIDBASE'], 'the base credentials alone');
});

for (const kind of ['cluster', 'instance'] as const) {
  for (const endpoint of [undefined, 'http://127.0.0.1:4000']) {
    test(`a ${kind} copy from another Region carries a URL that is told as a secret${endpoint === undefined ? '' : ', at an own endpoint'}`, async () => {
      const told: string[] = [];
      const { rds, aws } = scriptedSite(
        ({ operation }) =>
          operation === 'CopyDBSnapshot'
            ? queryAnswer(operation, '<DBSnapshot><DBSnapshotIdentifier>t</DBSnapshotIdentifier></DBSnapshot>')
            : operation === 'CopyDBClusterSnapshot'
              ? copied
              : queryAnswer(operation),
        {
          onSecret: (secret) => told.push(secret),
          credentials: { kind: 'static', accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'tok/en+=' },
          ...(endpoint === undefined ? {} : { endpoint }),
        },
      );
      const source = kind === 'cluster' ? ARN('s', OTHER, 'us-east-1') : DB_ARN('s', OTHER).replace('eu-west-1', 'us-east-1');
      await rds.copySnapshot(kind, { source, target: 't', kmsKeyId: 'k', tags: {} });
      const url = new URL(String(aws.sent[0]?.input['PreSignedUrl']));
      assert.equal(url.hostname, 'rds.us-east-1.amazonaws.com');
      assert.equal(url.searchParams.get('DestinationRegion'), 'eu-west-1');
      assert.equal(url.searchParams.get('X-Amz-Security-Token'), 'tok/en+=');
      assert.equal('SourceRegion' in (aws.sent[0]?.input ?? {}), false);
      for (const secret of [url.href, encodeURIComponent(url.href), 'tok%2Fen%2B%3D', url.searchParams.get('X-Amz-Signature')]) {
        assert.ok(secret !== null && told.includes(secret), String(secret));
      }
      await rds.describeSnapshots(kind, {});
      for (const { host, headers } of aws.sent) {
        assert.equal(host, endpoint === undefined ? 'rds.eu-west-1.amazonaws.com' : '127.0.0.1', headers['host']);
      }
    });
  }
}

test('changes of snapshots are sent once, and what is lost is ambiguous', async () => {
  const { rds, aws } = scriptedSite(() => ({ socketError: 'ECONNRESET' }));
  const lost = { code: 'aws-unavailable', ambiguous: true };
  for (const kind of ['cluster', 'instance'] as const) {
    await assert.rejects(rds.createSnapshot(kind, { id: 's', database: 'd', tags: {} }), lost);
    await assert.rejects(rds.copySnapshot(kind, { source: 's', target: 't', tags: {} }), lost);
    await assert.rejects(rds.deleteSnapshot(kind, 's'), lost);
  }
  assert.equal(aws.sent.length, 6);
});

test('an answer without a snapshot is not a success', async () => {
  const { rds } = scriptedSite(({ operation }) => queryAnswer(operation));
  const bare = { code: 'aws-fault', ambiguous: true, message: /answered without a snapshot/ };
  for (const kind of ['cluster', 'instance'] as const) {
    await assert.rejects(rds.createSnapshot(kind, { id: 's', database: 'd', tags: {} }), bare);
    await assert.rejects(rds.copySnapshot(kind, { source: 's', target: 't', tags: {} }), bare);
  }
});

test('a snapshot is shared with one account at a time, never with all', async () => {
  const { rds, aws } = scriptedSite(({ operation }, nth) => (nth === 0 ? { socketError: 'ECONNRESET' } : queryAnswer(operation)));
  await rds.share('cluster', 's', OTHER);
  await rds.unshare('cluster', 's', OTHER);
  await rds.share('instance', 's', OTHER);
  await rds.unshare('instance', 's', OTHER);
  for (const account of ['all', '', `${OTHER} `, 'ALL']) {
    await assert.rejects(rds.share('cluster', 's', account), { code: 'internal', message: /one account/ });
    await assert.rejects(rds.unshare('instance', 's', account), { code: 'internal' });
  }
  assert.deepEqual(aws.sent.map(asked), [
    ...Array.from({ length: 2 }, () => ({
      Action: 'ModifyDBClusterSnapshotAttribute',
      DBClusterSnapshotIdentifier: 's',
      AttributeName: 'restore',
      'ValuesToAdd.AttributeValue.1': OTHER,
    })),
    {
      Action: 'ModifyDBClusterSnapshotAttribute',
      DBClusterSnapshotIdentifier: 's',
      AttributeName: 'restore',
      'ValuesToRemove.AttributeValue.1': OTHER,
    },
    ...Array.from({ length: 2 }, () => ({
      Action: 'ModifyDBSnapshotAttribute',
      DBSnapshotIdentifier: 's',
      AttributeName: 'restore',
      'ValuesToAdd.AttributeValue.1': OTHER,
    })),
    {
      Action: 'ModifyDBSnapshotAttribute',
      DBSnapshotIdentifier: 's',
      AttributeName: 'restore',
      'ValuesToRemove.AttributeValue.1': OTHER,
    },
  ]);
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

test('tags of a resource are read and added; nothing to add sends nothing', async () => {
  const { rds, aws } = scriptedSite(({ operation }) =>
    queryAnswer(
      operation,
      operation === 'ListTagsForResource'
        ? '<TagList><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key></Tag></TagList>'
        : '',
    ),
  );
  assert.deepEqual(await rds.tagsOf(ARN('s')), { a: '1', b: '' });
  await rds.addTags(ARN('s'), tags);
  await rds.addTags(ARN('s'), {});
  assert.deepEqual(aws.sent.map(asked), [
    { Action: 'ListTagsForResource', ResourceName: ARN('s') },
    { Action: 'AddTagsToResource', ResourceName: ARN('s'), ...SENT_TAGS },
  ]);
});
