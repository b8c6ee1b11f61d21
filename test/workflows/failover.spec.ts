import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTeam, results, WEBSHOP } from './team.ts';

const GATE = { reviewers: ['grace', 'ada'], preventSelfReview: true, branches: ['main'] };
const dispatch = {
  workflow: 'failover-webshop.yml',
  event: 'workflow_dispatch',
  inputs: { mode: 'recovery', confirmation: 'webshop', reason: 'Region down' },
} as const;

test('a failover whose gate was approved recovers every wave, and the record says who approved', async () => {
  await using team = await openTeam(WEBSHOP, {
    environments: { 'dr-production': GATE },
    runs: {
      601: { actor: 'ada', approvals: [{ environments: ['dr-production'], state: 'approved', user: 'grace', comment: 'go' }] },
    },
  });
  const run = await team.run({ ...dispatch, runId: '601', actor: 'ada' });
  assert.equal(run.code, 0, run.log);
  assert.equal(team.aws.calls('StartRecovery').length, 3);
  assert.equal(team.aws.calls('TerminateRecoveryInstances').length, 0);
  const report = team.record().find((file) => file.endsWith('report.md'));
  assert.match(team.recorded(report ?? '') ?? '', /grace/);
});

test('a gate that only looks real stops the failover before its wave, and nothing of it is launched', async () => {
  await using team = await openTeam(WEBSHOP, {
    environments: { 'dr-production': { ...GATE, preventSelfReview: false } },
    runs: {
      602: { actor: 'ada', approvals: [{ environments: ['dr-production'], state: 'approved', user: 'ada', comment: '' }] },
    },
  });
  const run = await team.run({ ...dispatch, runId: '602', actor: 'ada' });
  assert.notEqual(run.code, 0);
  assert.match(run.log, /gate-unproved/);
  assert.equal(team.aws.calls('StartRecovery').length, 2, 'the waves before the gate');
});

test('a recovery without the typed name of the plan begins nothing', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 603: { actor: 'ada' } } });
  const run = await team.run({ ...dispatch, inputs: { mode: 'recovery', confirmation: 'webshopp' }, runId: '603' });
  assert.notEqual(run.code, 0);
  assert.equal(team.aws.world.calls.length, 0);
});

test('a failed wave is tried again by a re-run, and what had succeeded is left alone', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 604: { actor: 'ada' } } });
  team.aws.arm({
    match: { server: 'webshop-db-02', times: 1 },
    effect: { kind: 'launch-fails', phase: 'launch', rawError: 'no capacity' },
  });
  const first = await team.run({ ...dispatch, inputs: { mode: 'drill' }, runId: '604' });
  assert.notEqual(first.code, 0);
  const launched = team.aws.calls('StartRecovery').length;
  const again = await team.run({ ...dispatch, inputs: { mode: 'drill' }, runId: '604', attempt: 2 });
  assert.equal(again.code, 0, again.log);
  assert.ok(team.aws.calls('StartRecovery').length > launched);
  assert.ok(Object.keys(results(again)).length > 0);
});
