import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyWorld, DR_KEY, PRODUCTION, SAFE } from '../testing/copying.ts';
import { dieAndCarryOn, everyDeath } from '../testing/crashing.ts';
import { drive } from '../testing/drive.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { CopySlots } from './copy-slots.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { KeyBook } from './key-book.ts';

const DENIED = {
  kind: 'error',
  code: 'AccessDenied',
  status: 403,
  message: 'User: arn:aws:iam::111122223333:user/breakwater is not authorized to perform: rds:Anything on resource: x',
};
const AUTOMATED = `arn:aws:rds:${PRODUCTION.region}:${PRODUCTION.account}:cluster-snapshot:rds:shop-2026-11-20-02-10`;

test('an encrypted automated snapshot crosses account and Region, and nothing stays on the way', async () => {
  const aws = copyWorld();
  const { end, notes } = await aws.run({ tags: { Purpose: 'dr' } });
  assert.ok(aws.world.calls.length <= 30, `${aws.world.calls.length} calls`);
  assert.equal(end.state, 'done', JSON.stringify(end));
  const result = end.result ?? {};
  assert.match(String(result['id']), /^shop-202611200210-[0-9a-f]{6}$/);
  assert.equal(result['sourceArn'], AUTOMATED);
  assert.equal(result['sourceTime'], Date.parse('2026-11-20T02:10:00Z'));
  assert.equal(result['kmsKeyId'], DR_KEY);
  assert.equal(result['adopted'], false);
  assert.equal(result['database'], 'shop');
  const [copy] = await aws.destination.aws.rds.describeSnapshots('cluster', { id: String(result['id']) });
  assert.equal(copy?.status, 'available');
  assert.equal(copy?.kmsKeyId, DR_KEY);
  assert.equal(copy?.tags['Team'], 'shop', 'tags are carried across accounts');
  assert.equal(copy?.tags['Purpose'], 'dr');
  assert.equal(copy?.tags['breakwater:source-time'], '2026-11-20T02:10:00.000Z');
  assert.deepEqual(await aws.leftBehind(), []);
  assert.equal(aws.changes('CopyDBClusterSnapshot').length, 2, 'transit and target, in one step across both borders');
  assert.ok(notes.some((note) => /\(0 %: queued\)/.test(note)));
});

test('asked again, it adopts: no call changes anything', async () => {
  const aws = copyWorld();
  const first = await aws.run();
  const changes = aws.world.calls.filter(({ applied, operation }) => applied && !operation.startsWith('Describe')).length;
  const again = await aws.run();
  assert.equal(again.end.state, 'done');
  assert.equal(again.end.result?.['adopted'], true);
  assert.equal(again.end.result?.['id'], first.end.result?.['id']);
  assert.equal(aws.world.calls.filter(({ applied, operation }) => applied && !operation.startsWith('Describe')).length, changes);
});

test('a manual snapshot under a customer key is shared as it is, and the share taken back', async () => {
  const aws = copyWorld();
  const { end } = await aws.run({ choice: { kind: 'id', id: 'shop-by-hand' } });
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(aws.changes('CopyDBClusterSnapshot').length, 1);
  assert.equal(aws.changes('ModifyDBClusterSnapshotAttribute').length, 2);
  assert.equal(aws.changes('DeleteDBClusterSnapshot').length, 0);
  assert.deepEqual(await aws.leftBehind(), []);
});

test('a share that its owner made is used and left as it is', async () => {
  const aws = copyWorld();
  const { end } = await aws.run({ choice: { kind: 'id', id: 'shop-lent' } });
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(aws.changes('ModifyDBClusterSnapshotAttribute').length, 0);
  assert.deepEqual(await aws.source.aws.rds.sharedWith('cluster', 'shop-lent'), [SAFE.account, '999988887777']);
});

test('a new snapshot is taken when that is asked for, once', async () => {
  const aws = copyWorld();
  const { end } = await aws.run({ choice: { kind: 'create' } });
  assert.equal(end.state, 'done', JSON.stringify(end));
  await aws.run({ choice: { kind: 'create' } });
  assert.equal(aws.changes('CreateDBClusterSnapshot').length, 1);
  assert.deepEqual(await aws.leftBehind(), []);
});

test('within one account to another Region: one copy, no share, whatever the key', async () => {
  for (const database of ['shop', 'defaulted', 'owned']) {
    const aws = copyWorld();
    const { end } = await aws.run({ database, destination: aws.abroad, kmsKeyId: 'alias/abroad' });
    assert.equal(end.state, 'done', `${database}: ${JSON.stringify(end)}`);
    assert.equal(aws.changes('CopyDBClusterSnapshot').length, 1, database);
    assert.equal(aws.changes('ModifyDBClusterSnapshotAttribute').length, 0, database);
  }
});

test('snapshots under keys that cannot be shared get a transit copy under one that can', async () => {
  for (const database of ['defaulted', 'owned']) {
    const aws = copyWorld();
    const { end } = await aws.run({ database, transitKmsKeyId: 'alias/transit' });
    assert.equal(end.state, 'done', `${database}: ${JSON.stringify(end)}`);
    assert.equal(end.result?.['kmsKeyId'], DR_KEY);
    assert.deepEqual(await aws.leftBehind(), [], database);
  }
});

