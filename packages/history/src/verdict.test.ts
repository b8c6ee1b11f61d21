import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReasonCode, Status, Verdict } from '@breakwater/core';
import type { JournalEvent, Reason } from './events.ts';
import { FAILED, lines, OK, runStarted, server, stepFinished, stepStarted, waveFinished, wholeWave } from './testing/records.ts';
import { fold, good, interrupted, last, optional, running, type Streams, web, without } from './testing/two-waves.ts';

const webStep = (status: Status, reason: Reason = FAILED, waveStatus: Status = 'succeeded'): Streams => ({
  ...good,
  'waves/web': lines(
    [10, { type: 'wave-started', servers: [server('web-1')] }],
    [11, stepStarted('post/Smoke', 'post-wave-action')],
    [12, stepFinished('post/Smoke', status, reason)],
    [20, waveFinished(waveStatus, reason)],
  ),
});

const finished = (verdict: Verdict, code: ReasonCode): JournalEvent => ({
  type: 'run-finished',
  verdict,
  reason: { code, message: `because of ${code}` },
});

const skippedFor = (code: ReasonCode): Reason => ({ code, message: 'not run' });

const stopped = [
  ...running,
  ...lines([15, stepFinished('recover', 'cancelled', { code: 'interrupted', message: 'stopped on request' })]),
];

const gated = lines([10, stepStarted('gate', 'gate')]);

