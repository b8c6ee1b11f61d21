import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer, queryError } from './scripted-aws.ts';
import { ARN, asked, clusterPage, DB_ARN, named, OTHER, oneSnapshot } from './scripted-rds.ts';
import { scriptedSite } from './scripted-site.ts';

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
      ? oneSnapshot(operation, named('s', '<Status>creating</Status>'))
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

const copied = { xml: oneSnapshot('CopyDBClusterSnapshot', named('t', '<Status>copying</Status>')).xml ?? '' };

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