test('instances: with 20 places, encrypted on the way if they were not', async () => {
  const aws = copyWorld();
  for (const database of ['ledger', 'open']) {
    const { end } = await aws.run({ kind: 'instance', database });
    assert.equal(end.state, 'done', JSON.stringify(end));
    assert.equal(end.result?.['kmsKeyId'], DR_KEY, database);
  }
  assert.deepEqual(await aws.leftBehind(), []);
});

test('an unencrypted cluster is copied as it is, and refused with the way out when a key is wanted', async () => {
  const aws = copyWorld();
  const refused = await aws.run({ database: 'plain' });
  assert.equal(refused.end.state, 'failed');
  assert.equal(refused.end.reason?.code, 'snapshot-unusable');
  assert.match(refused.end.reason?.message ?? '', /AWS cannot encrypt a cluster snapshot by copying it/);
  const { kmsKeyId: _none, ...plain } = aws.request({ database: 'plain' });
  const { end } = await drive(copySnapshot(plain, aws.deed), new StepJournal(aws.clock).context());
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(end.result?.['encrypted'], false);
  assert.deepEqual(await aws.leftBehind(), []);
});

test('where AWS refuses one step, the copy goes by the destination’s account in the source’s Region', async () => {
  for (const [more, over] of [
    ['rds: { oneStepCopies: false }\n', {}],
    ['', { steps: 'two' }],
    ['', { database: 'docs' }],
  ] as const) {
    const aws = copyWorld(more);
    const { end } = await aws.run(over);
    assert.equal(end.state, 'done', JSON.stringify(end));
    assert.equal(end.result?.['kmsKeyId'], DR_KEY);
    assert.equal(aws.changes('CopyDBClusterSnapshot').length, 3);
    assert.deepEqual(await aws.leftBehind(), []);
  }
  const strict = copyWorld('rds: { oneStepCopies: false }\n');
  const { end } = await strict.run({ steps: 'one' });
  assert.equal(end.state, 'failed');
  assert.match(end.reason?.message ?? '', /in another Region/);
  assert.deepEqual(await strict.leftBehind(), []);
});

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

