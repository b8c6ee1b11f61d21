import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseRecord } from '@breakwater/history';
import type { DatabaseRecovery } from '@breakwater/plan';
import { parseFault } from '@breakwater/simulator';
import { drive } from '../testing/drive.ts';
import { ACCOUNT, DATABASES, database, FAR, manifest, NEAR, planned, WORLD } from '../testing/planning.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { databaseFacts } from './plan-databases.ts';

const record = ({ name, cluster = '', site, strategy, criticality }: DatabaseRecovery): DatabaseRecord => ({
  name,
  cluster,
  site,
  account: ACCOUNT,
  region: '',
  strategy,
  criticality,
  status: 'succeeded',
});

const changes = ({ world }: ReturnType<typeof planned>, operation: string) =>
  world.calls.filter((call) => call.operation === operation && call.applied);

test('databases restored at once share the copy limit of their Region, and each is recorded with what it came from', async () => {
  const all = DATABASES.map((id) => database(id, { source: 'far' }));
  const rehearsal = planned(all);
  const { clock, wave, open, deedsOf } = rehearsal;
  const one = deedsOf('shops-1');
  let most = 0;
  const watch = async () => {
    const copies = await open(NEAR).rds.describeSnapshots('cluster', { type: 'manual' });
    most = Math.max(most, copies.filter(({ status }) => status === 'copying').length);
  };
  const ends = await Promise.all(
    all.map((each) =>
      drive(one.recoverDatabase(each, wave), new StepJournal(clock).context(), {
        onLook: (_, look) => void (look % 10 === 1 ? watch() : undefined),
      }),
    ),
  );
  for (const { end } of ends) assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(most, 5, 'AWS was kept busy, and never beyond its limit');
  assert.equal(changes(rehearsal, 'CopyDBClusterSnapshot').length, DATABASES.length);
  const [first] = ends;
  assert.ok(first?.end.state === 'done');
  const { clusterId, snapshotId, instances, rpa } = first.end.database ?? {};
  assert.match(clusterId ?? '', /^shop-a-drill-[0-9a-f]{6}$/);
  assert.match(snapshotId ?? '', /^shop-a-\d{12}/);
  assert.equal(instances?.length, 1);
  assert.equal(rpa, 2 * 3_600_000, 'of the original, not of the copy');
});

test('a recovery archives the snapshot as the plan says, a drill never does and its cluster expires as the plan says', async () => {
  const kept = database('shop-a', { site: 'far', archive: { kind: 'vault', site: 'near' }, drillTtl: 4 * 3_600_000 });
  const rehearsal = planned([kept]);
  const { clock, wave, open, deedsOf } = rehearsal;
  const drilled = await drive(deedsOf('shops-d').recoverDatabase(kept, wave), new StepJournal(clock).context());
  assert.equal(drilled.end.state, 'done', JSON.stringify(drilled.end));
  assert.equal(changes(rehearsal, 'CopyDBClusterSnapshot').length, 0);
  const cluster = (await open(FAR).rds.describeClusters()).find(({ id }) => id.startsWith('shop-a-drill-'));
  const asked = changes(rehearsal, 'RestoreDBClusterFromSnapshot')[0]?.at ?? 0;
  const expires = Date.parse(cluster?.tags['breakwater:expires'] ?? '');
  assert.ok(Math.abs(expires - asked - 4 * 3_600_000) < 60_000, `expires ${expires}, asked for at ${asked}`);
  const recovered = await drive(deedsOf('shops-r', 'recovery').recoverDatabase(kept, wave), new StepJournal(clock).context());
  assert.equal(recovered.end.state === 'done' && recovered.end.status, 'succeeded', JSON.stringify(recovered.end));
  const [copy] = await open(NEAR).rds.describeSnapshots('cluster', { database: 'shop-a', type: 'manual' });
  assert.equal(recovered.end.result?.['archived'], `copied to ${copy?.arn}`);
  assert.equal(copy?.status, 'available');
});

test('a recovery publishes its DNS name at the site that the plan names, a drill none', async () => {
  const dns = { zone: 'Z01', name: 'db.shop.internal', ttl: 60, site: 'far' };
  const named = database('shop-a', { site: 'far', publish: { dns } });
  const zones = `hostedZones: [{ account: "${ACCOUNT}", id: Z01, name: shop.internal }]\n`;
  const { world, clock, wave, deedsOf } = planned([named], undefined, `${zones}${WORLD}`);
  const points = () => world.state().hostedZones.flatMap(({ records }) => records.filter(({ type }) => type === 'CNAME'));
  const drilled = await drive(deedsOf('shops-d').recoverDatabase(named, wave), new StepJournal(clock).context());
  assert.equal(drilled.end.state, 'done', JSON.stringify(drilled.end));
  assert.deepEqual(points(), []);
  const journal = new StepJournal(clock);
  const { end } = await drive(deedsOf('shops-r', 'recovery').recoverDatabase(named, wave), journal.context());
  assert.ok(end.state === 'done', JSON.stringify(end));
  assert.deepEqual(points(), [{ name: 'db.shop.internal.', type: 'CNAME', ttl: 60, values: [end.result?.['endpoint']] }]);
  assert.equal(journal.of('change').find(({ operation }) => operation.startsWith('route53:'))?.site, 'far');
});

