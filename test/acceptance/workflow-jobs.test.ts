import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rehearse } from './rehearsal.ts';
import { runStep, type StepResult, temporaryFolder } from './step.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const WEBSHOP = 'plans/simulation/webshop.yaml';
const plan = { plan: 'webshop', 'plan-files': 'plans/webshop.yaml' };

/** What the jobs of a compiled workflow are given by the one that prepares. */
async function begin(rehearsal: Awaited<ReturnType<typeof rehearse>>, mode: 'drill' | 'recovery', env = {}) {
  const step = await rehearsal.step(
    'prepare',
    { ...plan, mode, ...(mode === 'recovery' ? { confirmation: 'webshop' } : {}) },
    { env },
  );
  assert.equal(step.code, 0, step.log);
  const { 'execution-id': id = '', 'plan-digest': digest = '' } = step.outputs;
  return { ...plan, mode, 'execution-id': id, 'plan-digest': digest };
}

const told = ({ outputs }: StepResult) => [outputs['status'], outputs['verdict'], outputs['reason-code']];

// Much of their time is waiting for simulated time: they wait together.
describe('the jobs of a compiled workflow', { concurrency: 3 }, () => {
  it('do a drill wave by wave, and the last one cleans up and reports', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const job = await begin(rehearsal, 'drill');
    assert.equal(job['execution-id'], 'webshop-drill-gh-4711');
    for (const waves of ['database', 'application', 'web']) {
      const step = await rehearsal.step('execute-wave', { ...job, waves, part: 'waves' }, { env: { GITHUB_JOB: 'wave' } });
      assert.equal(step.code, 0, step.log);
      assert.equal(step.outputs['status'], 'succeeded');
    }
    assert.equal(rehearsal.calls('TerminateRecoveryInstances').length, 0);
    const end = await rehearsal.step('execute-wave', { ...job, part: 'end' });
    assert.deepEqual(told(end), ['succeeded', 'succeeded', 'ok'], end.log);
    assert.ok(rehearsal.calls('TerminateRecoveryInstances').length > 0);
    assert.equal(rehearsal.calls('StartRecovery').length, 3);
    const late = await rehearsal.step('execute-wave', { ...job, waves: 'web', part: 'waves' });
    assert.equal(late.code, 0, 'a wave that succeeded is not run again');
    assert.equal(rehearsal.calls('StartRecovery').length, 3);
  });

  it('end a recovery whose wave failed; a re-run goes on with it, and launches no other wave twice', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const job = await begin(rehearsal, 'recovery');
    const rawError = 'no capacity';
    rehearsal.arm({ match: { server: 'webshop-db-02', times: 1 }, effect: { kind: 'launch-fails', phase: 'launch', rawError } });
    const failed = await rehearsal.step('execute-wave', { ...job, waves: 'database', part: 'waves' });
    assert.equal(failed.outputs['reason-code'], 'server-failed', failed.log);
    const end = await rehearsal.step('execute-wave', { ...job, part: 'end' });
    assert.equal(end.outputs['verdict'], 'failed');
    assert.match(end.summary, /skipped/);
    const again = { env: { GITHUB_RUN_ATTEMPT: '2' } };
    assert.deepEqual(await begin(rehearsal, 'recovery', { GITHUB_RUN_ATTEMPT: '2' }), job, 'the same execution');
    for (const waves of ['database', 'application']) {
      const step = await rehearsal.step('execute-wave', { ...job, waves, part: 'waves' }, again);
      assert.equal(step.outputs['status'], 'succeeded', step.log);
    }
    const gate = await rehearsal.step('execute-wave', { ...job, waves: 'web', part: 'waves' }, again);
    assert.equal(gate.outputs['reason-code'], 'gate-closed', gate.log);
  });

  it('end a drill whose wave failed: it is cleaned up, and over', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const job = await begin(rehearsal, 'drill');
    const rawError = 'no capacity';
    rehearsal.arm({ match: { server: 'webshop-db-02', times: 1 }, effect: { kind: 'launch-fails', phase: 'launch', rawError } });
    await rehearsal.step('execute-wave', { ...job, waves: 'database', part: 'waves' });
    const end = await rehearsal.step('execute-wave', { ...job, part: 'end' });
    assert.equal(end.outputs['verdict'], 'failed', end.log);
    assert.ok(rehearsal.calls('TerminateRecoveryInstances').length > 0, 'nothing is left running');
    const again = await rehearsal.step('execute-wave', { ...job, waves: 'database', part: 'waves' });
    assert.equal(again.outputs['reason-code'], 'execution-ended', again.log);
    assert.match(again.errors.at(-1) ?? '', /Start a new execution/);
  });

  it('hand over before the platform ends them: nothing is launched twice, no automation is stopped', async () => {
    await using rehearsal = await rehearse(WEBSHOP, 300);
    const job = { ...(await begin(rehearsal, 'drill')), waves: 'database', part: 'waves' };
    const first = await rehearsal.step('execute-wave', { ...job, 'max-run': '4s' });
    assert.equal(first.code, 0, first.log);
    assert.deepEqual(told(first).slice(0, 1), ['in-progress']);
    assert.deepEqual([first.outputs['handed-over'], first.outputs['reason-code']], ['true', 'handed-over']);
    const early = await rehearsal.step('execute-wave', { ...job, waves: '', part: 'end' });
    assert.equal(early.outputs['status'], 'in-progress', early.log);
    assert.equal(rehearsal.calls('TerminateRecoveryInstances').length, 0, 'nothing is ended under a launch');
    const second = await rehearsal.step('execute-wave', job, { env: { GITHUB_JOB: 'continue-1' } });
    assert.deepEqual([second.outputs['status'], second.outputs['handed-over']], ['succeeded', 'false'], second.log);
    assert.equal(rehearsal.calls('StartRecovery').filter((call) => call.applied).length, 1);
    assert.equal(rehearsal.calls('StopAutomationExecution').length, 0);
  });

  it('refused before it began: the end runs no finally action, and the record says which guard it was', async () => {
    await using rehearsal = await rehearse('test/acceptance/scenarios/uninitialised.yaml');
    const job = await begin(rehearsal, 'drill');
    const refused = await rehearsal.step('execute-wave', { ...job, waves: 'database', part: 'waves' });
    assert.equal(refused.outputs['reason-code'], 'drs-uninitialised', refused.log);
    const end = await rehearsal.step('execute-wave', { ...job, part: 'end' });
    assert.equal(end.code, 1);
    assert.deepEqual([end.outputs['verdict'], end.outputs['reason-code']], ['failed', 'drs-uninitialised'], end.log);
    assert.equal(rehearsal.calls('StartAutomationExecution').length, 0);
  });

  it('refuse another plan than the one that was approved, before anything is asked of AWS', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const job = await begin(rehearsal, 'drill');
    const file = path.join(rehearsal.workspace, 'plans', 'webshop.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Path: /health', 'Path: /'));
    const step = await rehearsal.step('execute-wave', { ...job, waves: 'database', part: 'waves' });
    assert.equal(step.code, 1);
    assert.equal(step.outputs['reason-code'], 'plan-changed', step.log);
    assert.match(step.errors.at(-1) ?? '', /not the one that was approved/);
    assert.equal(rehearsal.world.calls.length, 0);
  });
});

