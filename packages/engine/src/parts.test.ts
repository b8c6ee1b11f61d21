import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HAND_OVER, type Mode, RefusedError, VirtualClock } from '@breakwater/core';
import type { JournalLine } from '@breakwater/history';
import type { Plan, Wave } from '@breakwater/plan';
import { execute, type Part } from './execute.ts';
import { action, headerOf, MemoryHistory, planOf, type Script, ScriptedDeeds, wave } from './testing.ts';

const fails: Script = () => ({ state: 'failed', reason: { code: 'server-failed', message: 'no capacity' } });

interface Options {
  readonly scripts?: Readonly<Record<string, Script>>;
  readonly plan?: Partial<Plan>;
  readonly mode?: Mode;
}

/** One execution whose waves and whose end are the work of different jobs. */
function jobs(waves: readonly Wave[], { scripts = {}, plan: overrides = {}, mode = 'recovery' }: Options = {}) {
  const clock = new VirtualClock(0);
  const { set, plan } = planOf(waves, { finally: [action('notify')], ...overrides });
  const history = new MemoryHistory(clock, headerOf(plan, mode));
  const deeds = new ScriptedDeeds(clock, scripts);
  let runs = 0;
  const job = (
    part: Part,
    names: readonly string[] = [],
    options: { readonly signal?: AbortSignal; readonly approvals?: readonly string[] } = {},
  ) => {
    runs += 1;
    const { signal = new AbortController().signal, approvals = [] } = options;
    return execute(
      { set, plan, mode, part, waves: names, approvals, run: `run-${runs}`, actor: 'tester', tool: 'test' },
      {
        clock,
        signal,
        history,
        deeds,
        observe: () => undefined,
        judge: () => ({ verdict: 'in-progress', reason: { code: 'ok', message: 'judged elsewhere' } }),
      },
    );
  };
  return { clock, history, deeds, job, end: (name: string) => endOf(history.lines(`waves/${name}`)) };
}

function endOf(lines: readonly JournalLine[]): string | undefined {
  const last = lines.findLast((line) => line.type === 'wave-finished');
  return last?.type === 'wave-finished' ? `${last.status} ${last.reason.code}` : undefined;
}

function last(history: MemoryHistory): readonly string[] {
  return history.lines('finally').flatMap((line) => (line.type === 'step-finished' ? [`${line.step} ${line.status}`] : []));
}

test('jobs that run waves alone leave what comes last to the job that ends the execution', async () => {
  const { history, job, end } = jobs([wave('a'), wave('b', { dependsOn: ['a'] })], {
    mode: 'drill',
    plan: { drill: { cleanUp: 'terminate' } },
  });
  assert.equal(await job('waves', ['a']), undefined);
  assert.equal(await job('waves', ['b']), undefined);
  assert.deepEqual(last(history), [], 'all waves have ended, and nothing came last yet');
  assert.equal(await job('end'), undefined);
  assert.deepEqual([end('a'), end('b')], ['succeeded ok', 'succeeded ok']);
  assert.deepEqual(last(history), ['finally/notify succeeded', 'clean-up succeeded']);
});

test('after a failure the end skips what waited for it; once mended, the waves go on and nothing comes last twice', async () => {
  let broken = true;
  const { history, deeds, job, end } = jobs([wave('a'), wave('b', { dependsOn: ['a'] })], {
    scripts: { 'a/recover': (...look) => (broken ? fails(...look) : undefined) },
  });
  await job('waves', ['a']);
  await job('end');
  assert.deepEqual([end('a'), end('b')], ['failed server-failed', 'skipped dependency-failed']);
  assert.deepEqual(last(history), ['finally/notify succeeded']);
  broken = false;
  await job('waves', ['a']);
  await job('waves', ['b']);
  await job('end');
  assert.deepEqual([end('a'), end('b')], ['succeeded ok', 'succeeded ok']);
  assert.equal(deeds.asked.filter((each) => each.endsWith('finally/notify')).length, 1);
});

