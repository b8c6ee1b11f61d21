import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, VirtualClock } from '@breakwater/core';
import { WorldClock } from './world-clock.ts';

test('a virtual clock is moved for everybody who shares it', async () => {
  const shared = new VirtualClock(1_000);
  const clock = new WorldClock(shared);
  await clock.advance(500);
  assert.deepEqual([clock.now(), shared.now()], [1_500, 1_500]);
});

test('any other clock is moved here only', async () => {
  const shared: Clock = { now: () => 1_000, sleep: async () => {} };
  const clock = new WorldClock(shared);
  await clock.advance(500);
  await clock.sleep(1);
  assert.deepEqual([clock.now(), shared.now()], [1_500, 1_000]);
});