test('one that is being deleted is waited for, however long that takes, and copied anew', async () => {
  const aws = copyWorld('rds: { durations: { deleteSnapshot: 15m } }\n');
  const { end: first } = await aws.run();
  const id = String(first.result?.['id']);
  await aws.destination.aws.rds.deleteSnapshot('cluster', id);
  const { end } = await aws.run();
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(end.result?.['adopted'], false);
  await aws.clock.sleep(3_600_000);
  assert.deepEqual(await aws.leftBehind(), []);
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
  const { end } = await aws.run();
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'snapshot-exists', end.reason?.message);
  assert.equal(aws.calls('DeleteDBClusterSnapshot').length, 0);
  assert.equal(aws.calls('ModifyDBClusterSnapshotAttribute').length, 0);
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

test('other people’s copies count: it waits for a place, and a refusal of AWS is only a wait', async () => {
  const busy = `rds: { otherCopies: [{ account: "${SAFE.account}", region: ${SAFE.region}, copies: 5, for: 2h }] }\n`;
  const aws = copyWorld(busy);
  const { end, notes } = await aws.run();
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.ok(
    notes.some((note) => /AWS takes no more copies for now/.test(note)),
    notes.join(' | '),
  );
  assert.ok(aws.clock.now() >= Date.parse('2026-11-20T05:00:00Z'));
  assert.ok(aws.calls('CopyDBClusterSnapshot').length < 300);
});

test('a place is not taken while as many copies as allowed are seen in flight', async () => {
  const aws = copyWorld();
  const slots = new CopySlots({ cluster: 1 });
  const parts = { slots, keys: new KeyBook() };
  const journal = new StepJournal(aws.clock);
  const first = aws.copy({ choice: { kind: 'id', id: 'shop-by-hand' } }, parts);
  const second = aws.copy({ choice: { kind: 'id', id: 'shop-lent' } }, parts);
  for (let look = 0; look < 6; look += 1) await first.advance(journal.context());
  assert.equal(aws.changes('CopyDBClusterSnapshot').length, 1);
  let waiting = '';
  for (let look = 0; look < 6; look += 1) {
    const advance = await second.advance(journal.context());
    if (advance.state === 'waiting') waiting = advance.note;
  }
  assert.match(waiting, /1 copies are in flight to us-west-2/);
  assert.equal(aws.changes('CopyDBClusterSnapshot').length, 1);
  await drive(first, journal.context());
  assert.equal((await drive(second, journal.context())).end.state, 'done');
});

test('copies of others that are seen in flight are counted, so that AWS has nothing to refuse', async () => {
  const aws = copyWorld();
  const lent = `arn:aws:rds:${PRODUCTION.region}:${PRODUCTION.account}:cluster-snapshot:shop-lent`;
  for (let number = 1; number <= 5; number += 1) {
    const request = { source: lent, target: `by-others-${number}`, kmsKeyId: 'alias/dr', tags: {} };
    await aws.destination.aws.rds.copySnapshot('cluster', request);
  }
  const { end, notes } = await aws.run({ choice: { kind: 'id', id: 'shop-by-hand' } });
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.ok(
    notes.some((note) => /5 copies are in flight to us-west-2 of account 111122223333/.test(note)),
    notes.join(' | '),
  );
  assert.deepEqual(
    aws.world.calls.filter(({ outcome }) => /Quota/.test(outcome)),
    [],
  );
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

test('a copy whose answer was lost keeps its place: it may be in flight', async () => {
  const aws = copyWorld();
  const parts = { slots: new CopySlots({ cluster: 1 }), keys: new KeyBook() };
  const journal = new StepJournal(aws.clock);
  aws.arm({ match: { operation: 'CopyDBClusterSnapshot', nth: 1 }, effect: { kind: 'drop', when: 'after' } });
  const first = aws.copy({ choice: { kind: 'id', id: 'shop-by-hand' } }, parts);
  await assert.rejects(async () => {
    for (let look = 0; look < 6; look += 1) await first.advance(journal.context());
  }, /CopyDBClusterSnapshot/);
  const taken = await parts.slots.take('cluster', aws.destination, 'another', aws.clock);
  assert.equal(taken, 1);
  assert.equal((await drive(first, journal.context())).end.state, 'done');
  assert.equal(await parts.slots.take('cluster', aws.destination, 'another', aws.clock), undefined);
});

test('what AWS shows late is waited for: new snapshots, and shares', async () => {
  const aws = copyWorld('rds: { visibleAfter: 25s, sharesVisibleAfter: 50s }\n');
  const { end } = await aws.run();
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(aws.changes('CopyDBClusterSnapshot').length, 2);
  assert.deepEqual(await aws.leftBehind(), []);
});

test('lost answers and throttling change nothing in the outcome', async () => {
  for (const effect of [{ kind: 'drop', when: 'after' }, { kind: 'throttle' }, { kind: 'drop', when: 'before' }]) {
    for (const operation of ['CopyDBClusterSnapshot', 'ModifyDBClusterSnapshotAttribute', 'DeleteDBClusterSnapshot']) {
      const aws = copyWorld();
      aws.arm({ match: { operation, nth: 1 }, effect });
      const { end } = await aws.run();
      assert.equal(end.state, 'done', `${operation} ${effect.kind}: ${JSON.stringify(end)}`);
      assert.equal(aws.changes('CopyDBClusterSnapshot').length, 2, `${operation} ${effect.kind}`);
      assert.deepEqual(await aws.leftBehind(), [], `${operation} ${effect.kind}`);
    }
  }
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

test('stopped in the middle, it says what goes on and what is still shared', async () => {
  const aws = copyWorld();
  const copy = aws.copy();
  const journal = new StepJournal(aws.clock);
  assert.equal(await copy.abandon?.(journal.context()), undefined);
  await assert.rejects(drive(copy, journal.context(), { patience: 60_000 }), /not done in time/);
  assert.match(
    (await copy.abandon?.(journal.context())) ?? '',
    /copy shop-202611200210-transit-\w+ goes on in account 222233334444/,
  );
});

const MORE_WAYS = [
  ['shared source', { choice: { kind: 'id', id: 'shop-by-hand' } }, ''],
  ['relay', {}, 'rds: { oneStepCopies: false }\n'],
  ['new snapshot', { choice: { kind: 'create' } }, ''],
] as const;

for (const recordLost of [false, true]) {
  for (const [how, over, more] of [['transit copy', {}, ''], ...(recordLost ? MORE_WAYS : [])] as const) {
    test(`a process dies at any moment (${how}${recordLost ? ', record lost' : ''}): one copy, nothing left`, async () => {
      const deaths = await everyDeath(async (death) => {
        const aws = copyWorld(more);
        const { end, died } = await dieAndCarryOn(aws, () => aws.copy(over), death, { recordLost });
        const where = JSON.stringify(death);
        assert.equal(end.state, 'done', `${where}: ${JSON.stringify(end)}`);
        const copies = await aws.destination.aws.rds.describeSnapshots('cluster', { type: 'manual' });
        assert.equal(copies.length, 1, where);
        assert.deepEqual(await aws.leftBehind(), [], where);
        assert.ok(aws.changes('CreateDBClusterSnapshot').length <= 1, where);
        return died;
      });
      assert.ok(deaths > 8, `${deaths} deaths`);
    });
  }
}

test('a newer snapshot that comes between two processes does not make a second copy', async () => {
  const aws = copyWorld();
  const journal = new StepJournal(aws.clock);
  await assert.rejects(drive(aws.copy(), journal.context(), { patience: 60_000 }), /not done in time/);
  await aws.source.aws.rds.createSnapshot('cluster', { id: 'shop-newer', database: 'shop', tags: {} });
  await aws.clock.sleep(600_000);
  const { end } = await aws.run();
  assert.equal(end.result?.['sourceArn'], AUTOMATED);
  assert.deepEqual(await aws.leftBehind(), []);
});
