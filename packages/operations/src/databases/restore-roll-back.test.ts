import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { Crashed, StepJournal } from '../testing/recording-context.ts';
import { restoring } from '../testing/restoring.ts';

const refusal = (message: string) => rdsError('InvalidParameterValue', { message });

/** A swap whose last rename AWS refuses, so that it turns back. */
function turning() {
  const world = restoring({ strategy: 'swap' }, { live: true });
  world.rds.faults.push({ operation: 'renameCluster', nth: 2, when: 'before', error: refusal('AWS does not want to') });
  return world;
}

test('a roll-back that another attempt has begun is ended before anything else, and then the swap is tried anew', async () => {
  for (const [operation, nth] of [
    ['renameInstance', 5],
    ['renameCluster', 3],
    ['renameInstance', 8],
  ] as const) {
    const world = turning();
    world.rds.faults.push({ operation, nth, when: 'before', error: new Crashed('on the way back') });
    await assert.rejects(drive(world.restore(), new StepJournal(world.clock).context(1)), Crashed);
    const second = await drive(world.restore(), new StepJournal(world.clock).context(2));
    const where = `${operation} ${nth}: ${JSON.stringify(second.end)}`;
    assert.equal(second.end.state, 'done', where);
    const renames = world.rds.changes('renameCluster').map(({ id }) => id);
    assert.deepEqual(
      renames.map((id) => id.replaceAll(/-[0-9a-f]{6}/g, '')),
      ['webshop>webshop-old', 'webshop-old>webshop', 'webshop>webshop-old', 'webshop-new>webshop'],
      where,
    );
    assert.equal(world.rds.clusters.find(({ id }) => id === 'webshop')?.tags['breakwater:owner'], 'breakwater', where);
    assert.equal(world.rds.clusters.find(({ id }) => id === 'webshop')?.tags['breakwater:rolling-back'], '0', where);
  }
});

test('a decision that cannot be written down is carried out all the same: the old cluster gets its names back', async () => {
  const world = turning();
  // The first tag claims the old cluster; the second says that the swap is rolled back.
  world.rds.faults.push({
    operation: 'addTags',
    nth: 2,
    when: 'before',
    error: rdsError('AccessDenied', { message: 'no tags' }),
  });
  const journal = new StepJournal(world.clock);
  const { end } = await drive(world.restore(), journal.context());
  assert.equal(end.state === 'failed' && end.reason.code, 'swap-rolled-back', JSON.stringify(end));
  assert.match(end.state === 'failed' ? end.reason.message : '', /AWS does not want to/);
  const live = world.rds.clusters.find(({ id }) => id === 'webshop');
  assert.equal(live?.tags['breakwater:owner'], undefined, 'the old cluster');
  assert.deepEqual(live?.members.map(({ instance }) => instance).sort(), ['db-1', 'db-2']);
  assert.match(journal.warnings().join(), /could not be noted on webshop-new.*no tags/);
  const next = await drive(world.restore(), new StepJournal(world.clock).context(2));
  assert.equal(next.end.state, 'done', JSON.stringify(next.end));
});

test('a way back that fails too says what stands under which name', async () => {
  const world = turning();
  world.rds.faults.push({ operation: 'renameCluster', nth: 3, when: 'before', error: refusal('nor back') });
  const { end } = await drive(world.restore(), new StepJournal(world.clock).context());
  assert.equal(end.state === 'failed' && end.reason.code, 'swap-rolled-back', JSON.stringify(end));
  const { message, next = '' } = (end.state === 'failed' && end.reason) || { message: '' };
  assert.match(message, /AWS does not want to.*and so did its way back: nor back/);
  assert.match(next, /Now the old cluster is webshop-old-[0-9a-f]{6} \(db-1-old-[0-9a-f]{6}, db-2-old-[0-9a-f]{6}\)/);
  assert.match(next, /the restored one is webshop-new-[0-9a-f]{6} \(db-1-new-[0-9a-f]{6}, db-2-new-[0-9a-f]{6}\)/);
});

test('whoever stops in the middle of a swap, or of a replacement, is told that nothing goes on without another process', async () => {
  for (const [strategy, expected] of [
    ['swap', /^the swap of webshop in us-west-2 is not over and does not go on by itself/],
    ['replace', /^the replacement of webshop in us-west-2 is not over and does not go on by itself/],
  ] as const) {
    const world = restoring({ strategy, liftProtection: true }, { live: true });
    const operation = world.restore();
    const context = new StepJournal(world.clock).context();
    const told: Promise<string | undefined>[] = [];
    await drive(operation, context, {
      onLook: (advance) => {
        if (advance.state !== 'waiting' || !/is being renamed to|old cluster webshop is being deleted/.test(advance.note)) return;
        told.push(Promise.resolve(operation.abandon?.(context)));
      },
    });
    const texts = await Promise.all(told);
    assert.ok(texts.length > 0, strategy);
    for (const text of texts) assert.match(text ?? '', expected);
    assert.match((await operation.abandon?.(context)) ?? '', /cluster webshop goes on being restored/);
  }
});

