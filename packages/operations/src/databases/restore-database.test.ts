import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/fake-rds.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring } from '../testing/restoring.ts';
import type { RestoreDatabaseRequest } from './restore-contracts.ts';

async function run(world: Restoring, over: Partial<RestoreDatabaseRequest> = {}) {
  const journal = new StepJournal(world.clock);
  return { journal, ...(await drive(world.restore(over), journal.context())) };
}

const FULL: Partial<RestoreDatabaseRequest> = {
  master: { kind: 'managed' },
  users: { secret: 'webshop/users' },
  checks: [{ kind: 'database', name: 'shop' }],
  publish: { parameter: '/webshop/db', secret: 'webshop/endpoint' },
  archive: { kind: 'tag' },
  notify: 'arn:aws:sns:us-west-2:111122223333:oncall',
};

test('new: cluster, instances, password, users, checks, endpoint, archive, topic', async () => {
  const world = restoring(FULL);
  world.rds.secrets.set('webshop/endpoint', '{"username":"app","host":"old"}');
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  const { result } = end;
  assert.equal(result?.['cluster'], 'webshop');
  assert.deepEqual(result?.['instances'], ['db-1', 'db-2']);
  assert.match(String(result?.['endpoint']), /^webshop\./);
  assert.equal(result?.['adopted'], false);
  const request = world.rds.changes('restoreCluster')[0]?.request;
  assert.ok(typeof request === 'object' && request !== null && 'engineVersion' in request && request.engineVersion === '16.4');
  assert.deepEqual(world.sql, [
    'users webshop webshop/users as arn:aws:secretsmanager:us-west-2:111122223333:secret:rds!cluster',
    'verify webshop',
  ]);
  assert.match(world.rds.parameters.get('/webshop/db') ?? '', /^webshop\.cluster-x/);
  const secret = JSON.parse(world.rds.secrets.get('webshop/endpoint') ?? '');
  assert.equal(secret.username, 'app', 'what is not the endpoint is kept');
  assert.match(secret.host, /^webshop\.cluster-x/);
  assert.ok(world.rds.tags.get('arn:aws:rds:us-west-2:111122223333:cluster-snapshot:webshop-snap')?.['breakwater:archived']);
  assert.equal(world.rds.published.length, 1);
  assert.match(world.rds.published[0]?.subject ?? '', /webshop is restored/);
  assert.equal(world.rds.changes('enableHttpEndpoint').length, 1);
});

test('swap: proved beside, then every name changes hands, and the old cluster is kept', async () => {
  const world = restoring({ ...FULL, strategy: 'swap' }, { live: true });
  world.rds.secrets.set('webshop/endpoint', '{}');
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  const { clusters, instances } = world.rds.names();
  const old = clusters.find((id) => id !== 'webshop') ?? '';
  assert.match(old, /^webshop-old-[0-9a-f]{6}$/);
  assert.equal(end.result?.['oldCluster'], old);
  assert.equal(instances.length, 4);
  assert.ok(instances.includes('db-1') && instances.includes('db-2'));
  assert.deepEqual(end.result?.['instances'], ['db-1', 'db-2']);
  assert.equal(world.sql.filter((line) => line.startsWith('verify')).length, 2, 'once before and once after the swap');
  assert.match(world.sql.at(-1) ?? '', /verify webshop$/);
  assert.equal(world.rds.changes('deleteCluster').length, 0);
});

test('replace: protection, readers, writer, cluster; a final snapshot; then the new one under the same names', async () => {
  const world = restoring({ strategy: 'replace', liftProtection: true }, { live: true });
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(
    world.rds.changes('deleteInstance').map(({ id }) => id),
    ['db-2', 'db-1'],
  );
  assert.deepEqual(world.rds.names(), { clusters: ['webshop'], instances: ['db-1', 'db-2'] });
  assert.match(String(end.result?.['finalSnapshot']), /^webshop-final-[0-9a-f]{6}$/);
  assert.ok(world.rds.snapshots.some(({ id }) => id === end.result?.['finalSnapshot']));
  const bare = restoring({ strategy: 'replace', liftProtection: true, finalSnapshot: false }, { live: true });
  const ended = await run(bare);
  assert.equal(ended.end.result?.['finalSnapshot'], undefined);
  assert.equal(bare.rds.snapshots.length, 1);
});

