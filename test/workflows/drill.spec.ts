import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTeam, results, WEBSHOP } from './team.ts';

test('a scheduled drill runs the plan, cleans up and is recorded on the branch', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 501: { event: 'schedule', actor: 'ada' } } });
  const scheduled = { workflow: 'drill.yml', event: 'schedule', payload: { schedule: '23 4 * * 3' } } as const;

  // In a repository that names no plan the schedule of the file does nothing.
  const idle = await team.run({ ...scheduled, runId: '500' });
  assert.deepEqual([idle.code, idle.jobs], [0, []], idle.log);
  assert.equal(team.aws.world.calls.length, 0);

  const run = await team.run({ ...scheduled, runId: '501', vars: { BREAKWATER_DRILL_PLAN: 'webshop' } });
  assert.equal(run.code, 0, run.log);
  assert.deepEqual(results(run), { 'Prepare/Prepare/Check the plan': 'success', 'Execute/Wave/webshop': 'success' });
  assert.equal(team.aws.calls('StartRecovery').length, 3);
  assert.equal(team.live(), 0);
  const report = team.recorded('webshop/webshop-drill-gh-501/report.md') ?? '';
  assert.match(report, /^# Drill of webshop: succeeded/);
  assert.deepEqual(await team.verified(), { 'webshop-drill-gh-501': 'sealed' });
});