test('custom endpoints that stay with the old cluster are told, as long as it is kept', async () => {
  const world = restoring({ strategy: 'swap' }, { live: true });
  const host = 'reports.cluster-custom-abc.us-west-2.rds.amazonaws.com';
  const old = world.rds.clusters.find(({ id }) => id === 'webshop');
  assert.ok(old);
  Object.assign(old, { customEndpoints: [host] });
  for (const attempt of [1, 2]) {
    const { end } = await drive(world.restore(), new StepJournal(world.clock).context(attempt));
    assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
    assert.match(
      end.reason?.message ?? '',
      /^reports\.cluster-custom-abc\.\S+ still leads to the old cluster webshop-old-[0-9a-f]{6}:/,
    );
  }
});

for (const [moment, renames, hides] of [
  ['while the old one makes room', 1, (id: string) => id !== 'webshop'],
  ['while it takes the name', 2, (id: string) => id !== 'webshop'],
  ['once it bears the name, and its first one is free', 2, (id: string) => id === 'webshop'],
] as const) {
  test(`a new cluster that AWS hides for a moment ${moment} is not restored a second time`, async () => {
    for (const resumed of [false, true]) {
      const world = restoring({ strategy: 'swap' }, { live: true });
      let hidden = 0;
      world.rds.shows = (cluster) => {
        const due = world.rds.changes('renameCluster').length >= renames && hides(cluster.id);
        if (!due || hidden >= 12 || cluster.tags['breakwater:owner'] === undefined) return cluster;
        hidden += 1;
        return undefined;
      };
      if (resumed) {
        world.rds.faults.push({ operation: 'renameCluster', nth: renames, when: 'after', error: new Crashed('renamed') });
        await assert.rejects(drive(world.restore(), new StepJournal(world.clock).context()), Crashed);
      }
      const { end } = await drive(world.restore(), new StepJournal(world.clock).context());
      assert.equal(end.state === 'done' && end.status, 'succeeded', `resumed ${resumed}: ${JSON.stringify(end)}`);
      assert.ok(hidden >= 2, `${hidden}`);
      assert.equal(world.rds.changes('restoreCluster').length, 1);
      assert.equal(world.rds.names().clusters.length, 2);
    }
  });
}

test('a new cluster that somebody deletes in the middle of the renames is missed, and what stands is said', async () => {
  const world = restoring({ strategy: 'swap' }, { live: true });
  world.rds.faults.push({ operation: 'renameCluster', nth: 1, when: 'after', error: new Crashed('renamed') });
  await assert.rejects(drive(world.restore(), new StepJournal(world.clock).context()), Crashed);
  world.rds.clusters.splice(
    world.rds.clusters.findIndex(({ tags }) => tags['breakwater:owner'] !== undefined),
    1,
  );
  const { end } = await drive(world.restore(), new StepJournal(world.clock).context());
  assert.equal(end.state === 'failed' && end.reason.code, 'restore-failed', JSON.stringify(end));
  const next = (end.state === 'failed' && end.reason.next) || '';
  assert.match(next, /Now the old cluster is webshop-old-[0-9a-f]{6} \(db-1-old-[0-9a-f]{6}, db-2-old-[0-9a-f]{6}\)/);
  assert.match(next, /rename the old cluster to webshop by hand/);
  assert.equal(world.rds.changes('restoreCluster').length, 1);
});

test('an earlier run that is run again after a later one was rolled back is a new try, too', async () => {
  const world = turning();
  const later = await drive(world.restore(), new StepJournal(world.clock).context(4_712_001));
  assert.equal(later.end.state === 'failed' && later.end.reason.code, 'swap-rolled-back', JSON.stringify(later.end));
  const earlier = await drive(world.restore(), new StepJournal(world.clock).context(4_711_002));
  assert.equal(earlier.end.state, 'done', JSON.stringify(earlier.end));
});

test('a look that AWS refuses in the middle of a swap is taken again; in the end it is said that the names are not over', async () => {
  const MINUTE = 60_000;
  for (const [refused, state] of [
    [10 * MINUTE, 'done'],
    [Number.POSITIVE_INFINITY, 'failed'],
  ] as const) {
    const world = restoring({ strategy: 'swap' }, { live: true });
    const { site, aws } = world.rds.site();
    let since: number | undefined;
    const describeClusters: typeof aws.rds.describeClusters = async (id) => {
      if (world.rds.changes('renameCluster').length === 1) since ??= world.clock.now();
      if (since !== undefined && world.clock.now() - since < refused) throw rdsError('AccessDenied', { message: 'no describe' });
      return aws.rds.describeClusters(id);
    };
    const through = { site, aws: { ...aws, rds: { ...aws.rds, describeClusters } } };
    const { end } = await drive(world.restore({ site: through }), new StepJournal(world.clock).context());
    assert.equal(end.state, state, JSON.stringify(end));
    if (end.state === 'failed') assert.match(end.reason.message, /no describe; the swap of webshop in us-west-2 is not over/);
  }
});

test('whoever loses sight of a swap or a replacement knows whether it stands half way', async () => {
  const world = restoring({ strategy: 'swap' }, { live: true });
  const operation = world.restore();
  const told = new Set<string | undefined>();
  await drive(operation, new StepJournal(world.clock).context(), {
    onLook: (advance) => {
      if (advance.state !== 'waiting' || !/is being renamed to/.test(advance.note)) return;
      told.add(operation.halfWay());
    },
  });
  assert.match([...told].join(), /^the swap of webshop in us-west-2 is not over/);
  assert.equal(told.size, 1);
  assert.equal(operation.halfWay(), undefined, 'once it is over');
});
