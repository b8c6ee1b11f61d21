import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTeam, results, WEBSHOP } from './team.ts';

const GATE = { reviewers: ['grace', 'ada'], preventSelfReview: true, branches: ['main'] };
/** What a job’s token may have, and no more. */
const tokens = { ghs_test: { actions: 'read', contents: 'read' } } as const;

test('the doctor looks once a week, and fails when a gate only looks real', async () => {
  await using team = await openTeam(
    WEBSHOP,
    {
      environments: { 'dr-production': GATE, 'dr-drill': { branches: ['main'] }, 'dr-recovery': { branches: ['main'] } },
      branches: { 'dr-history': {} },
    },
    { tokens },
  );
  await team.breakwater('compile', 'plans', '--plan', 'webshop', '--uses', '.');
  team.repository.commit('Compile');
  const weekly = { workflow: 'doctor.yml', event: 'schedule', payload: { schedule: '41 6 * * 1' } } as const;

  const idle = await team.run({ ...weekly, runId: '551' });
  assert.deepEqual([idle.code, idle.jobs], [0, []], 'a repository that names no plans');
  const vars = { BREAKWATER_DOCTOR_PLANS: 'plans' };
  const good = await team.run({ ...weekly, runId: '552', vars });
  assert.equal(good.code, 0, good.log);
  assert.deepEqual(results(good), { 'Doctor/Gates and settings': 'success' });
  assert.match(good.log, /::set-output:: errors=0/);

  const gate = team.github.repository(team.repository.name).environments['dr-production'];
  assert.ok(gate);
  gate.preventSelfReview = false;
  const bad = await team.run({ ...weekly, runId: '553', vars });
  assert.notEqual(bad.code, 0);
  assert.match(bad.log, /::error[^\n]*GH012[^\n]*/);
  // Asked to, it only tells.
  const told = await team.run({
    workflow: 'doctor.yml',
    event: 'workflow_dispatch',
    runId: '554',
    inputs: { 'fail-on': 'never' },
  });
  assert.equal(told.code, 0, told.log);
  assert.match(told.log, /GH012/);
  assert.equal(team.aws.world.calls.length, 0);
});
