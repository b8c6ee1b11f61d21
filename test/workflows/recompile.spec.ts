import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTeam, pwned, type Team, WEBSHOP } from './team.ts';

const TOKEN = 'ghs_of_an_app';
const COMPILED = '.github/workflows/failover-webshop.yml';

/** A merge that changes the gate of the sample plan, whose workflow was compiled before. */
function merge(team: Team, environment: string): void {
  const plan = path.join('plans', 'webshop.yaml');
  const text = readFileSync(path.join(team.repository.folder, plan), 'utf8');
  const changed = text.replace(/environment: \S+/, `environment: ${environment}`);
  assert.notEqual(changed, text);
  team.write(plan, changed);
}

const push = (team: Team, runId: string, secrets: Readonly<Record<string, string>>) =>
  team.run({
    workflow: 'recompile.yml',
    event: 'push',
    runId,
    secrets,
    payload: { ref: 'refs/heads/main', before: '0'.repeat(40), after: team.repository.git('rev-parse', 'HEAD').trim() },
  });

test('a merge that makes a workflow stale opens one pull request, and a later one renews it', async () => {
  await using team = await openTeam(
    WEBSHOP,
    {},
    { tokens: { ghs_test: {}, [TOKEN]: { pull_requests: 'write', contents: 'write' } } },
  );
  await team.breakwater('compile', 'plans', '--plan', 'webshop', '--uses', '.');
  team.repository.commit('Compile');
  const pulls = () => team.github.repository(team.repository.name).pulls;

  const fresh = await push(team, '971', { BREAKWATER_RECOMPILE_TOKEN: TOKEN });
  assert.equal(fresh.code, 0, fresh.log);
  assert.deepEqual(pulls(), [], 'nothing is stale');

  merge(team, 'dr-board');
  const main = team.origin('rev-parse', 'main');
  const bare = await push(team, '972', {});
  assert.notEqual(bare.code, 0);
  assert.match(bare.log, /::error title=Stale workflows::[^\n]*no BREAKWATER_RECOMPILE_TOKEN/);
  assert.match(bare.log, /\+ +gate-environment: "dr-board"/, 'the summary shows what to commit');
  assert.deepEqual(pulls(), []);

  const first = await push(team, '973', { BREAKWATER_RECOMPILE_TOKEN: TOKEN });
  assert.equal(first.code, 0, first.log);
  assert.deepEqual(
    pulls().map(({ head, base, state }) => [head, base, state]),
    [['breakwater/recompile', 'main', 'open']],
  );
  const proposed = team.origin('show', `breakwater/recompile:${COMPILED}`);
  assert.match(proposed, /gate-environment: "dr-board"/);
  assert.deepEqual(team.origin('diff', '--name-only', 'main', 'breakwater/recompile').trim().split('\n'), [COMPILED]);
  assert.equal(team.origin('rev-parse', 'main'), main, 'the branch of the team is as it was');

  merge(team, 'dr-board-2');
  const second = await push(team, '974', { BREAKWATER_RECOMPILE_TOKEN: TOKEN });
  assert.equal(second.code, 0, second.log);
  assert.equal(pulls().length, 1);
  assert.match(team.origin('show', `breakwater/recompile:${COMPILED}`), /dr-board-2/);
  assert.ok(!second.log.includes(TOKEN));
  assert.equal(team.aws.world.calls.length, 0);
});

test('the branch of the pull request is a branch, whatever a caller calls it', async () => {
  await using team = await openTeam(WEBSHOP);
  team.write(
    '.github/workflows/own.yml',
    `on:
  workflow_dispatch:
    inputs: { branch: { type: string } }
jobs:
  recompile:
    permissions: { contents: read }
    uses: ./.github/workflows/recompile.yml
    with: { branch: "\${{ inputs.branch }}" }
    secrets: { BREAKWATER_RECOMPILE_TOKEN: "\${{ secrets.BREAKWATER_RECOMPILE_TOKEN }}" }
`,
  );
  team.repository.git('push', '-q', 'origin', 'HEAD:refs/heads/dr-history');
  const refs = team.origin('for-each-ref');
  for (const [index, branch] of [
    '$(touch pwned)',
    '--upload-pack=touch pwned',
    '../../heads/main',
    'a..b',
    'x:main',
    'main',
    'dr-history',
  ].entries()) {
    const run = await team.run({
      workflow: 'own.yml',
      event: 'workflow_dispatch',
      runId: String(980 + index),
      inputs: { branch },
      secrets: { BREAKWATER_RECOMPILE_TOKEN: TOKEN },
    });
    assert.deepEqual(pwned(team, run), [], branch);
    assert.notEqual(run.code, 0, `${branch}: ${run.log}`);
    assert.equal(team.origin('for-each-ref'), refs, branch);
  }
});
