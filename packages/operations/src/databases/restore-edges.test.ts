import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RdsGateway } from '@breakwater/aws';
import { AwsError, type ReasonCode } from '@breakwater/core';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { MANIFEST, type Restoring, restoring } from '../testing/restoring.ts';
import type { DatabaseSite } from './contracts.ts';
import { restoreNames } from './restore-names.ts';

const MINUTE = 60_000;
const run = (world: Restoring, site?: DatabaseSite) =>
  drive(world.restore(site === undefined ? {} : { site }), new StepJournal(world.clock).context());

/** The site, with some reads of RDS as the test has them. */
function through(world: Restoring, over: (rds: RdsGateway) => Partial<RdsGateway>): DatabaseSite {
  const { site, aws } = world.rds.site();
  return { site, aws: { ...aws, rds: { ...aws.rds, ...over(aws.rds) } } };
}

/** Names that the restore of `restoring()` uses. */
const named = (strategy: 'swap') =>
  restoreNames({ execution: 'webshop-1', mode: 'recovery', database: 'webshop', target: 'webshop', strategy });

test('what is in the way for a while is waited for, and given up after twenty minutes', async () => {
  for (const [clears, state] of [
    [19 * MINUTE, 'done'],
    [22 * MINUTE, 'failed'],
  ] as const) {
    const world = restoring();
    const began = world.clock.now();
    const site = through(world, (rds) => ({
      restoreCluster: (request) =>
        world.clock.now() - began < clears
          ? Promise.reject(rdsError('InvalidDBClusterSnapshotStateFault'))
          : rds.restoreCluster(request),
    }));
    const { end, notes } = await run(world, site);
    assert.equal(end.state, state, JSON.stringify(end));
    assert.ok(
      notes.some((note) => /not yet \(InvalidDBClusterSnapshotStateFault\)/.test(note)),
      notes.join('; '),
    );
    if (state === 'failed') assert.ok(world.clock.now() - began >= 20 * MINUTE);
  }
});

test('a cluster that AWS does not show for a minute is not restored a second time', async () => {
  const world = restoring();
  let sent: number | undefined;
  const site = through(world, (rds) => ({
    restoreCluster: (request) => {
      sent = world.clock.now();
      return rds.restoreCluster(request);
    },
    describeClusters: async (id) => (sent !== undefined && world.clock.now() - sent < MINUTE ? [] : rds.describeClusters(id)),
  }));
  const { end, notes } = await run(world, site);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.ok(
    notes.some((note) => /not visible yet/.test(note)),
    notes.join('; '),
  );
  assert.equal(world.rds.changes('restoreCluster').length, 1);
});

const lookFailed = (code: ReasonCode) => new AwsError(code, `${code} it is`, { next: 'Mend it.', call: rdsError('x').call });

for (const code of ['aws-fault', 'permission-denied', 'key-not-accessible', 'quota-exceeded'] as const) {
  test(`${code}: what AWS refuses of a look is a verdict, told as the reason`, async () => {
    const world = restoring();
    const site = through(world, () => ({ describeSnapshots: () => Promise.reject(lookFailed(code)) }));
    const { end } = await run(world, site);
    assert.equal(end.state === 'failed' && end.reason.code, code, JSON.stringify(end));
    assert.match((end.state === 'failed' && end.reason.message) || '', new RegExp(`${code} it is`));
  });
}

test('what concerns the credentials is no verdict on the database', async () => {
  const world = restoring();
  const site = through(world, () => ({ describeSnapshots: () => Promise.reject(lookFailed('credentials-expired')) }));
  await assert.rejects(run(world, site), { code: 'credentials-expired' });
});

test('when not even the end can be looked at, the first reason stands', async () => {
  const world = restoring();
  let looks = 0;
  const site = through(world, () => ({
    describeClusters: () => {
      looks += 1;
      return Promise.reject(lookFailed(looks === 1 ? 'permission-denied' : 'aws-fault'));
    },
  }));
  const { end } = await run(world, site);
  assert.equal(end.state === 'failed' && end.reason.code, 'permission-denied', JSON.stringify(end));
  assert.equal(looks, 2);
});

for (const taken of ['old', 'build'] as const) {
  test(`a swap that needs a name that somebody has (${taken}) is refused before anything is changed`, async () => {
    const world = restoring({ strategy: 'swap' }, { live: true });
    world.rds.addCluster({ id: named('swap')[taken] }, []);
    const { end } = await run(world);
    assert.equal(end.state === 'failed' && end.reason.code, 'cluster-exists', JSON.stringify(end));
    assert.match((end.state === 'failed' && end.reason.message) || '', /the swap needs both names/);
    assert.equal(world.rds.applied.length, 0);
  });
}

