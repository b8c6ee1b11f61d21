import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingRunner, runAction } from '@breakwater/action-kit';
import type { RunEnvironment, RunOutcome } from '@breakwater/assembly';
import { HAND_OVER, type Verdict, VirtualClock } from '@breakwater/core';
import { definition } from './definition.ts';
import { patienceOf, watch } from './hand-over.ts';
import { executeWave } from './run.ts';

const HOUR = 3_600_000;

test('a step has all the time it needs, but for what the platform or the workflow allows', () => {
  assert.equal(patienceOf(undefined, {}), undefined);
  assert.equal(patienceOf(undefined, { RUNNER_ENVIRONMENT: 'self-hosted' }), undefined);
  assert.equal(patienceOf(undefined, { RUNNER_ENVIRONMENT: 'github-hosted' }), 5 * HOUR + 40 * 60_000);
  assert.equal(patienceOf(2 * HOUR, { RUNNER_ENVIRONMENT: 'github-hosted' }), 2 * HOUR);
  // No wish makes a hosted job live longer: it would be killed before it could hand over.
  assert.equal(patienceOf(8 * HOUR, { RUNNER_ENVIRONMENT: 'github-hosted' }), 5 * HOUR + 40 * 60_000);
  assert.equal(patienceOf(8 * HOUR, { RUNNER_ENVIRONMENT: 'self-hosted' }), 8 * HOUR);
});

test('time over aborts with the hand-over, a cancellation with its own reason, and an ended watch with nothing', async () => {
  const clock = new VirtualClock(0);
  const over = watch(HOUR, clock, new AbortController().signal);
  const cancel = new AbortController();
  const cancelled = watch(HOUR, clock, cancel.signal);
  const ended = watch(HOUR, clock, new AbortController().signal);
  cancel.abort('SIGINT');
  ended.end();
  await clock.sleep(2 * HOUR);
  assert.equal(over.signal.reason, HAND_OVER);
  assert.equal(cancelled.signal.reason, 'SIGINT');
  assert.equal(ended.signal.aborted, false);
  assert.equal(watch(undefined, clock, AbortSignal.abort('SIGTERM')).signal.reason, 'SIGTERM');
});

/** A step whose time is over while AWS still works, or (with another verdict) just when everything had ended. */
async function outOfTime(verdict: Verdict, environment: Record<string, string>) {
  const clock = new VirtualClock(0);
  const runner = recordingRunner({ INPUT_MODE: 'drill', ...environment });
  const runPlan = async (_: unknown, { signal, began }: RunEnvironment): Promise<RunOutcome> => {
    const header = {
      schema: 'breakwater.execution/1',
      id: 'webshop-drill-gh-7',
      mode: 'drill',
      createdAt: 0,
      actor: 'ann',
      tool: 'breakwater/0.1.0',
      simulated: false,
      plan: {
        name: 'webshop',
        digest: 'd'.repeat(64),
        owner: 'team',
        tier: 1,
        objectives: { rto: HOUR, rpo: HOUR },
        waves: [],
        definition: {},
      },
    } as const;
    began?.(header, 'place');
    await clock.sleep(10 * HOUR, signal).catch(() => undefined);
    assert.equal(signal.reason, HAND_OVER);
    const reason = { code: 'handed-over', message: 'the time of the job was over; AWS goes on with database' } as const;
    const [rto, rpo] = [{ objective: HOUR }, { objective: HOUR }];
    const execution = { header, verdict, reason, startedAt: 0, rto, rpo, waves: [], finally: [], runs: [], problems: [] };
    return { execution, place: 'place', problems: [] };
  };
  await runAction(definition, (door) => executeWave(door, { runPlan, clock }), runner);
  return runner;
}

test('with max-run the step passes and says that it handed over', async () => {
  const runner = await outOfTime('in-progress', { 'INPUT_MAX-RUN': '5h30m' });
  const { status, 'handed-over': handedOver, 'reason-code': code } = runner.outputs;
  assert.deepEqual([status, handedOver, code], ['in-progress', 'true', 'handed-over']);
  assert.deepEqual(runner.failures, []);
});

test('without max-run nobody is known to follow: a hosted step stops in good order, and fails', async () => {
  const runner = await outOfTime('in-progress', { RUNNER_ENVIRONMENT: 'github-hosted' });
  assert.equal(runner.outputs['handed-over'], 'false');
  assert.equal(runner.failures.length, 1);
  assert.match(runner.failures[0] ?? '', /^handed-over: .*execution-id: webshop-drill-gh-7/);
});

test('what has ended is not handed over, however late', async () => {
  const runner = await outOfTime('succeeded', { 'INPUT_MAX-RUN': '1h' });
  assert.deepEqual([runner.outputs['status'], runner.outputs['handed-over']], ['succeeded', 'false']);
});