test('a drill restores beside, expires, is not protected, publishes nothing, whatever was asked for', async () => {
  for (const strategy of ['new', 'swap', 'replace'] as const) {
    const world = restoring({ ...FULL, strategy }, { live: true, mode: 'drill' });
    const { end } = await run(world);
    assert.equal(end.state, 'done', JSON.stringify(end));
    const { clusters, instances } = world.rds.names();
    const own = clusters.find((id) => id !== 'webshop') ?? '';
    assert.match(own, /^webshop-drill-[0-9a-f]{6}$/);
    assert.ok(instances.includes(`${own}-1`) && instances.includes('db-1'));
    const cluster = world.rds.clusters.find(({ id }) => id === own);
    assert.equal(cluster?.tags['breakwater:expires'], '2026-03-05T03:00:00.000Z');
    assert.equal(cluster?.deletionProtection, false);
    assert.equal(world.rds.parameters.size, 0);
    assert.equal(world.rds.changes('renameCluster').length + world.rds.changes('deleteCluster').length, 0);
  }
});

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

test('without a manifest the live cluster is asked', async () => {
  const world = restoring({ target: 'copy' }, { live: true, captured: false });
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(end.result?.['instances'], ['copy-1', 'copy-2']);
  const gone = restoring({}, { captured: false });
  const refused = await run(gone);
  assert.equal(refused.end.state === 'failed' && refused.end.reason.code, 'cluster-unknown');
});

test('a failed check before the swap leaves the old cluster alone; the topic is told', async () => {
  const world = restoring(
    { ...FULL, strategy: 'swap' },
    { live: true, sql: { verify: async () => [{ check: 'database shop', ok: false, found: 'is not there' }] } },
  );
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'verification-failed', JSON.stringify(end));
  assert.equal(world.rds.changes('renameInstance').length, 0);
  assert.ok(world.rds.names().clusters.includes('webshop'));
  assert.match(world.rds.published[0]?.subject ?? '', /NOT restored: verification-failed/);
  assert.deepEqual(end.result?.['checks'], [{ check: 'database shop', ok: false, found: 'is not there' }]);
});

test('a swap that fails after a rename is rolled back: the old cluster has its names again', async () => {
  for (const [operation, nth] of [
    ['renameInstance', 2],
    ['renameCluster', 1],
    ['renameInstance', 3],
    ['renameCluster', 2],
  ] as const) {
    const world = restoring({ strategy: 'swap' }, { live: true });
    world.rds.faults.push({
      operation,
      nth,
      when: 'before',
      error: rdsError('InvalidParameterValue', { message: 'AWS does not want to' }),
    });
    const { end } = await run(world);
    assert.equal(end.state === 'failed' && end.reason.code, 'swap-rolled-back', `${operation} ${nth}: ${JSON.stringify(end)}`);
    assert.match((end.state === 'failed' && end.reason.message) || '', /AWS does not want to/);
    const { clusters, instances } = world.rds.names();
    assert.equal(clusters.length, 2);
    const live = world.rds.clusters.find(({ id }) => id === 'webshop');
    assert.equal(live?.tags['breakwater:owner'], undefined, 'the old cluster');
    assert.deepEqual(live?.members.map(({ instance }) => instance).sort(), ['db-1', 'db-2']);
    assert.equal(instances.filter((id) => id.includes('-new-')).length, 2);
  }
});

test('a check that fails under the new name rolls the swap back', async () => {
  const seen: string[] = [];
  const world = restoring(
    { ...FULL, strategy: 'swap' },
    {
      live: true,
      sql: {
        verify: async ({ cluster }) => {
          seen.push(cluster.id);
          return [{ check: 'database shop', ok: cluster.id !== 'webshop', found: 'gone' }];
        },
      },
    },
  );
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'swap-rolled-back', JSON.stringify(end));
  assert.equal(seen.length, 2);
  assert.equal(world.rds.clusters.find(({ id }) => id === 'webshop')?.tags['breakwater:owner'], undefined);
  assert.equal(world.rds.parameters.size, 0, 'nothing was published');
});

