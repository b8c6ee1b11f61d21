import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rehearse } from './rehearsal.ts';

/** The webshop's world; AWS enforces the policies that Breakwater ships. */
const WEBSHOP = 'test/acceptance/scenarios/least-privilege.yaml';
const drill = { mode: 'drill', plan: 'webshop', 'plan-files': 'plans/webshop.yaml' };

function list(text: string | undefined): readonly string[] {
  return JSON.parse(text ?? 'null');
}

// Much of their time is waiting for simulated time: they wait together.
describe('execute-wave', { concurrency: 3 }, () => {
  it('a whole drill of the webshop: a verdict, a record, a report, and everything the next step needs', async () => {
    await using rehearsal = await rehearse(WEBSHOP, 700);
    const { world, workspace } = rehearsal;
    const step = await rehearsal.step('execute-wave', drill);
    assert.equal(step.code, 0, step.log);
    assert.deepEqual(step.errors, []);
    const { outputs } = step;
    assert.equal(outputs['status'], 'succeeded');
    assert.equal(outputs['verdict'], 'succeeded');
    assert.equal(outputs['reason-code'], 'ok');
    assert.match(outputs['execution-id'] ?? '', /^webshop-drill-2026030\dt\d{6}z-[0-9a-f]{4}$/);
    assert.equal(list(outputs['job-ids']).length, 3);
    assert.equal(list(outputs['instance-ids']).length, 14);
    const { webshop, ...others } = JSON.parse(outputs['databases'] ?? '');
    assert.deepEqual(others, {});
    assert.deepEqual([webshop.status, webshop.site, webshop.port], ['succeeded', 'dr-oregon', 5432]);
    assert.match(webshop.cluster, /^webshop-drill-[0-9a-f]{6}$/);
    assert.ok(webshop.endpoint.startsWith(`${webshop.cluster}.cluster-`), webshop.endpoint);
    assert.match(webshop.dataFrom, /^2026-03-04T02:10:0/);
    assert.match(step.summary, /created the user .*webshop/, 'the report says what was done to the users');
    assert.match(JSON.parse(outputs['result'] ?? '').schema, /^breakwater\.report\/1$/);
    assert.ok(existsSync(path.join(workspace, outputs['report'] ?? '')), outputs['report']);
    assert.match(readFileSync(path.join(workspace, outputs['report'] ?? ''), 'utf8'), /webshop-reporting-01/);
    assert.match(step.summary, /https:\/\/github\.com\/example\/webshop\/actions\/runs\/4711\/attempts\/1/);
    assert.match(step.summary, /simulat/i);

    assert.equal(rehearsal.calls('StartRecovery').length, 3);
    for (const call of rehearsal.calls('StartRecovery')) assert.equal(call.request?.['isDrill'], true);
    const region = world.state().regions.find((each) => each.account === '111122223333');
    assert.equal(region?.recoveryInstances.filter(({ until }) => until === null).length, 0, 'the drill was cleaned up');
  });

  it('one wave, then the rest in another process with the same execution: each server is launched once', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const first = await rehearsal.step('execute-wave', { ...drill, waves: 'database' });
    assert.equal(first.code, 0, first.log);
    assert.equal(first.outputs['status'], 'succeeded');
    assert.equal(first.outputs['verdict'], 'in-progress', 'the execution waits for its other waves');
    assert.equal(list(first.outputs['instance-ids']).length, 3);

    const id = first.outputs['execution-id'] ?? '';
    const env = { GITHUB_ACTION: '__breakwater_step_2' };
    const second = await rehearsal.step('execute-wave', { ...drill, waves: 'application\nweb', 'execution-id': id }, { env });
    assert.equal(second.code, 0, second.log);
    assert.equal(second.outputs['execution-id'], id);
    assert.equal(second.outputs['status'], 'succeeded');
    assert.equal(second.outputs['verdict'], 'succeeded');
    assert.equal(list(second.outputs['instance-ids']).length, 11);
    assert.equal(rehearsal.calls('StartRecovery').length, 3);

    const report = await rehearsal.step('report', { 'execution-id': id });
    assert.equal(report.code, 0, report.log);
    assert.equal(report.outputs['status'], 'succeeded');
    assert.equal(report.outputs['plan'], 'webshop');
    assert.match(report.summary, /webshop/);
  });

  it('a wave whose dependency has not succeeded is refused before anything is started', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const step = await rehearsal.step('execute-wave', { ...drill, waves: 'web' });
    assert.equal(step.code, 1);
    assert.equal(step.outputs['reason-code'], 'dependency-unmet');
    assert.match(step.errors[0] ?? '', /^dependency-unmet: wave "web" depends on wave "application"/);
    assert.equal(rehearsal.calls('StartRecovery').length, 0);
  });

  it('a critical server that is not launched fails the step, with its reason from the job log', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const rawError = 'UnauthorizedOperation when calling RunInstances operation';
    rehearsal.arm({ match: { server: 'webshop-db-02' }, effect: { kind: 'launch-fails', phase: 'launch', rawError } });
    const step = await rehearsal.step('execute-wave', drill);
    assert.equal(step.code, 1, step.log);
    assert.equal(step.outputs['status'], 'failed');
    assert.equal(step.outputs['reason-code'], 'server-failed');
    assert.equal(list(step.outputs['instance-ids']).length, 2);
    assert.ok(
      step.errors.some((error) => error.includes('server-failed') && error.includes(rawError)),
      step.errors.join('\n'),
    );
    assert.match(step.errors.at(-1) ?? '', /execution-id: webshop-drill-/);
    assert.ok(step.errors.length <= 10);
    assert.match(step.summary, /webshop-db-02/);
    assert.equal(rehearsal.calls('StartRecovery').length, 1, 'the waves that depend on it were not begun');
  });

  it('a bad night: throttling, a lost answer and an optional failure end degraded, which passes with a warning', async () => {
    // Slow enough that a busy machine leaves a throttled call the time to be tried again.
    await using rehearsal = await rehearse('plans/simulation/bad-night.yaml', 500);
    const step = await rehearsal.step('execute-wave', drill);
    assert.equal(step.code, 0, step.log);
    assert.equal(step.outputs['status'], 'degraded');
    assert.ok(
      step.warnings.some((warning) => warning.includes('server-failed')),
      step.warnings.join('\n'),
    );
    const made = rehearsal.calls('StartRecovery').filter((call) => call.applied);
    assert.equal(made.length, 3, 'one job a wave, although one answer was lost');
  });

  it('a StartRecovery whose answer is lost makes exactly one job', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    rehearsal.arm({ match: { service: 'drs', operation: 'StartRecovery', nth: 1 }, effect: { kind: 'drop', when: 'after' } });
    const step = await rehearsal.step('execute-wave', { ...drill, waves: 'database' });
    assert.equal(step.code, 0, step.log);
    const region = rehearsal.world.state().regions.find((each) => each.account === '111122223333');
    assert.equal(region?.jobs.filter((job) => job.type === 'LAUNCH').length, 1);
    assert.deepEqual(list(step.outputs['job-ids']), [region?.jobs[0]?.id]);
  });

  it('a cancelled step marks its record within seconds; run again, it resumes and launches nothing twice', async () => {
    await using rehearsal = await rehearse(WEBSHOP, 300);
    const interrupt = { when: /StartRecovery made drsjob-/, signal: 'SIGINT' } as const;
    const first = await rehearsal.step('execute-wave', { ...drill, waves: 'database' }, { interrupt });
    assert.equal(first.code, 1, first.log);
    assert.ok((first.stoppedAfter ?? Number.NaN) < 5_000, `${first.stoppedAfter} ms`);
    assert.equal(first.outputs['status'], 'in-progress');
    assert.equal(first.outputs['reason-code'], 'interrupted');
    const id = first.outputs['execution-id'] ?? '';
    assert.match(first.errors.at(-1) ?? '', new RegExp(`^interrupted: .*to resume, run this step with .execution-id: ${id}`));

    const env = { GITHUB_RUN_ATTEMPT: '2' };
    const second = await rehearsal.step('execute-wave', { ...drill, waves: 'database', 'execution-id': id }, { env });
    assert.equal(second.code, 0, second.log);
    assert.equal(second.outputs['status'], 'succeeded');
    assert.equal(list(second.outputs['instance-ids']).length, 3);
    assert.equal(rehearsal.calls('StartRecovery').length, 1);
  });

  it('a step that is killed leaves honest outputs; run again, it adopts what was begun', async () => {
    await using rehearsal = await rehearse(WEBSHOP, 300);
    const interrupt = { when: /asks drs:StartRecovery/, signal: 'SIGKILL' } as const;
    const first = await rehearsal.step('execute-wave', { ...drill, waves: 'database' }, { interrupt });
    assert.equal(first.code, undefined);
    assert.equal(first.outputs['status'], 'in-progress');
    assert.equal(first.outputs['reason-code'], 'interrupted');
    const id = first.outputs['execution-id'] ?? '';
    assert.match(id, /^webshop-drill-/);

    const env = { GITHUB_RUN_ATTEMPT: '2' };
    const second = await rehearsal.step('execute-wave', { ...drill, waves: 'database', 'execution-id': id }, { env });
    assert.equal(second.code, 0, second.log);
    assert.equal(second.outputs['status'], 'succeeded');
    const region = rehearsal.world.state().regions.find((each) => each.account === '111122223333');
    assert.equal(region?.jobs.filter((job) => job.type === 'LAUNCH').length, 1, 'one job, whether the call had left or not');
  });
});
