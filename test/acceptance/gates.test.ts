import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type FakeGithub, type RepositorySetup, serveFakeGithub, type TokenPermissions } from '@breakwater/github/testing';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { JOB_TOKEN } from './step.ts';

const REPOSITORY = 'example/webshop';
const RUN = '4711';

/** One wave of three servers behind two chained environments. */
const PLAN = `apiVersion: breakwater/v1
kind: RecoveryPlan
name: gated
owner: team-webshop@example.com
tier: 0
objectives: { rto: 90h, rpo: 90h }
waves:
  - name: database
    groups: [webshop-database]
    timeout: 20h
    gate: { description: Is Virginia lost?, environments: [duty, owner] }
`;

const ENVIRONMENTS = { duty: { reviewers: ['bob', 'carl'] }, owner: { teams: ['owners'] } };
const APPROVALS = [
  { environments: ['duty'], state: 'approved', user: 'bob', comment: 'Virginia is down | <b>go</b>' },
  { environments: ['owner'], state: 'approved', user: 'dora', comment: '' },
] as const;
const RECOVER = { mode: 'recovery', plan: 'gated', 'plan-files': 'plans', 'approved-gates': 'database' };

interface Setup {
  readonly repository?: RepositorySetup;
  readonly approvals?: readonly (typeof APPROVALS)[number][];
  readonly tokens?: Readonly<Record<string, TokenPermissions>>;
}

interface Stage extends AsyncDisposable {
  readonly rehearsal: Rehearsal;
  readonly fake: FakeGithub;
  recover(inputs?: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>): ReturnType<Rehearsal['step']>;
}

async function stage({ repository, approvals = APPROVALS, tokens }: Setup = {}): Promise<Stage> {
  const rehearsal = await rehearse('plans/simulation/webshop.yaml');
  writeFileSync(path.join(rehearsal.workspace, 'plans', 'gated.yaml'), PLAN);
  const fake = await serveFakeGithub({
    repositories: {
      [REPOSITORY]: {
        environments: ENVIRONMENTS,
        runs: { [RUN]: { approvals: approvals.map((one) => ({ ...one, environments: [...one.environments] })) } },
        ...repository,
      },
    },
    ...(tokens === undefined ? {} : { tokens }),
  });
  return {
    rehearsal,
    fake,
    recover: (inputs = {}, env = {}) =>
      rehearsal.step('execute-wave', { ...RECOVER, ...inputs }, { env: { GITHUB_API_URL: fake.url, ...env } }),
    async [Symbol.asyncDispose]() {
      await fake.close();
      await rehearsal[Symbol.asyncDispose]();
      assert.deepEqual(fake.unknown, []);
    },
  };
}

/** A refusal: the step failed with this code, it says so, and AWS was not touched. */
async function refused(setup: Setup, code: string, said: RegExp, inputs = {}, env = {}, prepare?: (fake: FakeGithub) => void) {
  await using scene = await stage(setup);
  prepare?.(scene.fake);
  const step = await scene.recover(inputs, env);
  assert.equal(step.code, 1, step.log);
  assert.equal(step.outputs['reason-code'], code, step.log);
  assert.match(step.errors.at(-1) ?? '', said);
  assert.ok(!step.log.includes(JOB_TOKEN), 'the token is in the log');
  assert.deepEqual(
    scene.rehearsal.world.calls.map(({ operation }) => operation),
    [],
    'AWS was asked something',
  );
}

