import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import fc from 'fast-check';
import type { GithubApi, ReviewFacts } from './api.ts';
import { proveGate } from './prove-gate.ts';

const PEOPLE = ['ann', 'bob', 'carl', 'dora', 'robot[bot]'];
const ENVIRONMENTS = ['a', 'b', 'c'];

const person = fc.constantFrom(...PEOPLE);
const world = fc.record({
  environments: fc.uniqueArray(fc.constantFrom(...ENVIRONMENTS), { minLength: 1, maxLength: 3 }),
  reviewers: fc.record({ a: fc.uniqueArray(person), b: fc.uniqueArray(person), c: fc.uniqueArray(person) }),
  reviews: fc.array(
    fc.record({
      login: person,
      state: fc.constantFrom<ReviewFacts['state']>('approved', 'approved', 'approved', 'rejected', 'pending', 'unknown'),
      environments: fc.uniqueArray(fc.constantFrom(...ENVIRONMENTS)),
    }),
    { maxLength: 8 },
  ),
  actor: person,
  triggeringActor: person,
  selfReview: fc.boolean(),
});

type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

/** GitHub as the world says it, without a network. Only what a proof asks. */
function apiOf({ reviewers, reviews, actor, triggeringActor, selfReview }: World): GithubApi {
  const unasked = () => assert.fail('a proof does not ask this');
  return {
    repositoryName: 'example/webshop',
    repository: async () => ({
      fullName: 'example/webshop',
      visibility: 'public',
      ownerIsOrganisation: true,
      defaultBranch: 'main',
    }),
    environment: async (name) => ({
      name,
      reviewers: Object.entries(reviewers).find(([key]) => key === name)?.[1] ?? [],
      preventsSelfReview: !selfReview,
      adminsMayBypass: false,
      waitTimer: 0,
      branches: 'protected',
      page: undefined,
    }),
    runAttempt: async (id, attempt) => ({
      id,
      attempt,
      event: 'workflow_dispatch',
      actor,
      triggeringActor,
      byBot: false,
      branch: 'main',
      commit: undefined,
      status: 'in_progress',
      headRepository: 'example/webshop',
      startedAt: undefined,
      page: undefined,
      workflow: undefined,
    }),
    reviews: async () => reviews.map((review) => ({ ...review, isBot: false, comment: '' })),
    branchPatterns: unasked,
    runs: unasked,
    cancelRun: unasked,
    workflows: unasked,
    branch: unasked,
    branchProtection: unasked,
    branchRules: unasked,
    approvalsByRules: unasked,
    oidcSubject: unasked,
    workflowPermissions: unasked,
    forkSettings: unasked,
  };
}

/** By brute force: can a different allowed person be named for each environment? */
function isOpen({ environments, reviewers, reviews, actor, triggeringActor, selfReview }: World): boolean {
  if (selfReview) return false;
  const may = (login: string, name: string) =>
    !login.endsWith('[bot]') &&
    login !== actor &&
    login !== triggeringActor &&
    (Object.entries(reviewers).find(([key]) => key === name)?.[1] ?? []).includes(login) &&
    reviews.some((review) => review.state === 'approved' && review.login === login && review.environments.includes(name));
  const choose = (left: readonly string[], taken: readonly string[]): boolean => {
    const [name, ...rest] = left;
    if (name === undefined) return true;
    return PEOPLE.some((login) => !taken.includes(login) && may(login, name) && choose(rest, [...taken, login]));
  };
  return choose(environments, []);
}

test('a gate is proved exactly when different people who may, and did not ask, approved each environment', async () => {
  let proved = 0;
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const clock = new VirtualClock(0);
      const request = { wave: 'web', environments: given.environments, run: '7', attempt: 1, requesters: [], clock };
      const asked = proveGate(apiOf(given), { ...request, claims: async () => undefined });
      if (!isOpen(given)) {
        await assert.rejects(asked, { code: 'gate-unproved' });
        return;
      }
      proved += 1;
      const { approvals } = await asked;
      for (const { login } of approvals) assert.ok(![given.actor, given.triggeringActor, 'robot[bot]'].includes(login));
      assert.deepEqual([...new Set(approvals.map(({ environment }) => environment))], given.environments);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(proved > 50, `only ${proved} of the worlds were open: the test would prove little`);
});