test('a wave whose job never ran is skipped, also behind a gate that nobody opened', async () => {
  const gate = { when: ['recovery'] as const };
  const { history, job, end } = jobs([wave('a'), wave('b', { gate }), wave('c', { dependsOn: ['b'] }), wave('d')]);
  await job('waves', ['d']);
  assert.equal((await job('waves', ['b']))?.reason.code, 'gate-closed');
  await job('end');
  assert.deepEqual(['a', 'b', 'c', 'd'].map(end), [
    'skipped interrupted',
    'skipped gate-closed',
    'skipped dependency-failed',
    'succeeded ok',
  ]);
  assert.deepEqual(last(history), ['finally/notify succeeded']);
  assert.equal(await job('waves', ['b'], { approvals: ['b'] }), undefined);
  assert.equal(end('b'), 'succeeded ok', 'a re-run after the approval begins it');
});

test('where a guard refused before anything began, the end says so, and does nothing', async () => {
  const { history, deeds, job, end } = jobs([wave('a'), wave('b', { dependsOn: ['a'] })]);
  deeds.inspectFails = new RefusedError('server-busy', 'another job holds s-a', { next: 'Wait for it.' });
  await assert.rejects(job('waves', ['a']), /another job/);
  deeds.proveIdentities = async () => assert.fail('AWS is not asked');
  await job('end');
  assert.deepEqual([end('a'), end('b')], ['skipped server-busy', 'skipped dependency-failed']);
  const lines = history.lines('waves/a').flatMap((line) => (line.type === 'wave-finished' ? [line.reason] : []));
  assert.match(lines[0]?.message ?? '', /never begun: another job holds s-a/);
  assert.equal(lines[0]?.next, 'Wait for it.');
  assert.deepEqual(last(history), []);
});

test('a wave that began and has no end keeps the execution open, with all that waits for it', async () => {
  const { clock, history, job, end } = jobs([wave('a'), wave('b', { dependsOn: ['a'] }), wave('c')], {
    mode: 'drill',
    scripts: { 'a/recover': (look) => (look < 3 ? { state: 'waiting', note: 'launching', lookAgainIn: 60_000 } : undefined) },
  });
  const stop = new AbortController();
  const first = job('waves', ['a'], { signal: stop.signal });
  await clock.sleep(5_000);
  stop.abort(HAND_OVER);
  await first;
  const halt = await job('end');
  assert.equal(halt?.reason.code, 'in-progress');
  assert.match(halt?.reason.message ?? '', /not ended yet: a, b;/);
  assert.deepEqual([end('a'), end('b'), end('c')], [undefined, undefined, 'skipped interrupted']);
  assert.deepEqual(last(history), [], 'nothing is cleaned up under the feet of a launch');
});

test('the end proves who it is before it changes anything', async () => {
  const { history, deeds, job } = jobs([wave('a')]);
  await job('waves', ['a']);
  deeds.proveIdentities = async () => {
    throw new RefusedError('account-mismatch', 'the credentials belong to another account', { next: 'Mend the role.' });
  };
  await assert.rejects(job('end'), /another account/);
  assert.deepEqual(last(history), []);
});

test('a hand-over stops nothing in AWS, and the next job goes on with the same try', async () => {
  const attempts: number[] = [];
  const { clock, history, deeds, job, end } = jobs([wave('a', { preWaveActions: [action('p')] })], {
    scripts: {
      'a/pre/p': (look, context) => {
        attempts.push(context.attempt);
        return look < 2 ? { state: 'waiting', note: 'automation aw-1 runs', lookAgainIn: 60_000 } : undefined;
      },
    },
  });
  const stop = new AbortController();
  const first = job('waves', ['a'], { signal: stop.signal });
  await clock.sleep(5_000);
  stop.abort(HAND_OVER);
  const halt = await first;
  assert.equal(halt?.reason.code, 'handed-over');
  assert.deepEqual(deeds.abandoned, []);
  const marker = history.lines('runs/run-1').find((line) => line.type === 'run-interrupted');
  assert.equal(marker?.type === 'run-interrupted' ? marker.signal : undefined, HAND_OVER);
  assert.equal(await job('waves', ['a']), undefined);
  assert.equal(end('a'), 'succeeded ok');
  assert.deepEqual(attempts, [1, 1]);
});
