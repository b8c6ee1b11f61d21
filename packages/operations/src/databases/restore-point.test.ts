import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type InstanceWorld, instanceWorld, PRODUCTION } from '../testing/instances.ts';
import { captureInstance } from './instance-manifest.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LATEST = { kind: 'point-in-time', time: 'latest' } as const;
const at = (time: number) => ({ kind: 'point-in-time', time }) as const;

/** The parameters of the restore, as AWS got them. */
function sent(world: InstanceWorld, operation: string): Readonly<Record<string, unknown>> {
  const call = world.world.calls.find((one) => one.operation === operation && one.applied);
  assert.ok(call?.request !== undefined, operation);
  return Object.fromEntries(Object.entries(call.request));
}

test('a cluster to an exact moment: instances, settings, and that moment as the recovery point', async () => {
  const world = instanceWorld();
  const time = world.clock.now() - 5 * HOUR;
  const { end } = await world.run(world.shop({ choice: at(time), kmsKeyId: 'alias/shop' }));
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  const source = `arn:aws:rds:${PRODUCTION.region}:${PRODUCTION.account}:cluster:shop`;
  assert.deepEqual(end.result?.['pointInTime'], { time: '2026-11-19T22:00:00.000Z', sourceArn: source });
  assert.equal(end.result?.['snapshot'], undefined);
  assert.deepEqual(end.result?.['instances'], ['shop-back-1', 'shop-back-2']);
  const asked = sent(world, 'RestoreDBClusterToPointInTime');
  assert.equal(Date.parse(String(asked['RestoreToTime'])), time);
  assert.equal(asked['UseLatestRestorableTime'], undefined);
  const [back] = await world.production.aws.rds.describeClusters('shop-back');
  assert.deepEqual([back?.tags['Team'], back?.tags['breakwater:point-in-time-of']], ['shop', source]);
});

test('an instance to the latest moment: AWS is asked for the latest, the record says what it had', async () => {
  const world = instanceWorld();
  const latest = world.clock.now() - 5 * 60_000;
  const { end } = await world.run(world.ledger({ choice: LATEST }));
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  const asked = sent(world, 'RestoreDBInstanceToPointInTime');
  assert.deepEqual([asked['UseLatestRestorableTime'], asked['RestoreTime']], [true, undefined]);
  const found = end.result?.['pointInTime'];
  assert.ok(typeof found === 'object' && found !== null && 'time' in found);
  const recorded = Date.parse(String(found['time']));
  assert.ok(recorded >= latest && recorded < latest + 60_000, 'never later than what was there');
  const [back] = await world.production.aws.rds.describeInstances({ id: 'ledger-back' });
  assert.deepEqual([back?.multiAz, back?.performanceInsights, back?.monitoringInterval], [true, true, 60]);
});

test('swap to a point in time: the names change hands, the old one is kept', async () => {
  const world = instanceWorld();
  const { end } = await world.run(world.ledger({ choice: LATEST, strategy: 'swap', target: 'ledger' }));
  assert.equal(end.state, 'done', JSON.stringify(end));
  const names = await world.names();
  assert.equal(names.length, 3);
  assert.ok(names.includes('ledger') && names.includes(String(end.result?.['oldInstance'])));
});

test('a moment that the backups do not reach is refused with the legal window', async () => {
  const now = instanceWorld().clock.now();
  for (const [time, next] of [
    [now + HOUR, /Take a moment within/],
    [now - 60_000, /moves on about every five minutes/],
    [now - 15 * DAY, /Take a moment within/],
  ] as const) {
    const world = instanceWorld();
    const { end } = await world.run(world.ledger({ choice: at(time) }));
    assert.equal(end.state === 'failed' && end.reason.code, 'point-in-time-unavailable', JSON.stringify(end));
    assert.match(end.reason?.message ?? '', /reach from 2026-11-06T03:00:00\.\d{3}Z to 2026-11-20T02:55:0\d\.\d{3}Z/);
    assert.match(end.reason?.next ?? '', next);
    assert.equal(world.world.calls.filter(({ applied }) => applied).length, 0);
  }
  const cluster = instanceWorld();
  const { end } = await cluster.run(cluster.shop({ choice: at(now - 8 * DAY) }));
  assert.equal(end.state === 'failed' && end.reason.code, 'point-in-time-unavailable', JSON.stringify(end));
});

test('what a point in time cannot be is refused before anything is changed', async () => {
  const base = instanceWorld();
  const manifest = await captureInstance(base.production, 'ledger', base.clock.now());
  const cases: readonly [string, (world: InstanceWorld) => Parameters<InstanceWorld['ledger']>[0], string, RegExp][] = [
    [
      'elsewhere',
      (world) => ({ site: world.safe, source: world.production, manifest }),
      'usage',
      /only be restored where "ledger" stands: in account 222233334444, us-east-1/,
    ],
    [
      'replace of the source',
      () => ({ strategy: 'replace', target: 'ledger', manifest, liftProtection: true }),
      'usage',
      /deletes "ledger" first, and with it what/,
    ],
    ['archive', () => ({ archive: { kind: 'tag' } }), 'usage', /a point in time has none/],
    ['another key', () => ({ kmsKeyId: 'alias/shop' }), 'usage', /under its own key/],
    [
      'no backups',
      () => ({ database: 'forgotten' }),
      'point-in-time-unavailable',
      /no automated backups of instance "forgotten"/,
    ],
    ['unknown', () => ({ database: 'nobody', manifest }), 'cluster-unknown', /no instance "nobody"/],
    [
      'an instance of a cluster',
      () => ({ database: 'shop-1', manifest }),
      'cluster-unknown',
      /its points in time are the cluster's/,
    ],
  ];
  for (const [what, over, code, message] of cases) {
    const world = instanceWorld();
    const { end } = await world.run(world.ledger({ choice: LATEST, ...over(world) }));
    assert.equal(end.state === 'failed' && end.reason.code, code, `${what}: ${JSON.stringify(end)}`);
    assert.match(end.reason?.message ?? '', message, what);
    assert.equal(world.world.calls.filter(({ applied }) => applied).length, 0, what);
  }
});

test('the same key with another moment is another deed, and is refused', async () => {
  const world = instanceWorld();
  await world.run(world.ledger({ choice: LATEST }));
  const { end } = await world.run(world.ledger({ choice: at(world.clock.now() - HOUR) }));
  assert.equal(end.state === 'failed' && end.reason.code, 'execution-mismatch', JSON.stringify(end));
  assert.equal(world.applied('RestoreDBInstanceToPointInTime'), 1);
});
