import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { openTeam, type Team } from './team.ts';

const SCENARIO = 'plans/simulation/webshop.yaml';
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

for (const signal of ['SIGKILL', 'SIGINT'] as const) {
  test(`a runner that ends by ${signal} in mid-wave: the re-run adopts what was begun, and starts nothing twice`, async () => {
    await using team = await openTeam(SCENARIO, { runs: { 901: { actor: 'ada' } } });
    const lost = await team.run({ ...drill, runId: '901', kill: { when: /drs:StartRecovery made/, signal } });
    assert.notEqual(lost.code, 0);
    assert.equal(started(team), 1);
    const again = await team.run({ ...drill, runId: '901', attempt: 2 });
    assert.equal(again.code, 0, again.log);
    assert.equal(started(team), 3, 'one a wave');
  });
}

test('two recoveries dispatched at once: one has the servers, the other is refused and told who', async () => {
  await using team = await openTeam(SCENARIO, {
    environments: { 'dr-production': GATE },
    runs: { 911: { actor: 'ada', approvals: approved }, 912: { actor: 'ada', approvals: approved } },
  });
  const runs = await Promise.all(['911', '912'].map((runId) => team.run({ ...recovery, runId })));
  assert.equal(runs.filter(({ code }) => code === 0).length, 1, runs.map(({ log }) => log).join('\n'));
  assert.match(runs.find(({ code }) => code !== 0)?.log ?? '', /servers-locked/);
  assert.equal(started(team), 3);
});

test('a history branch that somebody forced back stops a drill', async () => {
  await using team = await openTeam(SCENARIO, { runs: { 921: { actor: 'ada' }, 922: { actor: 'ada' } } });
  const first = await team.run({ ...drill, runId: '921' });
  assert.equal(first.code, 0, first.log);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['--git-dir', team.repository.origin, ...args], { encoding: 'utf8' });
  const early = git('rev-list', 'dr-history').trim().split('\n').at(-1) ?? '';
  git('update-ref', 'refs/heads/dr-history', early);
  const calls = team.aws.world.calls.length;
  const again = await team.run({ ...drill, runId: '921', attempt: 2 });
  assert.notEqual(again.code, 0, again.log);
  assert.match(again.log, /history-(?:rewritten|corrupt)/);
  assert.equal(started(team), 3, `${team.aws.world.calls.length - calls} calls`);
});
