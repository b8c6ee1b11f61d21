import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, UserError } from '@breakwater/core';
import { clockFromEnvironment, writeClockVariable } from './clock-from-environment.ts';

const loopback = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
const scale = writeClockVariable({ speed: 200, anchorReal: 0, anchorClock: 1_000_000 });

function refused(environment: Record<string, string>, expected: RegExp) {
  assert.throws(
    () => clockFromEnvironment(environment),
    (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, 'usage');
      assert.match(error.message, expected);
      assert.match(error.next, /Unset BREAKWATER_CLOCK/);
      return true;
    },
  );
}

test('without the variable the clock is the machine’s own', () => {
  assert.deepEqual(clockFromEnvironment({}), { clock: systemClock, simulated: false });
  assert.deepEqual(clockFromEnvironment({ BREAKWATER_CLOCK: '' }), { clock: systemClock, simulated: false });
});

test('a loopback endpoint is a simulator, also at real speed', () => {
  for (const url of ['http://127.0.0.1:1', 'http://127.8.9.1', 'http://localhost:4566', 'http://[::1]:4566/']) {
    assert.deepEqual(clockFromEnvironment({ AWS_ENDPOINT_URL: url }), { clock: systemClock, simulated: true }, url);
  }
});

test('with a simulator on this machine the clock runs at the given speed from the given moment', () => {
  const { clock, simulated } = clockFromEnvironment({ ...loopback, BREAKWATER_CLOCK: scale });
  assert.equal(simulated, true);
  const before = (Date.now() - 0) * 200 + 1_000_000;
  const shown = clock.now();
  assert.ok(shown >= before && shown < before + 200 * 5_000, `${shown} is at ${before}`);
});

test('it is refused unless every endpoint is on this machine', () => {
  const wrong = /does not lead to a simulator on this machine/;
  refused({ BREAKWATER_CLOCK: scale }, wrong);
  for (const url of ['https://drs.us-east-1.amazonaws.com', 'http://127.0.0.1.example.com', 'http://10.0.0.1', 'nonsense', '']) {
    refused({ BREAKWATER_CLOCK: scale, AWS_ENDPOINT_URL: url }, wrong);
  }
  refused({ ...loopback, BREAKWATER_CLOCK: scale, AWS_ENDPOINT_URL_DRS: 'https://drs.us-east-1.amazonaws.com' }, wrong);
  refused({ ...loopback, BREAKWATER_CLOCK: scale, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'True' }, wrong);
});

test('a value that is not speed@real@clock is refused', () => {
  for (const value of ['fast', '0@1@2', '-1@1@2', '200', '1@2', '1@2@3@4', '1e9@1@2']) {
    refused({ ...loopback, BREAKWATER_CLOCK: value }, /is not <speed>@<epoch ms>@<epoch ms>/);
  }
});
