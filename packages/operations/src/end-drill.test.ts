import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerRecord } from '@breakwater/history';
import { drive } from './testing/drive.ts';
import { launch } from './testing/launching.ts';
import { StepJournal } from './testing/recording-context.ts';
import { type Simulated, type SimulatedOptions, serverId, serverYaml, simulated } from './testing/simulated.ts';

const [ONE, OTHER] = [serverId('web', 1), serverId('web', 2)];
const TWO = [serverYaml('web', '', 1), serverYaml('web', '', 2)].join('\n');

async function drilled(options: Partial<SimulatedOptions> = {}): Promise<{ aws: Simulated; servers: readonly ServerRecord[] }> {
  const aws = simulated({ servers: TWO, ...options });
  const { end } = await launch(aws);
  return { aws, servers: end.servers ?? [] };
}

function end(aws: Simulated, servers: readonly ServerRecord[], journal = new StepJournal(aws.clock)) {
  return drive(aws.deeds().cleanUp(servers), journal.context(), { patience: 1_800_000 });
}

async function live(aws: Simulated): Promise<readonly string[]> {
  const instances = await aws.aws.drs.describeRecoveryInstances({ sourceServerIds: [ONE, OTHER] });
  return instances.filter(({ ec2State }) => ec2State !== 'TERMINATED').map(({ sourceServerId }) => sourceServerId ?? '');
}

test('what this drill launched is terminated, in one call, and awaited until it is gone', async () => {
  const { aws, servers } = await drilled();
  const journal = new StepJournal(aws.clock);
  const done = await end(aws, servers, journal);
  assert.equal(done.end.state === 'done' && done.end.status, 'succeeded');
  assert.deepEqual([...Object(done.end.result?.['terminated'])].sort(), servers.map(({ instanceId }) => instanceId).sort());
  assert.deepEqual(await live(aws), []);
  assert.equal(aws.calls('TerminateRecoveryInstances').length, 1);
  assert.deepEqual(
    journal.lines.map(({ type }) => type),
    ['intent', 'change'],
  );
});

test('an instance that another drill, another execution or a recovery launched is left alone', async () => {
  const aws = simulated({
    servers: [
      serverYaml('web', 'recoveryInstance: { kind: drill, age: 2d }', 1),
      serverYaml('web', 'recoveryInstance: { kind: recovery, age: 2d }', 2),
    ].join('\n'),
  });
  const records = [ONE, OTHER].map(
    (id): ServerRecord => ({
      id,
      name: id,
      site: 'dr',
      account: '1',
      region: 'x',
      group: 'web',
      criticality: 'critical',
      status: 'succeeded',
      instanceId: 'i-0',
    }),
  );
  const done = await end(aws, records);
  assert.equal(done.end.state === 'done' && done.end.reason?.message, 'nothing of this drill was left to end');
  assert.deepEqual(aws.calls('TerminateRecoveryInstances'), []);
  const { aws: own, servers } = await drilled();
  await drive(own.deeds({ execution: 'another' }).cleanUp(servers), new StepJournal(own.clock).context());
  assert.deepEqual(own.calls('TerminateRecoveryInstances'), []);
  assert.equal((await live(own)).length, 2);
});

test('a clean-up that DRS may not do says so, names the permission, and goes on when it is granted', async () => {
  const rawError = 'UnauthorizedOperation when calling DeleteVolume operation';
  let refusals = 2;
  const through: SimulatedOptions['through'] = (aws) => ({
    ...aws,
    drs: {
      ...aws.drs,
      // The job is accepted, ends, and has ended nothing.
      async terminateRecoveryInstances(ids) {
        refusals -= 1;
        if (refusals < 0) return aws.drs.terminateRecoveryInstances(ids);
        return {
          id: `drsjob-0000000000000000${refusals}`,
          status: 'PENDING',
          type: 'TERMINATE',
          participants: [],
          tags: {},
        } as never;
      },
      async describeJobLog(job) {
        if (!job.startsWith('drsjob-0000')) return aws.drs.describeJobLog(job);
        return [{ event: 'CLEANUP_FAIL', at: 0, sourceServerId: ONE, rawError } as never];
      },
    },
  });
  const { aws, servers } = await drilled({ through });
  const journal = new StepJournal(aws.clock);
  const done = await end(aws, servers, journal);
  assert.equal(done.end.state === 'done' && done.end.status, 'succeeded');
  assert.deepEqual(await live(aws), []);
  const warnings = journal.of('warning').map(({ reason }) => reason);
  assert.ok(warnings.length >= 1);
  for (const { code, message, next } of warnings) {
    assert.equal(code, 'permission-denied');
    assert.match(message, /still there: .*DeleteVolume/);
    assert.match(next ?? '', /ec2:DeleteVolume/);
  }
});

