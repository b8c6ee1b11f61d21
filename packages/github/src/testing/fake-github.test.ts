import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveFakeGithub } from './index.ts';

const REPOSITORY = 'example/webshop';

async function ask(url: string, path: string, options: RequestInit = {}) {
  const response = await fetch(`${url}${path}`, { ...options, headers: { authorization: 'Bearer token', ...options.headers } });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
}

test('environments, runs and approvals have GitHub’s shapes', async () => {
  await using fake = await serveFakeGithub({
    repositories: {
      [REPOSITORY]: {
        environments: { prod: { reviewers: ['bob'], teams: ['ops'] }, bare: { branches: 'any' } },
        runs: { 7: { reruns: ['carl'], approvals: [{ environments: ['prod'], state: 'approved', user: 'bob', comment: 'go' }] } },
      },
    },
  });
  const prod = await ask(fake.url, `/repos/${REPOSITORY}/environments/Prod`);
  assert.equal(prod.status, 200);
  assert.equal(prod.body.can_admins_bypass, false);
  const [reviewers, policy] = prod.body.protection_rules;
  assert.equal(reviewers.type, 'required_reviewers');
  assert.equal(reviewers.prevent_self_review, true);
  assert.deepEqual(
    reviewers.reviewers.map((each: { type: string }) => each.type),
    ['User', 'Team'],
  );
  assert.equal(policy.type, 'branch_policy');
  const bare = await ask(fake.url, `/repos/${REPOSITORY}/environments/bare`);
  assert.deepEqual([bare.body.protection_rules, bare.body.deployment_branch_policy], [[], null]);
  const run = await ask(fake.url, `/repos/${REPOSITORY}/actions/runs/7`);
  assert.deepEqual([run.body.run_attempt, run.body.actor.login, run.body.triggering_actor.login], [2, 'ann', 'carl']);
  const first = await ask(fake.url, `/repos/${REPOSITORY}/actions/runs/7/attempts/1`);
  assert.deepEqual([first.body.run_attempt, first.body.triggering_actor.login], [1, 'ann']);
  const approvals = await ask(fake.url, `/repos/${REPOSITORY}/actions/runs/7/approvals`);
  assert.deepEqual([approvals.body[0].user.login, approvals.body[0].environments[0].name], ['bob', 'prod']);
  assert.deepEqual(fake.unknown, []);
});

test('a token without a permission is told which one, an unknown token nothing', async () => {
  await using fake = await serveFakeGithub({
    repositories: { [REPOSITORY]: { runs: { 7: {} } } },
    tokens: { token: { actions: 'read' } },
  });
  assert.equal((await ask(fake.url, `/repos/${REPOSITORY}/actions/runs/7`)).status, 200);
  const refused = await ask(fake.url, `/repos/${REPOSITORY}/actions/runs/7/cancel`, { method: 'POST' });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get('x-accepted-github-permissions'), 'actions=write');
  const stranger = await ask(fake.url, `/repos/${REPOSITORY}`, { headers: { authorization: 'Bearer other' } });
  assert.equal(stranger.status, 401);
});

test('what the fake does not know is answered with 501 and remembered', async () => {
  await using fake = await serveFakeGithub();
  assert.equal((await ask(fake.url, '/user')).status, 501);
  assert.equal((await ask(fake.url, `/repos/${REPOSITORY}/issues`)).status, 501);
  assert.deepEqual(fake.unknown, ['GET /user', `GET /repos/${REPOSITORY}/issues`]);
});

test('a run can be cancelled once, pull requests are opened once a branch, refs are claimed once', async () => {
  await using fake = await serveFakeGithub({ repositories: { [REPOSITORY]: { runs: { 7: {} } } } });
  const post = (path: string, body?: object) =>
    ask(fake.url, `/repos/${REPOSITORY}${path}`, {
      method: 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  assert.equal((await post('/actions/runs/7/cancel')).status, 202);
  assert.equal((await post('/actions/runs/7/cancel')).status, 409);
  const pull = { title: 'Recompile', head: 'bot/recompile', base: 'main' };
  assert.equal((await post('/pulls', pull)).status, 201);
  assert.equal((await post('/pulls', pull)).status, 422);
  const found = await ask(fake.url, `/repos/${REPOSITORY}/pulls?head=example:bot/recompile&state=open`);
  assert.equal(found.body.length, 1);
  const ref = { ref: 'refs/locks/x', sha: 'a'.repeat(40) };
  assert.deepEqual([(await post('/git/refs', ref)).status, (await post('/git/refs', ref)).status], [201, 422]);
  assert.equal((await post('/dispatches', { event_type: 'snapshot', client_payload: {} })).status, 204);
  assert.equal(fake.repository(REPOSITORY).dispatches.length, 1);
});

test('faults answer in place of the routes, as often as they say', async () => {
  await using fake = await serveFakeGithub({ repositories: { [REPOSITORY]: {} } });
  fake.arm({ path: REPOSITORY, times: 1, effect: { kind: 'status', status: 502 } });
  fake.arm({ path: REPOSITORY, times: 1, effect: { kind: 'drop' } });
  assert.equal((await ask(fake.url, `/repos/${REPOSITORY}`)).status, 502);
  await assert.rejects(ask(fake.url, `/repos/${REPOSITORY}`));
  assert.equal((await ask(fake.url, `/repos/${REPOSITORY}`)).status, 200);
  assert.deepEqual(
    fake.calls.map((call) => call.status),
    [502, 0, 200],
  );
});

test('OIDC tokens carry the job’s claims', async () => {
  await using fake = await serveFakeGithub();
  const url = fake.oidcUrl({ repository: REPOSITORY, run: '7', attempt: 2, environment: 'prod:eu' });
  const answer = await ask(`${url}&audience=sts.amazonaws.com`, '');
  const claims = JSON.parse(Buffer.from(answer.body.value.split('.')[1], 'base64url').toString());
  assert.equal(claims.sub, 'repo:example/webshop:environment:prod%3Aeu');
  assert.deepEqual(
    [claims.aud, claims.run_id, claims.run_attempt, claims.environment],
    ['sts.amazonaws.com', '7', '2', 'prod:eu'],
  );
});

test('as a process it is set up and looked into over HTTP', async () => {
  await using fake = await serveFakeGithub();
  const control = (method: string, path: string, body?: object) =>
    ask(fake.url, `/_fake${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  await control('PUT', `/repos/${REPOSITORY}`, { runs: { 7: {} } });
  await control('POST', `/repos/${REPOSITORY}/runs/7/approvals`, { environments: ['prod'], user: 'bob' });
  const approvals = await ask(fake.url, `/repos/${REPOSITORY}/actions/runs/7/approvals`);
  assert.equal(approvals.body[0].state, 'approved');
  await control('PUT', '/tokens', { other: {} });
  assert.equal((await ask(fake.url, `/repos/${REPOSITORY}`)).status, 401);
  assert.equal((await control('GET', '/calls')).body.length, 2);
  assert.deepEqual((await control('GET', '/unknown')).body, []);
});