const cases: readonly (readonly [what: string, streams: Streams, verdict: Verdict, code: ReasonCode, message?: RegExp])[] = [
  ['everything well', good, 'succeeded', 'ok', /^2 waves and 3 servers succeeded$/],

  ['nothing yet', {}, 'in-progress', 'in-progress', /not ended yet: database, web/],
  ['a run that has only begun', { 'runs/run-1': lines([0, runStarted('run-1')]) }, 'in-progress', 'in-progress'],
  ['one wave of two', without('waves/web'), 'in-progress', 'in-progress', /not ended yet: web/],
  ['a wave going on', { ...good, 'waves/web': running }, 'in-progress', 'in-progress', /still going on: web/],
  [
    'a wave going on after another failed',
    { ...web([]), 'waves/database': wholeWave(0, 9, [], 'failed', FAILED), 'waves/web': running },
    'in-progress',
    'in-progress',
    /still going on: web; already failed: wave database: db-1 was not launched/,
  ],
  ['a gate that nobody has opened', { ...good, 'waves/web': gated }, 'in-progress', 'gate-closed', /wave web waits for approval/],
  [
    'a closed gate after another wave failed',
    { ...good, 'waves/database': wholeWave(0, 9, [], 'failed', FAILED), 'waves/web': gated },
    'failed',
    'server-failed',
  ],

  [
    'a failed wave',
    web([server('web-1', { status: 'failed' })], 'failed', FAILED),
    'failed',
    'server-failed',
    /^wave web: db-1 was not launched$/,
  ],
  [
    'a failed wave with the rest not begun',
    { ...without('waves/web'), 'waves/database': wholeWave(0, 9, [], 'failed', FAILED) },
    'failed',
    'server-failed',
  ],
  ['a wave that timed out', web([], 'timed-out', { code: 'timed-out', message: 'too slow' }), 'failed', 'timed-out'],
  [
    'a wave skipped for a failed one: the cause is named, not the consequence',
    {
      ...good,
      'waves/database': lines([1, waveFinished('skipped', skippedFor('dependency-failed'))]),
      'waves/web': wholeWave(0, 9, [], 'failed', FAILED),
    },
    'failed',
    'server-failed',
    /^wave web: .* \(and 1 other wave\)$/,
  ],
  [
    'a wave skipped by choice',
    { ...good, 'waves/web': lines([1, waveFinished('skipped', skippedFor('not-applicable'))]) },
    'degraded',
    'degraded',
  ],
  [
    'a wave that was never begun, because its job did not run',
    { ...good, 'waves/web': lines([1, waveFinished('skipped', skippedFor('interrupted'))]) },
    'failed',
    'interrupted',
  ],
  [
    'a wave that was never begun, because nobody approved it',
    { ...good, 'waves/web': lines([1, waveFinished('skipped', skippedFor('gate-closed'))]) },
    'failed',
    'gate-closed',
  ],
  [
    'a wave that was never begun, because a guard refused it',
    { ...good, 'waves/web': lines([1, waveFinished('skipped', skippedFor('servers-locked'))]) },
    'failed',
    'servers-locked',
  ],
  ['a wave that failed and was to be ignored', web([server('web-1')], 'failed-ignored', FAILED), 'degraded', 'degraded'],
  [
    'a cancelled wave',
    web([server('web-1', { status: 'pending' })], 'cancelled', skippedFor('interrupted')),
    'cancelled',
    'interrupted',
  ],
  [
    'a cancelled wave whose servers were cancelled',
    web([server('web-1', { status: 'cancelled' })], 'cancelled', skippedFor('interrupted')),
    'cancelled',
    'interrupted',
  ],

  // Never better than the worst evidence, whatever the wave's last line claims.
  [
    'a wave that says it succeeded, with a failed critical server',
    web([server('web-1', { status: 'failed', reason: FAILED })]),
    'failed',
    'server-failed',
    /critical server web-1 failed/,
  ],
  ['… with a critical server that timed out', web([server('web-1', { status: 'timed-out' })]), 'failed', 'server-failed'],
  [
    '… with a critical server that was never proved',
    web([server('web-1', { status: 'running' })]),
    'failed',
    'server-failed',
    /never ended/,
  ],
  ['… with no server at all', web([]), 'failed', 'no-participants'],
  ['… with warnings, and no server at all', web([], 'succeeded-with-warnings', FAILED), 'failed', 'no-participants'],
  ['… with a failed action', webStep('failed'), 'failed', 'server-failed', /post-wave-action post\/Smoke failed/],
  ['… with an action that timed out', webStep('timed-out'), 'failed', 'server-failed'],
  ['… with a cancelled action', webStep('cancelled', skippedFor('interrupted')), 'cancelled', 'interrupted'],
  [
    '… with an action that never ended',
    {
      ...good,
      'waves/web': [
        ...running,
        ...lines([19, stepFinished('verify', 'succeeded', OK, [server('web-1')])], [20, waveFinished('succeeded')]),
      ],
    },
    'failed',
    'internal',
    /never ended/,
  ],

  [
    'a failed optional server',
    web([server('web-1'), optional({ status: 'failed', reason: FAILED })], 'succeeded-with-warnings', FAILED),
    'degraded',
    'degraded',
    /optional server web-2 failed/,
  ],
  [
    'a skipped critical server',
    web([server('web-1'), server('web-3', { status: 'skipped', reason: skippedFor('degraded') })]),
    'degraded',
    'degraded',
  ],
  ['a server recovered with warnings', web([server('web-1', { status: 'succeeded-with-warnings' })]), 'degraded', 'degraded'],
  ['a failed action that was to be ignored', webStep('failed-ignored'), 'degraded', 'degraded', /failed, which the plan allows/],
  [
    'an action with warnings',
    webStep('succeeded-with-warnings', FAILED, 'succeeded-with-warnings'),
    'degraded',
    'degraded',
    /succeeded with warnings/,
  ],
  ['an action skipped by choice', webStep('skipped', skippedFor('degraded')), 'degraded', 'degraded', /was skipped/],
  ['an action that is not for this mode', webStep('skipped', skippedFor('not-applicable')), 'succeeded', 'ok'],

  [
    'a failed finally action',
    last(stepStarted('finally/Notify', 'finally-action'), stepFinished('finally/Notify', 'failed', FAILED)),
    'degraded',
    'degraded',
    /finally-action finally\/Notify failed: db-1/,
  ],
  [
    'a clean-up that timed out',
    last(stepStarted('clean-up', 'clean-up'), stepFinished('clean-up', 'timed-out', FAILED)),
    'degraded',
    'degraded',
    /clean-up clean-up timed out/,
  ],
  [
    'a cancelled clean-up',
    last(stepStarted('clean-up', 'clean-up'), stepFinished('clean-up', 'cancelled', FAILED)),
    'degraded',
    'degraded',
  ],
  ['a clean-up going on', last(stepStarted('clean-up', 'clean-up')), 'in-progress', 'in-progress', /still going on: clean-up/],
  [
    'a failed clean-up after a failed wave',
    {
      ...last(stepFinished('clean-up', 'failed', FAILED)),
      'waves/web': wholeWave(0, 9, [], 'timed-out', skippedFor('timed-out')),
    },
    'failed',
    'timed-out',
  ],

  [
    'an interruption with AWS going on',
    { ...good, 'waves/web': running, 'runs/run-1': lines([0, runStarted('run-1')], [15, interrupted('web')]) },
    'in-progress',
    'interrupted',
    /\(SIGINT\); AWS goes on with web/,
  ],
  [
    'an interruption with AWS going on after another wave failed',
    {
      'waves/database': wholeWave(0, 9, [], 'failed', FAILED),
      'waves/web': running,
      'runs/run-1': lines([0, runStarted('run-1')], [15, interrupted('web')]),
    },
    'in-progress',
    'interrupted',
    /already failed/,
  ],
  [
    'an interruption with nothing going on',
    { ...good, 'waves/web': stopped, 'runs/run-1': lines([0, runStarted('run-1')], [15, interrupted('web')]) },
    'cancelled',
    'interrupted',
    /nothing of it goes on/,
  ],
  [
    'an interruption before anything began',
    { 'runs/run-1': lines([0, runStarted('run-1')], [15, interrupted()]) },
    'cancelled',
    'interrupted',
  ],
  [
    'an interruption with something else going on',
    { ...without('waves/web'), 'runs/run-1': lines([0, runStarted('run-1')], [15, interrupted('copy of snapshot 7')]) },
    'in-progress',
    'interrupted',
    /copy of snapshot 7/,
  ],
  [
    'an interruption that came as all ended',
    { ...good, 'runs/run-1': lines([0, runStarted('run-1')], [20, interrupted('web')]) },
    'succeeded',
    'ok',
  ],
  [
    'an interrupted run that another has taken up',
    {
      ...good,
      'waves/web': running,
      'runs/run-1': lines([0, runStarted('run-1')], [15, interrupted('web')]),
      'runs/run-2': lines([30, runStarted('run-2', ['web', 'database'], true)]),
    },
    'in-progress',
    'in-progress',
    /still going on: web/,
  ],
  [
    'an interrupted run whose waves nobody has taken up',
    {
      ...good,
      'waves/web': stopped,
      'runs/run-1': lines([0, runStarted('run-1', ['web'])], [15, interrupted('web')]),
      'runs/run-2': lines([30, runStarted('run-2', ['database'])], [31, finished('in-progress', 'in-progress')]),
    },
    'cancelled',
    'interrupted',
  ],
  ['a killed run', { ...good, 'waves/web': running }, 'in-progress', 'in-progress'],
  [
    'a wave nobody watches any more',
    {
      ...good,
      'waves/web': running,
      'runs/run-1': lines([0, runStarted('run-1')], [15, finished('in-progress', 'credentials-expired')]),
    },
    'in-progress',
    'credentials-expired',
  ],

  [
    'a run refused before anything began',
    { 'runs/run-1': lines([0, runStarted('run-1')], [0, finished('failed', 'not-ready')]) },
    'failed',
    'not-ready',
  ],
  [
    'a run refused after one wave succeeded',
    {
      ...without('waves/web'),
      'runs/run-2': lines([30, runStarted('run-2', ['web'])], [30, finished('failed', 'account-mismatch')]),
    },
    'in-progress',
    'account-mismatch',
  ],
  [
    'a run that ended well with waves to go',
    { ...without('waves/web'), 'runs/run-1': lines([0, runStarted('run-1')], [9, finished('in-progress', 'in-progress')]) },
    'in-progress',
    'in-progress',
  ],
  [
    'a last run that broke',
    { ...good, 'runs/run-1': lines([0, runStarted('run-1')], [21, finished('failed', 'history-unwritable')]) },
    'degraded',
    'degraded',
    /the last run ended badly/,
  ],
  [
    'a last run that was told that all is over',
    { ...good, 'runs/run-2': lines([50, runStarted('run-2')], [50, finished('failed', 'execution-ended')]) },
    'succeeded',
    'ok',
  ],
  [
    'a last run that said less than the evidence',
    { ...good, 'runs/run-1': lines([0, runStarted('run-1')], [21, finished('degraded', 'rpo-missed')]) },
    'degraded',
    'rpo-missed',
  ],
];

