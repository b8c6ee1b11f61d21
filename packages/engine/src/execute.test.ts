import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, type Mode, VirtualClock } from '@breakwater/core';
import type { JournalLine } from '@breakwater/history';
import type { Plan, Wave } from '@breakwater/plan';
import { execute } from './execute.ts';
import { action, headerOf, MemoryHistory, planOf, type Script, ScriptedDeeds, wave } from './testing.ts';

const waits =
  (ms: number): Script =>
  (look) =>
    look === 1 ? { state: 'waiting', note: 'launching', lookAgainIn: ms } : done;
const done = undefined;
const launched = (status: 'running' | 'succeeded', instanceId: string) =>
  ({
    id: 's-a',
    name: 's-a',
    site: 'dr',
    account: '1',
    region: 'r',
    group: 'g',
    criticality: 'critical',
    status,
    instanceId,
  }) as const;
const fails: Script = () => ({ state: 'failed', reason: { code: 'server-failed', message: 'no capacity' } });

interface Options {
  readonly scripts?: Readonly<Record<string, Script>>;
  readonly plan?: Partial<Plan>;
  readonly mode?: Mode;
}

/** One execution whose processes can be started again and again. */
function rehearsal(waves: readonly Wave[], { scripts = {}, plan: overrides = {}, mode = 'drill' }: Options = {}) {
  const clock = new VirtualClock(0);
  const { set, plan } = planOf(waves, overrides);
  const history = new MemoryHistory(clock, headerOf(plan, mode));
  const deeds = new ScriptedDeeds(clock, scripts);
  let runs = 0;
  const run = (
    names: readonly string[] = waves.map(({ name }) => name),
    options: { approvals?: string[]; signal?: AbortSignal } = {},
  ) => {
    runs += 1;
    return execute(
      { set, plan, mode, waves: names, approvals: options.approvals ?? [], run: `run-${runs}`, actor: 'tester', tool: 'test' },
      {
        clock,
        signal: options.signal ?? new AbortController().signal,
        history,
        deeds,
        observe: () => undefined,
        judge: () => ({ verdict: 'in-progress', reason: { code: 'ok', message: 'judged elsewhere' } }),
      },
    );
  };
  const end = (name: string) => ends(history.lines(`waves/${name}`));
  return { clock, history, deeds, run, end };
}

function ends(lines: readonly JournalLine[]): string | undefined {
  const last = lines.findLast((line) => line.type === 'wave-finished');
  return last?.type === 'wave-finished' ? `${last.status} ${last.reason.code}` : undefined;
}

function stepEnds(lines: readonly JournalLine[]): string[] {
  return lines.flatMap((line) => (line.type === 'step-finished' ? [`${line.step} ${line.status}`] : []));
}

test('waves run as soon as their dependencies allow, side by side where the plan does', async () => {
  const { deeds, run, end } = rehearsal(
    [wave('a'), wave('b', { dependsOn: ['a'] }), wave('c'), wave('d', { dependsOn: ['b', 'c'] })],
    {
      scripts: { 'a/recover': waits(100_000), 'b/recover': waits(100_000), 'c/recover': waits(250_000) },
    },
  );
  assert.equal(await run(), undefined);
  const started = (name: string) => deeds.asked.find((entry) => entry.endsWith(`${name}/recover`));
  assert.deepEqual(['a', 'b', 'c', 'd'].map(started), ['0s a/recover', '100s b/recover', '0s c/recover', '250s d/recover']);
  for (const name of ['a', 'b', 'c', 'd']) assert.equal(end(name), 'succeeded ok');
});

test('steps of a wave run in order, and those that are not for the mode do not run', async () => {
  const { deeds, run } = rehearsal([
    wave('a', {
      preWaveActions: [action('one'), action('real', { when: ['recovery'] }), action('two')],
      postWaveActions: [action('three')],
    }),
  ]);
  await run();
  assert.deepEqual(
    deeds.asked.map((entry) => entry.split(' ')[1]),
    ['a/pre/one', 'a/pre/two', 'a/recover', 'a/verify', 'a/post/three'],
  );
});

