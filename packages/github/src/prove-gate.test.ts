import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedError, VirtualClock } from '@breakwater/core';
import type { GateProof } from '@breakwater/history';
import { githubApi } from './api.ts';
import type { JobClaims } from './job-claims.ts';
import { type GateRequest, proveGate } from './prove-gate.ts';
import { type FakeApproval, type FakeEnvironment, type FakeRun, type RepositorySetup, serveFakeGithub } from './testing/index.ts';

const REPOSITORY = 'example/webshop';
const NOW = Date.UTC(2026, 10, 20, 3, 7);

interface Case {
  readonly environments?: Readonly<Record<string, Partial<FakeEnvironment>>>;
  readonly approvals?: readonly (Partial<FakeApproval> & { readonly user: string })[];
  readonly run?: Partial<FakeRun>;
  readonly request?: Partial<GateRequest>;
  readonly repository?: RepositorySetup;
  readonly claims?: Partial<JobClaims>;
}

async function prove({ environments, approvals = [], run, request, repository, claims }: Case = {}): Promise<GateProof> {
  await using fake = await serveFakeGithub({
    repositories: {
      [REPOSITORY]: {
        environments: environments ?? { prod: { reviewers: ['bob', 'carl'] } },
        runs: {
          7: { ...run, approvals: approvals.map((one) => ({ environments: ['prod'], state: 'approved', comment: '', ...one })) },
        },
        ...repository,
      },
    },
  });
  const clock = new VirtualClock(NOW);
  const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock, userAgent: 'test' });
  const proof = await proveGate(api, {
    wave: 'web',
    environments: Object.keys(environments ?? { prod: {} }),
    run: '7',
    attempt: 1 + (run?.reruns?.length ?? 0),
    requesters: ['ann'],
    clock,
    claims: async () =>
      claims && { repository: REPOSITORY, run: '7', attempt: 1 + (run?.reruns?.length ?? 0), environment: undefined, ...claims },
    ...request,
  });
  assert.deepEqual(fake.unknown, []);
  return proof;
}

async function refused(given: Case): Promise<RefusedError> {
  return prove(given).then(
    (proof) => assert.fail(`it was proved: ${JSON.stringify(proof)}`),
    (error: unknown) => {
      assert.ok(error instanceof RefusedError, String(error));
      assert.equal(error.code, 'gate-unproved');
      assert.match(error.message, /^the gate of wave "web" is not proved: /);
      assert.match(error.next, /docs\/break-glass\.md/);
      return error;
    },
  );
}

test('an approval by a reviewer who did not ask for the run is the proof, with its comment and the rules', async () => {
  assert.deepEqual(await prove({ approvals: [{ user: 'bob', comment: 'Region is down, go' }] }), {
    wave: 'web',
    requester: 'ann',
    approvals: [{ login: 'bob', environment: 'prod', comment: 'Region is down, go' }],
    rules: [{ environment: 'prod', reviewers: ['bob', 'carl'], preventsSelfReview: true, adminsMayBypass: false }],
    run: 'https://github.com/example/webshop/actions/runs/7',
    attempt: 1,
    between: { from: '2026-11-20T03:00:00Z', to: '2026-11-20T03:07:00.000Z' },
  });
});