test('a terminal status of the new cluster or its writer is a failure with a name', async () => {
  const world = restoring();
  const journal = new StepJournal(world.clock);
  const ended = await drive(world.restore(), journal.context(), {
    onLook: () => {
      const cluster = world.rds.clusters[0];
      if (cluster !== undefined) cluster.status = 'migration-failed';
    },
  });
  assert.equal(ended.end.state === 'failed' && ended.end.reason.message, 'cluster webshop is migration-failed');
  const other = restoring();
  const second = await drive(other.restore(), new StepJournal(other.clock).context(), {
    onLook: () => {
      for (const instance of other.rds.instances) if (instance.id === 'db-1') instance.status = 'incompatible-network';
    },
  });
  assert.equal(second.end.state === 'failed' && second.end.reason.code, 'restore-failed');
  assert.match((second.end.state === 'failed' && second.end.reason.message) || '', /db-1 is incompatible-network/);
});

test('a reader that failed is a warning', async () => {
  const world = restoring();
  const { end } = await drive(world.restore(), new StepJournal(world.clock).context(), {
    onLook: () => {
      for (const instance of world.rds.instances) if (instance.id === 'db-2') instance.status = 'insufficient-capacity';
    },
  });
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
  assert.match((end.state === 'done' && end.reason?.message) || '', /reader db-2 of webshop is insufficient-capacity/);
});

test('the same execution for another snapshot is refused, and the cluster is left as it is', async () => {
  const world = restoring();
  await run(world);
  const count = world.rds.applied.length;
  const { end } = await run(world, { choice: { kind: 'id', id: 'webshop-snap' } });
  assert.equal(end.state === 'failed' && end.reason.code, 'execution-mismatch');
  assert.equal(world.rds.applied.length, count);
});

test('run again, everything is adopted and nothing is made twice', async () => {
  const world = restoring(FULL);
  world.rds.secrets.set('webshop/endpoint', '{}');
  await run(world);
  const before = world.rds.applied.filter(({ operation }) => /Cluster|Instance/.test(operation)).length;
  const { end } = await run(world);
  assert.equal(end.state, 'done');
  assert.equal(end.result?.['adopted'], true);
  assert.equal(world.rds.applied.filter(({ operation }) => /Cluster|Instance/.test(operation)).length, before);
  assert.equal(world.rds.published.length, 1, 'the topic was told once');
});

test('a lost answer is looked at, never sent again blindly', async () => {
  for (const operation of ['restoreCluster', 'createInstance', 'renameCluster', 'renameInstance']) {
    const world = restoring({ strategy: 'swap' }, { live: true });
    world.rds.faults.push({ operation, nth: 1, when: 'after', error: rdsError('Http503', { ambiguous: true }) });
    const { end } = await run(world);
    assert.equal(end.state, 'done', `${operation}: ${JSON.stringify(end)}`);
    assert.equal(world.rds.changes('restoreCluster').length, 1);
    assert.equal(world.rds.changes('createInstance').length, 2);
    assert.equal(world.rds.changes('renameCluster').length, 2);
  }
});

test('a snapshot is taken of the live cluster, once', async () => {
  const world = restoring({ choice: { kind: 'create' }, target: 'copy' }, { live: true });
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(world.rds.changes('createSnapshot').length, 1);
  assert.deepEqual(end.result?.['instances'], ['copy-1', 'copy-2']);
});

test('export is started, not waited for, and called what it is', async () => {
  const world = restoring({ archive: { kind: 'export', bucket: 'b', roleArn: 'r', kmsKeyId: 'k' } });
  const { end } = await run(world);
  assert.equal(end.state, 'done');
  assert.equal(world.rds.changes('startExport').length, 1);
  assert.match(String(end.result?.['archived']), /no cluster can be restored from it/);
});

test('what cannot be read is a verdict, told to the topic; the cluster is adopted once it is mended', async () => {
  const world = restoring({ master: { kind: 'secret', secret: 'webshop/master' }, notify: 'arn:topic' });
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'aws-fault', JSON.stringify(end));
  assert.match(world.rds.published[0]?.subject ?? '', /NOT restored: aws-fault/);
  for (const [secret, message] of [
    ['no json', /is no JSON object with a "password"/],
    ['{"password":"short"}', /is none that RDS takes/],
    ['{"password":"has a/slash"}', /is none that RDS takes/],
  ] as const) {
    world.rds.secrets.set('webshop/master', secret);
    const again = await run(world);
    assert.match((again.end.state === 'failed' && again.end.reason.message) || '', message);
    assert.ok(!JSON.stringify(again.end).includes('has a/slash'), 'the password is not told');
  }
  world.rds.secrets.set('webshop/master', '{"username":"u","password":"good-enough"}');
  const mended = await run(world);
  assert.equal(mended.end.state, 'done', JSON.stringify(mended.end));
  assert.equal(world.rds.changes('restoreCluster').length, 1);
});

