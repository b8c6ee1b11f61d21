import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTeam, type Team } from './team.ts';

/** A pull request that changes the sample plan, from a branch or a fork. */
async function propose(team: Team, change: (plan: string) => string, options: { readonly fork: boolean }) {
  const base = team.repository.git('rev-parse', 'HEAD').trim();
  const plan = path.join(team.repository.folder, 'plans', 'webshop.yaml');
  team.repository.git('checkout', '-q', '-b', 'proposal');
  writeFileSync(plan, change(readFileSync(plan, 'utf8')));
  team.repository.commit('Propose');
  const repository = { full_name: options.fork ? 'mallory/recovery' : team.repository.name, fork: options.fork };
  return team.run({
    workflow: 'check-plans.yml',
    event: 'pull_request',
    runId: '701',
    actor: options.fork ? 'mallory' : 'ada',
    payload: {
      pull_request: {
        number: 7,
        base: { ref: 'main', sha: base, repo: { full_name: team.repository.name } },
        head: { ref: 'proposal', sha: team.repository.git('rev-parse', 'HEAD').trim(), repo: repository },
      },
    },
  });
}

test('a pull request is told what its change of a plan means, from a fork too, and touches nothing', async () => {
  for (const fork of [false, true]) {
    await using team = await openTeam('plans/simulation/webshop.yaml');
    const run = await propose(team, (plan) => plan.replace(/rpo: \S+/, 'rpo: 17m'), { fork });
    // The compiled workflow is of the plan before the change.
    assert.match(run.log, /breakwater compile/);
    assert.match(run.log, /17m/);
    assert.equal(team.aws.world.calls.length, 0);
    assert.deepEqual(team.record(), []);
  }
});

test('a plan that depends on a wave that is not there fails the check at its line', async () => {
  await using team = await openTeam('plans/simulation/webshop.yaml');
  const run = await propose(team, (plan) => plan.replace('dependsOn: [database]', 'dependsOn: [datbase]'), { fork: false });
  assert.notEqual(run.code, 0);
  assert.match(run.log, /::error.*file=plans\/webshop\.yaml,line=\d+/);
  assert.match(run.log, /datbase/);
});