test('a failure skips what depends on it and nothing else; finally actions and clean-up still run', async () => {
  const { history, deeds, run, end } = rehearsal(
    [wave('a', { postWaveActions: [action('p')] }), wave('b', { dependsOn: ['a'] }), wave('c')],
    {
      scripts: { 'a/recover': fails },
      plan: { finally: [action('notify')], drill: { cleanUp: 'terminate' } },
    },
  );
  assert.equal(await run(), undefined);
  assert.equal(end('a'), 'failed server-failed');
  assert.equal(end('b'), 'skipped dependency-failed');
  assert.equal(end('c'), 'succeeded ok');
  assert.deepEqual(stepEnds(history.lines('waves/a')), ['recover failed', 'verify skipped', 'post/p skipped']);
  assert.deepEqual(stepEnds(history.lines('finally')), ['finally/notify succeeded', 'clean-up succeeded']);
  assert.ok(!deeds.asked.some((entry) => entry.includes('b/')));
});

test('a failed finally action does not keep the clean-up from running', async () => {
  const { history, run } = rehearsal([wave('a')], {
    scripts: { 'finally/notify': fails },
    plan: { finally: [action('notify')], drill: { cleanUp: 'terminate' } },
  });
  await run();
  assert.deepEqual(stepEnds(history.lines('finally')), ['finally/notify failed', 'clean-up succeeded']);
});

test('a recovery is never cleaned up', async () => {
  const { deeds, run } = rehearsal([wave('a')], { mode: 'recovery', plan: { drill: { cleanUp: 'terminate' } } });
  await run();
  assert.ok(!deeds.asked.some((entry) => entry.includes('clean-up')));
});

test('an action that may fail is recorded as failed-ignored and the wave goes on with a warning', async () => {
  const { history, run, end } = rehearsal(
    [wave('a', { preWaveActions: [action('p', { onFailure: 'continue' })] }), wave('b', { dependsOn: ['a'] })],
    {
      scripts: { 'a/pre/p': fails },
    },
  );
  await run();
  assert.equal(end('a'), 'succeeded-with-warnings degraded');
  assert.equal(end('b'), 'succeeded ok');
  assert.equal(stepEnds(history.lines('waves/a'))[0], 'pre/p failed-ignored');
});

test('launched servers are proved although another one failed', async () => {
  const { history, run, end } = rehearsal([wave('a', { postWaveActions: [action('p')] })], {
    scripts: {
      'a/recover': () => ({
        state: 'failed',
        reason: { code: 'server-failed', message: 's-2: no capacity' },
        servers: [launched('succeeded', 'i-1')],
      }),
    },
  });
  await run();
  assert.deepEqual(stepEnds(history.lines('waves/a')), ['recover failed', 'verify succeeded', 'post/p skipped']);
  assert.equal(end('a'), 'failed server-failed');
});

test('a deadline ends a step as timed-out, asks the operation to let go, and says what goes on', async () => {
  const { history, deeds, run, end, clock } = rehearsal([wave('a', { timeout: 300_000 })], {
    scripts: { 'a/recover': () => ({ state: 'waiting', note: 'converting', lookAgainIn: 40_000 }) },
  });
  deeds.goesOn.set('a/recover', 'job drsjob-1 goes on');
  await run();
  assert.equal(end('a'), 'timed-out timed-out');
  assert.deepEqual(deeds.abandoned, ['a/recover']);
  assert.equal(clock.now(), 300_000);
  const finish = history.lines('waves/a').find((line) => line.type === 'step-finished');
  assert.match(
    finish?.type === 'step-finished' ? finish.reason.message : '',
    /within 5m 00s; last seen: converting\. job drsjob-1 goes on\./,
  );
});

test('a resume long after the deadline has new patience: it sees what has ended meanwhile', async () => {
  let over = false;
  const { run, clock, end } = rehearsal([wave('a', { timeout: 60_000 })], {
    scripts: { 'a/recover': () => (over ? done : { state: 'waiting', note: 'n', lookAgainIn: 30_000 }) },
  });
  const stop = new AbortController();
  const first = run(['a'], { signal: stop.signal });
  await clock.sleep(10_000);
  stop.abort('SIGKILL');
  await first;
  await clock.sleep(7_200_000);
  over = true;
  await run();
  assert.equal(end('a'), 'succeeded ok');
});

test('passing faults of AWS only delay; the wave is not failed by them', async () => {
  const call = {
    service: 'drs',
    operation: 'DescribeJobs',
    account: '1',
    region: 'r',
    requestId: undefined,
    httpStatus: 429,
    awsCode: 'ThrottlingException',
  };
  const { run, end, clock } = rehearsal([wave('a')], {
    scripts: {
      'a/recover': (look) => {
        if (look <= 4) throw new AwsError(look % 2 ? 'throttled' : 'aws-unavailable', 'm', { next: 'n', call });
        return done;
      },
    },
  });
  assert.equal(await run(), undefined);
  assert.equal(end('a'), 'succeeded ok');
  assert.equal(clock.now(), 2_000 + 4_000 + 8_000 + 16_000);
});