describe('the actions that call no AWS', () => {
  function repository(): string {
    const workspace = temporaryFolder('repository');
    for (const part of ['plans', '.github/workflows/failover-webshop.yml']) {
      cpSync(path.join(ROOT, part), path.join(workspace, part), { recursive: true });
    }
    return workspace;
  }

  it('check-plans puts findings on their lines, compile-plans mends what is stale', async () => {
    const workspace = repository();
    const file = path.join(workspace, 'plans', 'webshop.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('rto: 90m', 'rto: 2h'));
    const stale = await runStep({ action: 'check-plans', workspace });
    assert.equal(stale.code, 1, stale.log);
    assert.equal(stale.outputs['errors'], '1');
    assert.match(stale.log, /::error .*file=\.github\/workflows\/failover-webshop\.yml,line=1/);
    const compiled = await runStep({ action: 'compile-plans', workspace });
    assert.equal(compiled.code, 0, compiled.log);
    assert.equal(compiled.outputs['files'], '[".github/workflows/failover-webshop.yml"]');
    const sound = await runStep({ action: 'check-plans', workspace });
    assert.deepEqual([sound.code, sound.outputs['errors'], sound.outputs['status']], [0, '0', 'succeeded'], sound.log);
  });

  it('prepare refuses a recovery that nobody confirmed, and hostile words stay words', async () => {
    const workspace = repository();
    for (const confirmation of ['', 'Webshop', '"; touch hacked #', '%0A::set-output name=status::succeeded']) {
      const step = await runStep({
        action: 'prepare',
        workspace,
        with: { ...plan, mode: 'recovery', confirmation, reason: '<script>' },
      });
      assert.equal(step.code, 1, step.log);
      assert.deepEqual([step.outputs['status'], step.outputs['execution-id']], ['failed', ''], confirmation);
    }
    const odd = await runStep({ action: 'prepare', workspace, with: { plan: '../../etc', mode: 'drill' } });
    assert.equal(odd.outputs['reason-code'], 'plan-unknown', odd.log);
  });
});
