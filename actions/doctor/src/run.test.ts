import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { recordingRunner, runAction } from '@breakwater/action-kit';
import { VirtualClock } from '@breakwater/core';
import { type RepositorySetup, serveFakeGithub, type TokenPermissions } from '@breakwater/github/testing';
import { definition } from './definition.ts';
import { examineRepository } from './run.ts';

const REPOSITORY = 'example/webshop';
const PROTECTED = { allowForcePushes: false, allowDeletions: false, restrictsPushes: false, requiresPullRequest: true };
const GOOD: RepositorySetup = {
  branches: { main: { protection: PROTECTED }, 'dr-history': {} },
  rulesets: [{ name: 'history', refs: ['refs/heads/dr-history'], rules: ['deletion', 'non_fast_forward'] }],
};

const workspace = mkdtempSync(path.join(os.tmpdir(), 'breakwater-doctor-action-'));
const home = process.cwd();
process.chdir(workspace);
after(() => {
  process.chdir(home);
  rmSync(workspace, { recursive: true, force: true });
});
mkdirSync('plans');
writeFileSync(
  'plans/gated.yaml',
  'apiVersion: breakwater/v1\nkind: RecoveryPlan\nname: gated\nowner: team\ntier: 1\nobjectives: { rto: 4h, rpo: 15m }\nwaves:\n  - name: web\n    groups: [web]\n    gate: { environment: "prod" }\n---\napiVersion: breakwater/v1\nkind: ProtectionGroup\nname: web\nsite: here\nselect: { tags: { App: a } }\n---\napiVersion: breakwater/v1\nkind: Site\nname: here\naccount: "111122223333"\nregion: us-west-2\n',
);

async function play(
  repository: RepositorySetup = {},
  inputs: Readonly<Record<string, string>> = {},
  tokens?: Readonly<Record<string, TokenPermissions>>,
) {
  await using fake = await serveFakeGithub({
    repositories: { [REPOSITORY]: { ...GOOD, ...repository } },
    ...(tokens === undefined ? {} : { tokens }),
  });
  const runner = recordingRunner({
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_API_URL: fake.url,
    INPUT_TOKEN: 'ghs_secret',
    ...inputs,
  });
  await runAction(definition, (door) => examineRepository(door, new VirtualClock(0)), runner);
  assert.deepEqual(fake.unknown, []);
  return runner;
}

test('an error fails the step and is told on the run, in its summary and in the log', async () => {
  const runner = await play();
  assert.equal(runner.outputs['status'], 'failed');
  assert.equal(runner.outputs['reason-code'], 'repository-unsound');
  assert.equal(runner.outputs['errors'], '1');
  assert.match(runner.errors[0] ?? '', /^GH010 environment-missing: environment prod: it does not exist/);
  assert.match(runner.failures[0] ?? '', /^repository-unsound: GH010 environment prod: .* Settings > Environments/);
  assert.match(runner.summary, /\| error \| `GH010` \| environment prod \|/);
  assert.equal(JSON.parse(runner.outputs['result'] ?? '').schema, 'breakwater.doctor/1');
  assert.ok(runner.masked.includes('ghs_secret'));
});

test('a variable that opens gates on a word is told, whatever the workflows say', async () => {
  const environments = { prod: { reviewers: ['bob', 'carl'] } };
  const [told] = (await play({ environments }, { 'INPUT_WHEN-GITHUB-IS-DOWN': 'vouch' })).warnings;
  assert.match(told ?? '', /^GH047 opens-on-its-word: variable BREAKWATER_WHEN_GITHUB_IS_DOWN: it is `vouch`/);
  for (const word of ['refuse', '']) {
    const { warnings } = await play({ environments }, { 'INPUT_WHEN-GITHUB-IS-DOWN': word });
    assert.ok(!warnings.some((warning) => warning.startsWith('GH047')));
  }
});

test('plans that cannot be read are no clean bill: their gates were not looked at', async () => {
  mkdirSync('broken');
  writeFileSync('broken/plan.yaml', 'apiVersion: breakwater/v1\nkind: RecoveryPlan\nname: broken\n');
  for (const folder of ['broken', 'nowhere']) {
    const runner = await play({}, { 'INPUT_PLAN-FILES': folder });
    assert.equal(runner.outputs['status'], 'failed', folder);
    assert.match(runner.errors.join('\n'), /^GH048 plans-unread: plan files: (?:broken\/plan\.yaml|nowhere):\d+: ./m);
    assert.match(runner.summary, /`GH048`/);
  }
});

test('a good repository passes; what fails is chosen', async () => {
  const environments = { prod: { reviewers: ['bob'] } };
  const good = await play({ environments });
  assert.equal(good.outputs['status'], 'succeeded');
  assert.equal(good.outputs['warnings'], '1');
  assert.match(good.warnings.join('\n'), /^GH015 one-reviewer/m);
  assert.equal((await play({ environments }, { 'INPUT_FAIL-ON': 'warning' })).outputs['status'], 'failed');
  assert.equal((await play({}, { 'INPUT_FAIL-ON': 'never' })).outputs['status'], 'succeeded');
});

test('what a token may not read is a note, not a failure; no token, or no repository, is', async () => {
  const environments = { prod: { reviewers: ['bob', 'carl'] } };
  const blind = await play({ environments }, {}, { ghs_secret: { actions: 'read', contents: 'read' } });
  assert.equal(blind.outputs['status'], 'succeeded');
  assert.match(blind.summary, /`GH090`/);
  assert.equal((await play({}, { INPUT_TOKEN: '' })).outputs['reason-code'], 'usage');
  assert.equal((await play({}, { GITHUB_REPOSITORY: '' })).outputs['reason-code'], 'usage');
});