test('when we can no longer look, what was begun is left open and resumed, not called failed', async () => {
  const call = {
    service: 'drs',
    operation: 'DescribeJobs',
    account: '1',
    region: 'r',
    requestId: undefined,
    httpStatus: 400,
    awsCode: 'ExpiredTokenException',
  };
  const { history, run, end } = rehearsal([wave('a'), wave('b', { dependsOn: ['a'] })], {
    scripts: {
      'a/recover': async (look, context) => {
        if (look === 1) {
          await context.intent('drs:StartRecovery', 'k', {});
          await context.change({ operation: 'drs:StartRecovery', key: 'k', id: 'drsjob-1', adopted: false, site: 'dr' });
          return { state: 'waiting', note: 'n', lookAgainIn: 1_000 };
        }
        if (look === 2) throw new AwsError('credentials-expired', 'the credentials have expired', { next: 'Renew them.', call });
        assert.deepEqual([context.attempt, context.earlier.filter((line) => line.type === 'change').length], [1, 1]);
        return done;
      },
    },
  });
  const halt = await run();
  assert.equal(halt?.reason.code, 'credentials-expired');
  assert.match(halt?.reason.next ?? '', /Renew them\. Run the same execution again/);
  assert.equal(end('a'), undefined);
  assert.deepEqual(history.held, []);
  assert.equal(await run(), undefined);
  assert.equal(end('b'), 'succeeded ok');
});

test('a call that AWS refused outright has begun nothing: the step failed', async () => {
  const call = {
    service: 'drs',
    operation: 'StartRecovery',
    account: '1',
    region: 'r',
    requestId: undefined,
    httpStatus: 403,
    awsCode: 'AccessDeniedException',
  };
  const { run, end } = rehearsal([wave('a')], {
    scripts: {
      'a/recover': async (_look, context) => {
        await context.intent('drs:StartRecovery', 'k', {});
        throw new AwsError('permission-denied', 'not authorized', { next: 'Allow it.', call, missing: 'drs:StartRecovery' });
      },
    },
  });
  assert.equal(await run(), undefined);
  assert.equal(end('a'), 'failed permission-denied');
});

test('interrupted: the marker is written at once, the automation stopped, and a resume tries it anew', async () => {
  const attempts: number[] = [];
  const { history, deeds, run, end, clock } = rehearsal([wave('a', { preWaveActions: [action('p')] }), wave('b')], {
    scripts: {
      'a/pre/p': (_look, context) => {
        attempts.push(context.attempt);
        return context.attempt === 1 ? { state: 'waiting', note: 'n', lookAgainIn: 30_000 } : done;
      },
      'b/recover': (look) => (look < 3 ? { state: 'waiting', note: 'n', lookAgainIn: 30_000 } : done),
    },
  });
  deeds.goesOn.set('b/recover', 'job drsjob-2 goes on');
  const stop = new AbortController();
  const first = run(undefined, { signal: stop.signal });
  await clock.sleep(5_000);
  stop.abort('SIGTERM');
  const halt = await first;
  assert.equal(clock.now(), 5_000);
  assert.equal(halt?.reason.code, 'interrupted');
  assert.match(halt?.reason.message ?? '', /SIGTERM/);
  const marker = history.lines('runs/run-1').find((line) => line.type === 'run-interrupted');
  assert.deepEqual(marker?.type === 'run-interrupted' ? marker.stillRunning : undefined, ['a', 'b']);
  assert.deepEqual(deeds.abandoned.sort(), ['a/pre/p', 'b/recover']);
  assert.deepEqual(stepEnds(history.lines('waves/a')), ['pre/p cancelled']);
  assert.deepEqual(stepEnds(history.lines('waves/b')), []);
  assert.equal(await run(), undefined);
  assert.deepEqual([end('a'), end('b')], ['succeeded ok', 'succeeded ok']);
  assert.deepEqual(attempts, [1, 2]);
});

test('a full disk stops everything: nothing is begun without its intent, and the error says so', async () => {
  const called: string[] = [];
  const { history, run } = rehearsal([wave('a'), wave('b')], {
    scripts: {
      'a/recover': async (_look, context) => {
        history.room = 0;
        await context.intent('drs:StartRecovery', 'k', {});
        called.push('StartRecovery');
        return done;
      },
      'b/recover': () => ({ state: 'waiting', note: 'n', lookAgainIn: 60_000 }),
    },
  });
  await assert.rejects(run(), /no space left/);
  assert.deepEqual(called, []);
  assert.deepEqual(history.held, []);
});