test('a secret for the endpoint that holds no object is not written over', async () => {
  const world = restoring({ publish: { secret: 'webshop/endpoint' } });
  world.rds.secrets.set('webshop/endpoint', 'a bare password');
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'usage', JSON.stringify(end));
  assert.equal(world.rds.secrets.get('webshop/endpoint'), 'a bare password');
});

test('a refusal of AWS is a failure in its own words, and nothing is deleted or renamed because of it', async () => {
  const world = restoring({ strategy: 'swap' }, { live: true });
  world.rds.faults.push({
    operation: 'restoreCluster',
    when: 'before',
    error: rdsError('DBSubnetGroupNotFoundFault', { message: 'no group' }),
  });
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.message, 'no group', JSON.stringify(end));
  assert.deepEqual(world.rds.names().clusters, ['webshop']);
});

test('something in between is waited for, but not for ever', async () => {
  const world = restoring();
  world.rds.faults.push({ operation: 'createInstance', nth: 1, when: 'before', error: rdsError('InvalidDBClusterStateFault') });
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  const stuck = restoring();
  stuck.rds.faults.push({ operation: 'createInstance', when: 'before', error: rdsError('InvalidDBClusterStateFault') });
  const failed = await run(stuck);
  assert.equal(failed.end.state, 'failed', 'it is never taken for success');
  assert.equal(stuck.rds.changes('createInstance').length, 0);
});

test('the final snapshot of a replaced cluster is never what is restored next', async () => {
  const world = restoring();
  world.rds.addSnapshot({ id: 'webshop-final-abcdef', createdAt: world.clock.now() - 60_000 });
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.match(JSON.stringify(end.result?.['snapshot']), /"id":"webshop-snap"/);
});

test('a restore that goes on when nobody watches says so', async () => {
  const world = restoring();
  const journal = new StepJournal(world.clock);
  const operation = world.restore();
  assert.equal(await operation.abandon?.(journal.context()), undefined);
  for (let look = 0; look < 4; look += 1) await operation.advance(journal.context());
  assert.match((await operation.abandon?.(journal.context())) ?? '', /cluster webshop goes on being restored in us-west-2/);
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

test('a restore that was sent is never deleted, even if its tags cannot be seen', async () => {
  const world = restoring({ strategy: 'replace', liftProtection: true });
  const journal = new StepJournal(world.clock);
  const { end } = await drive(world.restore(), journal.context(), {
    onLook: () => {
      for (const cluster of world.rds.clusters) cluster.tags = {};
    },
  });
  assert.equal(end.state === 'failed' && end.reason.code, 'cluster-exists', JSON.stringify(end));
  const later = await drive(world.restore(), journal.context());
  assert.equal(later.end.state, 'failed', 'another process with the record does not either');
  assert.equal(world.rds.changes('deleteCluster').length + world.rds.changes('deleteInstance').length, 0);
});

test('usable is a writer and an endpoint, not a status', async () => {
  for (const withhold of ['endpoint', 'writer'] as const) {
    const world = restoring();
    const until = world.clock.now() + 3_600_000;
    world.rds.shows = (cluster) => {
      if (world.clock.now() >= until) return cluster;
      if (withhold === 'endpoint') return { ...cluster, endpoint: undefined };
      return { ...cluster, members: cluster.members.map((member) => ({ ...member, writer: false })) };
    };
    const { end } = await run(world);
    assert.equal(end.state, 'done');
    assert.ok(world.clock.now() >= until, withhold);
  }
});

test('a check that was not answered has not held', async () => {
  const world = restoring(FULL, { sql: { verify: async () => [] } });
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'verification-failed', JSON.stringify(end));
});

test('a key that may not be looked at is used unseen; that is a warning where something was deleted before', async () => {
  const world = restoring();
  world.rds.mayLookAtKeys = false;
  const { end, journal } = await run(world);
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  assert.ok(journal.notes().some((note) => /kms:DescribeKey is not allowed/.test(note)));
  const replaced = restoring({ strategy: 'replace', liftProtection: true }, { live: true });
  replaced.rds.mayLookAtKeys = false;
  const warned = await run(replaced);
  assert.equal(warned.end.state === 'done' && warned.end.status, 'succeeded-with-warnings', JSON.stringify(warned.end));
});