test('a recovery is never cleaned up', async () => {
  const { aws, servers } = await drilled({ mode: 'recovery' });
  const done = await end(aws, servers);
  assert.equal(done.end.state, 'done');
  assert.equal(done.end.reason?.code, 'not-applicable');
  assert.equal((await live(aws)).length, 2);
});

test('servers that the record has lost are found by the tags of their job', async () => {
  const { aws, servers } = await drilled();
  const done = await end(aws, servers.slice(0, 1));
  assert.equal(done.end.state, 'done');
  assert.deepEqual(await live(aws), []);
});

test('a launch that still runs is awaited, and what it launches is ended', async () => {
  const aws = simulated({ servers: TWO });
  const { waves } = await aws.deeds().inspect([aws.wave]);
  const targets = waves.get('web') ?? [];
  await aws.deeds().recover(aws.wave, targets).advance(new StepJournal(aws.clock).context());
  const done = await end(
    aws,
    targets.map(({ record }) => record),
  );
  assert.equal(done.end.state, 'done');
  assert.ok(done.notes.some((note) => /waiting for drsjob-\w+ to launch/.test(note)));
  assert.deepEqual(await live(aws), []);
  assert.equal([...Object(done.end.result?.['terminated'])].length, 2);
});

for (const effect of [
  { kind: 'drop', when: 'after' },
  { kind: 'unavailable', status: 503, when: 'after' },
  { kind: 'error', code: 'ConflictException', status: 409, when: 'after' },
]) {
  test(`a lost answer to TerminateRecoveryInstances (${JSON.stringify(effect)}): its job is found, not sent again`, async () => {
    const { aws, servers } = await drilled();
    aws.arm({ match: { operation: 'TerminateRecoveryInstances', nth: 1 }, effect });
    const journal = new StepJournal(aws.clock);
    assert.equal((await end(aws, servers, journal)).end.state, 'done');
    assert.equal(aws.calls('TerminateRecoveryInstances').length, 1);
    assert.deepEqual(
      journal.of('change').map(({ adopted }) => adopted),
      [true],
    );
  });
}

test('a call that was not applied is repeated after 30 s, and throttling and quotas are waited out', async () => {
  for (const [effect, least] of [
    [{ kind: 'drop', when: 'before' }, 30_000],
    [{ kind: 'throttle' }, 1_000],
    [{ kind: 'error', code: 'ServiceQuotaExceededException', status: 402, message: 'full' }, 10_000],
  ] as const) {
    const { aws, servers } = await drilled();
    aws.arm({ match: { operation: 'TerminateRecoveryInstances', nth: 1 }, effect });
    assert.equal((await end(aws, servers)).end.state, 'done', effect.kind);
    const [first, second] = aws.calls('TerminateRecoveryInstances');
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= least, effect.kind);
    assert.equal(aws.changes('TerminateRecoveryInstances').length, 1);
  }
});

test('instances held by a job of somebody else are waited for', async () => {
  const { aws, servers } = await drilled();
  await aws.aws.drs.terminateRecoveryInstances([servers[0]?.instanceId ?? '']);
  const done = await end(aws, servers);
  assert.equal(done.end.state, 'done');
  assert.deepEqual(await live(aws), []);
});

test('a refusal is thrown as it is, and what is left is named when nobody waits any more', async () => {
  const { aws, servers } = await drilled();
  aws.arm({
    match: { operation: 'TerminateRecoveryInstances' },
    effect: { kind: 'error', code: 'AccessDeniedException', status: 403, message: 'no' },
  });
  const operation = aws.deeds().cleanUp(servers);
  const context = new StepJournal(aws.clock).context();
  await assert.rejects(operation.advance(context), { code: 'permission-denied' });
  assert.match((await operation.abandon?.(context)) ?? '', /drill instances may be left: i-[0-9a-f]+, i-[0-9a-f]+/);
});
