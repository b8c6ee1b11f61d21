import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteGateways } from '@breakwater/aws';
import { healthOf, isAgentOnline } from './instance-health.ts';
import { drive } from './testing/drive.ts';
import { launch } from './testing/launching.ts';
import { StepJournal } from './testing/recording-context.ts';
import { type SimulatedOptions, serverId, serverYaml, simulated } from './testing/simulated.ts';

const [ONE, OTHER] = [serverId('web', 1), serverId('web', 2)];
const TWO = [serverYaml('web', '', 1), serverYaml('web', '', 2)].join('\n');

async function verified(
  options: SimulatedOptions,
  needsAgent: boolean,
  before: (aws: ReturnType<typeof simulated>) => void = () => undefined,
) {
  const aws = simulated(options);
  const launched = await launch(aws);
  before(aws);
  const journal = new StepJournal(aws.clock);
  const from = aws.world.calls.length;
  const driven = await drive(aws.deeds().verify(aws.wave, launched.end.servers ?? [], needsAgent), journal.context(), {
    patience: 600_000,
  });
  const calls = aws.world.calls.slice(from).map(({ operation }) => operation);
  return { ...driven, aws, journal, calls, records: new Map((driven.end.servers ?? []).map((one) => [one.id, one])) };
}

test('both status checks prove a server; one call for all instances', async () => {
  const { end, records, calls, looks, journal } = await verified({ servers: TWO }, false);
  assert.equal(end.state === 'done' && end.status, 'succeeded');
  assert.equal(records.get(ONE)?.status, 'succeeded');
  assert.ok((records.get(ONE)?.healthyAt ?? 0) > (records.get(ONE)?.launchedAt ?? Number.POSITIVE_INFINITY));
  assert.equal(calls.filter((name) => name === 'DescribeInstanceStatus').length, looks);
  assert.ok(!calls.includes('DescribeInstanceInformation'), 'agents are not asked for');
  assert.deepEqual(journal.notes(ONE), ['status checks passed']);
});

test('with actions on the instances, the agents must be online too', async () => {
  const { end, records, aws } = await verified({ servers: TWO }, true);
  assert.equal(end.state === 'done' && end.status, 'succeeded');
  const online = aws.world
    .state()
    .regions.flatMap(({ instances }) => instances)
    .map(({ agentOnlineAt }) => agentOnlineAt);
  assert.ok((records.get(ONE)?.healthyAt ?? 0) >= Math.min(...online.map((at) => at ?? Number.POSITIVE_INFINITY)));
});

test('an agent that never comes, and checks that stay impaired, are waited for until the deadline', async () => {
  const agent = verified(
    { servers: TWO, more: `faults: [{ match: { server: "${ONE}" }, effect: { kind: agent-never-online } }]` },
    true,
  );
  await assert.rejects(
    agent,
    /not done in time; last: 1 of 2 instances proved; web \(s-web0+1\) status checks passed, SSM agent not online yet/,
  );
  const impaired = verified(
    { servers: TWO, more: `faults: [{ match: { server: "${ONE}" }, effect: { kind: status-impaired } }]` },
    false,
  );
  await assert.rejects(impaired, /last: 1 of 2 instances proved; web \(s-web0+1\) .*impaired/);
});

test('an instance that somebody terminates has failed', async () => {
  const aws = simulated({ servers: TWO });
  const { end: launched } = await launch(aws);
  await aws.aws.drs.terminateRecoveryInstances([launched.servers?.[0]?.instanceId ?? '']);
  await aws.clock.sleep(60_000);
  const { end } = await drive(aws.deeds().verify(aws.wave, launched.servers ?? [], false), new StepJournal(aws.clock).context());
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'instance-unhealthy');
  assert.match(end.reason?.message ?? '', /is terminated|does not exist in EC2/);
  assert.equal(end.servers?.[1]?.status, 'succeeded', 'the sound one is known to be sound');
});

test('launched stopped, by its launch settings: a warning, because nothing is proved', async () => {
  const servers = [serverYaml('web', 'launchDisposition: STOPPED', 1), serverYaml('web', '', 2)].join('\n');
  const { end, records } = await verified({ servers }, false);
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings');
  assert.equal(records.get(ONE)?.status, 'succeeded-with-warnings');
  assert.match(records.get(ONE)?.reason?.message ?? '', /launchDisposition STOPPED/);
  assert.equal(records.get(OTHER)?.status, 'succeeded');
  const agent = await verified({ servers }, true);
  assert.equal(agent.end.state, 'failed');
  assert.equal(agent.end.reason?.code, 'agent-offline');
});

