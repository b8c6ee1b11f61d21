import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyDeath } from '../testing/crashing.ts';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { type Crash, Crashed, StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring } from '../testing/restoring.ts';
import { deleteOldCluster } from './delete-old-cluster.ts';

type Death = Crash | { readonly look: number };

/** Runs the restore in a process that dies at the given moment, and lets another carry it on with the record that is left, or with none. */
async function dieAndCarryOn(world: Restoring, death: Death, recordLost: boolean) {
  const journal = new StepJournal(world.clock);
  journal.crash = 'entry' in death ? death : undefined;
  try {
    const { end } = await drive(world.restore(), journal.context(), {
      onLook: (advance, look) => {
        if ('look' in death && look === death.look && advance.state === 'waiting') throw new Crashed(`after look ${look}`);
      },
    });
    return { end, died: false };
  } catch (error) {
    if (!(error instanceof Crashed)) throw error;
  }
  journal.crash = undefined;
  await world.clock.sleep(7_000);
  const { end } = await drive(world.restore(), recordLost ? journal.context(1, []) : journal.context());
  return { end, died: true };
}

const FULL = {
  master: { kind: 'managed' },
  users: { secret: 'webshop/users' },
  checks: [{ kind: 'database', name: 'shop' }],
  publish: { parameter: '/webshop/db' },
  archive: { kind: 'tag' },
} as const;

/** What may be done once only. */
function madeOnce(world: Restoring, where: string): void {
  assert.equal(world.rds.changes('restoreCluster').length, 1, where);
  assert.equal(world.rds.changes('createInstance').length, 2, where);
  assert.equal(world.rds.changes('enableHttpEndpoint').length, 1, where);
}

for (const recordLost of [false, true]) {
  const how = recordLost ? 'and its record with it' : 'but not its record';

  test(`a process dies at any moment of a new restore, ${how}: one cluster, two instances`, async () => {
    const deaths = await everyDeath(async (death) => {
      const world = restoring({ ...FULL, strategy: 'new' });
      const { end, died } = await dieAndCarryOn(world, death, recordLost);
      const where = `${JSON.stringify(death)}: ${JSON.stringify(end)}`;
      assert.equal(end.state, 'done', where);
      madeOnce(world, where);
      assert.deepEqual(world.rds.names(), { clusters: ['webshop'], instances: ['db-1', 'db-2'] }, where);
      return died;
    });
    assert.ok(deaths > 30, `${deaths} deaths`);
  });

  test(`a process dies at any moment of a swap, ${how}: one cluster, each renamed once, the old one kept`, async () => {
    const deaths = await everyDeath(async (death) => {
      const world = restoring({ ...FULL, strategy: 'swap' }, { live: true });
      const { end, died } = await dieAndCarryOn(world, death, recordLost);
      const where = `${JSON.stringify(death)}: ${JSON.stringify(end)}`;
      assert.equal(end.state, 'done', where);
      madeOnce(world, where);
      assert.equal(world.rds.changes('renameCluster').length, 2, where);
      assert.equal(world.rds.changes('renameInstance').length, 4, where);
      assert.equal(world.rds.clusters.find(({ id }) => id === 'webshop')?.tags['breakwater:owner'], 'breakwater', where);
      assert.equal(world.rds.names().clusters.length, 2, where);
      assert.equal(world.rds.changes('deleteCluster').length, 0, where);
      return died;
    });
    assert.ok(deaths > 40, `${deaths} deaths`);
  });

  test(`a process dies at any moment of a replacement, ${how}: one deletion, one cluster`, async () => {
    const deaths = await everyDeath(async (death) => {
      const world = restoring({ ...FULL, strategy: 'replace', liftProtection: true }, { live: true });
      const { end, died } = await dieAndCarryOn(world, death, recordLost);
      const where = `${JSON.stringify(death)}: ${JSON.stringify(end)}`;
      assert.equal(end.state, 'done', where);
      madeOnce(world, where);
      assert.equal(world.rds.changes('deleteCluster').length, 1, where);
      assert.equal(world.rds.changes('deleteInstance').length, 2, where);
      assert.deepEqual(world.rds.names(), { clusters: ['webshop'], instances: ['db-1', 'db-2'] }, where);
      assert.ok(
        world.rds.snapshots.some(({ id }) => id.startsWith('webshop-final-')),
        where,
      );
      const sent = world.rds.changes('restoreCluster')[0]?.request;
      assert.ok(typeof sent === 'object' && sent !== null && 'snapshot' in sent && sent.snapshot === 'webshop-snap', where);
      return died;
    });
    assert.ok(deaths > 40, `${deaths} deaths`);
  });

  test(`a process dies at any moment of a swap that fails, ${how}: it is rolled back all the same`, async () => {
    let rolledBack = 0;
    const deaths = await everyDeath(async (death) => {
      const world = restoring({ strategy: 'swap' }, { live: true });
      world.rds.faults.push({ operation: 'renameCluster', nth: 2, when: 'before', error: rdsError('InvalidParameterValue') });
      const { end, died } = await dieAndCarryOn(world, death, recordLost);
      const where = `${JSON.stringify(death)}: ${JSON.stringify(end)}`;
      // A process that died between the refusal and the decision leaves another to try: AWS then takes it.
      const live = world.rds.clusters.find(({ id }) => id === 'webshop');
      assert.ok(live, where);
      if (end.state === 'failed') {
        rolledBack += 1;
        assert.equal(end.reason.code, 'swap-rolled-back', where);
        assert.equal(live.tags['breakwater:owner'], undefined, where);
        assert.deepEqual(live.members.map(({ instance }) => instance).sort(), ['db-1', 'db-2'], where);
      } else {
        assert.equal(live.tags['breakwater:owner'], 'breakwater', where);
      }
      assert.equal(world.rds.names().clusters.length, 2, where);
      return died;
    });
    assert.ok(deaths > 40 && rolledBack > 40, `${deaths} deaths, ${rolledBack} rolled back`);
  });
}

