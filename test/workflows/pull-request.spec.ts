import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTeam, output, type Team, WEBSHOP } from './team.ts';

interface Proposal {
  readonly fork: boolean;
  readonly runId: string;
  readonly workflow?: string;
  /** Whether the compiled workflow comes along. */
  readonly compiled?: boolean;
}

/** A team whose workflow is compiled as its plan says. */
async function openCompiled(): Promise<Team> {
  const team = await openTeam(WEBSHOP);
  await team.breakwater('compile', 'plans', '--plan', 'webshop', '--uses', '.');
  team.repository.commit('Compile');
  return team;
}

/** A pull request that changes the sample plan, from a branch or a fork. */
async function propose(team: Team, change: (plan: string) => string, { fork, runId, workflow, compiled }: Proposal) {
  const { git, folder, name, commit } = team.repository;
  git('checkout', '-q', 'main');
  const base = git('rev-parse', 'HEAD').trim();
  const plan = path.join(folder, 'plans', 'webshop.yaml');
  git('checkout', '-q', '-b', `proposal-${runId}`);
  writeFileSync(plan, change(readFileSync(plan, 'utf8')));
  if (compiled) await team.breakwater('compile', 'plans', '--plan', 'webshop');
  commit('Propose');
  const repository = { full_name: fork ? 'mallory/recovery' : name, fork };
  return team.run({
    workflow: workflow ?? 'check-plans.yml',
    event: 'pull_request',
    runId,
    actor: fork ? 'mallory' : 'ada',
    payload: {
      pull_request: {
        number: 7,
        base: { ref: 'main', sha: base, repo: { full_name: name } },
        head: { ref: `proposal-${runId}`, sha: git('rev-parse', 'HEAD').trim(), repo: repository },
      },
    },
  });
}

test('a pull request is told what its change of a plan means, from a fork too, and touches nothing', async () => {
  await using team = await openCompiled();
  const change = (plan: string) => plan.replace(/rpo: \S+/, 'rpo: 17m');
  for (const [fork, runId] of [
    [false, '701'],
    [true, '702'],
  ] as const) {
    const good = await propose(team, change, { fork, runId, compiled: true });
    assert.equal(good.code, 0, good.log);
    assert.equal(output(good, 'changed-plans'), '["webshop"]');
    assert.match(good.log, /15m[^\n]*17m/, 'the change is shown');
  }
  // The compiled workflow is that of the plan before the change.
  const stale = await propose(team, change, { fork: false, runId: '703' });
  assert.notEqual(stale.code, 0);
  assert.match(
    stale.log,
    /::error title=BW901 [^\n]*failover-webshop\.yml[^\n]*the plan has changed since it was compiled[^\n]*breakwater compile/,
  );
  assert.equal(output(stale, 'errors'), '1');

  const unknown = (plan: string) => plan.replace('dependsOn: [database]', 'dependsOn: [datbase]');
  const wrong = await propose(team, unknown, { fork: false, runId: '704' });
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.log, /::error title=BW206 [^\n]*file=plans\/webshop\.yaml,line=\d+[^\n]*datbase/);
  assert.equal(team.aws.world.calls.length, 0);
  assert.deepEqual(team.record(), []);
});

test('a fork can run nothing that calls AWS, whatever its workflow says; nor make a check do more than check', async () => {
  await using team = await openCompiled();
  team.write(
    '.github/workflows/own.yml',
    `on: pull_request
jobs:
  drill:
    permissions: { contents: write, id-token: write }
    uses: ./.github/workflows/execute-plan.yml
    with: { mode: drill, plan: webshop }
`,
  );
  const fork = await propose(team, (plan) => plan.replace(/rpo: \S+/, 'rpo: 18m'), {
    fork: true,
    runId: '711',
    workflow: 'own.yml',
  });
  assert.notEqual(fork.code, 0);
  assert.match(fork.log, /::error[^\n]*run-untrusted: [^\n]*comes from the fork mallory\/recovery/);
  assert.equal(team.aws.world.calls.length, 0);
  assert.deepEqual(team.record(), []);
});
