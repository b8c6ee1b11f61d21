import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { describe, it } from 'node:test';
import { edit, type Rehearsal, rehearse } from './rehearsal.ts';
import type { StepResult } from './step.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';
const wave = { mode: 'drill', plan: 'webshop', 'plan-files': 'plans/webshop.yaml', waves: 'database' };

/** The step failed for this reason with one clear error, and AWS was asked for no change. */
function refused(rehearsal: Rehearsal, step: StepResult, code: string, message: RegExp): void {
  assert.equal(step.code, 1, step.log);
  assert.equal(step.outputs['reason-code'], code, step.log);
  assert.notEqual(step.outputs['status'], 'succeeded');
  const said = step.errors.at(-1) ?? '';
  assert.ok(said.startsWith(`${code}: `), said);
  assert.match(said, message);
  assert.doesNotMatch(step.log, /^\s+at .*\.js:\d+/m, 'no stack trace');
  assert.deepEqual(
    rehearsal.world.calls.filter((call) => call.applied).map((call) => call.operation),
    [],
  );
}

// Much of their time is waiting for simulated time: they wait together.
describe('what the doors refuse, and keep to themselves', { concurrency: 3 }, () => {
  it('wrong inputs are told all at once, and nothing is asked of AWS', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const step = await rehearsal.step('execute-wave', { ...wave, mode: 'dril', summary: 'maybe', wave: 'web' });
    refused(rehearsal, step, 'usage', /"dril" is not valid for "mode".*"maybe" is not valid for "summary".*did you mean "waves"/);
    assert.equal(rehearsal.world.calls.length, 0);
  });

  it('expired credentials are told as such', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    rehearsal.arm({ match: { service: 'sts' }, effect: { kind: 'credentials-expire' } });
    refused(rehearsal, await rehearsal.step('execute-wave', wave), 'credentials-expired', /AssumeRole/);
  });

  it('missing credentials are told as such', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    refused(rehearsal, await rehearsal.step('execute-wave', wave, { env }), 'credentials-missing', /credentials/);
  });

  it('a site that the credentials do not belong to is refused', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    edit(path.join(rehearsal.workspace, 'plans', 'sites.yaml'), [[/^(roleArn|externalId): .*$/gm, '']]);
    refused(
      rehearsal,
      await rehearsal.step('execute-wave', wave),
      'account-mismatch',
      /"dr-oregon" is account 111122223333, .* 444455556666/,
    );
  });

  it('a missing permission is named', async () => {
    await using rehearsal = await rehearse('test/acceptance/scenarios/denied.yaml');
    const step = await rehearsal.step('execute-wave', wave);
    assert.equal(step.code, 1);
    assert.equal(step.outputs['reason-code'], 'permission-denied', step.log);
    assert.match(step.errors.at(-1) ?? '', /drs:StartRecovery/);
    assert.equal(rehearsal.calls('StartRecovery').filter((call) => call.applied).length, 0);
  });

  it('files that are no plan are each one clear message', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const file = (name: string, content: string | Uint8Array) => {
      writeFileSync(path.join(rehearsal.workspace, name), content);
      return name;
    };
    mkdirSync(path.join(rehearsal.workspace, 'empty'));
    const cases: readonly [string, string][] = [
      ['nowhere.yaml', 'file-unreadable'],
      ['empty', 'file-unreadable'],
      [file('binary.yaml', new Uint8Array([0, 1, 2, 255])), 'plan-invalid'],
      [file('broken.yaml', 'kind: [RecoveryPlan'), 'plan-invalid'],
    ];
    for (const [name, code] of cases)
      refused(rehearsal, await rehearsal.step('execute-wave', { ...wave, 'plan-files': name }), code, new RegExp(name));
    refused(rehearsal, await rehearsal.step('execute-wave', { ...wave, waves: 'databse' }), 'wave-unknown', /databse/);
    refused(rehearsal, await rehearsal.step('execute-wave', { ...wave, plan: 'webshp' }), 'plan-unknown', /webshp/);
  });

  it('a history that cannot be written is told before anything is started', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    mkdirSync(path.join(rehearsal.workspace, 'history'));
    writeFileSync(path.join(rehearsal.workspace, 'history', 'webshop'), 'a file where a folder must be');
    const step = await rehearsal.step('execute-wave', { ...wave, history: 'history' });
    refused(rehearsal, step, 'history-unwritable', /history\/webshop/);
  });

  it('a Region in which DRS was never initialised is told as such', async () => {
    await using rehearsal = await rehearse('test/acceptance/scenarios/uninitialised.yaml');
    refused(rehearsal, await rehearsal.step('execute-wave', wave), 'drs-uninitialised', /us-west-2/);
  });

  it('an execution is held by one process at a time, and goes on only with its own plan and mode', async () => {
    await using rehearsal = await rehearse(WEBSHOP, 300);
    const { promise: launched, resolve } = Promise.withResolvers<void>();
    const id = 'webshop-drill-by-hand';
    const first = rehearsal.step(
      'execute-wave',
      { ...wave, 'execution-id': id },
      { reached: { when: /StartRecovery made/, tell: resolve } },
    );
    await launched;
    const other = { env: { GITHUB_ACTION: 'other' } };
    const second = await rehearsal.step('execute-wave', { ...wave, 'execution-id': id }, other);
    assert.equal(second.code, 1, second.log);
    assert.equal(second.outputs['reason-code'], 'execution-locked', second.log);
    assert.equal((await first).outputs['status'], 'succeeded');
    assert.equal(rehearsal.calls('StartRecovery').length, 1);

    const calls = rehearsal.world.calls.length;
    const recovery = await rehearsal.step('execute-wave', { ...wave, mode: 'recovery', 'execution-id': id });
    assert.equal(recovery.outputs['reason-code'], 'execution-mismatch', recovery.log);
    edit(path.join(rehearsal.workspace, 'plans', 'webshop.yaml'), [[/rpo: \S+/, 'rpo: 16m']]);
    const changed = await rehearsal.step('execute-wave', { ...wave, 'execution-id': id });
    assert.equal(changed.outputs['reason-code'], 'plan-changed', changed.log);
    const odd = await rehearsal.step('execute-wave', { ...wave, 'execution-id': '../elsewhere' });
    assert.equal(odd.outputs['reason-code'], 'usage', odd.log);
    assert.equal(rehearsal.world.calls.length, calls, 'AWS was not asked');
  });

  it('a rehearsal’s clock is refused without a simulator', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const env = { AWS_ENDPOINT_URL: 'https://drs.us-west-2.amazonaws.com' };
    refused(rehearsal, await rehearsal.step('execute-wave', wave, { env }), 'usage', /BREAKWATER_CLOCK/);
  });

  it('with OIDC the job’s own token opens the way, and is asked for again by nobody else', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const asked: string[] = [];
    const claims = {
      iss: 'https://token.actions.githubusercontent.com',
      aud: 'sts.amazonaws.com',
      sub: 'repo:example/webshop:ref:refs/heads/main',
    };
    const token = [
      'header',
      Buffer.from(JSON.stringify({ ...claims, exp: 4_102_444_800 })).toString('base64url'),
      'signature-of-the-token',
    ].join('.');
    const github = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ value: token }));
    });
    await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
    const address = github.address();
    assert.ok(typeof address === 'object' && address !== null);
    try {
      const env = {
        AWS_ACCESS_KEY_ID: '',
        AWS_SECRET_ACCESS_KEY: '',
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${address.port}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token-of-the-job',
      };
      const role = 'arn:aws:iam::444455556666:role/breakwater-github';
      const step = await rehearsal.step('execute-wave', { ...wave, 'role-to-assume': role }, { env });
      assert.equal(step.code, 0, step.log);
      assert.deepEqual(
        [...new Set(asked)],
        ['/token?api-version=2.0&audience=sts.amazonaws.com Bearer request-token-of-the-job'],
      );
      const [identity, site] = [rehearsal.calls('AssumeRoleWithWebIdentity')[0], rehearsal.calls('AssumeRole')[0]];
      assert.equal(identity?.request?.['RoleArn'], role);
      assert.match(site?.principal ?? '', /:assumed-role\/breakwater-github\//);
      for (const secret of [token, 'request-token-of-the-job']) {
        assert.ok(step.masked.includes(secret), 'masked before use');
        assert.equal(everythingOf(rehearsal, step).includes(secret), false);
      }
      const refusedStep = await rehearsal.step(
        'execute-wave',
        { ...wave, 'role-to-assume': role },
        { env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } },
      );
      assert.match(
        refusedStep.errors.at(-1) ?? '',
        /^credentials-missing: this job may not ask GitHub for an OIDC token\. .*id-token: write/,
      );
    } finally {
      github.close();
    }
  });

  it('no secret is ever in a log, an output, the summary or the record', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const step = await rehearsal.step('execute-wave', wave, { env: { RUNNER_DEBUG: '1' } });
    assert.equal(step.code, 0, step.log);
    assert.ok(step.masked.includes(rehearsal.world.credentials.AWS_SECRET_ACCESS_KEY));
    assert.ok(step.masked.length >= 3, 'the session of the site is masked too');
    const everything = everythingOf(rehearsal, step);
    for (const secret of step.masked) assert.equal(everything.includes(secret), false, secret.slice(0, 8));
  });

  it('also when AWS itself echoes one, it is not passed on', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const key = rehearsal.world.credentials.AWS_SECRET_ACCESS_KEY;
    const message = `signed with ${key}`;
    rehearsal.arm({
      match: { operation: 'GetCallerIdentity' },
      effect: { kind: 'error', code: 'ValidationError', status: 400, message },
    });
    const step = await rehearsal.step('execute-wave', wave, { env: { RUNNER_DEBUG: '1' } });
    assert.equal(step.code, 1);
    assert.match(step.errors.at(-1) ?? '', /signed with \*\*\*/);
    for (const text of [step.log, step.summary, JSON.stringify(step.outputs)]) assert.equal(text.includes(key), false);
  });
});

/** All that a step shows or leaves behind. */
function everythingOf({ workspace }: Rehearsal, { log, outputs, summary }: StepResult): string {
  const record = globSync('.breakwater/**/*.*', { cwd: workspace }).map((file) =>
    readFileSync(path.join(workspace, file), 'utf8'),
  );
  assert.ok(record.length > 0, 'there is a record to look through');
  return [log, JSON.stringify(outputs), summary, ...record].join('\n');
}
