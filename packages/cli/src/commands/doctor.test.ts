import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { diagnose, diagnosisJson } from '@breakwater/assembly';
import { VirtualClock } from '@breakwater/core';
import { githubApi } from '@breakwater/github';
import { type RepositorySetup, serveFakeGithub } from '@breakwater/github/testing';
import { recordedTerminal } from '../testing.ts';
import { type DoctorParts, doctor } from './doctor.ts';
import type { DoctorCommand } from './requests.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');
const REPOSITORY = 'example/webshop';
const PROTECTED = { allowForcePushes: false, allowDeletions: false, restrictsPushes: false, requiresPullRequest: true };
const GOOD: RepositorySetup = {
  branches: { main: { protection: PROTECTED }, 'dr-history': {} },
  rulesets: [{ name: 'history', refs: ['refs/heads/dr-history'], rules: ['deletion', 'non_fast_forward'] }],
};

/** A checkout of a team: its plan has a gate, its workflow was compiled from another plan. */
const checkout = mkdtempSync(path.join(os.tmpdir(), 'breakwater-doctor-'));
const home = process.cwd();
process.chdir(checkout);
after(() => {
  process.chdir(home);
  rmSync(checkout, { recursive: true, force: true });
});
cpSync(path.join(ROOT, 'plans'), 'plans', { recursive: true });
mkdirSync('.github/workflows', { recursive: true });
writeFileSync('.github/workflows/ours.yml', 'jobs: { a: { steps: [{ uses: acme/breakwater/actions/execute-wave@v1 }] } }\n');
writeFileSync(
  'plans/gated.yaml',
  [
    'apiVersion: breakwater/v1',
    'kind: RecoveryPlan',
    'name: gated',
    'owner: team@example.com',
    'tier: 1',
    'objectives: { rto: 4h, rpo: 15m }',
    'waves:',
    '  - name: web',
    '    groups: [webshop-web]',
    '    gate: { environment: prod }',
    '',
  ].join('\n'),
);

const COMMAND: DoctorCommand = {
  files: ['plans'],
  plan: 'gated',
  tokenEnv: 'GITHUB_TOKEN',
  historyBranch: 'dr-history',
  json: false,
};

async function ask(
  command: Partial<DoctorCommand> = {},
  options: {
    readonly repository?: RepositorySetup;
    readonly env?: Readonly<Record<string, string>>;
    readonly origin?: string;
  } = {},
) {
  await using fake = await serveFakeGithub({ repositories: { [REPOSITORY]: { ...GOOD, ...options.repository } } });
  const terminal = recordedTerminal({ GITHUB_TOKEN: 'ghp_secret', GITHUB_REPOSITORY: REPOSITORY, ...options.env });
  const asked: string[] = [];
  const parts: DoctorParts = {
    terminal,
    diagnose,
    diagnosisJson,
    originUrl: async () => options.origin,
    api: (repository, access) => {
      asked.push(`${repository} ${access.url} ${access.token}`);
      return githubApi(repository, { url: fake.url, token: access.token, clock: new VirtualClock(0), userAgent: 'test' });
    },
  };
  const code = await doctor({ ...COMMAND, ...command }, parts);
  assert.deepEqual(fake.unknown, []);
  return { code, out: terminal.text(), err: terminal.errors(), asked };
}

test('what is found: how bad, what, why, what to do; an error makes it bad', async () => {
  const { code, out, err } = await ask();
  assert.equal(code, 1);
  assert.match(out, /^example\/webshop: 1 error, 1 warning, \d+ notes?\n/);
  assert.match(
    out,
    /\nerror {4}GH010 {2}environment prod\n {2}it does not exist, and plan "gated", wave "web" names it\n {2}should be: .*\n {2}do: Settings > Environments/,
  );
  assert.match(out, /\nwarning {2}GH042 {2}\.github\/workflows\/ours\.yml\n/);
  assert.match(out, /\nnote {5}GH046 {2}plans\/gated\.yaml\n/);
  assert.doesNotMatch(out + err, /ghp_secret/);
});

