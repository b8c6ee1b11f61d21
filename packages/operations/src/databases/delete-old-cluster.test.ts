import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyDeath } from '../testing/crashing.ts';
import { drive } from '../testing/drive.ts';
import { Crashed, StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring } from '../testing/restoring.ts';
import { deleteOldCluster } from './delete-old-cluster.ts';
import type { DeleteOldClusterRequest } from './restore-contracts.ts';

async function swapped(): Promise<Restoring> {
  const world = restoring({ strategy: 'swap' }, { live: true });
  const { end } = await drive(world.restore(), new StepJournal(world.clock).context());
  assert.equal(end.state, 'done');
  return world;
}

function ask(world: Restoring, over: Partial<DeleteOldClusterRequest> = {}) {
  return deleteOldCluster({ site: world.rds.site(), database: 'webshop', liftProtection: true, ...over }, world.deed);
}

test('asked for, the old cluster goes with its instances, and a final snapshot is kept', async () => {
  const world = await swapped();
  const { end } = await drive(ask(world), new StepJournal(world.clock).context());
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(world.rds.names(), { clusters: ['webshop'], instances: ['db-1', 'db-2'] });
  assert.equal(world.rds.clusters[0]?.tags['breakwater:owner'], 'breakwater');
  assert.ok(world.rds.snapshots.some(({ id }) => id.startsWith('webshop-final-')));
  const again = await drive(ask(world), new StepJournal(world.clock).context());
  assert.match((again.end.state === 'done' && again.end.reason?.message) || '', /no cluster "webshop-old-/);
});

test('without leave a protected one stays; without a final snapshot none is taken', async () => {
  const world = await swapped();
  const refused = await drive(ask(world, { liftProtection: false }), new StepJournal(world.clock).context());
  assert.equal(refused.end.state === 'failed' && refused.end.reason.code, 'deletion-protected');
  assert.equal(world.rds.names().clusters.length, 2);
  await drive(ask(world, { finalSnapshot: false }), new StepJournal(world.clock).context());
  assert.equal(world.rds.snapshots.length, 1);
});

test('it stays while it may be the way back', async () => {
  const elsewhere = await swapped();
  elsewhere.rds.clusters.splice(
    elsewhere.rds.clusters.findIndex(({ id }) => id === 'webshop'),
    1,
  );
  const gone = await drive(ask(elsewhere), new StepJournal(elsewhere.clock).context());
  assert.equal(gone.end.state === 'failed' && gone.end.reason.code, 'cluster-exists');
  const down = await swapped();
  const live = down.rds.clusters.find(({ id }) => id === 'webshop');
  assert.ok(live);
  live.status = 'failing-over';
  const refused = await drive(ask(down), new StepJournal(down.clock).context());
  assert.equal(refused.end.state === 'failed' && refused.end.reason.code, 'restore-failed');
  assert.equal(down.rds.changes('deleteInstance').length, 0);
  const other = await swapped();
  const foreign = deleteOldCluster({ site: other.rds.site(), database: 'webshop' }, { ...other.deed, execution: 'another' });
  const { end } = await drive(foreign, new StepJournal(other.clock).context());
  assert.deepEqual(end.result, { clusters: [], instances: [] }, 'another execution has another old cluster');
  assert.equal(other.rds.names().clusters.length, 2);
});

test('a process dies at any moment of it: the next one ends it', async () => {
  const deaths = await everyDeath(async (death) => {
    const world = await swapped();
    const journal = new StepJournal(world.clock);
    journal.crash = 'entry' in death ? death : undefined;
    let died = false;
    try {
      await drive(ask(world), journal.context(), {
        onLook: (advance, look) => {
          if ('look' in death && look === death.look && advance.state === 'waiting') throw new Crashed('');
        },
      });
    } catch (error) {
      if (!(error instanceof Crashed)) throw error;
      died = true;
      journal.crash = undefined;
      const { end } = await drive(ask(world), journal.context(1, []));
      assert.equal(end.state, 'done', JSON.stringify(death));
    }
    assert.deepEqual(world.rds.names().clusters, ['webshop'], JSON.stringify(death));
    return died;
  });
  assert.ok(deaths > 8, `${deaths} deaths`);
});