describe('gates of execute-wave', { concurrency: 4 }, () => {
  it('a recovery that two people approved: proved before AWS is asked, and reported with who, why and the rules', async () => {
    await using scene = await stage({ tokens: { [JOB_TOKEN]: { actions: 'read' } } });
    const step = await scene.recover();
    assert.equal(step.code, 0, step.log);
    assert.equal(step.outputs['status'], 'succeeded');
    assert.equal(scene.rehearsal.calls('StartRecovery').length, 1);
    const history = path.join(scene.rehearsal.workspace, step.outputs['history'] ?? '');
    const lines = readFileSync(path.join(history, 'waves', 'database.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const gate = lines.map((line) => JSON.parse(line)).find((line) => line.type === 'step-finished' && line.step === 'gate');
    assert.equal(gate.result.proved, true);
    assert.equal(gate.result.proof.requester, 'ann');
    assert.deepEqual(
      gate.result.proof.approvals.map(
        ({ login, environment }: { login: string; environment: string }) => `${login} ${environment}`,
      ),
      ['bob duty', 'dora owner'],
    );
    assert.match(step.summary, /## Approvals/);
    assert.match(step.summary, /\| database \| bob \| `duty` \| Virginia is down \\\| &lt;b&gt;go&lt;\/b&gt; \| ann \|/);
    assert.match(step.summary, /\| `owner` \| team:owners \| may not be approved \| may not bypass \|/);
    assert.ok(!step.log.includes(JOB_TOKEN));

    // Resumed by a re-run, with GitHub down: the gate is open already, and nobody is asked.
    scene.fake.arm({ effect: { kind: 'status', status: 503 } });
    const env = { GITHUB_RUN_ATTEMPT: '2' };
    const again = await scene.recover({ 'execution-id': step.outputs['execution-id'] ?? '' }, env);
    assert.equal(again.code, 0, again.log);
    assert.equal(scene.rehearsal.calls('StartRecovery').length, 1);
  });

  it('nobody has approved', () => refused({ approvals: [] }, 'gate-unproved', /nobody who may has approved environment "duty"/));

  it('one of two has approved', () =>
    refused({ approvals: [APPROVALS[0]] }, 'gate-unproved', /nobody who may has approved environment "owner"/));

  it('the approver is the requester', () =>
    refused(
      {
        repository: {
          environments: { ...ENVIRONMENTS, duty: { reviewers: ['bob'] } },
          runs: {
            [RUN]: {
              actor: 'bob',
              approvals: [{ environments: ['duty', 'owner'], state: 'approved', user: 'bob', comment: '' }],
            },
          },
        },
      },
      'gate-unproved',
      /bob asked for the run/,
    ));

  it('one person for both environments', () =>
    refused(
      {
        repository: {
          runs: { [RUN]: { approvals: [{ environments: ['duty', 'owner'], state: 'approved', user: 'bob', comment: '' }] } },
        },
      },
      'gate-unproved',
      /2 different people have to approve \(duty, owner\), and only bob did/,
    ));

  it('an environment that asks nobody, one that is not there', () =>
    refused(
      { repository: { environments: { duty: {} } } },
      'gate-unproved',
      /"duty" has no required reviewers; environment "owner" does not exist/,
    ));

  it('self-review allowed, and a bypass that left no approval', () =>
    refused(
      {
        approvals: [APPROVALS[0]],
        repository: {
          environments: {
            duty: { reviewers: ['bob'], preventSelfReview: false },
            owner: { reviewers: ['dora'], adminsMayBypass: true },
          },
        },
      },
      'gate-unproved',
      /"duty" lets people approve their own runs; .*an administrator who starts waiting jobs leaves no approval/,
    ));

  it('a permission that the job lacks', () =>
    refused(
      { tokens: { [JOB_TOKEN]: { contents: 'write' } } },
      'github-permission',
      /Add `actions: read` to the `permissions:` of the job/,
    ));

  it('GitHub is down', () =>
    refused({}, 'github-unavailable', /cannot be proved: GitHub failed.*breakwater run --approve/, {}, {}, (fake) =>
      fake.arm({ effect: { kind: 'status', status: 503 } }),
    ));

  it('a re-run, whose approvals may be weeks old', () =>
    refused(
      {
        repository: {
          runs: {
            [RUN]: { reruns: ['ann'], approvals: APPROVALS.map((one) => ({ ...one, environments: [...one.environments] })) },
          },
        },
      },
      'gate-unproved',
      /this is attempt 2 of the run.*`id-token: write`/,
      {},
      { GITHUB_RUN_ATTEMPT: '2' },
    ));

  it('a pull request from a fork does nothing at all', async () => {
    await using scene = await stage();
    const event = path.join(scene.rehearsal.workspace, 'event.json');
    writeFileSync(event, JSON.stringify({ pull_request: { head: { repo: { full_name: 'eve/webshop' } } } }));
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event };
    for (const [action, inputs] of Object.entries({
      'execute-wave': { mode: 'drill', plan: 'webshop' },
      'run-ssm-action': { document: 'x' },
      'copy-snapshot': {},
      'restore-aurora': {},
    })) {
      const step = await scene.rehearsal.step(action, inputs, { env });
      assert.equal(step.outputs['reason-code'], 'run-untrusted', `${action}: ${step.log}`);
    }
    assert.deepEqual(scene.rehearsal.world.calls, []);
  });

  it('a re-run whose job stands in the gate’s environment, as its OIDC token says, is proved; and so is a word instead of GitHub', async () => {
    const approvals = APPROVALS.map((one) => ({ ...one, environments: [...one.environments] }));
    await using scene = await stage({ repository: { runs: { [RUN]: { reruns: ['ann'], approvals } } } });
    const env = {
      GITHUB_RUN_ATTEMPT: '2',
      ACTIONS_ID_TOKEN_REQUEST_URL: scene.fake.oidcUrl({ repository: REPOSITORY, run: RUN, attempt: 2, environment: 'owner' }),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
    };
    // The wave's own work is not of interest here: AWS says no at once.
    scene.rehearsal.arm({ match: { service: 'sts' }, effect: { kind: 'error', code: 'AccessDenied', message: 'no' } });
    const step = await scene.recover({}, env);
    assert.equal(step.outputs['reason-code'], 'permission-denied', step.log);
    scene.fake.arm({ effect: { kind: 'drop' } });
    const vouched = await scene.recover({ 'when-github-is-down': 'vouch' });
    assert.equal(vouched.outputs['reason-code'], 'permission-denied', vouched.log);
    assert.ok(vouched.warnings.some((warning) => warning.includes('opens without proof')));
  });
});
