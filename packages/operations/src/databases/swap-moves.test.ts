import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rdsCluster, rdsInstance } from '../testing/restored.ts';
import { clusterStanding, instanceStanding, untilNextDatabaseLook } from './database-standing.ts';
import { liveCluster } from './live-database.ts';
import { restoreNames } from './restore-names.ts';
import { nextSwapMove, type Standing, type SwapView } from './swap-moves.ts';

const names = restoreNames({ execution: 'e', mode: 'recovery', database: 'webshop', target: undefined, strategy: 'swap' });

function standing(id: string, instances: readonly string[], status = 'available'): Standing {
  return {
    database: liveCluster(rdsCluster({ id, status })),
    instances: instances.map((name) => rdsInstance({ id: name, cluster: id })),
  };
}

const BEFORE: SwapView = {
  mine: standing(names.build, [`db-1${names.newSuffix}`, `db-2${names.newSuffix}`]),
  theirs: standing('webshop', ['db-1', 'db-3']),
};
const AFTER: SwapView = {
  mine: standing('webshop', ['db-1', 'db-2']),
  theirs: standing(names.old, [`db-1${names.oldSuffix}`, `db-3${names.oldSuffix}`]),
};

/** Carries a rename out, as RDS would: a name that is taken is refused. */
function renamed(view: SwapView, what: 'database' | 'member', from: string, to: string): SwapView {
  const all = [view.mine, view.theirs].flatMap((one) => one ?? []);
  const taken =
    what === 'database' ? all.map(({ database }) => database.id) : all.flatMap((one) => one.instances.map(({ id }) => id));
  assert.ok(taken.includes(from), `${from} is not there`);
  assert.ok(!taken.includes(to), `${to} is taken`);
  const change = (one: Standing): Standing =>
    what === 'database'
      ? one.database.id === from
        ? standing(
            to,
            one.instances.map(({ id }) => id),
          )
        : one
      : standing(
          one.database.id,
          one.instances.map(({ id }) => (id === from ? to : id)),
        );
  return { mine: change(view.mine), theirs: view.theirs === undefined ? undefined : change(view.theirs) };
}

function step(view: SwapView, direction: 'forward' | 'back'): SwapView | undefined {
  const move = nextSwapMove(view, names, direction);
  if (move.kind === 'done') return undefined;
  assert.equal(move.kind, 'rename');
  return move.kind === 'rename' ? renamed(view, move.what, move.from, move.to) : undefined;
}

function toTheEnd(view: SwapView, direction: 'forward' | 'back'): SwapView {
  let now = view;
  for (let moves = 0; moves < 50; moves += 1) {
    const next = step(now, direction);
    if (next === undefined) return now;
    now = next;
  }
  throw new Error('it does not end');
}

test('forward every name changes hands, and no name is ever wanted by two', () => {
  assert.deepEqual(toTheEnd(BEFORE, 'forward'), AFTER);
});

test('from wherever renaming stopped, each direction comes to its end, however often it turns', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<'forward' | 'back'>('forward', 'back'), { maxLength: 30 }), (way) => {
      let view = BEFORE;
      for (const direction of way) view = step(view, direction) ?? view;
      assert.deepEqual(toTheEnd(view, 'forward'), AFTER);
      assert.deepEqual(toTheEnd(view, 'back'), BEFORE);
    }),
  );
});

test('nothing is renamed while anything is in between, and nothing that has failed is', () => {
  const theirs = standing('webshop', ['db-1']);
  const busy: SwapView = { mine: standing(names.build, [], 'renaming'), theirs };
  assert.deepEqual(nextSwapMove(busy, names, 'forward'), { kind: 'wait', note: `cluster ${names.build} is renaming` });
  const rebooting = { ...theirs, instances: [rdsInstance({ id: 'db-1', status: 'rebooting' })] };
  assert.equal(nextSwapMove({ mine: standing(names.build, []), theirs: rebooting }, names, 'forward').kind, 'wait');
  const broken = { ...theirs, instances: [rdsInstance({ id: 'db-1', status: 'incompatible-network' })] };
  assert.deepEqual(nextSwapMove({ mine: standing(names.build, [], 'renaming'), theirs: broken }, names, 'back'), {
    kind: 'stuck',
    note: 'instance db-1 is incompatible-network',
  });
  const lame: Standing = { ...AFTER.mine, instances: [rdsInstance({ id: 'db-1', status: 'failed' })] };
  assert.equal(nextSwapMove({ ...AFTER, mine: lame }, names, 'forward').kind, 'stuck');
  assert.equal(
    nextSwapMove({ ...AFTER, mine: lame }, names, 'back').kind,
    'rename',
    'a broken new cluster does not keep the name',
  );
});

test('with the old cluster gone the way forward is free, and there is none back', () => {
  const alone: SwapView = { mine: standing(names.build, [`db-1${names.newSuffix}`]), theirs: undefined };
  assert.equal(toTheEnd(alone, 'forward').mine.database.id, 'webshop');
  assert.equal(nextSwapMove(alone, names, 'back').kind, 'stuck');
});

test('statuses: terminal failures are known, what is not known is waited for', () => {
  for (const status of [
    'migration-failed',
    'cloning-failed',
    'inaccessible-encryption-credentials-recoverable',
    'deleting',
    'stopped',
  ])
    assert.equal(clusterStanding(status), 'failed', status);
  for (const status of ['incompatible-parameters', 'insufficient-capacity', 'storage-full', 'failed', 'restore-error'])
    assert.equal(instanceStanding(status), 'failed', status);
  for (const status of ['creating', 'migrating', 'renaming', 'something-new', 'resetting-master-credentials'])
    assert.equal(clusterStanding(status), 'underway', status);
  assert.equal(instanceStanding('storage-optimization'), 'available');
  assert.equal(instanceStanding('storage-initialization'), 'available', 'a restored disk is filled for hours');
  assert.deepEqual(
    [0, 60_000, 400_000, 600_000, 900_000, 7_200_000].map(untilNextDatabaseLook),
    [2_000, 2_000, 2_400, 3_600, 5_000, 5_000],
  );
});
