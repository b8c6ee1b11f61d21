import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTeam, output, WEBSHOP } from './team.ts';

const drill = { workflow: 'failover-webshop.yml', event: 'workflow_dispatch', inputs: { mode: 'drill' } } as const;
const ROLE = 'arn:aws:iam::444455556666:role/breakwater-github';

test('what a job may not do is named: an OIDC token, and a push to the history branch', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 951: {}, 952: {}, 953: {} } });
  const vars = { BREAKWATER_ROLE: ROLE };
  // No key but what the token brings.
  const keyless = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' };
  const denied = await team.run({ ...drill, runId: '951', vars, env: keyless });
  assert.notEqual(denied.code, 0);
  assert.match(
    denied.log,
    /::error[^\n]*credentials-missing: this job may not ask GitHub for an OIDC token\. [^\n]*id-token: write/,
  );
  assert.equal(team.aws.world.calls.length, 0);

  const before = team.record();

  // A token without contents: write, and a branch with a rule: what GitHub says of each when it is pushed to.
  const hook = path.join(team.repository.origin, 'hooks', 'pre-receive');
  const says = (text: string) => writeFileSync(hook, `#!/bin/sh\necho '${text}' >&2\nexit 1\n`, { mode: 0o755 });
  for (const [runId, text, expected] of [
    ['952', 'remote: Permission to acme/recovery.git denied to github-actions[bot].', /contents: write/],
    ['953', 'error: GH013: Repository rule violations found for refs/heads/dr-history.', /GH013/],
  ] as const) {
    says(text);
    const run = await team.run({ ...drill, runId });
    assert.notEqual(run.code, 0);
    const [error = ''] = /::error[^\n]*history-rejected[^\n]*/.exec(run.log) ?? [];
    assert.match(error, expected, run.log);
    assert.equal(team.aws.world.calls.length, 0);
    assert.deepEqual(team.record(), before);
  }
});

test('a job gets its credentials by its own OIDC token', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 954: {} } });
  const url = team.github.oidcUrl({ repository: team.repository.name, run: '954', environment: 'dr-drill' });
  const env = {
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_SESSION_TOKEN: '',
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
  };
  const run = await team.run({ ...drill, runId: '954', env, vars: { BREAKWATER_ROLE: ROLE } });
  assert.equal(run.code, 0, run.log);
  assert.ok(team.aws.calls('AssumeRoleWithWebIdentity').length >= 4, 'each job asks for its own');
  assert.equal(output(run, 'verdict'), 'succeeded');
  assert.ok(!run.log.includes('request-token'));
});
