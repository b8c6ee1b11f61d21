import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyDeath } from '../testing/crashing.ts';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { Crashed, StepJournal } from '../testing/recording-context.ts';
import { restoring } from '../testing/restoring.ts';
import { endDatabaseDrill } from './end-database-drill.ts';

async function drilled() {
  const world = restoring({}, { live: true, mode: 'drill' });
  await drive(world.restore(), new StepJournal(world.clock).context());
  const site = world.rds.site();
  const own = { kind: 'execution', execution: world.deed.execution } as const;
  return {
    world,
    cleanUp: (which: Parameters<typeof endDatabaseDrill>[0]['which'] = own) => endDatabaseDrill({ site, which }, world.deed),
  };
}

test('the drill’s cluster goes, with its instances and without a snapshot; the live one stays', async () => {
  const { world, cleanUp } = await drilled();
  const { end } = await drive(cleanUp(), new StepJournal(world.clock).context());
  assert.equal(end.state, 'done');
  assert.deepEqual(world.rds.names(), { clusters: ['webshop'], instances: ['db-1', 'db-2'] });
  assert.deepEqual(
    world.rds.changes('deleteCluster').map(({ request }) => request),
    [{ finalSnapshot: undefined, automatedBackups: 'deleted' }],
  );
  const again = await drive(cleanUp(), new StepJournal(world.clock).context());
  assert.equal(again.end.state === 'done' && again.end.reason?.message, 'no database of a drill was left');
});

test('expired: only those whose time is over', async () => {
  const { world, cleanUp } = await drilled();
  const early = await drive(cleanUp({ kind: 'expired' }), new StepJournal(world.clock).context());
  assert.deepEqual(early.end.result, { clusters: [], instances: [] });
  await world.clock.sleep(25 * 3_600_000);
  const late = await drive(cleanUp({ kind: 'expired' }), new StepJournal(world.clock).context());
  assert.equal(late.end.state, 'done');
  assert.deepEqual(world.rds.names().clusters, ['webshop']);
});

test('nothing of a recovery, of another execution or of anybody else is touched', async () => {
  const recovered = restoring({});
  await drive(recovered.restore(), new StepJournal(recovered.clock).context());
  const site = recovered.rds.site();
  for (const tags of [
    { 'breakwater:execution': 'webshop-1', 'breakwater:mode': 'drill', 'breakwater:expires': '2020-01-01T00:00:00Z' },
    { 'breakwater:owner': 'breakwater', 'breakwater:execution': 'webshop-1', 'breakwater:expires': '2020-01-01T00:00:00Z' },
    {
      'breakwater:owner': 'breakwater',
      'breakwater:execution': 'webshop-1',
      'breakwater:mode': 'drill',
      'breakwater:expires': 'soon',
    },
  ]) {
    recovered.rds.addCluster({ id: `other-${recovered.rds.clusters.length}`, tags }, []);
  }
  const before = recovered.rds.names();
  for (const which of [{ kind: 'expired' }, { kind: 'execution', execution: 'webshop-1' }] as const) {
    const operation = endDatabaseDrill({ site, which }, recovered.deed);
    const { end } = await drive(operation, new StepJournal(recovered.clock).context());
    assert.deepEqual(end.result, { clusters: [], instances: [] });
  }
  assert.deepEqual(recovered.rds.names(), before);
});

test('one that somebody has protected since is kept, and said; others go', async () => {
  const { world, cleanUp } = await drilled();
  const [made] = world.rds.clusters.filter(({ id }) => id !== 'webshop');
  assert.ok(made);
  made.deletionProtection = true;
  world.rds.addCluster({ id: 'another', tags: made.tags, deletionProtection: false }, []);
  const { end } = await drive(cleanUp(), new StepJournal(world.clock).context());
  assert.equal(end.state === 'failed' && end.reason.code, 'deletion-protected');
  assert.match(
    (end.state === 'failed' && end.reason.message) || '',
    new RegExp(`${made.id} was not deleted: somebody has protected`),
  );
  assert.deepEqual(world.rds.names().clusters, [made.id, 'webshop'].sort());
});

test('a refusal is a failure with a name, and what is left is not hidden', async () => {
  const { world, cleanUp } = await drilled();
  world.rds.faults.push({
    operation: 'deleteInstance',
    when: 'before',
    error: rdsError('AccessDenied', { message: 'no rds:DeleteDBInstance' }),
  });
  const { end } = await drive(cleanUp(), new StepJournal(world.clock).context());
  assert.equal(end.state, 'failed');
  assert.match((end.state === 'failed' && end.reason.message) || '', /was not deleted: no rds:DeleteDBInstance/);
});

test('a process dies at any moment of a clean-up: the next one ends it', async () => {
  const deaths = await everyDeath(async (death) => {
    const { world, cleanUp } = await drilled();
    const journal = new StepJournal(world.clock);
    journal.crash = 'entry' in death ? death : undefined;
    let died = false;
    try {
      await drive(cleanUp(), journal.context(), {
        onLook: (advance, look) => {
          if ('look' in death && look === death.look && advance.state === 'waiting') throw new Crashed('');
        },
      });
    } catch (error) {
      if (!(error instanceof Crashed)) throw error;
      died = true;
      journal.crash = undefined;
      const { end } = await drive(cleanUp(), journal.context(1, []));
      assert.equal(end.state, 'done', JSON.stringify(death));
    }
    assert.deepEqual(world.rds.names().clusters, ['webshop'], JSON.stringify(death));
    assert.equal(world.rds.changes('deleteCluster').length, 1);
    return died;
  });
  assert.ok(deaths > 8, `${deaths} deaths`);
});