test('ending a drill deletes what this execution restored, at every site, and nothing of another', async () => {
  const far = database('shop-a', { site: 'far' });
  const near = database('shop-b', { source: 'far' });
  const rehearsal = planned([far, near]);
  const { clock, wave, open, deedsOf } = rehearsal;
  for (const execution of ['drill-1', 'drill-2']) {
    for (const each of [far, near]) {
      const { end } = await drive(deedsOf(execution).recoverDatabase(each, wave), new StepJournal(clock).context());
      assert.equal(end.state, 'done', JSON.stringify(end));
    }
  }
  const standing = async () => {
    const clusters = await Promise.all([NEAR, FAR].map((site) => open(site).rds.describeClusters()));
    return clusters.map((here) =>
      here.map(({ tags }) => tags['breakwater:execution'] ?? 'theirs').filter((one) => one !== 'theirs'),
    );
  };
  assert.deepEqual(
    (await standing()).map((here) => here.length),
    [2, 2],
  );
  const { end } = await drive(deedsOf('drill-1').cleanUpDatabases([record(far), record(near)]), new StepJournal(clock).context());
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  assert.match(end.reason?.message ?? '', /^deleted: shop-a-drill-[0-9a-f]{6}, shop-b-drill-/);
  assert.deepEqual(
    (await standing()).map((here) => here.map((one) => one.includes('drill-2'))),
    [[true], [true]],
  );
  assert.equal(changes(rehearsal, 'DeleteDBCluster').length, 2);
  const again = await drive(deedsOf('drill-1').cleanUpDatabases([record(far), record(near)]), new StepJournal(clock).context());
  assert.equal(again.end.reason?.message, 'no database of this drill was left');
});

test('a site that refuses does not keep the others from being cleaned up, and is told', async () => {
  const far = database('shop-a', { site: 'far' });
  const near = database('shop-b', { source: 'far' });
  const rehearsal = planned([far, near]);
  const { world, clock, wave, deedsOf } = rehearsal;
  const one = deedsOf('drill-1');
  for (const each of [far, near]) await drive(one.recoverDatabase(each, wave), new StepJournal(clock).context());
  world.arm(
    parseFault({
      match: { service: 'rds', operation: 'DescribeDBClusters', region: 'us-east-1' },
      effect: { kind: 'error', code: 'AccessDenied', status: 403, message: 'not authorized to perform: rds:DescribeDBClusters' },
    }),
  );
  const { end } = await drive(one.cleanUpDatabases([far, near].map(record)), new StepJournal(clock).context());
  assert.deepEqual([end.state, end.reason?.code], ['failed', 'permission-denied']);
  assert.equal(changes(rehearsal, 'DeleteDBCluster').length, 1);
});

test('a drill refuses a snapshot that is too old; a recovery takes what there is', async () => {
  const old = database('shop-a', { site: 'far', snapshot: { kind: 'newest', types: ['manual'], maxAge: 3_600_000 } });
  const { clock, wave, deedsOf } = planned([old]);
  const drill = await drive(deedsOf('drill-1').recoverDatabase(old, wave), new StepJournal(clock).context());
  assert.deepEqual([drill.end.state, drill.end.reason?.code], ['failed', 'snapshot-unusable']);
  const recovery = await drive(deedsOf('recovery-1', 'recovery').recoverDatabase(old, wave), new StepJournal(clock).context());
  assert.equal(recovery.end.state, 'done', JSON.stringify(recovery.end));
  assert.ok((recovery.end.database?.rpa ?? 0) >= 2 * 3_600_000);
});

test('a manifest that is none is refused before anything is asked of AWS', async () => {
  const manifests = new Map<string, unknown>([['shop-a.json', { ...manifest('shop-a'), members: [] }]]);
  const { world, wave, deedsOf } = planned([database('shop-a')], manifests);
  await assert.rejects(deedsOf('shops-1').inspect([wave]), { code: 'manifest-invalid', message: /shop-a\.json.*"members"/ });
  assert.equal(world.calls.length, 0);
});

test('what a restore says of itself becomes facts, as far as it got', () => {
  const at = Date.UTC(2026, 10, 20, 3);
  assert.deepEqual(databaseFacts({ cluster: 'shop-1', instances: [], checks: [] }, at), { clusterId: 'shop-1', instances: [] });
  assert.deepEqual(
    databaseFacts(
      {
        cluster: 'shop-1',
        port: 5432,
        snapshot: { id: 'snap', arn: 'arn', time: '2026-11-20T02:00:00.000Z' },
        instances: ['one', 7],
        checks: [{ check: 'c', ok: true, found: 'f' }, 'odd'],
      },
      at,
    ),
    {
      clusterId: 'shop-1',
      port: 5432,
      snapshotId: 'snap',
      snapshotArn: 'arn',
      snapshotAt: at - 3_600_000,
      rpa: 3_600_000,
      instances: ['one'],
      checks: [
        { check: 'c', ok: true, found: 'f' },
        { check: 'a check', ok: false, found: '' },
      ],
    },
  );
  const later = databaseFacts({ snapshot: { id: 'snap', time: '2026-11-20T03:01:00Z' } }, at);
  assert.equal(later.rpa, 0, 'taken after the disaster of a source that lives: nothing is lost');
  assert.equal(databaseFacts({ snapshot: { id: 'snap' } }, at).rpa, undefined, 'a number that flatters is worse than none');
});
