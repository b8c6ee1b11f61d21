import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import { githubApi } from './api.ts';
import { stopRun } from './stop-run.ts';
import { serveFakeGithub, type TokenPermissions } from './testing/index.ts';

const REPOSITORY = 'example/webshop';
const PAGE = `https://github.com/${REPOSITORY}/actions/runs/7/attempts/1`;

async function stop(page: string | undefined, tokens?: Readonly<Record<string, TokenPermissions>>) {
  await using fake = await serveFakeGithub({
    repositories: { [REPOSITORY]: { runs: { 7: {}, 8: { status: 'completed' } } } },
    ...(tokens === undefined ? {} : { tokens }),
  });
  const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock: new VirtualClock(0), userAgent: 'test' });
  const result = await stopRun(api, page, { server: 'https://github.com', run: '99' });
  return { result, status: fake.repository(REPOSITORY).runs['7']?.conclusion, calls: fake.calls.length };
}

test('the run of a page is cancelled, with or without its attempt', async () => {
  for (const page of [PAGE, `https://github.com/Example/Webshop/actions/runs/7`]) {
    assert.deepEqual(await stop(page), { result: { stopped: 'cancelling' }, status: 'cancelled', calls: 1 });
  }
  assert.deepEqual((await stop(`https://github.com/${REPOSITORY}/actions/runs/8`)).result, { stopped: 'already-over' });
});

const never: readonly (readonly [string, string | undefined, RegExp])[] = [
  ['a process outside GitHub', undefined, /does not run in GitHub/],
  ['another server', `https://evil.example/${REPOSITORY}/actions/runs/7`, /is no run of/],
  ['another repository', 'https://github.com/example/other/actions/runs/7', /runs in example\/other/],
  ['this very run', `https://github.com/${REPOSITORY}/actions/runs/99/attempts/2`, /this very run/],
  ['another page', `https://github.com/${REPOSITORY}/pull/7`, /is no run/],
  ['a path that climbs', `https://github.com/${REPOSITORY}/actions/runs/7%2f..%2f8`, /is no run/],
  ['no address', 'run 7', /is no run/],
];

for (const [what, page, why] of never) {
  test(`GitHub is not asked to cancel ${what}`, async () => {
    const { result, calls } = await stop(page);
    assert.ok('not' in result);
    assert.match(result.not, why);
    assert.equal(calls, 0);
  });
}

test('a run that GitHub does not know is told, a permission that is missing is thrown', async () => {
  const { result } = await stop(`https://github.com/${REPOSITORY}/actions/runs/5`);
  assert.deepEqual(result, { not: 'GitHub knows no run 5' });
  await assert.rejects(stop(PAGE, { t: { actions: 'read' } }), { code: 'github-permission', missing: 'actions: write' });
});
