import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTeam, output, results, WEBSHOP } from './team.ts';

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
  assert.deepEqual([...new Set(Object.values(results(run)))], ['success']);
  assert.equal(Object.keys(results(run)).length, 5, 'prepare, three waves, conclude');
  assert.match(
    team.recorded('webshop/webshop-recovery-gh-601/report.md') ?? '',
    /\| web \| grace \| `dr-production` \| go \| ada \|/,
  );
  assert.deepEqual(await team.verified(), { 'webshop-recovery-gh-601': 'sealed' });
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
  assert.match(run.log, /::error[^\n]*gate-unproved[^\n]*/);
  assert.equal(team.aws.calls('StartRecovery').length, 2, 'the waves before the gate');
});

test('a recovery without the typed name of the plan begins nothing', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 603: { actor: 'ada' } } });
  const run = await team.run({ ...dispatch, inputs: { mode: 'recovery', confirmation: 'webshopp' }, runId: '603' });
  assert.notEqual(run.code, 0);
  assert.match(run.log, /::error[^\n]*must be confirmed with its name/);
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
  assert.match(first.log, /::error[^\n]*webshop-db-02/);
  assert.equal(team.aws.calls('StartRecovery').length, 1, 'waves that depend on it did not begin');
  const again = await team.run({ ...dispatch, inputs: { mode: 'drill' }, runId: '604', attempt: 2 });
  assert.equal(again.code, 0, again.log);
  assert.equal(output(again, 'verdict'), 'succeeded');
  assert.equal(team.aws.calls('StartRecovery').length, 4, 'the failed server again, and the two waves that waited');
  assert.equal(team.live(), 0);
});

/** One wave of three servers, and no gate: what failover.yml is for. */
const UNGATED = `apiVersion: breakwater/v1
kind: RecoveryPlan
name: ungated
owner: team-webshop@example.com
tier: 1
objectives: { rto: 90h, rpo: 90h }
waves:
  - name: database
    groups: [webshop-database]
    timeout: 20h
`;

test('failover.yml recovers a plan without gates in one job, and refuses one that has some', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 605: { actor: 'ada' }, 606: { actor: 'ada' } } });
  team.write('plans/ungated.yaml', UNGATED);
  const recover = (runId: string, plan: string, confirmation = plan) =>
    team.run({ workflow: 'failover.yml', event: 'workflow_dispatch', runId, inputs: { plan, confirmation } });
  for (const [runId, plan, confirmation, reason] of [
    ['607', 'webshop', 'webshop', 'gate-closed'],
    ['608', 'ungated', 'webshop', 'usage'],
    ['609', 'ungatd', 'ungatd', 'plan-unknown'],
  ] as const) {
    const refused = await recover(runId, plan, confirmation);
    assert.notEqual(refused.code, 0);
    assert.equal(output(refused, 'reason-code'), reason, refused.log);
    assert.deepEqual(Object.keys(results(refused)), ['Prepare/Prepare/Check the plan'], 'no job was given credentials');
  }
  assert.equal(team.aws.world.calls.length, 0);
  const run = await recover('605', 'ungated');
  assert.equal(run.code, 0, run.log);
  assert.equal(team.aws.calls('StartRecovery').length, 1);
  assert.equal(team.live(), 3);
  assert.deepEqual(await team.verified(), { 'ungated-recovery-gh-605': 'sealed' });

  // Servers that are live already: a second failover would destroy them, and does not.
  const again = await recover('606', 'ungated');
  assert.notEqual(again.code, 0);
  assert.match(again.log, /::error[^\n]*live-recovery-instance/);
  assert.equal(team.aws.calls('StartRecovery').length, 1);
});
