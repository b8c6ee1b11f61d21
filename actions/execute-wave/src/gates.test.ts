import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingRunner, runAction } from '@breakwater/action-kit';
import { VirtualClock } from '@breakwater/core';
import type { GateToProve, ProveGate } from '@breakwater/engine';
import { type FakeGithub, type RepositorySetup, serveFakeGithub, type TokenPermissions } from '@breakwater/github/testing';
import { definition } from './definition.ts';
import { gateProver } from './gates.ts';

const REPOSITORY = 'example/webshop';
const GATE: GateToProve = { wave: 'web', environments: ['prod'], mode: 'recovery' };
const APPROVED: RepositorySetup = {
  environments: { prod: { reviewers: ['bob'] }, other: { reviewers: ['bob'] } },
  runs: { 7: { approvals: [{ environments: ['prod'], state: 'approved', user: 'bob', comment: 'go' }] } },
};

interface Options {
  readonly repository?: RepositorySetup;
  readonly tokens?: Readonly<Record<string, TokenPermissions>>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly idToken?: (fake: FakeGithub) => string;
}

/** Asks the prover of a step, as the engine would. */
async function ask(gate: GateToProve, { repository = APPROVED, tokens, inputs, environment, idToken }: Options = {}) {
  await using fake = await serveFakeGithub({
    repositories: { [REPOSITORY]: repository },
    ...(tokens === undefined ? {} : { tokens }),
  });
  if (inputs?.['down'] === 'yes') fake.arm({ effect: { kind: 'status', status: 503 } });
  if (inputs?.['down'] === 'limited') {
    const headers = { 'x-ratelimit-remaining': '0' };
    fake.arm({ effect: { kind: 'status', status: 403, body: { message: 'API rate limit exceeded' }, headers } });
  }
  const runner = recordingRunner(
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: fake.url,
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_RUN_ID: '7',
      GITHUB_TRIGGERING_ACTOR: 'ann',
      INPUT_MODE: 'recovery',
      INPUT_TOKEN: 'ghs_secret',
      'INPUT_GATE-ENVIRONMENTS': inputs?.['gate-environments'] ?? '',
      'INPUT_WHEN-GITHUB-IS-DOWN': inputs?.['when-github-is-down'] ?? '',
      ...(idToken === undefined ? {} : { ACTIONS_ID_TOKEN_REQUEST_URL: 'x', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token' }),
      ...environment,
    },
    idToken === undefined ? {} : { idToken: async () => idToken(fake) },
  );
  let answer: Awaited<ReturnType<ProveGate>> | 'no prover' | undefined;
  await runAction(
    definition,
    async (door) => {
      const prove = gateProver(door, new VirtualClock(0));
      answer = prove === undefined ? 'no prover' : await prove(gate);
      return { status: 'succeeded', reason: 'ok', result: '{}' };
    },
    runner,
  );
  assert.deepEqual(fake.unknown, []);
  return { answer, runner, calls: fake.calls.length, code: runner.outputs['reason-code'] };
}

test('in GitHub a gate is proved with the token of the job', async () => {
  const { answer } = await ask(GATE);
  assert.ok(typeof answer === 'object' && 'approvals' in answer);
  assert.deepEqual(answer.approvals, [{ login: 'bob', environment: 'prod', comment: 'go' }]);
  assert.equal(answer.requester, 'ann');
});

test('away from GitHub there is nobody to ask', async () => {
  assert.equal((await ask(GATE, { environment: { GITHUB_ACTIONS: '' } })).answer, 'no prover');
  assert.equal((await ask(GATE, { environment: { GITHUB_RUN_ID: '' } })).answer, 'no prover');
});

test('a step without a token cannot prove anything', async () => {
  const { runner, code, calls } = await ask(GATE, { environment: { INPUT_TOKEN: '' } });
  assert.equal(code, 'gate-unproved');
  assert.match(runner.failures[0] ?? '', /has no token to ask GitHub with/);
  assert.equal(calls, 0);
});

test('a permission that the job lacks is named', async () => {
  const { runner, code } = await ask(GATE, { tokens: { ghs_secret: { contents: 'write' } } });
  assert.equal(code, 'github-permission');
  assert.match(runner.failures[0] ?? '', /Add `actions: read` to the `permissions:` of the job/);
});

test('the plan says who approves; the job may name more, but not others', async () => {
  const both = await ask(GATE, { inputs: { 'gate-environments': 'other, Prod' } });
  assert.ok(typeof both.answer === 'object' && 'approvals' in both.answer);
  const others = await ask(GATE, { inputs: { 'gate-environments': 'other' } });
  assert.equal(others.code, 'gate-unproved');
  assert.match(others.runner.failures[0] ?? '', /opened by prod, and this job was opened by other/);
  const ofJob = await ask({ ...GATE, environments: [] }, { inputs: { 'gate-environments': 'prod' } });
  assert.ok(typeof ofJob.answer === 'object' && 'approvals' in ofJob.answer);
  const nobody = await ask({ ...GATE, environments: [] });
  assert.match(nobody.runner.failures[0] ?? '', /neither the plan nor the job names the environment/);
});

test('a GitHub that is down keeps the gate closed, and the ways on are named', async () => {
  const { runner, code } = await ask(GATE, { inputs: { down: 'yes' } });
  assert.equal(code, 'github-unavailable');
  assert.match(runner.failures[0] ?? '', /the gate of wave "web" cannot be proved: GitHub failed/);
  assert.match(runner.failures[0] ?? '', /breakwater run --approve.*docs\/break-glass\.md.*when-github-is-down: vouch/);
});

test('unless the workflow says that its word shall do then, which is told', async () => {
  const { answer, runner } = await ask(GATE, { inputs: { down: 'yes', 'when-github-is-down': 'vouch' } });
  assert.ok(typeof answer === 'object' && 'unproved' in answer);
  assert.match(answer.unproved, /^GitHub could not be asked: /);
  assert.match(runner.warnings[0] ?? '', /^Gate not proved: the gate of wave "web" opens without proof/);
});

test('that word is never taken against what GitHub answers', async () => {
  const vouch = { 'when-github-is-down': 'vouch' };
  assert.equal((await ask(GATE, { inputs: vouch, repository: { ...APPROVED, runs: { 7: {} } } })).code, 'gate-unproved');
  assert.equal((await ask(GATE, { inputs: vouch, tokens: { ghs_secret: {} } })).code, 'github-permission');
});

test('nor when requests are limited: whoever may use up the limit could open the gate', async () => {
  const { code, runner } = await ask(GATE, { inputs: { down: 'limited', 'when-github-is-down': 'vouch' } });
  assert.equal(code, 'github-unavailable');
  assert.deepEqual(runner.warnings, []);
  assert.match(
    runner.failures[0] ?? '',
    /cannot be proved: GitHub limits our requests.*Wait until the limit resets.*breakwater run --approve/,
  );
  assert.doesNotMatch(runner.failures[0] ?? '', /when-github-is-down/, 'that would not help');
});

test('in a re-run the job’s own OIDC token says whether it was approved again', async () => {
  const again = {
    environment: { GITHUB_RUN_ATTEMPT: '2' },
    repository: {
      ...APPROVED,
      runs: {
        7: { reruns: ['ann'], approvals: [{ environments: ['prod'], state: 'approved' as const, user: 'bob', comment: '' }] },
      },
    },
  };
  const claims = (environment: string) => ({ repository: REPOSITORY, run_id: '7', run_attempt: '2', environment });
  const tokenOf = (payload: object) => `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.y`;
  const good = await ask(GATE, { ...again, idToken: () => tokenOf(claims('prod')) });
  assert.ok(typeof good.answer === 'object' && 'approvals' in good.answer);
  assert.equal((await ask(GATE, { ...again, idToken: () => tokenOf(claims('dev')) })).code, 'gate-unproved');
  const without = await ask(GATE, again);
  assert.equal(without.code, 'gate-unproved');
  assert.match(without.runner.failures[0] ?? '', /`id-token: write`/);
});

test('the token is masked, and shows up nowhere', async () => {
  const { runner } = await ask(GATE, { tokens: {} });
  const told = [...runner.lines, ...runner.warnings, ...runner.errors, ...runner.failures, JSON.stringify(runner.outputs)].join(
    '\n',
  );
  assert.ok(!told.includes('ghs_secret'));
});
