import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GithubError, VirtualClock } from '@breakwater/core';
import { type GithubApi, githubApi } from './api.ts';
import { type FakeGithub, serveFakeGithub, type TokenPermissions } from './testing/index.ts';

const REPOSITORY = 'example/webshop';

async function withApi<T>(
  work: (api: GithubApi, fake: FakeGithub, clock: VirtualClock) => Promise<T>,
  tokens?: Record<string, TokenPermissions>,
): Promise<T> {
  await using fake = await serveFakeGithub({
    repositories: { [REPOSITORY]: { runs: { 7: {} }, environments: { 'prod/eu': { reviewers: ['bob'] } } } },
    ...(tokens === undefined ? {} : { tokens }),
  });
  const clock = new VirtualClock(0);
  const api = githubApi(REPOSITORY, {
    url: `${fake.url}/`,
    token: 'secret-token',
    clock,
    userAgent: 'breakwater/test',
    timeout: 150,
  });
  const result = await work(api, fake, clock);
  assert.deepEqual(fake.unknown, []);
  return result;
}

function failure(promise: Promise<unknown>): Promise<GithubError> {
  return promise.then(
    () => assert.fail('it should have failed'),
    (error: unknown) => {
      assert.ok(error instanceof GithubError, String(error));
      assert.ok(!`${error.message} ${error.next}`.includes('secret-token'));
      return error;
    },
  );
}

test('a server’s fault and a broken connection are tried again', () =>
  withApi(async (api, fake) => {
    fake.arm({ times: 1, effect: { kind: 'status', status: 502 } });
    fake.arm({ times: 1, effect: { kind: 'drop' } });
    fake.arm({ times: 1, effect: { kind: 'hang' } });
    const environment = await api.environment('prod/eu');
    assert.deepEqual(environment?.reviewers, ['bob']);
    assert.deepEqual(
      fake.calls.map((call) => call.status),
      [502, 0, 0, 200],
    );
    assert.match(fake.calls[0]?.userAgent ?? '', /^breakwater\/test/);
  }));

test('a GitHub that stays down is github-unavailable, after a few tries', () =>
  withApi(async (api, fake, clock) => {
    fake.arm({ effect: { kind: 'status', status: 503, body: { message: 'No server is currently available' } } });
    const started = clock.now();
    const error = await failure(api.environment('prod'));
    assert.equal(error.code, 'github-unavailable');
    assert.match(error.message, /No server is currently available/);
    assert.match(error.next, /githubstatus/);
    assert.equal(fake.calls.length, 4);
    assert.ok(clock.now() - started < 60_000);
  }));

