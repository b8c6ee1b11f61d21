import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { FULL, restoring, run } from '../testing/restoring.ts';

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

test('without a manifest the live cluster is asked', async () => {
  const world = restoring({ target: 'copy' }, { live: true, captured: false });
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(end.result?.['instances'], ['copy-1', 'copy-2']);
  const gone = restoring({}, { captured: false });
  const refused = await run(gone);
  assert.equal(refused.end.state === 'failed' && refused.end.reason.code, 'cluster-unknown');
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
