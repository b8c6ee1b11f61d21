import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedError } from '@breakwater/core';
import { type Case, prove } from './testing/proving.ts';

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
