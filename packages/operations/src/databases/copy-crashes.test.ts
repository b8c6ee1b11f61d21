import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUTOMATED, copyWorld } from '../testing/copying.ts';
import { dieAndCarryOn, everyDeath } from '../testing/crashing.ts';
import { drive } from '../testing/drive.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { CopySlots } from './copy-slots.ts';
import { KeyBook } from './key-book.ts';

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
