import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { openTeam, output, type Team, WEBSHOP } from './team.ts';

const GATE = { reviewers: ['grace'], preventSelfReview: true, branches: ['main'] };
const approved = [{ environments: ['dr-production'], state: 'approved' as const, user: 'grace', comment: 'go' }];
const drill = { workflow: 'failover-webshop.yml', event: 'workflow_dispatch', inputs: { mode: 'drill' } } as const;
const recovery = {
  workflow: 'failover-webshop.yml',
  event: 'workflow_dispatch',
  inputs: { mode: 'recovery', confirmation: 'webshop' },
} as const;

function started({ aws }: Team): number {
  return aws.world.state().regions.reduce((sum, region) => sum + region.jobs.filter((job) => job.type === 'LAUNCH').length, 0);
}

test('a runner that is lost in mid-wave: the re-run adopts what was begun, and starts nothing twice', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 901: { actor: 'ada' } } });
  const lost = await team.run({ ...drill, runId: '901', end: { when: /drs:StartRecovery made/, who: 'runner' } });
  assert.notEqual(lost.code, 0);
  assert.equal(started(team), 1);
  const again = await team.run({ ...drill, runId: '901', attempt: 2 });
  assert.equal(again.code, 0, again.log);
  assert.equal(started(team), 3, 'one a wave');
  assert.equal(team.live(), 0);
  assert.deepEqual(await team.verified(), { 'webshop-drill-gh-901': 'sealed' });
});

test('a run that is cancelled in mid-wave stops watching and says how to go on; the re-run does', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 902: { actor: 'ada' } } });
  const drill = { workflow: 'drill.yml', event: 'workflow_dispatch', inputs: { plan: 'webshop' }, runId: '902' } as const;
  const cancelled = await team.run({ ...drill, end: { when: /drs:StartRecovery made/, who: 'step' } });
  assert.notEqual(cancelled.code, 0);
  assert.equal(output(cancelled, 'verdict'), 'in-progress', cancelled.log);
  assert.match(cancelled.log, /::error[^\n]*interrupted[^\n]*execution-id: webshop-drill-gh-902/);
  assert.equal(started(team), 1);
  assert.equal(team.aws.calls('TerminateRecoveryInstances').length, 0, 'nothing was ended under it');
  const again = await team.run({ ...drill, attempt: 2 });
  assert.equal(again.code, 0, again.log);
  assert.equal(started(team), 3, 'one a wave');
  assert.deepEqual(await team.verified(), { 'webshop-drill-gh-902': 'sealed' });
});

test('two recoveries dispatched at once: one has the servers, the other is refused and told who', async () => {
  await using team = await openTeam(
    WEBSHOP,
    {
      environments: { 'dr-production': GATE },
      runs: { 911: { actor: 'ada', approvals: approved }, 912: { actor: 'ada', approvals: approved } },
    },
    // The first one holds them long enough for the second to come.
    { databaseLaunch: '20m' },
  );
  let second: ReturnType<Team['run']> | undefined;
  const tell = () => {
    second = team.run({ ...recovery, runId: '912' });
  };
  const first = await team.run({ ...recovery, runId: '911', reached: { when: /locked \d+ targets/, tell } });
  assert.equal(first.code, 0, first.log);
  const refused = await second;
  assert.ok(refused);
  assert.notEqual(refused.code, 0);
  assert.match(
    refused.log,
    /::error[^\n]*servers-locked: [^\n]*recovery webshop-recovery-gh-911 of plan webshop \(ada on acme\/recovery/,
  );
  assert.equal(started(team), 3);
  assert.deepEqual(await team.verified(), { 'webshop-recovery-gh-911': 'sealed', 'webshop-recovery-gh-912': 'sealed' });
});

test('a recovery takes its servers from a drill: the drill is cancelled and cleaned up, the recovery succeeds, both records verify', async () => {
  await using team = await openTeam(
    WEBSHOP,
    {
      environments: { 'dr-production': GATE },
      runs: { 961: { actor: 'ada' }, 962: { actor: 'ada', approvals: approved } },
    },
    // What the jobs of wave.yml have: no right to cancel runs.
    { speed: 40, databaseLaunch: '4m', tokens: { ghs_test: { actions: 'read', contents: 'write' } } },
  );
  let second: ReturnType<Team['run']> | undefined;
  const tell = () => {
    second = team.run({ ...recovery, runId: '962' });
  };
  const drilled = await team.run({ ...drill, runId: '961', reached: { when: /drs:StartRecovery made/, tell } });
  const recovered = await second;
  assert.ok(recovered);
  assert.equal(recovered.code, 0, recovered.log);
  assert.notEqual(drilled.code, 0);
  assert.match(drilled.log, /::error[^\n]*pre-empted/);
  assert.equal(output(recovered, 'verdict'), 'succeeded');
  assert.match(recovered.log, /its run is not cancelled: [^\n]*lacks `actions: write`/);
  assert.equal(team.github.repository(team.repository.name).runs['961']?.conclusion, null, 'the drill has stopped by itself');
  const report = (id: string) => team.recorded(`webshop/${id}/report.md`) ?? '';
  assert.match(report('webshop-drill-gh-961'), /^# Drill of webshop: cancelled/);
  assert.match(report('webshop-recovery-gh-962'), /^# Recovery of webshop: succeeded/);
  assert.equal(team.live(), 14, 'those of the recovery alone');
  assert.deepEqual(await team.verified(), { 'webshop-drill-gh-961': 'sealed', 'webshop-recovery-gh-962': 'sealed' });
});

test('a history branch that somebody forced back stops a drill, until what was lost is put back', async () => {
  await using team = await openTeam(WEBSHOP, { runs: { 921: { actor: 'ada' }, 922: { actor: 'ada' } } });
  const first = await team.run({ ...drill, runId: '921' });
  assert.equal(first.code, 0, first.log);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['--git-dir', team.repository.origin, ...args], { encoding: 'utf8' });
  const early = git('rev-list', 'dr-history').trim().split('\n').at(-1) ?? '';
  git('update-ref', 'refs/heads/dr-history', early);
  const calls = team.aws.world.calls.length;
  const again = await team.run({ ...drill, runId: '921', attempt: 2 });
  assert.notEqual(again.code, 0, again.log);
  assert.match(again.log, /::error[^\n]*history-rewritten[^\n]*--rewritten restore/);
  assert.equal(started(team), 3, `${team.aws.world.calls.length - calls} calls`);
  const remote = ['--history-branch', 'dr-history', '--history-remote', team.repository.origin];
  await team.breakwater('history', 'push', ...remote, '--rewritten', 'restore');
  assert.deepEqual(await team.verified(), { 'webshop-drill-gh-921': 'sealed' });
  const next = await team.run({ ...drill, runId: '922' });
  assert.equal(next.code, 0, next.log);
});