test('an optional server that is lost only warns', async () => {
  const aws = simulated({
    servers: TWO,
    wave: { servers: [{ match: { kind: 'servers', servers: [ONE] }, criticality: 'optional' }] },
  });
  const { end: launched } = await launch(aws);
  const gone = (launched.servers ?? []).map((one) => (one.id === ONE ? { ...one, instanceId: 'i-00000000000000000' } : one));
  const { end } = await drive(aws.deeds().verify(aws.wave, gone, false), new StepJournal(aws.clock).context());
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings');
});

test('an instance that ran and then stopped has failed', async () => {
  let looks = 0;
  const through = (aws: SiteGateways): SiteGateways => ({
    ...aws,
    ec2: {
      ...aws.ec2,
      describeInstanceHealth: async (ids) => {
        looks += 1;
        return ids.map((instanceId) => ({
          instanceId,
          state: looks === 1 ? 'running' : 'stopped',
          instanceStatus: 'initializing',
          systemStatus: 'ok',
          attachedEbsStatus: undefined,
        }));
      },
    },
  });
  const { end } = await verified({ servers: serverYaml('web'), through }, false);
  assert.equal(end.state, 'failed');
  assert.match(end.reason?.message ?? '', /ran and has stopped/);
});

test('a server proved by an earlier process keeps the moment', async () => {
  const aws = simulated({ servers: serverYaml('web') });
  const { end: launched } = await launch(aws);
  await aws.clock.sleep(60_000);
  const journal = new StepJournal(aws.clock);
  const healthyAt = aws.clock.now();
  await journal
    .context()
    .progress('status checks passed', { server: serverId('web'), detail: { healthyAt: new Date(healthyAt).toISOString() } });
  await aws.clock.sleep(30_000);
  const { end } = await drive(aws.deeds().verify(aws.wave, launched.servers ?? [], false), journal.context());
  assert.equal(end.servers?.[0]?.healthyAt, healthyAt);
  assert.equal(journal.notes().length, 1);
});

test('servers without an instance are handed back as they came', async () => {
  const aws = simulated({ servers: TWO });
  const { end: launched } = await launch(aws);
  const [sound, other] = launched.servers ?? [];
  assert.ok(sound !== undefined && other !== undefined);
  const { instanceId: _, ...failed } = { ...other, status: 'failed' as const, criticality: 'optional' as const };
  await aws.clock.sleep(60_000);
  const { end } = await drive(aws.deeds().verify(aws.wave, [sound, failed], false), new StepJournal(aws.clock).context());
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings');
  assert.deepEqual(end.servers?.[1], failed);
});

test('what EC2 says, and what it means', () => {
  const seen = { instanceId: 'i-1', state: 'running', instanceStatus: 'ok', systemStatus: 'ok', attachedEbsStatus: undefined };
  const table = [
    [undefined, 'unseen'],
    [seen, 'healthy'],
    [{ ...seen, attachedEbsStatus: 'ok' }, 'healthy'],
    [{ ...seen, attachedEbsStatus: 'impaired' }, 'checking'],
    [{ ...seen, instanceStatus: 'initializing' }, 'checking'],
    [{ ...seen, systemStatus: 'impaired' }, 'checking'],
    [{ ...seen, systemStatus: undefined }, 'checking'],
    [{ ...seen, instanceStatus: 'insufficient-data' }, 'checking'],
    [{ ...seen, state: 'pending' }, 'checking'],
    [{ ...seen, state: 'stopping' }, 'checking'],
    [{ ...seen, state: 'hibernating' }, 'checking'],
    [{ ...seen, state: 'stopped' }, 'stopped'],
    [{ ...seen, state: 'shutting-down' }, 'ended'],
    [{ ...seen, state: 'terminated' }, 'ended'],
  ] as const;
  for (const [health, kind] of table) assert.equal(healthOf(health).kind, kind, JSON.stringify(health));
});

test('a ping from before the launch is the source’s, not the clone’s', () => {
  const agent = { instanceId: 'i-1', pingStatus: 'Online', lastPingAt: 1_000 };
  assert.equal(isAgentOnline(agent, 1_000), true);
  assert.equal(isAgentOnline(agent, 1_001), false);
  assert.equal(isAgentOnline({ ...agent, pingStatus: 'ConnectionLost' }, 0), false);
  assert.equal(isAgentOnline({ ...agent, lastPingAt: undefined }, 0), false);
  assert.equal(isAgentOnline(agent, undefined), false);
  assert.equal(isAgentOnline(undefined, 0), false);
});

test('without leave to see when an instance booted, its launch job says it', async () => {
  const denied =
    'faults: [{ match: { operation: DescribeInstances }, effect: { kind: error, code: UnauthorizedOperation, status: 403, message: "no" } }]';
  const { end, calls } = await verified({ servers: serverYaml('web'), more: denied }, true);
  assert.equal(end.state === 'done' && end.status, 'succeeded');
  assert.ok(calls.includes('DescribeInstances'));
});