test('a good repository is fine, warnings and notes do not change that', async () => {
  const { code, out } = await ask({}, { repository: { environments: { prod: { reviewers: ['bob', 'carl'] } } } });
  assert.equal(code, 0);
  assert.match(out, /^example\/webshop: 0 errors, 1 warning/);
});

test('as JSON it is one document for programs', async () => {
  const { code, out } = await ask({ json: true, plan: 'gated' });
  assert.equal(code, 1);
  const answer = JSON.parse(out);
  assert.deepEqual(
    [answer.schema, answer.repository, answer.historyBranch, answer.plans, answer.errors],
    ['breakwater.doctor/1', REPOSITORY, 'dr-history', ['gated'], 1],
  );
  assert.deepEqual(Object.keys(answer.findings[0]), ['id', 'name', 'severity', 'subject', 'wrong', 'legal', 'todo']);
});

test('the repository is the one that is named, else that of the workflow, else that of origin', async () => {
  const asked = async (command: Partial<DoctorCommand>, env: Readonly<Record<string, string>>, origin?: string) =>
    (await ask(command, { env, ...(origin === undefined ? {} : { origin }) })).asked[0];
  assert.equal(await asked({ repository: 'Example/Webshop' }, {}), 'Example/Webshop https://api.github.com ghp_secret');
  assert.equal(await asked({}, {}), `${REPOSITORY} https://api.github.com ghp_secret`);
  const none = { GITHUB_REPOSITORY: '' };
  for (const origin of [
    'git@github.com:example/webshop.git',
    'https://github.com/example/webshop',
    'https://user:pass@github.com/example/webshop.git',
    'ssh://git@github.com:22/example/webshop.git',
  ]) {
    assert.equal(await asked({}, none, origin), `${REPOSITORY} https://api.github.com ghp_secret`, origin);
  }
  assert.equal(
    await asked({}, none, 'git@ghes.example:example/webshop.git'),
    `${REPOSITORY} https://ghes.example/api/v3 ghp_secret`,
  );
  await assert.rejects(asked({}, none), { code: 'usage', next: /--repo owner\/name/ });
  await assert.rejects(asked({}, none, '/srv/git/webshop'), { code: 'usage' });
});

test('the token comes from the variable that is named, and for the usual one also from that of gh', async () => {
  const token = async (command: Partial<DoctorCommand>, env: Readonly<Record<string, string>>) =>
    (await ask(command, { env: { GITHUB_TOKEN: '', ...env } })).asked[0]?.split(' ')[2];
  assert.equal(await token({}, { GH_TOKEN: 'gho_x' }), 'gho_x');
  assert.equal(await token({ tokenEnv: 'ADMIN' }, { ADMIN: 'ghp_admin' }), 'ghp_admin');
  await assert.rejects(token({ tokenEnv: 'ADMIN' }, { GH_TOKEN: 'gho_x' }), { code: 'usage', message: /no token in ADMIN/ });
});

test('only the gates of the plan that is named are looked at', async () => {
  const { out } = await ask({ plan: 'webshop' });
  assert.match(out, /environment dr-production/);
  assert.doesNotMatch(out, /environment prod\b/);
});

test('plans with errors are told of, and the rest is examined all the same', async () => {
  writeFileSync('broken.yaml', 'apiVersion: breakwater/v1\nkind: RecoveryPlan\nname: broken\n');
  const { err, out, code } = await ask({ files: ['broken.yaml'], plan: 'broken' });
  assert.equal(code, 1);
  assert.match(out, /error {4}GH048 {2}plan files\n {2}broken\.yaml:\d+: .* \(and \d+ more\)/);
  assert.match(err, /the plan files have errors.*breakwater check/);
  assert.match(out, /GH042/);
});

test('a plan that is not there is said to be unknown', async () => {
  await assert.rejects(ask({ plan: 'none' }), { code: 'plan-unknown' });
});
