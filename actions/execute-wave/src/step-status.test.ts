import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATUSES, type Status, type Verdict } from '@breakwater/core';
import type { Execution, Reason, ServerRecord, StepRecord, WaveRecord } from '@breakwater/history';
import fc from 'fast-check';
import { failuresIn, stepStatus, wavesOf } from './step-status.ts';

const why: Reason = { code: 'server-failed', message: 'because', next: 'look' };

function step(status: Status, over: Partial<StepRecord> = {}): StepRecord {
  return {
    id: 's',
    kind: 'pre-wave-action',
    name: 'Freeze',
    status,
    attempt: 1,
    changes: [],
    openIntents: [],
    warnings: [],
    reason: why,
    ...over,
  };
}

function server(id: string, status: Status, over: Partial<ServerRecord> = {}): ServerRecord {
  const place = { site: 'dr', account: '111122223333', region: 'us-west-2', group: 'g' };
  return { id, name: `host-${id}`, ...place, criticality: 'critical', status, reason: why, ...over };
}

function wave(name: string, status: Status, over: Partial<WaveRecord> = {}): WaveRecord {
  return { name, dependsOn: [], status, reason: why, steps: [], servers: [], ...over };
}

function execution(verdict: Verdict, waves: readonly WaveRecord[], finallySteps: readonly StepRecord[] = []): Execution {
  const plan = { name: 'webshop', digest: 'd', owner: 'o', tier: 1, objectives: { rto: 1, rpo: 1 }, waves: [], definition: {} };
  const header = {
    schema: 'breakwater.execution/1',
    id: 'e',
    mode: 'drill',
    createdAt: 0,
    actor: 'a',
    tool: 't',
    simulated: true,
    plan,
  } as const;
  const reason: Reason = { code: 'interrupted', message: 'the execution’s own reason' };
  return {
    header,
    verdict,
    reason,
    startedAt: 0,
    rto: { objective: 1 },
    rpo: { objective: 1 },
    waves,
    finally: finallySteps,
    runs: [],
    problems: [],
  };
}

test('without named waves, or with all of them, the verdict of the execution counts', () => {
  const whole = execution('degraded', [wave('a', 'succeeded'), wave('b', 'succeeded')]);
  assert.equal(stepStatus(whole, []).status, 'degraded');
  assert.equal(stepStatus(whole, ['a', 'b']).status, 'degraded');
});

test('a wave that succeeded is a success, although the execution waits for the others', () => {
  const first = execution('in-progress', [wave('a', 'succeeded'), wave('b', 'pending')]);
  assert.deepEqual(stepStatus(first, ['a']), {
    status: 'succeeded',
    reason: { code: 'ok', message: 'everything asked for was done and proved' },
  });
});

test('the worst of the waves asked for decides; a skipped wave is not a passed one', () => {
  const cases: readonly [Status, Verdict][] = [
    ['succeeded', 'succeeded'],
    ['succeeded-with-warnings', 'degraded'],
    ['failed-ignored', 'degraded'],
    ['failed', 'failed'],
    ['timed-out', 'failed'],
    ['skipped', 'failed'],
    ['cancelled', 'cancelled'],
    ['pending', 'in-progress'],
    ['running', 'in-progress'],
    ['waiting', 'in-progress'],
  ];
  assert.equal(cases.length, STATUSES.length);
  for (const [status, expected] of cases) {
    const some = execution('in-progress', [wave('a', 'succeeded'), wave('b', status), wave('c', 'pending')]);
    assert.equal(stepStatus(some, ['a', 'b']).status, expected, status);
  }
});

test('a wave without an end carries the execution’s reason, a failed one its own', () => {
  const some = execution('in-progress', [wave('a', 'running'), wave('b', 'failed'), wave('c', 'pending')]);
  assert.equal(stepStatus(some, ['a']).reason.code, 'interrupted');
  assert.equal(stepStatus(some, ['b']).reason.code, 'server-failed');
});

test('finally work that went wrong blemishes a step, but does not fail it', () => {
  const some = execution('failed', [wave('a', 'succeeded'), wave('b', 'failed')], [step('failed')]);
  assert.deepEqual(stepStatus(some, ['a']), { status: 'degraded', reason: { ...why, code: 'degraded' } });
});

test('a step is never better than the worst wave it was asked for', () => {
  const order: readonly Verdict[] = ['succeeded', 'degraded', 'cancelled', 'failed', 'in-progress'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 5 }), (statuses) => {
      const waves = statuses.map((status, n) => wave(`w${n}`, status));
      const all = execution('in-progress', [...waves, wave('other', 'pending')]);
      const together = order.indexOf(
        stepStatus(
          all,
          waves.map(({ name }) => name),
        ).status,
      );
      const alone = waves.map(({ name }) => order.indexOf(stepStatus(all, [name]).status));
      assert.equal(together, Math.max(...alone));
    }),
  );
});

test('each failed unit is told once, failures first: servers rather than the step that missed them', () => {
  const broken = wave('web', 'failed', {
    steps: [
      step('failed', { kind: 'recover', name: 'recover' }),
      step('failed-ignored', { kind: 'post-wave-action', name: 'SmokeTest' }),
    ],
    servers: [server('1', 'succeeded'), server('2', 'failed', { criticality: 'optional' }), server('3', 'timed-out')],
  });
  const some = execution(
    'failed',
    [broken, wave('late', 'failed'), wave('fine', 'succeeded')],
    [step('failed', { name: 'Notify' })],
  );
  assert.deepEqual(
    failuresIn(some, wavesOf(some, [])).map(({ level, title }) => `${level} ${title}`),
    [
      'error wave web: server host-3 timed-out',
      'error wave late: failed',
      'error finally: Notify failed',
      'warning wave web: optional server host-2 failed',
      'warning wave web: SmokeTest failed-ignored',
    ],
  );
});
