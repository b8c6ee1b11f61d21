import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, BreakwaterError } from '@breakwater/core';
import { queryError } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const SOURCE_KEY = 'arn:aws:kms:us-east-1:222233334444:key/11111111-2222-3333-4444-555555555555';
const copy = { source: 'arn:aws:rds:eu-west-1:222233334444:cluster-snapshot:s', target: 't', tags: {} };

/** What a call ends as when AWS answers like this. */
async function ending(
  ask: (site: ReturnType<typeof scriptedSite>) => Promise<unknown>,
  code: string,
  message?: string,
): Promise<AwsError> {
  const caught: unknown = await ask(scriptedSite(() => queryError(400, code, message))).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(caught instanceof BreakwaterError && caught instanceof AwsError);
  assert.equal(caught.ambiguous, false);
  return caught;
}

test('a key that cannot be used: the key AWS names, and the statement that lacks', async () => {
  const message = (key: string) =>
    `Specified KMS key [${key}] does not exist, is not enabled or you do not have permissions to access it. `;
  const error = await ending(
    ({ rds }) => rds.copySnapshot('cluster', { ...copy, kmsKeyId: 'alias/dr' }),
    'KMSKeyNotAccessibleFault',
    message(SOURCE_KEY),
  );
  assert.equal(error.code, 'key-not-accessible');
  assert.equal(error.call.awsCode, 'KMSKeyNotAccessibleFault');
  assert.match(error.missing ?? '', /kms:CreateGrant.*kms:ReEncrypt\* on arn:aws:kms:us-east-1:222233334444:key\/1{8}-/);
  assert.match(error.next, /aws kms describe-key --key-id arn:aws:kms:us-east-1.*account 111122223333/);

  const short = await ending(
    ({ rds }) => rds.copySnapshot('instance', { ...copy, kmsKeyId: 'alias/dr' }),
    'KMSKeyNotAccessibleFault',
    message('abc-def'),
  );
  assert.match(short.missing ?? '', / on abc-def$/);
});

test('a key that AWS does not name is the one the call asked for, if it asked for one', async () => {
  const restore = { id: 'c', snapshot: 's', engine: 'e', engineVersion: '1', tags: {} };
  const asked = await ending(
    ({ rds }) => rds.restoreCluster({ ...restore, kmsKeyId: 'alias/dr' }),
    'KMSKeyNotAccessibleFault',
    'No.',
  );
  assert.match(asked.missing ?? '', / on alias\/dr$/);
  const none = 'The target KMS key [None] does not exist, is not enabled or you do not have permissions to access it.';
  const unnamed = await ending(({ rds }) => rds.copySnapshot('cluster', copy), 'KMSKeyNotAccessibleFault', none);
  assert.match(unnamed.missing ?? '', / on the keys of source and target$/);
  const own = await ending(({ rds }) => rds.restoreCluster(restore), 'KMSKeyNotAccessibleFault', 'No.');
  assert.match(own.missing ?? '', / on the keys of source and target$/);
  assert.match(own.next, /Check that the keys of source and target exist/);
});

test('the one KMS action that AWS names is the statement that lacks', async () => {
  const denied = `User: x is not authorized to perform: kms:CreateGrant on resource: ${SOURCE_KEY}`;
  const error = await ending(({ rds }) => rds.copySnapshot('cluster', copy), 'KMSKeyNotAccessibleFault', denied);
  assert.deepEqual([error.code, error.missing], ['key-not-accessible', `kms:CreateGrant on ${SOURCE_KEY}`]);
});

