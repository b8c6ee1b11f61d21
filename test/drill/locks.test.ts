import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderLocks, folderSource, type JournalLine, type RecoveryLocks, verifyHistory } from '@breakwater/history';
import { scratch, VirtualDrill } from './virtual-drill.ts';

const SCENARIO = 'plans/simulation/webshop.yaml';

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

test('a drill holds its servers and its database until it is cleaned up, and then nothing', async () => {
  const drill = VirtualDrill.of(SCENARIO);
  const history = await scratch();
  const locks = heldIn(history, drill);
  const seen: number[] = [];
  const lines: JournalLine[] = [];
  const outcome = await drill.run({
    history,
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
  assert.equal(taken.locks.filter((lock) => lock.includes('/database/')).length, 1);
  assert.ok(seen.length > 0 && seen.every((count) => count === taken.locks.length), String(seen));
  assert.equal(said(lines, 'locks-released').length, 1);
  assert.deepEqual(await locks.held(), []);
  assert.deepEqual(await verified(history), ['drill-1 sealed']);
});

test('of two drills of the same servers one is refused, and told who is there; its record is kept', async () => {
  const drill = VirtualDrill.of(SCENARIO);
  const history = await scratch();
  const first = drill.run({ history, execution: 'drill-1', actor: 'ada', page: 'https://github.com/o/r/actions/runs/1' });
  await drill.clock.sleep(60_000);
  await assert.rejects(drill.run({ history, execution: 'drill-2' }), (error: Error & { code: string; next: string }) => {
    assert.equal(error.code, 'servers-locked');
    assert.match(
      error.message,
      /drill drill-1 of plan webshop \(ada on \S+, since 20\S+Z, https:\/\/github\.com\/o\/r\/actions\/runs\/1\) holds \S+/,
    );
    assert.match(error.next, /breakwater unlock drill-1/);
    return true;
  });
  assert.notEqual((await first).execution.verdict, 'failed');
  assert.equal(drill.applied('StartRecovery'), 3);
  assert.deepEqual(await verified(history), ['drill-1 sealed', 'drill-2 sealed']);
});

test('an interrupted execution keeps its locks, and its next run has them', async () => {
  const drill = VirtualDrill.of(SCENARIO);
  const history = await scratch();
  const stop = new AbortController();
  const request = { history, execution: 'drill-1' };
  const onLine = (line: JournalLine) => {
    if (line.type === 'change' && line.operation === 'drs:StartRecovery') stop.abort('SIGTERM');
  };
  const { execution } = await drill.run({ ...request, signal: stop.signal, onLine });
  assert.equal(execution.verdict, 'in-progress');
  await assert.rejects(drill.run({ history, execution: 'drill-2' }), { code: 'servers-locked' });
  const again = await drill.run(request);
  assert.notEqual(again.execution.verdict, 'in-progress');
  assert.deepEqual(await heldIn(history, drill).held(), []);
});

/** Drill and recovery of the same plan, in one process. The recovery comes so long after the drill. */
async function both(after: number, options: { readonly locks?: (locks: RecoveryLocks) => RecoveryLocks } = {}) {
  const drill = VirtualDrill.of(SCENARIO);
  const history = await scratch();
  const lines: JournalLine[] = [];
  const own = options.locks?.(heldIn(history, drill));
  const running = drill.run({ history, execution: 'drill-1', ...(own === undefined ? {} : { locks: own }) });
  await drill.clock.sleep(after);
  const began = drill.clock.now();
  const request = { history, mode: 'recovery' as const, execution: 'recovery-1', approvals: ['web'], actor: 'kim' };
  const recovered = await drill.run({ ...request, onLine: (line) => lines.push(line) });
  return { drill, history, lines, began, recovered, drilled: await running };
}

for (const [what, after] of [
  ['has just begun', 5_000],
  ['launches', 8 * 60_000],
  ['has launched its first wave', 30 * 60_000],
] as const) {
  test(`a recovery takes its servers from a drill that ${what}`, async () => {
    const { drill, history, lines, began, recovered, drilled } = await both(after);
    assert.ok(['succeeded', 'degraded'].includes(recovered.execution.verdict), recovered.execution.reason.message);
    assert.equal(drilled.execution.verdict, 'cancelled', drilled.execution.reason.message);
    assert.equal(drilled.execution.reason.code, 'pre-empted');
    assert.match(drilled.execution.reason.message, /recovery recovery-1 of plan webshop \(kim\)/);
    const taken = said(lines, 'locks-taken')[0];
    assert.ok(Date.parse(taken?.at ?? '') - began <= 125_000, `it waited ${Date.parse(taken?.at ?? '') - began} ms`);
    assert.equal(said(lines, 'drill-pre-empted')[0]?.type, 'drill-pre-empted');
    assert.deepEqual(leftOf(drill), []);
    assert.deepEqual(await heldIn(history, drill).held(), []);
    assert.deepEqual(await verified(history), ['drill-1 sealed', 'recovery-1 sealed']);
    assert.equal(launchesOf(drill, 'recovery-1'), 3);
  });
}

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
