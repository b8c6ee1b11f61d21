// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { openTeam, pwned, type Team, WEBSHOP } from './team.ts';

/** What somebody might write where a name belongs. */
const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  '"; touch pwned; #',
  "'; touch pwned; '",
  '${{ github.token }}',
  "x' }}${{ secrets.GITHUB_TOKEN }}",
  'webshop\ntouch pwned',
  '::set-output name=status::succeeded\n::add-mask::webshop',
  '--upload-pack=touch pwned',
  '../../pwned',
] as const;

interface Input {
  readonly type?: string;
  readonly default?: unknown;
}

/** Inputs of a dispatch that take any text, as the file says. */
function textInputs(team: Team, workflow: string): readonly string[] {
  const file = path.join(team.repository.folder, '.github', 'workflows', workflow);
  const { on }: { on: { workflow_dispatch: { inputs: Readonly<Record<string, Input>> } } } = parse(readFileSync(file, 'utf8'));
  return Object.entries(on.workflow_dispatch.inputs).flatMap(([name, { type }]) =>
    type === 'string' || type === 'environment' ? [name] : [],
  );
}

/** What a dispatch of each has to say besides, so that it comes as far as it can. Only `reason` and `environment` may be anything. */
const WORKFLOWS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'copy-snapshots.yml': {},
  'doctor.yml': {},
  'drill.yml': {},
  'failover-webshop.yml': { mode: 'recovery' },
  'failover.yml': {},
  'restore-aurora.yml': { mode: 'drill' },
};

const given = (index: number) => HOSTILE[index % HOSTILE.length] ?? '';

test('whatever the inputs of a dispatch say, nothing of it is run, nothing is begun, and nothing leaks', async () => {
  await using team = await openTeam(WEBSHOP);
  const files = team.repository.git('ls-files', '.github/workflows').trim().split('\n');
  const dispatched = files.filter((file) =>
    /^ {2}workflow_dispatch:/m.test(readFileSync(path.join(team.repository.folder, file), 'utf8')),
  );
  assert.deepEqual(dispatched.map((file) => path.basename(file)).sort(), Object.keys(WORKFLOWS));
  const refs = team.origin('for-each-ref');
  let runId = 1_000;
  for (const [workflow, besides] of Object.entries(WORKFLOWS)) {
    const names = textInputs(team, workflow).filter((name) => name !== 'environment');
    // Two rounds, in which each input says something else.
    for (const shift of [0, 5]) {
      runId += 1;
      const inputs = { ...besides, ...Object.fromEntries(names.map((name, at) => [name, given(runId + at + shift)])) };
      const run = await team.run({ workflow, event: 'workflow_dispatch', runId: String(runId), inputs });
      const what = `${workflow}: ${JSON.stringify(inputs)}\n${run.log}`;
      assert.notEqual(run.code, 0, what);
      assert.match(run.log, /::error/, what);
      assert.deepEqual(pwned(team, run), [], what);
      assert.ok(!run.log.includes('ghs_test'), what);
      assert.deepEqual(
        team.aws.world.calls.map(({ operation }) => operation),
        [],
        what,
      );
    }
  }
  assert.equal(team.origin('for-each-ref'), refs);
  assert.deepEqual(
    team.github.calls.filter(({ method }) => method !== 'GET'),
    [],
  );
});

test('a reason is for people: it comes into the summary as it was typed, and nowhere else', async () => {
  await using team = await openTeam(WEBSHOP);
  const reason = HOSTILE.join(' ');
  const run = await team.run({
    workflow: 'drill.yml',
    event: 'workflow_dispatch',
    runId: '1100',
    inputs: { plan: 'webshop', reason },
    // Nobody gives this job an OIDC token, so it ends where it would begin.
    vars: { BREAKWATER_ROLE: 'arn:aws:iam::444455556666:role/breakwater-github' },
  });
  assert.match(run.log, /::error[^\n]*credentials-missing/, run.log);
  assert.deepEqual(pwned(team, run), []);
  assert.ok(!run.log.includes('ghs_test'));
  assert.match(run.log, /::set-output:: execution-id=webshop-drill-gh-1100/);
  assert.match(run.log, /\| Reason \| &#36;\(touch pwned\) .*::set-output name=status::succeeded/, 'it is shown');
  assert.equal(team.aws.world.calls.length, 0);
});

test('plans and branches with hostile names: a plan is refused where it is written, a branch is pushed to nobody', async () => {
  await using team = await openTeam(WEBSHOP);
  const plan = readFileSync(path.join(team.repository.folder, 'plans', 'webshop.yaml'), 'utf8');
  for (const [index, name] of HOSTILE.entries()) {
    team.write('plans/webshop.yaml', plan.replace('name: webshop', `name: ${JSON.stringify(name)}`));
    if (index % 4 !== 0) continue;
    const run = await team.run({ workflow: 'drill.yml', event: 'workflow_dispatch', runId: String(1_200 + index) });
    assert.notEqual(run.code, 0, run.log);
    assert.match(run.log, /::error[^\n]*plans\/webshop\.yaml/, run.log);
    assert.deepEqual(pwned(team, run), []);
  }
  team.write('plans/webshop.yaml', plan);
  team.write(
    '.github/workflows/own.yml',
    `on:
  workflow_dispatch:
    inputs: { branch: { type: string } }
jobs:
  drill:
    permissions: { actions: read, contents: write, id-token: write }
    uses: ./.github/workflows/drill.yml
    with: { plan: webshop, history-branch: "\${{ inputs.branch }}" }
`,
  );
  const refs = team.origin('for-each-ref');
  for (const [index, branch] of ['$(touch pwned)', '--upload-pack=touch pwned', '../../pwned', 'a\nb', 'main:main'].entries()) {
    const run = await team.run({
      workflow: 'own.yml',
      event: 'workflow_dispatch',
      runId: String(1_300 + index),
      inputs: { branch },
    });
    assert.notEqual(run.code, 0, run.log);
    assert.match(run.log, /::error[^\n]* is no name for a history branch/, run.log);
    assert.deepEqual(pwned(team, run), []);
    assert.equal(team.origin('for-each-ref'), refs);
  }
  assert.equal(team.aws.world.calls.length, 0);
});
