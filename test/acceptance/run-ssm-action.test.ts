import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rehearse } from './rehearsal.ts';

/** The webshop's world; AWS enforces the policies that Breakwater ships. */
const WEBSHOP = 'test/acceptance/scenarios/least-privilege.yaml';
const site = { site: 'dr-oregon' };
const target = {
  account: '111122223333',
  region: 'us-west-2',
  'role-arn': 'arn:aws:iam::111122223333:role/breakwater-recovery',
  'external-id': 'webshop-dr',
};

// Much of their time is waiting for simulated time: they wait together.
describe('run-ssm-action', { concurrency: 3 }, () => {
  it('an automation at a site of the plan files: its outputs, its id, its summary; a re-run adopts it', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const inputs = { ...site, document: 'Webshop-PromoteDatabase', parameters: 'Cluster: webshop' };
    const first = await rehearsal.step('run-ssm-action', inputs);
    assert.equal(first.code, 0, first.log);
    assert.equal(first.outputs['status'], 'succeeded');
    assert.equal(first.outputs['reason-code'], 'ok');
    assert.equal(first.outputs['key'], 'example/webshop/4711/drill/__breakwater_step');
    assert.deepEqual(JSON.parse(first.outputs['outputs'] ?? '')['promote.Endpoint'], ['webshop-db.dr.example.com']);
    assert.match(first.outputs['automation-execution-id'] ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(JSON.parse(first.outputs['result'] ?? '').schema, 'breakwater.ssm-action/1');
    assert.match(first.summary, /Webshop\\-PromoteDatabase|Webshop-PromoteDatabase/);

    const again = await rehearsal.step('run-ssm-action', inputs, { env: { GITHUB_RUN_ATTEMPT: '2' } });
    assert.equal(again.code, 0, again.log);
    assert.equal(again.outputs['automation-execution-id'], first.outputs['automation-execution-id']);
    const other = await rehearsal.step('run-ssm-action', { ...inputs, key: 'another' });
    assert.notEqual(other.outputs['automation-execution-id'], first.outputs['automation-execution-id']);
    assert.equal(rehearsal.calls('StartAutomationExecution').filter((call) => call.applied).length, 2);
  });

  it('an automation without parameters, at an account and Region of the inputs', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const step = await rehearsal.step('run-ssm-action', { ...target, document: 'Webshop-WarmCaches' });
    assert.equal(step.code, 0, step.log);
    assert.equal(step.outputs['status'], 'succeeded');
  });

  it('a failed automation fails the step; the next attempt of the run starts it anew, and only once', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    rehearsal.arm({
      match: { document: 'Webshop-SmokeTest', times: 1 },
      effect: { kind: 'automation-ends', status: 'Failed', message: 'the shop is shut' },
    });
    const inputs = { ...site, document: 'Webshop-SmokeTest' };
    const first = await rehearsal.step('run-ssm-action', inputs);
    assert.equal(first.code, 1, first.log);
    assert.equal(first.outputs['status'], 'failed');
    assert.equal(first.outputs['reason-code'], 'automation-failed');
    assert.match(first.errors.at(-1) ?? '', /^automation-failed: /);
    const same = await rehearsal.step('run-ssm-action', inputs);
    assert.equal(
      same.outputs['automation-execution-id'],
      first.outputs['automation-execution-id'],
      'the first attempt has one try',
    );
    const second = await rehearsal.step('run-ssm-action', inputs, { env: { GITHUB_RUN_ATTEMPT: '2' } });
    assert.equal(second.code, 0, second.log);
    assert.notEqual(second.outputs['automation-execution-id'], first.outputs['automation-execution-id']);
    assert.equal(rehearsal.calls('StartAutomationExecution').filter((call) => call.applied).length, 2);
  });

  it('an automation that hangs ends at the deadline, and is asked to stop', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    rehearsal.arm({ match: { document: 'Webshop-SmokeTest' }, effect: { kind: 'automation-hangs' } });
    const step = await rehearsal.step('run-ssm-action', { ...site, document: 'Webshop-SmokeTest', 'max-wait': '20m' });
    assert.equal(step.code, 1, step.log);
    assert.equal(step.outputs['status'], 'timed-out');
    assert.equal(step.outputs['reason-code'], 'timed-out');
    assert.equal(rehearsal.calls('StopAutomationExecution').length, 1);
  });

  it('a cancelled step ends within seconds', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    rehearsal.arm({ match: { document: 'Webshop-SmokeTest' }, effect: { kind: 'automation-hangs' } });
    const interrupt = { when: /StartAutomationExecution: [0-9a-f-]{36}/, signal: 'SIGTERM' } as const;
    const step = await rehearsal.step(
      'run-ssm-action',
      { ...site, document: 'Webshop-SmokeTest', 'max-wait': '40h' },
      { interrupt },
    );
    assert.equal(step.code, 1, step.log);
    assert.ok((step.stoppedAfter ?? Number.NaN) < 5_000, `${step.stoppedAfter} ms`);
    assert.equal(step.outputs['reason-code'], 'interrupted');
    assert.ok(['in-progress', 'cancelled'].includes(step.outputs['status'] ?? ''), step.outputs['status']);
  });

  it('the account is a guard, and contradictions are refused before anything is asked', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const wrong = await rehearsal.step('run-ssm-action', { ...target, account: '999988887777', document: 'Webshop-WarmCaches' });
    assert.equal(wrong.outputs['reason-code'], 'account-mismatch', wrong.log);
    assert.equal(rehearsal.calls('StartAutomationExecution').length, 0);
    const before = rehearsal.world.calls.length;
    const cases: readonly [Readonly<Record<string, string>>, RegExp][] = [
      [{ ...site, ...target, document: 'X' }, /"site" and "account", "region", "role-arn", "external-id" are both given/],
      [{ document: 'X' }, /give either "site", or "account" and "region"/],
      [{ ...site, document: 'X', kind: 'command' }, /a command needs "instance-ids"/],
      [{ ...site, document: 'X', 'instance-ids': 'web-1' }, /"web-1" in "instance-ids" is not an instance id/],
      [{ ...site, document: 'X', parameters: 'a: {b: c}' }, /"parameters" has a value for "a"/],
      [{ ...site, document: 'X', 'max-wait': 'long' }, /"long" is not valid for "max-wait"/],
      [{ site: 'nowhere', document: 'X' }, /no site "nowhere" is in plans\. Legal: /],
      [{ ...site }, /"document" is required/],
    ];
    for (const [inputs, message] of cases) {
      const step = await rehearsal.step('run-ssm-action', inputs);
      assert.equal(step.outputs['reason-code'], 'usage', step.log);
      assert.match(step.errors.at(-1) ?? '', message);
    }
    assert.equal(rehearsal.world.calls.length, before);
  });

  it('only the AWS clients that are used are loaded', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const list = path.join(rehearsal.workspace, 'loaded.txt');
    const env = { BREAKWATER_LOADED: list, NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'loaded-chunks.ts')}` };
    const step = await rehearsal.step('run-ssm-action', { ...site, document: 'Webshop-WarmCaches' }, { env });
    assert.equal(step.code, 0, step.log);
    const loaded = [...new Set(readFileSync(list, 'utf8').trim().split('\n'))];
    assert.ok(loaded.includes('run-ssm-action.js'));
    assert.deepEqual(loaded.filter((file) => file.endsWith('-client.js')).sort(), ['ssm-client.js', 'sts-client.js']);
    assert.deepEqual(
      loaded.filter((file) => /actions-core|simulator|aws-client-drs/.test(file)),
      [],
    );
  });

  it('recovered instances take a command, handed on as the earlier step put them out', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const drill = { mode: 'recovery', plan: 'webshop', 'plan-files': 'plans/webshop.yaml', waves: 'database' };
    const wave = await rehearsal.step('execute-wave', drill);
    assert.equal(wave.code, 0, wave.log);
    const inputs = {
      ...target,
      document: 'Webshop-StartServices',
      kind: 'command',
      'instance-ids': wave.outputs['instance-ids'] ?? '',
    };
    const step = await rehearsal.step('run-ssm-action', inputs);
    assert.equal(step.code, 0, step.log);
    assert.match(step.outputs['command-id'] ?? '', /^[0-9a-f-]{36}$/);
    const again = await rehearsal.step('run-ssm-action', inputs);
    assert.equal(again.outputs['command-id'], step.outputs['command-id'], 'sent once');
    assert.equal(rehearsal.calls('SendCommand').length, 1);
  });
});
