import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scaledClock, systemClock } from './clock.ts';
import { VirtualClock } from './virtual-clock.ts';

test('a scaled clock shows its anchor and runs at its speed', async () => {
  const clock = scaledClock({ anchorReal: Date.now(), anchorClock: 1_000_000, speed: 10_000 });
  const before = clock.now();
  await clock.sleep(50_000);
  const passed = clock.now() - before;
  assert.ok(before >= 1_000_000);
  // A timer may fire up to a millisecond early by the machine's clock: ten seconds on this one.
  assert.ok(passed >= 40_000, `${passed} ms`);
});

test('a speed that makes no sense is refused', () => {
  for (const speed of [0, -1, Number.NaN]) assert.throws(() => scaledClock({ anchorReal: 0, anchorClock: 0, speed }), RangeError);
});

test('a moment that is past already is no wait, and Node has nothing to warn of', async () => {
  const warnings: string[] = [];
  const listen = (warning: Error) => warnings.push(warning.message);
  process.on('warning', listen);
  await systemClock.sleep(-500);
  await new Promise(setImmediate);
  process.off('warning', listen);
  assert.deepEqual(warnings, []);
});

test('an aborted sleep rejects with the reason of the signal', async () => {
  for (const clock of [systemClock, new VirtualClock(0)]) {
    const stop = new AbortController();
    const sleeping = clock.sleep(3_600_000, stop.signal);
    stop.abort('SIGINT');
    await assert.rejects(sleeping, (reason) => reason === 'SIGINT');
    await assert.rejects(clock.sleep(1, stop.signal), (reason) => reason === 'SIGINT');
  }
});

test('virtual time passes only as far as the next sleeper', async () => {
  const clock = new VirtualClock(0);
  const seen: [string, number][] = [];
  const sleeper = async (name: string, ...waits: number[]) => {
    for (const ms of waits) {
      await clock.sleep(ms);
      seen.push([name, clock.now()]);
    }
  };
  await Promise.all([sleeper('a', 10_000, 5_000), sleeper('b', 3_000, 12_000), sleeper('c', 15_000)]);
  assert.deepEqual(seen, [
    ['b', 3_000],
    ['a', 10_000],
    ['c', 15_000],
    ['b', 15_000],
    ['a', 15_000],
  ]);
});

test('an aborted virtual sleeper no longer holds time', async () => {
  const clock = new VirtualClock(0);
  const stop = new AbortController();
  const long = clock.sleep(1_000, stop.signal).catch(() => 'stopped');
  stop.abort();
  await clock.sleep(5_000);
  assert.equal(await long, 'stopped');
  assert.equal(clock.now(), 5_000);
});

test('promise work in between finishes before time moves', async () => {
  const clock = new VirtualClock(0);
  const order: string[] = [];
  const chain = async () => {
    for (let i = 0; i < 500; i += 1) await Promise.resolve();
    order.push(`work at ${clock.now()}`);
  };
  await Promise.all([clock.sleep(1).then(() => order.push('woke')), chain()]);
  assert.deepEqual(order, ['work at 0', 'woke']);
});