const refusals: readonly (readonly [string, Case, RegExp, RegExp])[] = [
  [
    'an environment that does not exist',
    { environments: {}, request: { environments: ['prod'] } },
    /environment "prod" does not exist/,
    /Create it under Settings > Environments/,
  ],
  [
    'an environment without reviewers, as GitHub makes it when a job first names it',
    { environments: { prod: { branches: 'any' } }, run: { branch: 'main' } },
    /environment "prod" has no required reviewers$/,
    /Switch on "Required reviewers" in Settings > Environments > prod/,
  ],
  [
    'the same in a private repository, where the plan may not have them',
    { environments: { prod: {} }, repository: { visibility: 'private' } },
    /has no required reviewers \(a private repository has them only with GitHub Enterprise\)/,
    /Required reviewers/,
  ],
  [
    'self-review allowed, although somebody else approved',
    { environments: { prod: { reviewers: ['bob'], preventSelfReview: false } }, approvals: [{ user: 'bob' }] },
    /environment "prod" lets people approve their own runs$/,
    /Prevent self-review/,
  ],
  ['no approval', {}, /nobody who may has approved environment "prod" in this run$/, /did not ask for it \(bob, carl\)/],
  [
    'no approval where an administrator may have started the job',
    { environments: { prod: { reviewers: ['bob'], adminsMayBypass: true } } },
    /an administrator who starts waiting jobs leaves no approval/,
    /Start a new run/,
  ],
  [
    'the requester as approver',
    { environments: { prod: { reviewers: ['Ann', 'bob'] } }, approvals: [{ user: 'Ann' }] },
    /prod" in this run: Ann asked for the run/,
    /who did not ask for it/,
  ],
  [
    'who asked for the first attempt as approver of the second',
    {
      run: { actor: 'bob', reruns: ['ann'] },
      approvals: [{ user: 'bob' }],
      claims: { environment: 'prod' },
    },
    /bob asked for the run/,
    /Start a new run/,
  ],
  [
    'a requester that only the job knows',
    { run: { actor: 'deploy-bot' }, request: { requesters: ['bob'] }, approvals: [{ user: 'bob' }] },
    /bob asked for the run/,
    /Start a new run/,
  ],
  [
    'a rejection, and a comment, are no approvals',
    {
      approvals: [
        { user: 'bob', state: 'rejected' },
        { user: 'carl', state: 'pending' },
      ],
    },
    /nobody who may has approved/,
    /Start a new run/,
  ],
  [
    'an approval of another environment',
    { approvals: [{ user: 'bob', environments: ['staging'] }] },
    /nobody who may has approved environment "prod"/,
    /Start a new run/,
  ],
  [
    'somebody who is not a reviewer (any more)',
    { approvals: [{ user: 'mallory' }] },
    /mallory is not among its reviewers/,
    /\(bob, carl\)/,
  ],
  ['a bot as approver', { approvals: [{ user: 'shipit[bot]' }] }, /shipit\[bot\] is no person/, /Start a new run/],
  [
    'one person for two environments',
    {
      environments: { a: { reviewers: ['bob', 'carl'] }, b: { reviewers: ['bob', 'carl'] } },
      approvals: [
        { user: 'bob', environments: ['a'] },
        { user: 'Bob', environments: ['b'] },
      ],
    },
    /2 different people have to approve \(a, b\), and only bob, Bob did/,
    /reviewers who do not overlap/,
  ],
  [
    'one of two environments',
    {
      environments: { a: { reviewers: ['bob'] }, b: { reviewers: ['carl'] } },
      approvals: [{ user: 'bob', environments: ['a'] }],
    },
    /approved environment "b"/,
    /\(carl\)/,
  ],
  [
    'any branch may deploy, and the run is of one that nobody reviewed',
    {
      environments: { prod: { reviewers: ['bob'], branches: 'any' } },
      run: { branch: 'feature' },
      approvals: [{ user: 'bob' }],
    },
    /any branch may use environment "prod", and this run is of feature/,
    /Deployment branches and tags/,
  ],
  [
    'protected branches only, in a repository that has none, which lets every branch in',
    { run: { branch: 'feature' }, repository: { branches: { feature: {} } }, approvals: [{ user: 'bob' }] },
    /any branch may use environment "prod", and this run is of feature/,
    /Deployment branches and tags/,
  ],
  [
    'a pattern that takes every branch, and the run is of one that nobody reviewed',
    {
      environments: { prod: { reviewers: ['bob'], branches: ['main', '**'] } },
      run: { branch: 'feature' },
      repository: { branches: { feature: {} } },
      approvals: [{ user: 'bob' }],
    },
    /any branch may use environment "prod", and this run is of feature/,
    /Deployment branches and tags/,
  ],
  [
    'the same for a run of a tag, which is no branch',
    {
      environments: { prod: { reviewers: ['bob'], branches: ['*'] } },
      run: { branch: 'v9' },
      approvals: [{ user: 'bob' }],
    },
    /this run is of v9/,
    /Deployment branches and tags/,
  ],
  [
    'a re-run by somebody who has approved too: the fresh approval may be their own',
    {
      environments: { prod: { reviewers: ['bob', 'carl'] } },
      run: { actor: 'ann', reruns: ['bob'] },
      approvals: [{ user: 'carl' }, { user: 'bob' }],
      request: { requesters: ['bob'] },
      claims: { environment: 'prod' },
    },
    /attempt 2 of the run, and GitHub does not tell in which attempt somebody approved; of environment "prod" that may be an approval that does not count: bob asked for the run/,
    /start a new run with the same execution-id/i,
  ],
  [
    'a re-run that an app has approved, after a person approved an earlier attempt',
    {
      run: { reruns: ['ann'] },
      approvals: [{ user: 'bob' }, { user: 'shipit[bot]' }],
      claims: { environment: 'Prod' },
    },
    /does not count: shipit\[bot\] is no person/,
    /start a new run with the same execution-id/i,
  ],
  [
    'a re-run where administrators may bypass',
    {
      environments: { prod: { reviewers: ['bob'], adminsMayBypass: true } },
      run: { reruns: ['ann'] },
      approvals: [{ user: 'bob' }],
      claims: { environment: 'prod' },
    },
    /administrators may bypass environment "prod", and this is attempt 2/,
    /Allow administrators to bypass/,
  ],
  [
    'a re-run of a job that stands in no environment: the approval may be weeks old',
    { run: { reruns: ['ann'] }, approvals: [{ user: 'bob' }], claims: {} },
    /this job stands in no environment, so nobody was asked again/,
    /start a new run with the same execution-id/,
  ],
  [
    'a re-run of a job in an environment that is not the gate’s',
    { run: { reruns: ['ann'] }, approvals: [{ user: 'bob' }], claims: { environment: 'dev' } },
    /this job stands in environment "dev"/,
    /Put the job itself into the environment/,
  ],
  [
    'a re-run without an OIDC token',
    { run: { reruns: ['ann'] }, approvals: [{ user: 'bob' }] },
    /attempt 2 of the run, and GitHub does not tell in which attempt/,
    /`id-token: write`/,
  ],
  [
    'a re-run with a token of another attempt',
    { run: { reruns: ['ann'] }, approvals: [{ user: 'bob' }], claims: { environment: 'prod', attempt: 1 } },
    /nobody was asked again/,
    /new run/,
  ],
  [
    'a run that GitHub does not know',
    { request: { run: '8' } },
    /GitHub knows no attempt 1 of run 8 in example\/webshop/,
    /token/,
  ],
  [
    'a run of a fork',
    { run: { headRepository: 'eve/webshop' }, approvals: [{ user: 'bob' }] },
    /comes from eve\/webshop/,
    /branch/,
  ],
  ['no environment named at all', { request: { environments: [] } }, /neither the plan nor the job names/, /gate\.environment/],
];

