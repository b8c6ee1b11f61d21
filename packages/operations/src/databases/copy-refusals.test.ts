import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyWorld, PRODUCTION, SAFE } from '../testing/copying.ts';
import { drive } from '../testing/drive.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { CopySlots } from './copy-slots.ts';
import { KeyBook } from './key-book.ts';

const DENIED = {
  kind: 'error',
  code: 'AccessDenied',
  status: 403,
  message: 'User: arn:aws:iam::111122223333:user/breakwater is not authorized to perform: rds:Anything on resource: x',
};

test('keys that cannot work are named before anything is copied', async () => {
  const cases: readonly [Parameters<ReturnType<typeof copyWorld>['run']>[0], RegExp, RegExp][] = [
    [{ database: 'defaulted' }, /AWS's default key aws\/rds, which no other account can use/, /customer-managed KMS key/],
    [{ database: 'owned' }, /a key that AWS owns/, /transit key/],
    [{ kmsKeyId: 'alias/disabled' }, /destination key alias\/disabled is Disabled/, /Enable it/],
    [{ kmsKeyId: 'alias/nobody' }, /destination key alias\/nobody is not there/, /Create it/],
    [
      { kmsKeyId: `arn:aws:kms:${PRODUCTION.region}:${SAFE.account}:key/22222222-0000-4000-8000-000000000001` },
      /is a key of us-east-1, but the copy under it is made in us-west-2/,
      /key of us-west-2/,
    ],
    [{ database: 'secret' }, /account 111122223333 may not use .*key\/11111111-0000-4000-8000-000000000003/, /"kms:CreateGrant"/],
    [{ transitKmsKeyId: 'alias/private', database: 'defaulted' }, /may not use/, /arn:aws:iam::111122223333:root/],
    [{ transitKmsKeyId: 'alias/aws/rds', database: 'defaulted' }, /managed by AWS/, /customer-managed key/],
  ];
  for (const [over, message, next] of cases) {
    const aws = copyWorld();
    const { end } = await aws.run(over);
    assert.equal(end.state, 'failed', JSON.stringify(over));
    assert.equal(end.reason?.code, 'key-not-accessible', end.reason?.message);
    assert.match(end.reason?.message ?? '', message);
    assert.match(end.reason?.next ?? '', next);
    assert.equal(aws.changes('CopyDBClusterSnapshot').length, 0);
  }
});

test('a missing grant is told with the statement, and nothing stays behind', async () => {
  const aws = copyWorld();
  const { end } = await aws.run({ database: 'ungranted' });
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'key-not-accessible', JSON.stringify(end.reason));
  const statement = JSON.parse(
    /\{.*?\}\s*,"Action":\[.*?\],"Resource":"\*"\}|\{"Sid".*?"Resource":"\*"\}/.exec(end.reason?.next ?? '')?.[0] ?? '{}',
  );
  assert.ok(statement.Action.includes('kms:CreateGrant'), end.reason?.next);
  assert.ok(!statement.Action.includes('kms:DescribeKey'), 'that one was proved');
  assert.deepEqual(await aws.leftBehind(), []);
});

test('a copy that AWS ends as failed is a verdict, with nothing left; run again, it is removed and made anew', async () => {
  for (const nth of [1, 2]) {
    const aws = copyWorld();
    aws.arm({ match: { operation: 'CopyDBClusterSnapshot', nth }, effect: { kind: 'copy-fails', at: 60 } });
    const { end } = await aws.run();
    assert.equal(end.state, 'failed', `copy ${nth}`);
    assert.equal(end.reason?.code, 'copy-failed', end.reason?.message);
    assert.deepEqual(await aws.leftBehind(), [], `copy ${nth}`);
    const again = await aws.run();
    assert.equal(again.end.state, 'done', JSON.stringify(again.end));
    assert.equal(again.end.result?.['adopted'], false);
    assert.deepEqual(await aws.leftBehind(), [], `copy ${nth}`);
    const copies = await aws.destination.aws.rds.describeSnapshots('cluster', { database: 'shop', type: 'manual' });
    assert.equal(copies.length, 1);
  }
});