test('a closed gate lets nothing after it start, and an approval by name opens it', async () => {
  const gated = wave('b', { dependsOn: ['a'], gate: { when: ['recovery'], description: 'switch traffic' } });
  const { run, end, deeds } = rehearsal([wave('a'), gated, wave('c', { dependsOn: ['b'] })], { mode: 'recovery' });
  const halt = await run();
  assert.equal(halt?.reason.code, 'gate-closed');
  assert.deepEqual([end('a'), end('b'), end('c')], ['succeeded ok', undefined, undefined]);
  assert.ok(!deeds.asked.some((entry) => entry.includes('b/')));
  assert.equal(await run(undefined, { approvals: ['b'] }), undefined);
  assert.deepEqual([end('b'), end('c')], ['succeeded ok', 'succeeded ok']);
});

test('a gate for recoveries does not hold a drill', async () => {
  const { run, end } = rehearsal([wave('a', { gate: { when: ['recovery'] } })]);
  assert.equal(await run(), undefined);
  assert.equal(end('a'), 'succeeded ok');
});

test('one wave at a time, in several processes: dependencies are looked up in the record', async () => {
  const { history, run, end } = rehearsal([wave('a'), wave('b', { dependsOn: ['a'] })], {
    plan: { finally: [action('notify')] },
  });
  await assert.rejects(run(['b']), (error: Error & { code?: string }) => error.code === 'dependency-unmet');
  await run(['a']);
  assert.deepEqual(history.lines('finally'), []);
  await run(['b']);
  assert.deepEqual([end('a'), end('b')], ['succeeded ok', 'succeeded ok']);
  assert.deepEqual(stepEnds(history.lines('finally')), ['finally/notify succeeded']);
});

test('a failed wave is tried again under the next attempt; what succeeded is not repeated', async () => {
  const { run, end, deeds } = rehearsal([wave('a', { preWaveActions: [action('p')] }), wave('b', { dependsOn: ['a'] })], {
    scripts: {
      'a/recover': (_look, context) =>
        context.attempt === 1 ? { state: 'failed', reason: { code: 'server-failed', message: 'm' } } : done,
    },
  });
  await run();
  assert.deepEqual([end('a'), end('b')], ['failed server-failed', 'skipped dependency-failed']);
  await run();
  assert.deepEqual([end('a'), end('b')], ['succeeded ok', 'succeeded ok']);
  assert.equal(deeds.asked.filter((entry) => entry.endsWith('a/pre/p')).length, 1);
  const before = deeds.asked.length;
  await run();
  assert.equal(deeds.asked.length, before);
});

test('what is launched by a second try is proved too, though the first try had proved its part', async () => {
  const { run, end, deeds } = rehearsal([wave('a')], {
    scripts: {
      'a/recover': (_look, context) =>
        context.attempt === 1
          ? { state: 'failed', reason: { code: 'server-failed', message: 'm' }, servers: [launched('running', 'i-1')] }
          : { state: 'done', status: 'succeeded', servers: [launched('running', 'i-2')] },
    },
  });
  const proofs = () => deeds.asked.filter((entry) => entry.endsWith('a/verify')).length;
  await run();
  assert.deepEqual([end('a'), proofs()], ['failed server-failed', 1]);
  await run();
  assert.deepEqual([end('a'), proofs()], ['succeeded ok', 2]);
  await run();
  assert.equal(proofs(), 2);
});

test('a drill whose instances were terminated cannot be built upon', async () => {
  const { run } = rehearsal([wave('a')], { scripts: { 'a/recover': fails }, plan: { drill: { cleanUp: 'terminate' } } });
  await run();
  await assert.rejects(run(), (error: Error & { code?: string }) => error.code === 'execution-ended');
});

test('a refusal starts nothing and is on record', async () => {
  const { history, deeds, run } = rehearsal([wave('a')]);
  deeds.inspectFails = new Error('inventory is odd');
  await assert.rejects(run(), /inventory is odd/);
  assert.deepEqual(deeds.asked, []);
  assert.deepEqual(history.lines('waves/a'), []);
  const last = history.lines('runs/run-1').at(-1);
  assert.deepEqual(last?.type === 'run-finished' ? [last.verdict, last.reason.code] : undefined, ['failed', 'internal']);
  assert.deepEqual(history.held, []);
});