for (const [what, given, wrong, next] of refusals) {
  test(`refused: ${what}`, async () => {
    const error = await refused(given);
    assert.match(error.message, wrong);
    assert.match(error.next, next);
  });
}

test('everything that is missing is said at once', async () => {
  const error = await refused({
    environments: { a: { reviewers: ['bob'], preventSelfReview: false }, b: { branches: 'any' } },
    run: { branch: 'feature' },
  });
  for (const wrong of [
    /"a" lets people/,
    /approved environment "a"/,
    /"b" has no required reviewers/,
    /any branch may use environment "b"/,
  ]) {
    assert.match(error.message, wrong);
  }
  assert.doesNotMatch(error.message, /approved environment "b"/);
});

test('two environments with two people are proved, whichever of several approvals is taken', async () => {
  const proof = await prove({
    environments: { a: { reviewers: ['bob', 'carl'] }, b: { teams: ['ops'] } },
    approvals: [
      { user: 'bob', environments: ['a', 'b'] },
      { user: 'carl', environments: ['a'] },
    ],
  });
  assert.deepEqual(
    proof.approvals.map(({ login, environment }) => `${login} ${environment}`),
    ['bob a', 'carl a', 'bob b'],
  );
  assert.deepEqual(proof.rules[1]?.reviewers, ['team:ops']);
});

test('a re-run whose job stands in the environment was approved again', async () => {
  const proof = await prove({
    run: { actor: 'dora', reruns: ['ann'] },
    approvals: [{ user: 'bob' }],
    claims: { environment: 'Prod' },
  });
  assert.deepEqual([proof.attempt, proof.requester, proof.firstRequester], [2, 'ann', 'dora']);
});

