import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { FULL, restoring, run } from '../testing/restoring.ts';

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

test('on the way back an old cluster that AWS hides for a moment is waited for, and one that stays away is told', async () => {
  for (const [hiddenLooks, way] of [
    [14, /is the old cluster again/],
    [Number.POSITIVE_INFINITY, /and so did its way back: the old cluster is neither/],
  ] as const) {
    const world = restoring({ strategy: 'swap' }, { live: true });
    const message = 'AWS does not want to';
    world.rds.faults.push({
      operation: 'renameCluster',
      nth: 2,
      when: 'before',
      error: rdsError('InvalidParameterValue', { message }),
    });
    let looks = 0;
    world.rds.shows = (cluster) => {
      const goingBack = world.rds.clusters.some(({ tags }) => Number(tags['breakwater:rolling-back']) > 0);
      if (!goingBack || cluster.tags['breakwater:owner'] !== undefined || looks >= hiddenLooks) return cluster;
      // Counted once the new cluster has made room: until then nobody asks for the old one.
      if (world.rds.instances.filter(({ id }) => id.includes('-new-')).length === 2) looks += 1;
      return undefined;
    };
    const { end } = await run(world);
    assert.equal(end.state === 'failed' && end.reason.code, 'swap-rolled-back', JSON.stringify(end));
    assert.match(end.state === 'failed' ? end.reason.message : '', way);
    assert.ok(looks >= 14);
  }
});

test('a check that fails under the new name rolls the swap back', async () => {
  const seen: string[] = [];
  const world = restoring(
    { ...FULL, strategy: 'swap' },
    {
      live: true,
      sql: {
        verify: async ({ database }) => {
          seen.push(database.id);
          return [{ check: 'database shop', ok: database.id !== 'webshop', found: 'gone' }];
        },
      },
    },
  );
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'swap-rolled-back', JSON.stringify(end));
  assert.equal(seen.length, 2);
  const message = end.state === 'failed' ? end.reason.message : '';
  assert.match(message, /: after the swap, 1 of 1 checks failed: database shop: gone$/, 'as it was, not as a tag can hold it');
  assert.equal(end.result?.['oldCluster'], undefined, 'none is called so any more');
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

test('what a drill has restored is not said to be kept for good', async () => {
  const fails = { verify: async () => [{ check: 'x', ok: false, found: 'nothing' }] };
  for (const [mode, said] of [
    ['drill', /What was restored stays until the drill is cleaned up/],
    ['recovery', /What was restored is kept/],
  ] as const) {
    const world = restoring({ master: { kind: 'managed' }, checks: [{ kind: 'database', name: 'shop' }] }, { mode, sql: fails });
    const { end } = await run(world);
    assert.match((end.state === 'failed' && end.reason.next) || '', said, JSON.stringify(end));
  }
});
