import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUTOMATED, copyWorld, DR_KEY, PRODUCTION, SAFE } from '../testing/copying.ts';
import { drive } from '../testing/drive.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { CopySlots } from './copy-slots.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { KeyBook } from './key-book.ts';

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

test('a snapshot of AWS Backup goes by a transit copy when it is named; the newest is never one of them', async () => {
  const aws = copyWorld(
    `  - { account: "${PRODUCTION.account}", region: ${PRODUCTION.region}, id: "awsbackup:job-1", type: awsbackup, database: shop, kmsKey: alias/shop, age: 1m }\n`,
  );
  const { end } = await aws.run({ choice: { kind: 'id', id: 'awsbackup:job-1' } });
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.match(String(end.result?.['sourceArn']), /:cluster-snapshot:awsbackup:job-1$/);
  assert.equal(aws.changes('CopyDBClusterSnapshot').length, 2);
  assert.deepEqual(await aws.leftBehind(), []);
  const newest = await copyWorld().run();
  assert.equal(newest.end.result?.['sourceArn'], AUTOMATED);
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

test('an instance’s copy gets the option group asked for; what is only on the way does not need it', async () => {
  const aws = copyWorld(
    `optionGroups: [{ account: "${SAFE.account}", region: ${SAFE.region}, name: ledger-options, engine: postgres, majorVersion: "16" }]\n`,
  );
  const { end } = await aws.run({ kind: 'instance', database: 'ledger', optionGroup: 'ledger-options' });
  assert.equal(end.state, 'done', JSON.stringify(end));
  const [copy] = await aws.destination.aws.rds.describeSnapshots('instance', { id: String(end.result?.['id']) });
  assert.equal(copy?.optionGroup, 'ledger-options');
  assert.deepEqual(
    aws.changes('CopyDBSnapshot').map(({ request }) => request?.['OptionGroupName']),
    [undefined, 'ledger-options'],
  );
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

test('for a restore that will encrypt it, an unencrypted cluster is copied as it is although a key is given', async () => {
  const aws = copyWorld();
  const { end } = await aws.run({ database: 'plain', encryptedLater: true });
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(end.result?.['encrypted'], false);
  const encrypted = await copyWorld().run({ encryptedLater: true });
  assert.equal(encrypted.end.result?.['kmsKeyId'], DR_KEY, 'any other gets the key');
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

test('what AWS shows late is waited for: new snapshots, and shares', async () => {
  const aws = copyWorld('rds: { visibleAfter: 25s, sharesVisibleAfter: 50s }\n');
  const { end } = await aws.run();
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(aws.changes('CopyDBClusterSnapshot').length, 2);
  assert.deepEqual(await aws.leftBehind(), []);
});
