import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring } from '../testing/restoring.ts';
import { deleteOldCluster } from './delete-old-cluster.ts';

/** Another person's restore of the same database, under a key of its own. */
function other(world: Restoring) {
  return { ...world.deed, execution: 'webshop-2' };
}

/** Both go on in turn, as two runners do. */
async function both(world: Restoring, over: Parameters<Restoring['restore']>[0] = {}) {
  const journals = [new StepJournal(world.clock), new StepJournal(world.clock)];
  const [first, second] = await Promise.all([
    drive(world.restore(over), (journals[0] ?? assert.fail()).context()),
    drive(world.restore(over, other(world)), (journals[1] ?? assert.fail()).context()),
  ]);
  return [first.end, second.end] as const;
}

test('two replacements at once: what the one has restored is never deleted by the other', async () => {
  const world = restoring({ strategy: 'replace', liftProtection: true }, { live: true });
  const [first, second] = await both(world);
  assert.deepEqual([first.state, second.state].sort(), ['done', 'failed'], JSON.stringify([first, second]));
  assert.equal(world.rds.changes('deleteCluster').length, 1);
  assert.equal(world.rds.changes('restoreCluster').length, 1);
  assert.deepEqual(world.rds.names(), { clusters: ['webshop'], instances: ['db-1', 'db-2'] });
  const failed = [first, second].find(({ state }) => state === 'failed');
  assert.equal(failed?.state === 'failed' && failed.reason.code, 'cluster-exists');
});

test('two swaps at once: the later one stands back, and every name is where it belongs', async () => {
  const world = restoring({ strategy: 'swap' }, { live: true });
  const ends = await both(world);
  const where = JSON.stringify(ends);
  const live = world.rds.clusters.find(({ id }) => id === 'webshop');
  assert.deepEqual(live?.members.map(({ instance }) => instance).sort(), ['db-1', 'db-2'], where);
  for (const { id } of [...world.rds.clusters, ...world.rds.instances]) {
    assert.ok((id.match(/-(old|new)-[0-9a-f]{6}/g) ?? []).length <= 1, `${id}: ${where}`);
  }
  assert.ok(
    ends.some(({ state }) => state === 'done'),
    where,
  );
});

test('after a second swap the old cluster, which the first one had restored, can be deleted too', async () => {
  const world = restoring({ strategy: 'swap' }, { live: true });
  const first = await drive(world.restore(), new StepJournal(world.clock).context());
  assert.equal(first.end.state, 'done', JSON.stringify(first.end));
  const second = await drive(world.restore({}, other(world)), new StepJournal(world.clock).context());
  assert.equal(second.end.state, 'done', JSON.stringify(second.end));
  const ask = { site: world.rds.site(), database: 'webshop', liftProtection: true };
  const { end } = await drive(deleteOldCluster(ask, other(world)), new StepJournal(world.clock).context());
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(world.rds.clusters.find(({ id }) => id === 'webshop')?.tags['breakwater:execution'], 'webshop-2');
  assert.equal(world.rds.names().clusters.length, 2, 'the one that the first swap has kept stays');
});

test('a swap that comes to its renames while another one has begun stands back, whenever that is', async () => {
  for (let minutes = 0; minutes <= 12; minutes += 1) {
    const world = restoring({ strategy: 'swap' }, { live: true });
    const late = async () => {
      // Both looked at the old cluster; the slower one then waits for its password, its users, its checks.
      const operation = world.restore({}, other(world));
      const context = new StepJournal(world.clock).context();
      await operation.advance(context);
      await world.clock.sleep(minutes * 60_000);
      return drive(operation, context);
    };
    const [first, second] = await Promise.all([drive(world.restore(), new StepJournal(world.clock).context()), late()]);
    const where = `${minutes} minutes: ${JSON.stringify([first.end, second.end])}`;
    const done = [first, second].filter(({ end }) => end.state === 'done').length;
    assert.equal(done, 1, where);
    const live = world.rds.clusters.find(({ id }) => id === 'webshop');
    assert.deepEqual(live?.members.map(({ instance }) => instance).sort(), ['db-1', 'db-2'], where);
    assert.equal(world.rds.changes('renameCluster').length, 2, where);
    assert.equal(world.rds.changes('renameInstance').length, 4, where);
  }
});