test('protection matters where it is on, and is lifted only where that is allowed', async () => {
  for (const [protection, lift, goes] of [
    [true, true, true],
    [true, false, false],
    [false, false, true],
  ] as const) {
    const world = restoring({ strategy: 'replace', liftProtection: lift }, { live: true });
    for (const cluster of world.rds.clusters) cluster.deletionProtection = protection;
    const { end } = await run(world);
    assert.equal(end.state, goes ? 'done' : 'failed', JSON.stringify(end));
    if (!goes) assert.equal(end.state === 'failed' && end.reason.code, 'deletion-protected');
    assert.equal(world.rds.changes('deleteCluster').length, goes ? 1 : 0);
  }
});

test('without a single instance nothing is restored: nobody could connect', async () => {
  const world = restoring({ manifest: { ...MANIFEST, members: [] } });
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'manifest-invalid', JSON.stringify(end));
  assert.equal(world.rds.applied.length, 0);
});

test('instances of a cluster that goes may have their names; those of any other may not', async () => {
  const world = restoring({ strategy: 'replace', liftProtection: true }, { live: true });
  world.rds.addCluster({ id: 'other' }, [{ id: 'db-3' }]);
  const manifest = {
    ...MANIFEST,
    members: MANIFEST.members.map((member) => ({ ...member, name: member.name.replace('2', '3') })),
  };
  const { end } = await drive(world.restore({ manifest }), new StepJournal(world.clock).context());
  assert.equal(end.state === 'failed' && end.reason.code, 'cluster-exists', JSON.stringify(end));
  assert.match((end.state === 'failed' && end.reason.message) || '', /instance "db-3" is there already, in cluster "other"/);
  assert.equal(world.rds.changes('deleteCluster').length, 0, 'the old one is untouched');
});

test('while AWS shows one cluster under two names nothing is done', async () => {
  const world = restoring({ strategy: 'swap' }, { live: true });
  for (const [index, cluster] of world.rds.clusters.entries()) cluster.resourceId = `cluster-${index}`;
  let renamedAt: number | undefined;
  const site = through(world, (rds) => ({
    modifyCluster: async (request) => {
      if (request.newId !== undefined) renamedAt ??= world.clock.now();
      return rds.modifyCluster(request);
    },
    describeClusters: async (id) => {
      const found = await rds.describeClusters(id);
      const between = renamedAt !== undefined && world.clock.now() - renamedAt < 3 * MINUTE;
      if (!between || id !== 'webshop' || found.length > 0) return found;
      const [old] = await rds.describeClusters(named('swap').old);
      return old === undefined ? [] : [{ ...old, id: 'webshop' }];
    },
  }));
  const { end, notes } = await run(world, site);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.ok(notes.includes('AWS is renaming webshop'), notes.join('; '));
  assert.equal(world.rds.changes('renameCluster').length, 2);
  assert.equal(world.rds.clusters.find(({ id }) => id === 'webshop')?.tags['breakwater:owner'], 'breakwater');
});

test('a snapshot that was named and holds another database is restored as asked, and said to be of another', async () => {
  const world = restoring({ choice: { kind: 'id', id: 'ledger-snap' } });
  world.rds.addSnapshot({ id: 'ledger-snap', database: 'ledger', createdAt: world.clock.now() - MINUTE });
  const { end } = await run(world);
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
  assert.match(end.reason?.message ?? '', /snapshot ledger-snap is of cluster "ledger", not of "webshop"/);
  assert.match(end.reason?.next ?? '', /source-cluster/);
  const same = restoring({ choice: { kind: 'id', id: 'webshop-snap' }, database: 'WebShop', target: 'webshop' });
  assert.equal((await run(same)).end.reason?.code, 'ok');
});

test('a snapshot that a drill takes of the live cluster is ours, and no drill’s: what is restored of it must not seem to expire', async () => {
  const world = restoring({ choice: { kind: 'create' } }, { live: true, mode: 'drill' });
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  const taken = world.rds.snapshots.find(({ id }) => /^webshop-snapshot-/.test(id));
  assert.deepEqual(taken?.tags, { 'breakwater:owner': 'breakwater', 'breakwater:execution': 'webshop-1' });
});