test('an answer that breaks off in its middle is not waited for', async () => {
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"id":');
    setImmediate(() => response.socket?.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const api = githubApi(REPOSITORY, { url, token: 'secret-token', clock: new VirtualClock(0), userAgent: 'x', timeout: 150 });
  const error = await failure(api.repository());
  assert.equal(error.code, 'github-unavailable');
  server.close();
});

test('a page of a proxy is no answer', () =>
  withApi(async (api, fake) => {
    fake.arm({ effect: { kind: 'status', status: 200, text: '<html>Please log in</html>' } });
    const error = await failure(api.repository());
    assert.equal(error.code, 'github-unavailable');
    assert.match(error.message, /not JSON; is a proxy in between/);
  }));

test('fields that are missing or of another kind are no crash, and never better than they are', () =>
  withApi(async (api, fake) => {
    for (const body of [{}, [], 'text', 7, { protection_rules: 'x', deployment_branch_policy: [] }]) {
      fake.arm({ times: 1, effect: { kind: 'status', status: 200, body } });
      assert.deepEqual(await api.environment('prod'), {
        name: 'prod',
        reviewers: [],
        preventsSelfReview: false,
        adminsMayBypass: true,
        waitTimer: 0,
        branches: 'any',
        page: undefined,
      });
    }
    fake.arm({ times: 1, effect: { kind: 'status', status: 200, body: [{ state: 'approved', user: null }, 5] } });
    assert.deepEqual(
      (await api.reviews('7')).map(({ state, login }) => [state, login]),
      [
        ['approved', undefined],
        ['unknown', undefined],
      ],
    );
  }));

test('a secondary limit is waited for as long as GitHub says, a primary one is not', () =>
  withApi(async (api, fake, clock) => {
    const started = clock.now();
    const body = { message: 'You have exceeded a secondary rate limit' };
    fake.arm({ times: 1, effect: { kind: 'status', status: 403, body, headers: { 'retry-after': '20' } } });
    await api.environment('prod/eu');
    assert.ok(clock.now() - started >= 20_000);
    fake.arm({ times: 1, effect: { kind: 'status', status: 403, body, headers: { 'x-ratelimit-remaining': '0' } } });
    const before = fake.calls.length;
    const error = await failure(api.environment('prod/eu'));
    assert.equal(error.code, 'github-unavailable');
    assert.equal(error.missing, undefined);
    assert.equal(fake.calls.length, before + 1);
    // Nobody waits ten minutes before a failover to be told no.
    fake.arm({ times: 1, effect: { kind: 'status', status: 429, headers: { 'retry-after': '600' } } });
    assert.equal((await failure(api.environment('prod/eu'))).code, 'github-unavailable');
    assert.equal(fake.calls.length, before + 2);
  }));

test('a missing permission is named as it is written in a workflow', () =>
  withApi(
    async (api) => {
      const error = await failure(api.cancelRun('7'));
      assert.equal(error.code, 'github-permission');
      assert.equal(error.missing, 'actions: write');
      assert.match(error.next, /Add `actions: write` to the `permissions:` of the job/);
      const admin = await failure(api.workflowPermissions());
      assert.match(admin.next, /cannot have `administration: read`/);
    },
    { 'secret-token': { actions: 'read' } },
  ));

test('without GitHub’s own word for it, the permission is the one that the call needs', () =>
  withApi(async (api, fake) => {
    fake.arm({ effect: { kind: 'status', status: 403, body: { message: 'Resource not accessible by integration' } } });
    assert.equal((await failure(api.reviews('7'))).missing, 'actions: read');
  }));

test('a token that is not accepted is told, not tried again', () =>
  withApi(
    async (api, fake) => {
      const error = await failure(api.repository());
      assert.equal(error.code, 'github-permission');
      assert.match(error.message, /Bad credentials/);
      assert.equal(fake.calls.length, 1);
    },
    { other: {} },
  ));

test('any other refusal is github-fault with GitHub’s words', () =>
  withApi(async (api, fake) => {
    fake.arm({ effect: { kind: 'status', status: 422, body: { message: 'Validation Failed' } } });
    const error = await failure(api.repository());
    assert.equal(error.code, 'github-fault');
    assert.match(error.message, /Validation Failed \(HTTP 422\)/);
  }));

test('a cancel whose answer is lost is not sent again; one that comes too late is not a failure', () =>
  withApi(async (api, fake) => {
    fake.arm({ method: 'POST', times: 1, effect: { kind: 'drop' } });
    assert.equal((await failure(api.cancelRun('7'))).code, 'github-unavailable');
    assert.equal(fake.calls.length, 1);
    fake.arm({ method: 'POST', times: 1, effect: { kind: 'status', status: 502 } });
    assert.equal((await failure(api.cancelRun('7'))).code, 'github-unavailable');
    assert.equal(fake.calls.length, 2);
    assert.equal(await api.cancelRun('7'), 'cancelling');
    assert.equal(await api.cancelRun('7'), 'already-over');
    assert.equal(await api.cancelRun('8'), undefined);
  }));

test('an aborted signal ends the waiting', async () => {
  await using fake = await serveFakeGithub({ repositories: { [REPOSITORY]: {} } });
  fake.arm({ effect: { kind: 'status', status: 500 } });
  const abort = new AbortController();
  abort.abort('SIGINT');
  const access = { url: fake.url, token: 't', clock: new VirtualClock(0), userAgent: 'x', signal: abort.signal };
  await assert.rejects(githubApi(REPOSITORY, access).repository(), (reason) => reason === 'SIGINT');
});

test('lists are read to their end', () =>
  withApi(async (api, fake) => {
    const repository = fake.repository(REPOSITORY);
    for (let n = 0; n < 250; n++)
      repository.workflows.push({ name: `w${n}`, path: `.github/workflows/${n}.yml`, state: 'active' });
    assert.equal((await api.workflows()).length, 250);
    assert.equal(fake.calls.length, 3);
  }));

test('runs are listed by their status', () =>
  withApi(async (api, fake) => {
    Object.assign(fake.repository(REPOSITORY).runs, { 8: { ...fake.repository(REPOSITORY).runs['7'], status: 'completed' } });
    const running = await api.runs({ status: 'in_progress' });
    assert.deepEqual(
      running.map(({ id, actor, status }) => [id, actor, status]),
      [['7', 'ann', 'in_progress']],
    );
  }));
