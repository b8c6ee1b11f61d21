import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock, VirtualClock } from '@breakwater/core';
import { quietSdk } from '../quiet-sdk.ts';
import type { RunCommand } from './requests.ts';
import { hideAwsSettings, surroundingsOf } from './surroundings.ts';

const COMMAND: RunCommand = {
  files: 'plans/webshop.yaml',
  mode: 'drill',
  waves: [],
  history: 'h',
  approvals: [],
  replaceLive: [],
  json: false,
};
const SCENARIO = join(import.meta.dirname, '../../../../plans/simulation/no-database.yaml');

test('without --simulate: real AWS, the SDK’s own credentials, the machine’s clock', async () => {
  const env = { AWS_PROFILE: 'dr' };
  const { clock, aws, simulated } = await surroundingsOf(COMMAND, env);
  assert.deepEqual(
    { aws, simulated, same: clock === systemClock },
    { aws: { credentials: { kind: 'default' } }, simulated: false, same: true },
  );
  assert.deepEqual(env, { AWS_PROFILE: 'dr' });
});

test('a clock from the environment is refused with real AWS, taken with a simulator on this machine', async () => {
  const BREAKWATER_CLOCK = '100@0@0';
  await assert.rejects(surroundingsOf(COMMAND, { BREAKWATER_CLOCK }), { code: 'usage' });
  const { simulated } = await surroundingsOf(COMMAND, { BREAKWATER_CLOCK, AWS_ENDPOINT_URL: 'http://127.0.0.1:4000' });
  assert.equal(simulated, true);
});

test('--speed max: virtual time from the scenario’s start, in process, with the simulator’s keys only', async () => {
  const env = { AWS_ACCESS_KEY_ID: 'REAL', AWS_SECRET_ACCESS_KEY: 'real' };
  const { clock, aws, simulated } = await surroundingsOf({ ...COMMAND, simulation: { scenario: SCENARIO, speed: 'max' } }, env);
  assert.ok(clock instanceof VirtualClock);
  assert.equal(clock.now(), Date.parse('2026-03-04T03:00:00Z'));
  assert.equal(simulated, true);
  assert.equal(aws.endpoint, undefined);
  assert.ok(aws.requestHandler !== undefined);
  assert.equal(aws.credentials.kind, 'static');
  assert.doesNotMatch(JSON.stringify([aws.credentials, env]), /real/i);
});

test('--speed N: HTTP on this machine, until it is closed', async () => {
  const { clock, aws, close } = await surroundingsOf({ ...COMMAND, simulation: { scenario: SCENARIO, speed: 50 } }, {});
  assert.match(aws.endpoint ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.ok(clock.now() >= Date.parse('2026-03-04T03:00:00Z'));
  assert.equal((await fetch(`${aws.endpoint}/_simulator/calls`)).status, 200);
  await close();
  await assert.rejects(fetch(`${aws.endpoint}/_simulator/calls`));
});

test('no scenario named: the one that is named like the plan file', async () => {
  const files = join(import.meta.dirname, '../../../../plans/webshop.yaml');
  const { clock } = await surroundingsOf({ ...COMMAND, files, simulation: { speed: 'max' } }, {});
  assert.equal(clock.now(), Date.parse('2026-03-04T03:00:00Z'));
});

test('no scenario for the plan: says what there is', async () => {
  const plans = join(import.meta.dirname, '../../../../plans');
  const simulation = { speed: 'max' } as const;
  await assert.rejects(surroundingsOf({ ...COMMAND, files: plans, simulation }, {}), {
    code: 'usage',
    next: /--simulate .*plans\/simulation\/webshop\.yaml/,
  });
  const empty = await mkdtemp(join(tmpdir(), 'breakwater-'));
  await assert.rejects(surroundingsOf({ ...COMMAND, files: join(empty, 'x.yaml'), simulation }, {}), {
    code: 'usage',
    message: /there is no scenario .*simulation\/x\.yaml/,
    next: 'Name a scenario file: --simulate FILE.',
  });
  await rm(empty, { recursive: true });
});

test('a rehearsal sees none of the AWS settings of whoever runs it, but for what keeps the SDK quiet', () => {
  const env: Record<string, string | undefined> = {
    AWS_PROFILE: 'dr',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_SESSION_TOKEN: 't',
    HOME: '/root',
  };
  quietSdk(env);
  hideAwsSettings(env);
  assert.deepEqual(env, {
    HOME: '/root',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});