const TOPIC = 'arn:aws:sns:us-west-2:111122223333:oncall';

/** Tags are set in this order: the snapshot is archived, the topic is about to be told, it was told. */
for (const [moment, nth, told] of [
  ['before it says that it is about to tell', 2, 1],
  ['between telling and remembering it', 3, 2],
] as const) {
  test(`a process dies ${moment}: the topic is told ${told === 1 ? 'once' : 'again, and the message says so'}`, async () => {
    const world = restoring({ ...FULL, notify: TOPIC });
    world.rds.faults.push({ operation: 'addTags', nth, when: 'before', error: new Crashed(moment) });
    await assert.rejects(drive(world.restore(), new StepJournal(world.clock).context()), Crashed);
    await world.clock.sleep(7_000);
    const { end } = await drive(world.restore(), new StepJournal(world.clock).context());
    assert.equal(end.state, 'done', JSON.stringify(end));
    const { published } = world.rds;
    assert.equal(published.length, told);
    assert.equal(published[0]?.subject, 'Breakwater: webshop is restored');
    if (told === 2) assert.equal(published[1]?.subject, 'Breakwater: webshop is restored (perhaps told before)');
    assert.equal(new Set(published.map(({ id }) => id)).size, 1, 'a FIFO topic knows it again');
    await drive(world.restore(), new StepJournal(world.clock).context());
    assert.equal(world.rds.published.length, told, 'and then no more');
  });
}

test('what the record says was told is not told again, though the tag could not be set', async () => {
  const world = restoring({ ...FULL, notify: TOPIC });
  for (const nth of [2, 3]) world.rds.faults.push({ operation: 'addTags', nth, when: 'before', error: rdsError('AccessDenied') });
  const journal = new StepJournal(world.clock);
  const first = await drive(world.restore(), journal.context());
  assert.equal(first.end.state === 'done' && first.end.status, 'succeeded-with-warnings', JSON.stringify(first.end));
  await drive(world.restore(), journal.context());
  assert.equal(world.rds.published.length, 1);
  await drive(world.restore(), journal.context(2, []));
  assert.equal(world.rds.published.length, 2, 'the next attempt is news');
  assert.notEqual(world.rds.published[0]?.id, world.rds.published[1]?.id);
});

test('the next attempt after a roll-back tries the swap anew', async () => {
  const world = restoring({ strategy: 'swap' }, { live: true });
  world.rds.faults.push({ operation: 'renameCluster', nth: 2, when: 'before', error: rdsError('InvalidParameterValue') });
  const first = await drive(world.restore(), new StepJournal(world.clock).context(1));
  assert.equal(first.end.state, 'failed');
  const same = await drive(world.restore(), new StepJournal(world.clock).context(1));
  assert.equal(same.end.state === 'failed' && same.end.reason.code, 'swap-rolled-back', 'the same attempt keeps its verdict');
  const second = await drive(world.restore(), new StepJournal(world.clock).context(2));
  assert.equal(second.end.state, 'done', JSON.stringify(second.end));
  const old = deleteOldCluster({ site: world.rds.site(), database: 'webshop', liftProtection: true }, world.deed);
  const { end } = await drive(old, new StepJournal(world.clock).context());
  assert.equal(end.state, 'done', 'nothing of the roll-back is left');
  assert.equal(world.rds.changes('restoreCluster').length, 1);
});