test('a snapshot of that name that is something else is never touched', async () => {
  const aws = copyWorld();
  const first = await aws.run();
  const id = String(first.end.result?.['id']);
  const other = copyWorld(
    `  - { account: "${SAFE.account}", region: ${SAFE.region}, id: ${id}, database: shop, kmsKey: alias/dr }\n`,
  );
  const { end } = await other.run();
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'snapshot-exists', end.reason?.message);
  assert.equal(other.changes('DeleteDBClusterSnapshot').length, 0);
  assert.equal(other.changes('CopyDBClusterSnapshot').length, 0);
});

test('nor is one that has the name of a transit copy', async () => {
  const { notes } = await copyWorld().run();
  const name = /shop-\d+-transit-\w+/.exec(notes.join())?.[0] ?? '';
  const aws = copyWorld(
    `  - { account: "${PRODUCTION.account}", region: ${PRODUCTION.region}, id: ${name}, database: shop, kmsKey: alias/shop }\n`,
  );
  const parts = { slots: new CopySlots({ cluster: 1 }), keys: new KeyBook() };
  const { end } = await drive(aws.copy({}, parts), new StepJournal(aws.clock).context());
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'snapshot-exists', end.reason?.message);
  assert.equal(aws.calls('DeleteDBClusterSnapshot').length, 0);
  assert.equal(aws.calls('ModifyDBClusterSnapshotAttribute').length, 0);
  assert.equal(await parts.slots.take('cluster', aws.source, 'another', aws.clock), undefined, 'its place is free again');
});

test('a copy that is there under another key than asked for is told, not taken', async () => {
  const aws = copyWorld(
    `  - { account: "${SAFE.account}", region: ${SAFE.region}, id: unused, database: unused, kmsKey: alias/dr }\n`,
  );
  await aws.run();
  const { end } = await aws.run({ kmsKeyId: 'alias/aws/rds' });
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'snapshot-exists', end.reason?.message);
  assert.match(end.reason?.message ?? '', /its key is/);
});

test('the quota of manual snapshots has the same code as the copy limit, but no waiting helps', async () => {
  const aws = copyWorld();
  const message = 'Cannot create more than 100 manual snapshots';
  const full = { kind: 'error', code: 'SnapshotQuotaExceeded', status: 400, message };
  aws.arm({ match: { operation: 'CopyDBClusterSnapshot', nth: 2 }, effect: full });
  const { end } = await aws.run();
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'quota-exceeded', end.reason?.message);
  assert.deepEqual(await aws.leftBehind(), []);
});

test('what cannot be taken back is told, and the copy is good all the same', async () => {
  const aws = copyWorld();
  aws.arm({ match: { operation: 'DeleteDBClusterSnapshot' }, effect: DENIED });
  const { end } = await aws.run();
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings');
  assert.match(end.reason?.message ?? '', /something is left behind: shop-202611200210-transit-/);
  assert.deepEqual(
    (await aws.leftBehind()).map((left) => left.replace(/-[0-9a-f]{6}$/, '')),
    ['production: shop-202611200210-transit'],
    'but it is not shared any more',
  );
});

test('a refused copy leaves nothing, and says which permission lacks', async () => {
  const aws = copyWorld();
  aws.arm({ match: { operation: 'CopyDBClusterSnapshot', nth: 2 }, effect: DENIED });
  const { end } = await aws.run();
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'permission-denied', JSON.stringify(end.reason));
  assert.deepEqual(await aws.leftBehind(), []);
});