/** what was asked, AWS's code, its words, the limit */
const limits: [(site: ReturnType<typeof scriptedSite>) => Promise<unknown>, string, string, RegExp, RegExp][] = [
  [
    ({ rds }) => rds.copySnapshot('cluster', copy),
    'SnapshotQuotaExceeded',
    'Cannot create more than 5 cross-region snapshot copies.',
    /cluster snapshot copies in progress.*\(5\)/,
    /wait until running copies have ended/,
  ],
  [
    ({ rds }) => rds.copySnapshot('instance', copy),
    'SnapshotQuotaExceeded',
    'You have reached the limit of copies in progress.',
    /instance snapshot copies in progress.*\(20\)/,
    /wait/,
  ],
  [
    ({ rds }) => rds.copySnapshot('cluster', copy),
    'SnapshotQuotaExceededFault',
    'Cannot create more than 100 manual snapshots',
    /manual snapshots.*\(100\)/,
    /delete snapshots/,
  ],
  [
    ({ rds }) => rds.copySnapshot('instance', copy),
    'SnapshotQuotaExceeded',
    'Too many.',
    /instance snapshot copies in progress.*, or manual snapshots/,
    /wait/,
  ],
  [
    ({ rds }) => rds.createSnapshot('instance', { id: 's', database: 'd', tags: {} }),
    'SnapshotQuotaExceeded',
    'no copies',
    /manual snapshots/,
    /raise the quota/,
  ],
  [({ rds }) => rds.share('cluster', 's', '222233334444'), 'SharedSnapshotQuotaExceeded', 'x', /\(20\)/, /stop sharing/],
  [({ rds }) => rds.deleteInstance('i'), 'DBClusterQuotaExceededFault', 'x', /DB clusters/, /raise/],
  [({ rds }) => rds.deleteInstance('i'), 'InstanceQuotaExceeded', 'x', /DB instances/, /raise/],
  [
    ({ rds }) => rds.deleteInstance('i'),
    'DBInstanceAutomatedBackupQuotaExceeded',
    'x',
    /automated backups kept.*\(40\)/,
    /raise/,
  ],
  [({ rds }) => rds.deleteInstance('i'), 'DBClusterAutomatedBackupQuotaExceededFault', 'x', /automated backups kept/, /raise/],
  [({ rds }) => rds.deleteInstance('i'), 'StorageQuotaExceeded', 'x', /storage/, /raise/],
  [({ rds }) => rds.deleteInstance('i'), 'DBClusterRoleQuotaExceeded', 'x', /IAM roles/, /raise/],
];
for (const [ask, code, message, missing, next] of limits) {
  test(`${code} "${message}" names the limit`, async () => {
    const error = await ending(ask, code, message);
    assert.equal(error.code, 'quota-exceeded');
    assert.match(error.missing ?? '', missing);
    assert.match(error.next, next);
  });
}

/** AWS's code on the wire, its words, advice */
const faults: [string, string, RegExp][] = [
  ['InsufficientDBInstanceCapacity', 'x', /no room.*not a quota/],
  ['InsufficientDBClusterCapacityFault', 'x', /no room/],
  ['DBClusterAlreadyExistsFault', 'x', /exists already/],
  ['DBInstanceAlreadyExists', 'x', /exists already/],
  ['DBSnapshotAlreadyExists', 'x', /exists already/],
  ['DBClusterSnapshotAlreadyExistsFault', 'x', /exists already/],
  ['DBSubnetGroupNotFoundFault', 'x', /must stand ready/],
  ['DBClusterParameterGroupNotFound', 'x', /must stand ready/],
  ['DBInstanceNotFound', 'x', /check the name/],
  [
    'InvalidDBClusterStateFault',
    'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
    /Look at its status/,
  ],
  ['InvalidDBInstanceState', 'x', /does not allow DeleteDBCluster/],
  [
    'InvalidDBClusterStateFault',
    'This cluster is a part of a global cluster, please remove it from globalcluster first',
    /remove-from-global-cluster/,
  ],
  ['InvalidGlobalClusterStateFault', 'x', /remove-from-global-cluster/],
  [
    'InvalidParameterCombination',
    'Cannot delete protected Cluster, please disable deletion protection and try again.',
    /protected it against deletion/,
  ],
  ['InvalidParameterCombination', 'The combination is odd.', /compare the ids and values/],
  ['InvalidRestoreFault', 'x', /cannot be restored like this/],
  ['IamRoleMissingPermissions', 'x', /export\.rds\.amazonaws\.com/],
];
for (const [code, message, next] of faults) {
  test(`${code} "${message}" keeps AWS's code and says what to do`, async () => {
    const error = await ending(({ rds }) => rds.deleteCluster('c', { finalSnapshot: undefined }), code, message);
    assert.equal(error.code, 'aws-fault');
    assert.equal(error.call.awsCode, code, 'as on the wire');
    assert.match(error.next, next);
  });
}