describe('the verdict of', () => {
  for (const [what, streams, verdict, code, message] of cases) {
    test(`${what} is ${verdict}`, () => {
      const execution = fold(streams);
      assert.deepEqual([execution.verdict, execution.reason.code], [verdict, code], execution.reason.message);
      if (message !== undefined) assert.match(execution.reason.message, message);
    });
  }

  test('an execution whose record is damaged is never succeeded', () => {
    const { verdict, reason } = fold(good, { problems: ['waves/web.jsonl line 3: it was altered', 'and more'] });
    assert.deepEqual([verdict, reason.code], ['degraded', 'history-corrupt']);
    assert.match(reason.message, /waves\/web\.jsonl line 3: it was altered \(and 1 more\)/);
    assert.equal(fold(web([], 'failed', FAILED), { problems: ['x'] }).verdict, 'failed');
  });

  test('many causes names the first three', () => {
    const servers = [1, 2, 3, 4, 5].map((n) => server(`opt-${n}`, { criticality: 'optional', status: 'failed', reason: FAILED }));
    const { reason } = fold(web([server('web-1'), ...servers], 'succeeded-with-warnings', FAILED));
    assert.equal(reason.message.split('; ').length, 3);
    assert.match(reason.message, /\(and 2 more\)$/);
    assert.equal(reason.next, FAILED.next);
  });
});