test('what fits no choice is said, and nothing is changed', async () => {
  const cases: readonly [Parameters<ReturnType<typeof copyWorld>['run']>[0], string, RegExp][] = [
    [
      { choice: { kind: 'id', id: 'none' } },
      'snapshot-missing',
      /no cluster snapshot "none" is in account 222233334444, us-east-1/,
    ],
    [{ database: 'nobody' }, 'snapshot-missing', /cluster "nobody" in account 222233334444/],
    [
      { choice: { kind: 'newest', types: ['automated'], maxAge: 60_000 } },
      'snapshot-unusable',
      /is 50m 0\ds old; at most 1m 00s/,
    ],
    [
      { choice: { kind: 'id', id: `arn:aws:rds:us-east-1:999988887777:cluster-snapshot:x` } },
      'snapshot-unusable',
      /belongs to account 999988887777/,
    ],
    [{ database: 'nobody', choice: { kind: 'create' } }, 'aws-fault', /DBCluster ?[Nn]ot ?[Ff]ound|not found/],
  ];
  for (const [over, code, message] of cases) {
    const aws = copyWorld();
    const { end } = await aws.run(over);
    assert.equal(end.state, 'failed');
    assert.equal(end.reason?.code, code, end.reason?.message);
    assert.match(end.reason?.message ?? '', message);
    assert.equal(aws.world.calls.filter(({ applied, operation }) => applied && !operation.startsWith('Describe')).length, 0);
  }
});

test('what is itself only on the way is not copied, whoever names it', async () => {
  const [account, region] = [PRODUCTION.account, PRODUCTION.region];
  const tags =
    '{ "breakwater:owner": breakwater, "breakwater:transit": transit, "breakwater:source-arn": "arn:aws:rds:x:y:cluster-snapshot:z" }';
  const aws = copyWorld(
    `  - { account: "${account}", region: ${region}, id: shop-202611190300-transit-0a1b2c, database: shop, kmsKey: alias/shop, age: 1d, tags: ${tags} }\n`,
  );
  const { end } = await aws.run({ choice: { kind: 'id', id: 'shop-202611190300-transit-0a1b2c' } });
  assert.ok(end.state === 'failed');
  assert.equal(end.reason.code, 'snapshot-unusable');
  assert.match(end.reason.message, /is itself a copy on its way from arn:aws:rds:x:y:cluster-snapshot:z/);
  assert.equal(aws.changes('CopyDBClusterSnapshot').length, 0);
  assert.equal(aws.changes('ModifyDBClusterSnapshotAttribute').length, 0);
});

test('a refusal that takes back what an earlier run has left does not say that nothing was changed', async () => {
  const aws = copyWorld();
  await assert.rejects(drive(aws.copy(), new StepJournal(aws.clock).context(), { patience: 60_000 }), /not done in time/);
  await aws.clock.sleep(12 * 3_600_000);
  const { end } = await aws.run({ kmsKeyId: 'alias/disabled' });
  assert.ok(end.state === 'failed');
  assert.match(end.reason.message, /alias\/disabled is Disabled/);
  assert.match(end.reason.next ?? '', /What an earlier run had left on the way was taken back\.$/);
  assert.deepEqual(await aws.leftBehind(), []);
  const again = await aws.run({ kmsKeyId: 'alias/disabled' });
  assert.match(again.end.reason?.next ?? '', /Nothing was changed\.$/);
});

test('a mistake in the inputs does not end what is under way for another run', async () => {
  for (const said of [/-transit-\w+ is copying/, /^copy shop-\d+-\w+ is copying/]) {
    const aws = copyWorld();
    const copy = aws.copy();
    const context = new StepJournal(aws.clock).context();
    for (let note = ''; !said.test(note); ) {
      const advance = await copy.advance(context);
      assert.ok(advance.state === 'waiting');
      note = advance.note;
      await aws.clock.sleep(advance.lookAgainIn);
    }
    const { end } = await aws.run({ kmsKeyId: 'alias/disabled' });
    assert.equal(end.reason?.code, 'key-not-accessible');
    assert.match(end.reason?.next ?? '', /Nothing was changed\.$/);
    assert.equal((await drive(copy, context, { patience: 48 * 3_600_000 })).end.state, 'done');
    assert.equal(aws.changes('CopyDBClusterSnapshot').length, 2);
    assert.deepEqual(await aws.leftBehind(), []);
  }
});
