import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { RunOutcome } from '@breakwater/assembly';
import { RefusedError } from '@breakwater/core';
import { folderLocks, folderSource, type JournalLine, type RecoveryLocks, verifyHistory } from '@breakwater/history';
import { SMALL_SCENARIO, smallPlans } from './small-plan.ts';
import { type DrillOptions, scratch, VirtualDrill } from './virtual-drill.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';

/** What the record of an execution says, type by type, in the streams of its runs. */
const said = (lines: readonly JournalLine[], type: JournalLine['type']) => lines.filter((line) => line.type === type);

async function verified(history: string): Promise<readonly string[]> {
  const { executions, findings } = await verifyHistory(folderSource(history));
  assert.deepEqual(findings, []);
  assert.deepEqual(
    executions.flatMap((one) => one.findings),
    [],
  );
  return executions.map(({ execution, state }) => `${execution} ${state}`);
}

const heldIn = (history: string, drill: VirtualDrill) => folderLocks(history, { clock: drill.clock, simulated: true });

test('a drill holds its servers until it is cleaned up, and then nothing', async () => {
  const drill = VirtualDrill.of(SMALL_SCENARIO);
  const history = await scratch();
  const locks = heldIn(history, drill);
  const seen: number[] = [];
  const lines: JournalLine[] = [];
  const outcome = await drill.run({
    history,
    files: [await smallPlans()],
    plan: 'here',
    execution: 'drill-1',
    onLine: (line) => {
      lines.push(line);
      if (line.type === 'intent' && line.operation === 'drs:StartRecovery')
        void locks.held().then((all) => seen.push(all.length));
    },
  });
  assert.notEqual(outcome.execution.verdict, 'failed', outcome.execution.reason.message);
  const [taken] = said(lines, 'locks-taken');
  assert.ok(taken?.type === 'locks-taken');
  assert.equal(taken.locks.length, 3);
  assert.ok(seen.length > 0 && seen.every((count) => count === taken.locks.length), String(seen));
  assert.equal(said(lines, 'locks-released').length, 1);
  assert.deepEqual(await locks.held(), []);
  assert.deepEqual(await verified(history), ['drill-1 sealed']);
});

test('of two drills of the same servers one is refused, and told who is there; its record is kept', async () => {
  const drill = VirtualDrill.of(SMALL_SCENARIO);
  const history = await scratch();
  const here = { history, files: [await smallPlans()], plan: 'here' };
  const { ended: first } = await drill.begin({
    ...here,
    execution: 'drill-1',
    actor: 'ada',
    page: 'https://github.com/o/r/actions/runs/1',
  });
  await assert.rejects(
    drill.run({ ...here, plan: 'there', execution: 'drill-2' }),
    (error: Error & { code: string; next: string }) => {
      assert.equal(error.code, 'servers-locked');
      assert.match(
        error.message,
        /drill drill-1 of plan here \(ada on \S+, since 20\S+Z, https:\/\/github\.com\/o\/r\/actions\/runs\/1\) holds \S+/,
      );
      assert.match(error.next, /breakwater unlock drill-1/);
      return true;
    },
  );
  assert.notEqual((await first).execution.verdict, 'failed');
  assert.equal(drill.applied('StartRecovery'), 2);
  assert.deepEqual(await verified(history), ['drill-1 sealed', 'drill-2 sealed']);
});

test('an interrupted execution keeps its locks, and its next run has them', async () => {
  const drill = VirtualDrill.of(SMALL_SCENARIO);
  const history = await scratch();
  const stop = new AbortController();
  const request = { history, files: [await smallPlans()], plan: 'here', execution: 'drill-1' };
  const onLine = (line: JournalLine) => {
    if (line.type === 'change' && line.operation === 'drs:StartRecovery') stop.abort('SIGTERM');
  };
  const { execution } = await drill.run({ ...request, signal: stop.signal, onLine });
  assert.equal(execution.verdict, 'in-progress');
  await assert.rejects(drill.run({ ...request, execution: 'drill-2' }), { code: 'servers-locked' });
  const again = await drill.run(request);
  assert.notEqual(again.execution.verdict, 'in-progress');
  assert.deepEqual(await heldIn(history, drill).held(), []);
});

/** Drill and recovery of the same plan, in one process. The recovery comes when the drill is so far. */
async function both(isTime: (line: JournalLine) => boolean, options: Pick<DrillOptions, 'locks' | 'stopDrill'> = {}) {
  const drill = VirtualDrill.of(SMALL_SCENARIO);
  const history = await scratch();
  const here = { history, files: [await smallPlans()], plan: 'here' };
  const lines: JournalLine[] = [];
  let recovery: Promise<{ readonly ended: Promise<RunOutcome> }> | undefined;
  let began = 0;
  const recover = () => {
    began = drill.clock.now();
    const request = { ...here, plan: 'there', mode: 'recovery', execution: 'recovery-1', actor: 'kim' } as const;
    recovery = drill.begin({ ...request, ...options, onLine: (line) => lines.push(line) });
  };
  const onLine = (line: JournalLine) => {
    if (recovery === undefined && isTime(line)) recover();
  };
  const { ended } = await drill.begin({ ...here, execution: 'drill-1', onLine });
  const drilled = await ended;
  const recovered = await (await recovery)?.ended;
  assert.ok(recovered !== undefined, 'the recovery was never begun');
  const taken = Date.parse(said(lines, 'locks-taken')[0]?.at ?? '');
  return { drill, history, lines, waited: taken - began, recovered: recovered.execution, drilled: drilled.execution };
}

