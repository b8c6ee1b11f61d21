// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTeam, output, results, WEBSHOP } from './team.ts';

const GRANTS = 'permissions: { actions: read, contents: write, id-token: write }';

test('a job whose time is over hands over, and the next ones go on with the same execution', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 931: { actor: 'ada' } } }, { databaseLaunch: '6m' });
  // As a team calls it. The sample's drill takes longer than such jobs may, all in all.
  team.write(
    '.github/workflows/own.yml',
    `on: workflow_dispatch
jobs:
  drill:
    ${GRANTS}
    uses: ./.github/workflows/execute-plan.yml
    with: { mode: drill, plan: webshop, max-run: 3s }
`,
  );
  const run = await team.run({ workflow: 'own.yml', event: 'workflow_dispatch', runId: '931' });
  assert.equal(run.code, 0, run.log);
  const jobs = Object.keys(results(run)).map((job) => job.split('/').at(-1)?.trim());
  assert.deepEqual(jobs.slice(0, 3), ['Check the plan', 'webshop', 'webshop goes on'], run.log);
  assert.deepEqual([...new Set(Object.values(results(run)))], ['success']);
  assert.match(run.log, /the time of this job is over: the next one goes on with execution webshop-drill-gh-931/);
  assert.deepEqual(
    [...new Set([...run.log.matchAll(/::set-output:: execution-id=(.*)$/gm)].map(([, id]) => id))],
    ['webshop-drill-gh-931'],
  );
  // Nothing was begun twice, and the last job did what comes last.
  assert.equal(team.aws.calls('StartRecovery').filter(({ applied }) => applied).length, 3);
  assert.equal(team.live(), 0);
  assert.equal(output(run, 'verdict'), 'succeeded');
  assert.match(team.recorded('webshop/webshop-drill-gh-931/report.md') ?? '', /^# Drill of webshop: succeeded/);
  assert.deepEqual(await team.verified(), { 'webshop-drill-gh-931': 'sealed' });
});

test('a plan that was changed after its approval is refused, by its digest and by its execution', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 941: { actor: 'ada' }, 942: { actor: 'ada' } } });
  const drill = {
    workflow: 'failover-webshop.yml',
    event: 'workflow_dispatch',
    inputs: { mode: 'drill' },
    runId: '941',
  } as const;
  team.aws.arm({
    match: { server: 'webshop-db-02', times: 1 },
    effect: { kind: 'launch-fails', phase: 'launch', rawError: 'no capacity' },
  });
  const first = await team.run(drill);
  assert.notEqual(first.code, 0);
  const digest = output(first, 'plan-digest') ?? '';
  assert.match(digest, /^[0-9a-f]{64}$/);
  const plan = path.join('plans', 'webshop.yaml');
  const text = readFileSync(path.join(team.repository.folder, plan), 'utf8');
  team.write(plan, text.replace('rpo: 15m', 'rpo: 16m'));
  const calls = team.aws.world.calls.length;

  // Re-run failed jobs: prepare is not run again, the wave's job finds the plan of another commit.
  team.write(
    '.github/workflows/own.yml',
    `on:
  workflow_dispatch:
    inputs: { digest: { type: string }, execution: { type: string } }
jobs:
  database:
    ${GRANTS}
    uses: ./.github/workflows/wave.yml
    with:
      mode: drill
      plan: webshop
      wave: database
      execution-id: \${{ inputs.execution }}
      plan-digest: \${{ inputs.digest }}
`,
  );
  const inputs = { digest, execution: 'webshop-drill-gh-942' };
  const other = await team.run({ workflow: 'own.yml', event: 'workflow_dispatch', inputs, runId: '942' });
  assert.notEqual(other.code, 0);
  assert.equal(output(other, 'reason-code'), 'plan-changed', other.log);

  // Re-run all jobs: prepare takes the new digest, and the execution has begun with the old one.
  const again = await team.run({ ...drill, attempt: 2 });
  assert.notEqual(again.code, 0);
  assert.match(again.log, /::error[^\n]*plan-changed/);
  assert.equal(team.aws.world.calls.length, calls);
});