test('a run of another branch that is protected is as good as one of the default branch', async () => {
  const protection = { allowForcePushes: false, allowDeletions: false, restrictsPushes: false, requiresPullRequest: true };
  const proof = await prove({
    run: { branch: 'release/1' },
    repository: { branches: { 'release/1': { protection } } },
    approvals: [{ user: 'bob' }],
  });
  assert.equal(proof.warnings, undefined);
});

test('a list of branches that whoever set it up has chosen is a rule, also for a branch without protection', async () => {
  const proof = await prove({
    environments: { prod: { reviewers: ['bob'], branches: ['main', 'release/*'] } },
    run: { branch: 'release/1' },
    repository: { branches: { 'release/1': {} } },
    approvals: [{ user: 'bob' }],
  });
  assert.equal(proof.warnings, undefined);
});

test('in a first attempt an approval that does not count does no harm beside one that does', async () => {
  const { approvals } = await prove({ approvals: [{ user: 'ann' }, { user: 'shipit[bot]' }, { user: 'carl' }] });
  assert.deepEqual(
    approvals.map(({ login }) => login),
    ['carl'],
  );
});

test('the token of the job is not asked for in a first attempt', async () => {
  await prove({ approvals: [{ user: 'bob' }], request: { claims: () => assert.fail('it is not needed') } });
});

test('what does not keep the gate closed is warned of', async () => {
  const proof = await prove({
    environments: { prod: { reviewers: ['bob'], adminsMayBypass: true, branches: 'any' } },
    run: { actor: 'github-actions[bot]' },
    approvals: [{ user: 'bob' }],
  });
  assert.deepEqual(proof.warnings, [
    'administrators may bypass environment "prod"; a bypass leaves no approval, and would be refused',
    'any branch may use environment "prod"; this run is of the default branch',
    'the run was started by github-actions[bot]: GitHub does not know who asked for it, so the approver may be the same',
  ]);
});

test('what GitHub does not tell counts as not there', async () => {
  await using fake = await serveFakeGithub({ repositories: { [REPOSITORY]: { runs: { 7: {} } } } });
  const clock = new VirtualClock(NOW);
  const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock, userAgent: 'test' });
  fake.arm({ path: '/environments/', effect: { kind: 'status', status: 200, body: { name: 'prod', protection_rules: null } } });
  fake.arm({ path: '/approvals', effect: { kind: 'status', status: 200, body: { message: 'no list' } } });
  const request = {
    wave: 'web',
    environments: ['prod'],
    run: '7',
    attempt: 1,
    requesters: [],
    clock,
    claims: async () => undefined,
  };
  await assert.rejects(proveGate(api, request), /has no required reviewers/);
});

test('an approval of an account that is gone proves nothing', async () => {
  await using fake = await serveFakeGithub({
    repositories: { [REPOSITORY]: { runs: { 7: {} }, environments: { prod: { reviewers: ['bob'], teams: ['ops'] } } } },
  });
  const clock = new VirtualClock(NOW);
  const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock, userAgent: 'test' });
  const body = [{ state: 'approved', user: null, comment: '', environments: [{ name: 'prod' }] }];
  fake.arm({ path: '/approvals', effect: { kind: 'status', status: 200, body } });
  const request = {
    wave: 'web',
    environments: ['prod'],
    run: '7',
    attempt: 1,
    requesters: [],
    clock,
    claims: async () => undefined,
  };
  await assert.rejects(proveGate(api, request), /the account that approved is no longer there/);
});

test('a GitHub that does not answer, and a token that may not ask, are not taken for a refusal', async () => {
  await using fake = await serveFakeGithub({
    repositories: { [REPOSITORY]: { runs: { 7: {} } } },
    tokens: { t: { contents: 'write' } },
  });
  const clock = new VirtualClock(NOW);
  const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock, userAgent: 'test' });
  const request = {
    wave: 'web',
    environments: ['prod'],
    run: '7',
    attempt: 1,
    requesters: [],
    clock,
    claims: async () => undefined,
  };
  await assert.rejects(proveGate(api, request), { code: 'github-permission', missing: 'actions: read' });
  fake.arm({ effect: { kind: 'drop' } });
  await assert.rejects(proveGate(api, request), { code: 'github-unavailable' });
});
