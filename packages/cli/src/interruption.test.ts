import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import { type InterruptionHooks, listenForSignals, type SignalSource } from './interruption.ts';

function surroundings() {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  const source: SignalSource = {
    on: (signal, listener) => emitter.on(signal, listener),
    off: (signal, listener) => emitter.off(signal, listener),
    exit: (code) => exits.push(code),
  };
  const clock = new VirtualClock(0);
  const firsts: string[] = [];
  const hooks: InterruptionHooks = { clock, onFirst: (signal) => firsts.push(signal), onTimeUp: () => 1, onSecond: () => 130 };
  return { emitter, exits, source, clock, firsts, hooks };
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  test(`${name} aborts the work with its name and exits nothing`, () => {
    const { emitter, exits, source, firsts, hooks } = surroundings();
    const interruption = listenForSignals(source, hooks);
    emitter.emit(name);
    assert.equal(interruption.signal.reason, name);
    assert.deepEqual({ firsts, exits }, { firsts: [name], exits: [] });
    interruption.dispose();
  });
}

test('a second signal, of any kind, ends the process at once', () => {
  const { emitter, exits, source, firsts, hooks } = surroundings();
  const interruption = listenForSignals(source, hooks);
  emitter.emit('SIGTERM');
  emitter.emit('SIGINT');
  assert.deepEqual({ firsts, exits }, { firsts: ['SIGTERM'], exits: [130] });
  interruption.dispose();
});

test('work that does not stop is left after 4.5 s, within the 5 s that were promised', async () => {
  const { emitter, exits, source, clock, hooks } = surroundings();
  listenForSignals(source, hooks);
  emitter.emit('SIGINT');
  await clock.sleep(4_499);
  assert.deepEqual(exits, []);
  await clock.sleep(1);
  await clock.sleep(0);
  assert.deepEqual(exits, [1]);
});

test('work that stopped in time is not exited, and the signals are given back', async () => {
  const { emitter, exits, source, clock, hooks } = surroundings();
  const interruption = listenForSignals(source, hooks);
  emitter.emit('SIGINT');
  interruption.dispose();
  await clock.sleep(60_000);
  assert.deepEqual(exits, []);
  assert.deepEqual(emitter.eventNames(), []);
});
