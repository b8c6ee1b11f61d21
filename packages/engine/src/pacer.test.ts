import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import fc from 'fast-check';
import { Pacer } from './pacer.ts';

const never = new AbortController().signal;

test('those whose time has nearly come wake together, in one turn', async () => {
  const clock = new VirtualClock(0);
  const pacer = new Pacer(clock);
  const woke: [string, number][] = [];
  const turns: number[] = [];
  let turn = 0;
  const looker = async (name: string, ms: number) => {
    await pacer.wait(ms, never);
    woke.push([name, clock.now()]);
    turns.push(turn);
    setImmediate(() => {
      turn += 1;
    });
  };
  await Promise.all([looker('a', 10_000), looker('b', 10_900), looker('c', 15_000)]);
  assert.deepEqual(woke, [
    ['a', 10_000],
    ['b', 10_000],
    ['c', 15_000],
  ]);
  assert.equal(turns[0], turns[1]);
});

test('one who comes later and is due sooner is not kept waiting', async () => {
  const clock = new VirtualClock(0);
  const pacer = new Pacer(clock);
  const long = pacer.wait(60_000, never);
  await clock.sleep(1_000);
  await pacer.wait(2_000, never);
  assert.equal(clock.now(), 3_000);
  await long;
  assert.equal(clock.now(), 60_000);
});

test('an abort wakes its own waiter at once and nobody else', async () => {
  const clock = new VirtualClock(0);
  const pacer = new Pacer(clock);
  const stop = new AbortController();
  const stopped = pacer.wait(50_000, stop.signal).catch((reason) => `${reason} at ${clock.now()}`);
  const other = pacer.wait(80_000, never).then(() => clock.now());
  await clock.sleep(1_000);
  stop.abort('SIGINT');
  assert.equal(await stopped, 'SIGINT at 1000');
  assert.equal(await other, 80_000);
  await assert.rejects(pacer.wait(1, stop.signal));
});

test('nobody waits longer than asked, nor less than nine tenths of it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ from: fc.nat(20_000), ms: fc.integer({ min: 1, max: 60_000 }) }), { maxLength: 12 }),
      async (waiters) => {
        const clock = new VirtualClock(0);
        const pacer = new Pacer(clock);
        await Promise.all(
          waiters.map(async ({ from, ms }) => {
            await clock.sleep(from);
            const begun = clock.now();
            await pacer.wait(ms, never);
            const waited = clock.now() - begun;
            assert.ok(waited <= ms && waited >= ms * 0.9 - 1, `asked ${ms}, waited ${waited}`);
          }),
        );
      },
    ),
    { numRuns: 60 },
  );
});