const points: readonly (readonly [code: string, message: string, next: RegExp])[] = [
  ['PointInTimeRestoreNotEnabled', 'x', /keeps no automated backups.*restore a snapshot/],
  ['InvalidParameterValue', 'The specified restore time is later than the latest restorable time.', /Choose a moment that/],
  ['InvalidParameterValue', 'Invalid port', /compare the ids and values/],
  ['InvalidRestoreFault', 'x', /That moment cannot be restored like this/],
  ['StorageTypeNotSupported', 'x', /another storage type/],
  ['DBClusterAutomatedBackupNotFoundFault', 'x', /restore a snapshot/],
  ['DBInstanceAlreadyExists', 'x', /it is found and used/],
];
for (const [code, message, next] of points) {
  test(`${code} "${message}" of a point in time says what to do`, async () => {
    const request = { id: 'i', source: 'd', time: 'latest', tags: {} } as const;
    const error = await ending(({ rds }) => rds.restoreInstanceToPoint(request), code, message);
    assert.equal(error.code, 'aws-fault');
    assert.match(error.next, next);
  });
}

test('throttled RDS is retried when it only reads, and is not ambiguous when it changes', async () => {
  const site = scriptedSite(({ operation }, nth) =>
    operation === 'DescribeDBClusters' && nth > 1
      ? { xml: '<DescribeDBClustersResponse><DescribeDBClustersResult/></DescribeDBClustersResponse>' }
      : queryError(400, 'Throttling', 'Rate exceeded'),
  );
  assert.deepEqual(await site.rds.describeClusters(), []);
  assert.equal(site.aws.sent.length, 3);
  await assert.rejects(site.rds.deleteInstance('i'), { code: 'throttled', ambiguous: false });
  assert.equal(site.aws.sent.length, 4);
});

test('a secret under a key that is closed: Secrets Manager names nothing, we name the key’s permission', async () => {
  const refused = async (ask: (site: ReturnType<typeof scriptedSite>) => Promise<unknown>) => {
    const answer = { status: 400, json: { __type: 'AccessDeniedException', Message: 'Access to KMS is not allowed' } };
    const caught: unknown = await ask(scriptedSite(() => answer)).catch((error: unknown) => error);
    assert.ok(caught instanceof AwsError);
    assert.equal(caught.code, 'key-not-accessible');
    return caught;
  };
  const read = await refused(({ secrets }) => secrets.getSecret('x'));
  assert.equal(read.missing, 'kms:Decrypt');
  assert.match(read.next, /kms:Decrypt on that key/);
  const written = await refused(({ secrets }) => secrets.putSecret('x', 'text that is long'));
  assert.equal(written.missing, 'kms:GenerateDataKey and kms:Decrypt');
});

test('a refusal is read in both ways AWS writes it', async () => {
  for (const words of ['is not authorized', "isn't authorized"]) {
    const error = await ending(
      ({ rds }) => rds.describeClusters(),
      'AccessDenied',
      `User: arn:aws:sts::1:assumed-role/r/s ${words} to perform: iam:PassRole on resource: arn:aws:iam::1:role/x`,
    );
    assert.equal(error.missing, 'iam:PassRole');
  }
});
