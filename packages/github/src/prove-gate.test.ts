import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import { githubApi } from './api.ts';
import { proveGate } from './prove-gate.ts';
import { serveFakeGithub } from './testing/index.ts';
import { NOW, prove, REPOSITORY } from './testing/proving.ts';

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