for (const [what, isTime, inTime] of [
  ['has just begun', (line: JournalLine) => line.type === 'locks-taken', false],
  ['launches', (line: JournalLine) => line.type === 'change' && line.operation === 'drs:StartRecovery', false],
  ['has launched its first wave', (line: JournalLine) => line.type === 'step-finished' && line.step === 'verify', false],
  ['cleans up', (line: JournalLine) => line.type === 'step-started' && line.step === 'clean-up', true],
] as const) {
  test(`a recovery takes its servers from a drill that ${what}`, async () => {
    const { drill, history, lines, waited, recovered, drilled } = await both(isTime);
    assert.ok(['succeeded', 'degraded'].includes(recovered.verdict), recovered.reason.message);
    if (what !== 'cleans up') {
      assert.equal(drilled.verdict, 'cancelled', drilled.reason.message);
      assert.equal(drilled.reason.code, 'pre-empted');
      assert.match(drilled.reason.message, /recovery recovery-1 of plan there \(kim\)/);
    }
    assert.ok(waited <= 125_000, `it waited ${waited} ms`);
    const told = said(lines, 'drill-pre-empted');
    assert.deepEqual(
      told.map((line) => line.type === 'drill-pre-empted' && line.broken !== undefined),
      // A launch that DRS is busy with takes longer to end than a recovery waits.
      inTime ? [false] : [false, true],
    );
    assert.deepEqual(leftOf(drill), []);
    assert.deepEqual(await heldIn(history, drill).held(), []);
    assert.deepEqual(await verified(history), ['drill-1 sealed', 'recovery-1 sealed']);
    assert.equal(launchesOf(drill, 'recovery-1'), 2);
    assert.ok(launchesOf(drill, 'drill-1') <= 2);
  });
}

test('a recovery ends what a dead drill left, once it has recovered', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const history = await scratch();
  const stop = new AbortController();
  const onLine = (line: JournalLine) => {
    if (line.type === 'step-finished' && line.step === 'verify') stop.abort('SIGKILL');
  };
  const { execution } = await drill.run({ history, execution: 'drill-1', signal: stop.signal, onLine });
  assert.equal(execution.verdict, 'in-progress');
  assert.notDeepEqual(leftOf(drill), []);
  const stopped: string[] = [];
  const recovered = await drill.run({
    history,
    mode: 'recovery',
    execution: 'recovery-1',
    approvals: ['web'],
    stopDrill: async ({ execution: asked }) => {
      stopped.push(asked);
      throw new Error('nothing of that name runs');
    },
  });
  assert.deepEqual(stopped, ['drill-1']);
  assert.equal(recovered.execution.verdict, 'succeeded', recovered.execution.reason.message);
  assert.deepEqual(
    recovered.execution.finally.filter(({ kind }) => kind === 'clean-up').map(({ id, status }) => [id, status]),
    [
      ['end-drill/drill-1', 'succeeded'],
      ['end-drill-databases/drill-1', 'succeeded'],
    ],
  );
  assert.deepEqual(leftOf(drill), []);
  assert.deepEqual(await verified(history), ['drill-1 unsealed', 'recovery-1 sealed']);
  // Whoever goes on with the drill afterwards finds nothing to build upon, and ends it.
  const again = await drill.run({ history, execution: 'drill-1' });
  assert.equal(again.execution.verdict, 'cancelled', again.execution.reason.message);
  assert.equal(again.execution.reason.code, 'pre-empted');
  assert.equal(launchesOf(drill, 'drill-1'), 1);
  assert.deepEqual(await heldIn(history, drill).held(), []);
});

test('a recovery goes on with its locks out of reach, and says so where nobody overlooks it', async () => {
  const drill = VirtualDrill.of(SMALL_SCENARIO);
  const history = await scratch();
  const fails = () => Promise.reject(new RefusedError('history-unreachable', 'the remote is silent', { next: 'Wait.' }));
  const locks: RecoveryLocks = { take: fails, held: fails, release: fails, break: fails, want: fails, wanted: fails };
  const here = { history, locks, files: [await smallPlans()], plan: 'here' };
  await assert.rejects(drill.run({ ...here, execution: 'drill-1' }), { code: 'history-unreachable' });
  assert.equal(drill.applied('StartRecovery'), 0);
  const { execution, problems, report } = await drill.run({ ...here, mode: 'recovery', execution: 'recovery-1' });
  assert.equal(execution.verdict, 'succeeded', execution.reason.message);
  assert.match(problems.join('\n'), /the locks cannot be had, and a recovery does not wait for them: the remote is silent/);
  assert.match(
    await readFile(report ?? '', 'utf8'),
    /## Shared history and locks\n\n- .*, without locks: the locks cannot be had/,
  );
  assert.deepEqual(await verified(history), ['drill-1 sealed', 'recovery-1 sealed']);
});

/** Instances and clusters of drills that AWS still has. */
function leftOf({ world }: VirtualDrill): readonly string[] {
  const { regions } = world.state();
  const at = world.clock.now();
  return regions.flatMap(({ recoveryInstances, databases }) => [
    ...recoveryInstances.filter(({ isDrill, until }) => isDrill && (until === null || until > at)).map(({ id }) => id),
    ...databases.clusters.filter(({ tags }) => tags['breakwater:mode'] === 'drill').map(({ id }) => id),
  ]);
}

/** How many StartRecovery of an execution AWS applied. */
function launchesOf({ world }: VirtualDrill, execution: string): number {
  return world.calls.filter(
    ({ operation, applied, request }) =>
      operation === 'StartRecovery' && applied && JSON.stringify(request).includes(`"${execution}"`),
  ).length;
}
