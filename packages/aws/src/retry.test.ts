import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, UserError, VirtualClock } from '@breakwater/core';
import fc from 'fast-check';
import type { CallContext, Effect } from './call-context.ts';
import { MAX_ATTEMPTS, MAX_RETRY_TIME, retryAfter, retrying } from './retry.ts';
import { START } from './scripted-site.ts';

const call = (effect: Effect): CallContext => ({ service: 'drs', operation: 'X', account: '1', region: 'r', effect });
const error = (name: string, status?: number, extra: object = {}) =>
  Object.assign(new Error(name), { name, ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }), ...extra });
const throttled = error('ThrottlingException', 429);
const reset = error('Error', undefined, { code: 'ECONNRESET' });

async function play(errors: (nth: number) => Error | undefined, effect: Effect = 'read', seed = 'seed', signal?: AbortSignal) {
  const clock = new VirtualClock(START);
  const at: number[] = [];
  let value: string | undefined;
  let thrown: unknown;
  try {
    value = await retrying(
      async () => {
        at.push(clock.now() - START);
        const failure = errors(at.length - 1);
        if (failure !== undefined) throw failure;
        return 'answered';
      },
      { clock, signal, call: call(effect), seed },
    );
  } catch (error) {
    thrown = error;
  }
  return { value, thrown, at, took: clock.now() - START };
}

test('throttled to the end: ten tries, within two minutes, each within its backoff', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (seed) => {
      const { at, took, thrown } = await play(() => throttled, 'read', seed);
      assert.equal(thrown, throttled);
      assert.equal(at.length, MAX_ATTEMPTS);
      assert.ok(took <= MAX_RETRY_TIME);
      for (let n = 1; n < at.length; n++) {
        const waited = (at[n] ?? 0) - (at[n - 1] ?? 0);
        assert.ok(waited >= 0 && waited <= Math.min(1_000 * 2 ** (n - 1), 20_000), `wait ${n}: ${waited}`);
      }
    }),
    { numRuns: 20 },
  );
});

test('a call whose first try took long is tried again all the same: the time runs from its first failure', async () => {
  const clock = new VirtualClock(START);
  let tries = 0;
  const value = await retrying(
    async () => {
      tries += 1;
      if (tries > 1) return 'answered';
      await clock.sleep(2 * MAX_RETRY_TIME);
      throw throttled;
    },
    { clock, signal: undefined, call: call('read'), seed: 'seed' },
  );
  assert.deepEqual([value, tries], ['answered', 2]);
});

test('a lost connection is tried again sooner than a throttled call', async () => {
  const { at, value } = await play((nth) => (nth < 4 ? reset : undefined));
  assert.equal(value, 'answered');
  assert.equal(at.length, 5);
  assert.ok((at.at(-1) ?? 0) <= 50 + 100 + 200 + 400);
});

test('the same seed waits the same, another one otherwise', async () => {
  const [one, again, other] = await Promise.all(['a', 'a', 'b'].map((seed) => play(() => throttled, 'read', seed)));
  assert.deepEqual(one?.at, again?.at);
  assert.notDeepEqual(one?.at, other?.at);
});

const kinds: [string, Error, boolean][] = [
  ['a 500', error('InternalServerException', 500), true],
  ['a 501', error('NotImplemented', 501), true],
  ['a 429 of no name', error('Odd', 429), true],
  ['RequestLimitExceeded', error('RequestLimitExceeded', 503), true],
  ['RequestTimeout', error('RequestTimeout', 400), true],
  ['a retryable 400', error('IDPCommunicationErrorException', 400, { $retryable: {} }), true],
  [
    'a corrected clock',
    error('InvalidSignatureException', 403, { $metadata: { httpStatusCode: 403, clockSkewCorrected: true } }),
    true,
  ],
  ['a bad signature', error('InvalidSignatureException', 403), false],
  [
    'a conflict while the clock was corrected',
    error('ConflictException', 409, { $metadata: { httpStatusCode: 409, clockSkewCorrected: true } }),
    false,
  ],
  ['a conflict', error('ConflictException', 409), false],
  ['a quota', error('ServiceQuotaExceededException', 402), false],
  ['an unreadable answer', error('SyntaxError', 200), false],
  ['an error of ours', new UserError('usage', 'x', { next: 'y' }), false],
];
for (const [name, thrown, again] of kinds) {
  test(`${name} is ${again ? '' : 'not '}tried again`, async () => {
    for (const effect of ['read', 'repeatable'] as const) {
      const { at, value } = await play((nth) => (nth === 0 ? thrown : undefined), effect);
      assert.equal(at.length, again ? 2 : 1);
      assert.equal(value, again ? 'answered' : undefined);
    }
    assert.equal((await play(() => thrown, 'once')).at.length, 1, 'a call that must be sent once never is');
  });
}

test('Retry-After is honoured: seconds, a date against the answer’s own, and never for long', async () => {
  const answered = (headers: object) => ({ $response: { statusCode: 429, headers } });
  assert.equal(retryAfter(answered({ 'Retry-After': '7' })), 7_000);
  assert.equal(retryAfter(answered({ 'retry-after': '0.5' })), 500);
  assert.equal(retryAfter(answered({ 'retry-after': '86400' })), 30_000);
  assert.equal(retryAfter(answered({ 'retry-after': '-3' })), 0);
  assert.equal(retryAfter(answered({ 'retry-after': 'soon' })), 0);
  assert.equal(
    retryAfter(answered({ 'retry-after': 'Fri, 20 Nov 2026 03:00:09 GMT', date: 'Fri, 20 Nov 2026 03:00:00 GMT' })),
    9_000,
  );
  assert.equal(retryAfter(answered({ 'retry-after': 'Fri, 20 Nov 2026 03:00:09 GMT' })), 0);
  assert.equal(retryAfter(new Error('none')), 0);
  const asked = error('ThrottlingException', 429, answered({ 'retry-after': '12' }));
  const { at } = await play((nth) => (nth === 0 ? asked : undefined));
  assert.deepEqual(at, [0, 12_000]);
});

test('an abort ends the wait: of a read as an interruption, of a change with its own error', async () => {
  for (const effect of ['read', 'repeatable'] as const) {
    const stop = new AbortController();
    const { thrown, at } = await play(
      (nth) => {
        if (nth === 2) setImmediate(() => stop.abort('SIGINT'));
        return throttled;
      },
      effect,
      'seed',
      stop.signal,
    );
    assert.ok(at.length >= 3);
    assert.ok(at.length < MAX_ATTEMPTS);
    if (effect === 'read') assert.ok(thrown instanceof CancelledError && /SIGINT/.test(thrown.message));
    else assert.equal(thrown, throttled);
  }
});

test('an abort with a reason of our family is passed on as it is', async () => {
  const why = new CancelledError('interrupted', 'somebody said so', { next: 'resume' });
  const { thrown, at } = await play(() => undefined, 'read', 'seed', AbortSignal.abort(why));
  assert.equal(thrown, why);
  assert.equal(at.length, 0);
});
