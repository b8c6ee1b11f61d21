import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingRunner, runAction } from '@breakwater/action-kit';
import { VirtualClock } from '@breakwater/core';
import { type FakeFault, serveFakeGithub, type TokenPermissions } from '@breakwater/github/testing';
import type { LockOwner } from '@breakwater/history';
import { definition } from './definition.ts';
import { drillStopper } from './drills.ts';

const DRILL: LockOwner = {
  execution: 'webshop-drill-1',
  plan: 'webshop',
  mode: 'drill',
  actor: 'ann',
  host: 'example/webshop',
  at: '2026-11-20T03:00:00.000Z',
  run: 'https://github.com/example/webshop/actions/runs/7/attempts/1',
};

async function stop(
  drill: LockOwner,
  options: {
    readonly tokens?: Readonly<Record<string, TokenPermissions>>;
    readonly fault?: FakeFault;
    readonly github?: boolean;
  } = {},
) {
  const { tokens, fault, github = true } = options;
  const repositories = { 'example/webshop': { runs: { 7: {} } } };
  await using fake = await serveFakeGithub({ repositories, ...(tokens === undefined ? {} : { tokens }) });
  if (fault !== undefined) fake.arm(fault);
  const runner = recordingRunner({
    GITHUB_ACTIONS: String(github),
    GITHUB_API_URL: fake.url,
    GITHUB_REPOSITORY: 'example/webshop',
    GITHUB_RUN_ID: '99',
    INPUT_MODE: 'recovery',
    INPUT_TOKEN: 'ghs_secret',
  });
  let known = false;
  await runAction(
    definition,
    async (door) => {
      const stopDrill = drillStopper(door, new VirtualClock(0));
      known = stopDrill !== undefined;
      await stopDrill?.(drill);
      return { status: 'succeeded', reason: 'ok', result: '{}' };
    },
    runner,
  );
  return { runner, known, conclusion: fake.repository('example/webshop').runs['7']?.conclusion };
}

test('a drill in this repository is cancelled, which is told', async () => {
  const { runner, conclusion } = await stop(DRILL);
  assert.equal(conclusion, 'cancelled');
  assert.deepEqual(runner.warnings, []);
  assert.match(runner.lines.join('\n'), /webshop-drill-1, whose servers this recovery needs: its run is cancelled/);
});

test('a job that may not cancel runs, as those of wave.yml, leaves the drill to let go by itself: no warning, and nothing fails', async () => {
  const { runner, conclusion } = await stop(DRILL, { tokens: { ghs_secret: { actions: 'read' } } });
  assert.equal(conclusion, null);
  assert.equal(runner.outputs['status'], 'succeeded');
  assert.deepEqual(runner.warnings, []);
  assert.match(
    runner.lines.join('\n'),
    /its run is not cancelled: .*lacks `actions: write`.*; it lets go by itself within a minute/,
  );
});

test('a GitHub that is down is a warning too', async () => {
  const { runner } = await stop(DRILL, { fault: { effect: { kind: 'status', status: 503 } } });
  assert.equal(runner.outputs['status'], 'succeeded');
  assert.match(runner.warnings[0] ?? '', /could not be cancelled/);
});

test('a drill on a laptop has no run to cancel', async () => {
  const { run: _, ...local } = DRILL;
  const { runner } = await stop(local);
  assert.match(runner.lines.join('\n'), /is not cancelled: it does not run in GitHub/);
});

test('away from GitHub nothing can be cancelled', async () => {
  assert.equal((await stop(DRILL, { github: false })).known, false);
});
