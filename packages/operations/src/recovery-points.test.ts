import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recoveryPointActual } from './recovery-point.ts';
import { launch } from './testing/launching.ts';
import { serverId, serverYaml, simulated } from './testing/simulated.ts';

const START = Date.parse('2026-03-04T03:00:00Z');
const PIT = (letter: string) => `pit-${letter.repeat(17)}`;
const POINTS = `snapshots: [{ id: ${PIT('a')}, age: 10m }, { id: ${PIT('b')}, age: 50m }, { id: ${PIT('c')}, age: 3h }]`;

function sent(aws: ReturnType<typeof simulated>): unknown {
  const servers = aws.changes('StartRecovery')[0]?.request?.['sourceServers'];
  return Array.isArray(servers) ? servers.map((server) => [server.sourceServerID, server.recoverySnapshotID]) : undefined;
}

test('before a moment: the newest point not after it, and a loss as old as that point', async () => {
  const aws = simulated({
    servers: serverYaml('web', POINTS),
    wave: { recoveryPoint: { kind: 'before', time: START - 20 * 60_000 } },
  });
  const { records } = await launch(aws);
  assert.deepEqual(sent(aws), [[serverId('web'), PIT('b')]]);
  const record = records.get(serverId('web'));
  assert.equal(record?.recoveryPoint, PIT('b'));
  assert.equal(record?.recoveryPointAt, START - 50 * 60_000);
  assert.equal(record?.rpa, 50 * 60_000);
});

test('a pinned point is sent as it is; servers without one use the latest data', async () => {
  const aws = simulated({
    servers: [serverYaml('web', POINTS, 1), serverYaml('web', '', 2)].join('\n'),
    wave: { recoveryPoint: { kind: 'pinned', snapshots: { [serverId('web', 1)]: PIT('c') } } },
  });
  const { records } = await launch(aws);
  assert.deepEqual(sent(aws), [
    [serverId('web', 1), PIT('c')],
    [serverId('web', 2), undefined],
  ]);
  assert.equal(records.get(serverId('web', 1))?.rpa, 3 * 3_600_000);
  assert.equal(records.get(serverId('web', 2))?.recoveryPoint, 'latest');
});

test('a pinned point that has aged out fails its server alone', async () => {
  const aws = simulated({
    servers: [serverYaml('web', POINTS, 1), serverYaml('web', '', 2)].join('\n'),
    wave: { recoveryPoint: { kind: 'pinned', snapshots: { [serverId('web', 1)]: PIT('z') } } },
  });
  const { end, records } = await launch(aws);
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'recovery-point-missing');
  assert.deepEqual(sent(aws), [[serverId('web', 2), undefined]]);
  assert.equal(records.get(serverId('web', 2))?.status, 'running');
});

test('no point before the moment: nothing is launched', async () => {
  const aws = simulated({
    servers: serverYaml('web', POINTS),
    wave: { recoveryPoint: { kind: 'before', time: START - 86_400_000 } },
  });
  const { end } = await launch(aws);
  assert.equal(end.reason?.code, 'recovery-point-missing');
  assert.equal(aws.calls('StartRecovery').length, 0);
});

test('a stalled source is recovered from its newest point, whose age is told and bounds the loss', async () => {
  const stalled = `  - { id: ${serverId('web')}, account: "111122223333", region: us-west-2, hostname: web, tags: { Group: web }, replication: { state: STALLED, lag: null }, ${POINTS} }`;
  const aws = simulated({ servers: stalled, mode: 'recovery' });
  const { end, records, journal } = await launch(aws);
  assert.equal(end.state, 'done');
  assert.deepEqual(sent(aws), [[serverId('web'), undefined]]);
  assert.deepEqual(journal.notes(serverId('web'))[0], 'replication is STALLED; newest usable recovery point 10m 00s old');
  assert.ok((records.get(serverId('web'))?.rpa ?? 0) >= 600_000);
});

test('a stalled source without any point cannot be launched', async () => {
  const stalled = `  - { id: ${serverId('web')}, account: "111122223333", region: us-west-2, hostname: web, tags: { Group: web }, replication: { state: STOPPED, lag: null }, snapshots: [] }`;
  const aws = simulated({ servers: stalled, mode: 'recovery' });
  const { end } = await launch(aws);
  assert.equal(end.reason?.code, 'recovery-point-missing');
  assert.match(end.reason?.message ?? '', /replication is STOPPED/);
});

test('no points are asked for where none are needed', async () => {
  const aws = simulated({ servers: serverYaml('web') });
  await launch(aws);
  assert.equal(aws.calls('DescribeRecoverySnapshots').length, 0);
});

test('the loss is never negative, never better than the point, and unknown when nothing is certain', () => {
  const moment = fc.integer({ min: 0, max: 10_000_000 });
  const maybe = fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined });
  const state = fc.constantFrom('CONTINUOUS', 'STALLED', undefined);
  fc.assert(
    fc.property(
      moment,
      moment,
      fc.boolean(),
      maybe,
      maybe,
      state,
      (createdAt, pointAt, latest, lag, newest, replicationState) => {
        const loss = recoveryPointActual({ createdAt, pointAt, latest, lag, newest, replicationState });
        if (latest && lag === undefined && newest === undefined) return loss === undefined;
        if (latest && lag !== undefined && replicationState === 'CONTINUOUS' && (loss ?? 0) < lag) return false;
        return loss !== undefined && loss >= 0 && loss >= createdAt - pointAt;
      },
    ),
  );
  assert.equal(
    recoveryPointActual({ createdAt: 1, pointAt: undefined, latest: false, lag: 0, newest: 0, replicationState: undefined }),
    undefined,
  );
});
