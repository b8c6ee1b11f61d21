import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTeam, results } from './team.ts';

test('a scheduled drill runs the plan, cleans up and is recorded on the branch', async () => {
  await using team = await openTeam('plans/simulation/webshop.yaml', { runs: { 501: { event: 'schedule', actor: 'ada' } } });
  const run = await team.run({
    workflow: 'drill.yml',
    event: 'schedule',
    runId: '501',
    vars: { BREAKWATER_DRILL_PLAN: 'webshop' },
    payload: { schedule: '23 4 * * 3' },
  });
  assert.equal(run.code, 0, run.log);
  assert.deepEqual([...new Set(Object.values(results(run)))], ['success']);
  assert.equal(team.aws.calls('StartRecovery').length, 3);
  assert.ok(team.aws.calls('TerminateRecoveryInstances').length > 0);
  const report = team.record().find((file) => file.endsWith('report.md'));
  assert.ok(report, team.record().join('\n'));
  assert.match(team.recorded(report) ?? '', /succeeded/);
});
