import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring, run } from '../testing/restoring.ts';

const refusals: readonly {
  readonly what: string;
  readonly code: string;
  readonly message: RegExp;
  readonly world: () => Restoring;
}[] = [
  {
    what: 'a name that is taken',
    code: 'cluster-exists',
    message: /"webshop" is in account/,
    world: () => restoring({}, { live: true }),
  },
  {
    what: 'an instance name that is taken',
    code: 'cluster-exists',
    message: /instance "db-1" is there already, in cluster "other"/,
    world: () => {
      const world = restoring();
      world.rds.addCluster({ id: 'other' }, [{ id: 'db-1' }]);
      return world;
    },
  },
  {
    what: 'a swap with nothing',
    code: 'cluster-unknown',
    message: /nothing to swap with/,
    world: () => restoring({ strategy: 'swap' }),
  },
  {
    what: 'a member of a global database',
    code: 'global-database',
    message: /member of the global database "planet"/,
    world: () => {
      const world = restoring({ strategy: 'swap' }, { live: true });
      world.rds.global = 'planet';
      return world;
    },
  },
  {
    what: 'a replacement of a member of a global database',
    code: 'global-database',
    message: /member of the global database "planet"/,
    world: () => {
      const world = restoring({ strategy: 'replace', liftProtection: true }, { live: true });
      world.rds.global = 'planet';
      return world;
    },
  },
  {
    what: 'a protected cluster',
    code: 'deletion-protected',
    message: /is protected/,
    world: () => restoring({ strategy: 'replace' }, { live: true }),
  },
  {
    what: 'a snapshot that is too old',
    code: 'snapshot-unusable',
    message: /webshop-snap, is 1h 00m old; at most 30m 00s/,
    world: () => restoring({ choice: { kind: 'newest', types: ['manual'], maxAge: 1_800_000 } }),
  },
  {
    what: 'no snapshot',
    code: 'snapshot-missing',
    message: /no snapshot "nowhere"/,
    world: () => restoring({ choice: { kind: 'id', id: 'nowhere' } }),
  },
  {
    what: 'a version that is not offered',
    code: 'engine-unavailable',
    message: /16\.4, which snapshot webshop-snap holds, is not offered in us-west-2/,
    world: () => {
      const world = restoring();
      world.rds.versions.clear();
      return world;
    },
  },
  {
    what: 'a snapshot of another engine',
    code: 'engine-unavailable',
    message: /is of docdb/,
    world: () => {
      const world = restoring({ choice: { kind: 'id', id: 'doc' } });
      world.rds.addSnapshot({ id: 'doc', engine: 'docdb' });
      return world;
    },
  },
  {
    what: 'a snapshot that is not available',
    code: 'snapshot-unusable',
    message: /half is copying/,
    world: () => {
      const world = restoring({ choice: { kind: 'id', id: 'half' } });
      world.rds.addSnapshot({ id: 'half', status: 'copying' });
      return world;
    },
  },
  {
    what: 'a key that is not there',
    code: 'key-not-accessible',
    message: /does not exist/,
    world: () => restoring({ kmsKeyId: 'arn:aws:kms:us-west-2:111122223333:key/none' }),
  },
  {
    what: 'a disabled key',
    code: 'key-not-accessible',
    message: /is Disabled/,
    world: () => {
      const world = restoring({ kmsKeyId: 'k' });
      world.rds.keys.set('k', { state: 'Disabled', region: 'us-west-2' });
      return world;
    },
  },
  {
    what: 'a snapshot whose key is about to be deleted, before the old cluster is',
    code: 'key-not-accessible',
    message: /key\/own is PendingDeletion/,
    world: () => {
      const world = restoring({ strategy: 'replace', liftProtection: true }, { live: true });
      world.rds.keys.set('arn:aws:kms:us-west-2:111122223333:key/own', { state: 'PendingDeletion', region: 'us-west-2' });
      return world;
    },
  },
  {
    what: "somebody else's key",
    code: 'snapshot-unusable',
    message: /encrypted with a key of account 222233334444/,
    world: () => {
      const world = restoring({ choice: { kind: 'id', id: 'theirs' } });
      world.rds.addSnapshot({ id: 'theirs', kmsKeyId: 'arn:aws:kms:us-west-2:222233334444:key/x' });
      return world;
    },
  },
  {
    what: 'users without a secret',
    code: 'usage',
    message: /no secret is known/,
    world: () => restoring({ users: { secret: 'u' } }),
  },
];

for (const { what, code, message, world: make } of refusals) {
  test(`refused before anything is changed: ${what}`, async () => {
    const world = make();
    const before = world.rds.names();
    const { end } = await run(world);
    assert.equal(end.state, 'failed', JSON.stringify(end));
    assert.equal(end.state === 'failed' && end.reason.code, code, JSON.stringify(end));
    assert.match((end.state === 'failed' && end.reason.message) || '', message);
    assert.deepEqual(world.rds.applied, []);
    assert.deepEqual(world.rds.names(), before);
  });
}

test('replace without a manifest is refused: it would delete the only one to ask', async () => {
  const world = restoring({ strategy: 'replace', liftProtection: true }, { live: true, captured: false });
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'usage', JSON.stringify(end));
  assert.match((end.state === 'failed' && end.reason.message) || '', /a saved manifest is needed/);
  assert.deepEqual(world.rds.applied, []);
});

test('the same execution for another snapshot is refused, and the cluster is left as it is', async () => {
  const world = restoring();
  await run(world);
  const count = world.rds.applied.length;
  const { end } = await run(world, { choice: { kind: 'id', id: 'webshop-snap' } });
  assert.equal(end.state === 'failed' && end.reason.code, 'execution-mismatch');
  assert.equal(world.rds.applied.length, count);
});

test('a cluster of another execution is nobody’s to adopt', async () => {
  const world = restoring();
  await run(world);
  const other = { ...world.deed, execution: 'webshop-2' };
  const count = world.rds.applied.length;
  const { end } = await drive(world.restore({}, other), new StepJournal(world.clock).context());
  assert.equal(end.state === 'failed' && end.reason.code, 'cluster-exists', JSON.stringify(end));
  assert.equal(world.rds.applied.length, count);
});
