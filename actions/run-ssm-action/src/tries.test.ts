import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MadeThing } from '@breakwater/assembly';
import { AwsError, VirtualClock } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import { tell } from './telling.ts';
import { tryUntilDone } from './tries.ts';

const done: Advance = { state: 'done', status: 'succeeded', result: { outputs: { 'a.b': ['c'] } } };
const failed: Advance = { state: 'failed', reason: { code: 'automation-failed', message: 'step x failed' } };

/** An operation that, by attempt, was begun by an earlier process or is begun now, and ends as told. */
function scripted(
  byAttempt: Readonly<Record<number, { readonly adopted: boolean; readonly end: Advance }>>,
  seen: number[],
): () => Operation {
  return () => ({
    async advance(context: OperationContext) {
      seen.push(context.attempt);
      const script = byAttempt[context.attempt];
      assert.ok(script, `attempt ${context.attempt} was not to be made`);
      await context.intent('ssm:StartAutomationExecution', `key-${context.attempt}`, {});
      await context.change({
        operation: 'ssm:StartAutomationExecution',
        key: 'k',
        id: `auto-${context.attempt}`,
        adopted: script.adopted,
        site: 's',
      });
      return script.end;
    },
  });
}

async function play(operation: () => Operation, tries = 1, options: { maxWait?: number; signal?: AbortSignal } = {}) {
  const made: MadeThing[] = [];
  const end = await tryUntilDone(operation, {
    clock: new VirtualClock(0),
    signal: options.signal ?? new AbortController().signal,
    maxWait: options.maxWait ?? 60_000,
    tries,
    log: () => undefined,
    made: (each) => made.push(each),
  });
  return { end, made };
}

test('what an earlier process started is adopted, and its good end is the end', async () => {
  const seen: number[] = [];
  const { end, made } = await play(scripted({ 1: { adopted: true, end: done } }, seen), 3);
  assert.deepEqual(seen, [1]);
  assert.deepEqual(made, [{ operation: 'ssm:StartAutomationExecution', id: 'auto-1', adopted: true }]);
  assert.deepEqual(tell(end), {
    status: 'succeeded',
    reason: { code: 'ok', message: 'done' },
    result: { outputs: { 'a.b': ['c'] } },
    goesOn: undefined,
  });
});

test('what had failed before this process came is started anew, once for every attempt of the run', async () => {
  const seen: number[] = [];
  const script = { 1: { adopted: true, end: failed }, 2: { adopted: false, end: failed }, 3: { adopted: false, end: done } };
  const { end } = await play(scripted(script, seen), 3);
  assert.deepEqual(seen, [1, 2], 'what fails in this process is not tried again by it');
  assert.equal(tell(end).status, 'failed');
  assert.equal(tell(end).reason.code, 'automation-failed');
});

test('an automation that had started before this process is an old one, although SSM does not say so', async () => {
  const at = (startedAt: string): Advance => ({ ...failed, result: { automations: [{ startedAt }] } });
  const old = { 1: { adopted: false, end: at('1969-12-31T23:00:00.000Z') }, 2: { adopted: false, end: done } };
  assert.equal((await play(scripted(old, []), 2)).end.attempt, 2);
  for (const own of ['1970-01-01T00:00:01.000Z', '1969-12-31T23:59:55.000Z', 'never']) {
    assert.equal((await play(scripted({ 1: { adopted: false, end: at(own) } }, []), 2)).end.attempt, 1, own);
  }
});

test('the first attempt of a run never starts anything twice', async () => {
  const seen: number[] = [];
  await play(scripted({ 1: { adopted: true, end: failed } }, seen), 1);
  assert.deepEqual(seen, [1]);
});

const waits: () => Operation = () => ({
  advance: async () => ({ state: 'waiting', note: 'step two runs', lookAgainIn: 1_000 }),
  abandon: async () => 'it was asked to stop',
});

test('a passed deadline is not a failure: it says what was last seen, and what goes on', async () => {
  const { end } = await play(waits);
  assert.deepEqual(tell(end), {
    status: 'timed-out',
    reason: {
      code: 'timed-out',
      message: 'it did not end in time; last seen: step two runs. it was asked to stop',
      next: 'Run the step again with the same inputs: it finds what was begun and goes on watching it.',
    },
    result: undefined,
    goesOn: 'it was asked to stop',
  });
});

test('an interruption is in-progress while AWS goes on, cancelled when it does not', async () => {
  const signal = AbortSignal.abort('SIGINT');
  const goesOn = tell((await play(waits, 1, { signal })).end);
  assert.deepEqual([goesOn.status, goesOn.reason.code, goesOn.goesOn], ['in-progress', 'interrupted', 'it was asked to stop']);
  const nothing = tell((await play(() => ({ advance: async () => done }), 1, { signal })).end);
  assert.deepEqual([nothing.status, nothing.reason.code, nothing.goesOn], ['cancelled', 'interrupted', undefined]);
});

test('when AWS cannot be asked any more, what was begun is in-progress and what was not has failed', async () => {
  const denied = new AwsError('permission-denied', 'no ssm:StartAutomationExecution', {
    next: 'Allow it.',
    call: {
      service: 'ssm',
      operation: 'StartAutomationExecution',
      account: undefined,
      region: undefined,
      requestId: undefined,
      httpStatus: 400,
      awsCode: 'AccessDeniedException',
    },
  });
  const refusing = (begin: boolean): Operation => ({
    async advance(context) {
      if (begin) await context.intent('ssm:StartAutomationExecution', 'k', {});
      throw denied;
    },
  });
  const before = tell((await play(() => refusing(false))).end);
  assert.deepEqual([before.status, before.reason.code, before.reason.next], ['failed', 'permission-denied', 'Allow it.']);
  const after = tell((await play(() => refusing(true))).end);
  assert.deepEqual([after.status, after.reason.code], ['in-progress', 'permission-denied']);
  assert.match(after.reason.next ?? '', /^Allow it\. Run the step again/);
});
