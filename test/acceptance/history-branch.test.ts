import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '@breakwater/core';
import { localBranch, verifyHistory } from '@breakwater/history';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { JOB_TOKEN, temporaryFolder } from './step.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';
const ID = 'webshop-drill-branch';
const drill = { mode: 'drill', plan: 'webshop', 'plan-files': 'plans/webshop.yaml', 'execution-id': ID };

/** A repository that keeps the history, and jobs that each begin on an empty runner. */
function shared(rehearsal: Rehearsal) {
  const origin = path.join(temporaryFolder('origin'), 'records.git');
  execFileSync('git', ['init', '-q', '--bare', origin]);
  const git = (...words: readonly string[]) => execFileSync('git', ['--git-dir', origin, ...words], { encoding: 'utf8' });
  let jobs = 0;
  const job = (action: string, inputs: Readonly<Record<string, string>>, options: Parameters<Rehearsal['step']>[2] = {}) => {
    jobs += 1;
    const history = path.join(rehearsal.workspace, `runner-${jobs}`);
    const place = { history, 'history-branch': 'dr-history', 'history-remote': origin };
    return rehearsal.step(action, { ...inputs, ...place }, { ...options, env: { GITHUB_JOB: `job-${jobs}`, ...options.env } });
  };
  const lines = (file: string) =>
    git('show', `dr-history:webshop/${ID}/${file}`)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { origin, git, job, lines };
}

// Much of their time is waiting for simulated time: they wait together.
describe('a history on a branch', { concurrency: 2 }, () => {
  it('a runner is killed in mid-wave: a new one goes on from the branch alone, launches nothing twice, and the rest follows', async () => {
    await using rehearsal = await rehearse(WEBSHOP, 600);
    const { origin, git, job, lines } = shared(rehearsal);
    const interrupt = { when: /StartRecovery made drsjob-/, signal: 'SIGKILL' } as const;
    const killed = await job('execute-wave', { ...drill, waves: 'database', part: 'waves' }, { interrupt });
    assert.equal(killed.code, undefined);
    // What was announced is there, although nothing was closed; who opened it too.
    const intents = lines('waves/database.jsonl').filter(({ type }) => type === 'intent');
    assert.ok(intents.some(({ operation }) => operation === 'drs:StartRecovery'));
    assert.match(git('show', 'dr-history:README.md'), new RegExp(`\\[${ID}\\]\\(webshop/${ID}\\) \\| in progress \\|`));

    const resumed = await job('execute-wave', { ...drill, waves: 'database', part: 'waves' });
    assert.equal(resumed.code, 0, resumed.log);
    assert.equal(resumed.outputs['status'], 'succeeded');
    assert.equal(rehearsal.calls('StartRecovery').length, 1);
    assert.ok(lines('waves/database.jsonl').some(({ type, adopted }) => type === 'change' && adopted === true));

    for (const waves of ['application', 'web']) {
      const step = await job('execute-wave', { ...drill, waves, part: 'waves' });
      assert.equal(step.code, 0, step.log);
    }
    const end = await job('execute-wave', { ...drill, part: 'end' });
    assert.equal(end.outputs['verdict'], 'succeeded', end.log);
    assert.equal(rehearsal.calls('StartRecovery').length, 3);

    const report = await job('report', { 'execution-id': ID });
    assert.equal(report.code, 0, report.log);
    assert.equal(report.outputs['status'], 'succeeded');
    assert.ok(existsSync(report.outputs['report'] ?? ''));
    assert.match(git('show', 'dr-history:README.md'), new RegExp(`\\[${ID}\\]\\(webshop/${ID}/report\\.md\\) \\| succeeded \\|`));
    const log = git('log', '--format=%an <%ae> %cn | %s', 'dr-history');
    assert.match(
      log,
      /^ann <ann@users\.noreply\.github\.com> github-actions\[bot\] \| webshop: drill webshop-drill-branch concluded: succeeded/,
    );
    assert.match(log, /webshop: drill webshop-drill-branch wave database succeeded/);
    assert.ok(!git('log', '-p', 'dr-history').includes(JOB_TOKEN));
    const source = await localBranch('dr-history', { cwd: origin, clock: systemClock, environment: process.env });
    assert.ok(source !== undefined);
    const { executions, findings } = await verifyHistory(source);
    assert.deepEqual([findings, executions[0]?.findings, executions[0]?.state], [[], [], 'sealed']);
    // Another branch of the same repository is as it was.
    assert.equal(
      execFileSync('git', ['--git-dir', origin, 'for-each-ref', '--format=%(refname)', 'refs/heads'], { encoding: 'utf8' }),
      'refs/heads/dr-history\n',
    );
  });

  it('a branch that is protected stops a drill before anything is called, and is named', async () => {
    await using rehearsal = await rehearse(WEBSHOP);
    const { origin, job } = shared(rehearsal);
    const hook = '#!/bin/sh\necho "error: GH013: Repository rule violations found for refs/heads/dr-history." >&2\nexit 1\n';
    writeFileSync(path.join(origin, 'hooks', 'update'), hook, { mode: 0o755 });
    const step = await job('execute-wave', drill);
    assert.equal(step.code, 1, step.log);
    assert.equal(step.outputs['reason-code'], 'history-rejected');
    assert.match(step.errors[0] ?? '', /GH013.*exempt/);
    assert.equal(rehearsal.world.calls.length, 0);
  });

  it('a recovery whose branch goes away says so in the step, the summary and the record, and joins when it is back', async () => {
    await using rehearsal = await rehearse(WEBSHOP, 300);
    const { origin, git, job, lines } = shared(rehearsal);
    const away = () => {
      if (existsSync(origin)) renameSync(origin, `${origin}.away`);
    };
    const back = () => {
      if (existsSync(`${origin}.away`)) renameSync(`${origin}.away`, origin);
    };
    let moved = false;
    const once = () => {
      if (moved) return;
      moved = true;
      away();
      setTimeout(back, 1_500);
    };
    const reached = { when: /wave database: started|pre\/freeze-deployments/, tell: once };
    const step = await job('execute-wave', { ...drill, mode: 'recovery', waves: 'database', part: 'waves' }, { reached });
    back();
    assert.equal(step.code, 0, step.log);
    assert.equal(step.outputs['status'], 'succeeded');
    assert.ok(
      step.warnings.some((warning) => /history-unreachable.*the recovery goes on/.test(warning)),
      step.warnings.join('\n'),
    );
    assert.equal(lines('waves/database.jsonl').at(-1).type, 'wave-finished');
    const runs = git('ls-tree', '-r', '--name-only', 'dr-history', `webshop/${ID}/runs`).trim();
    const run = git('show', `dr-history:${runs}`);
    assert.match(run, /"type":"history-unreachable"/);
    assert.match(run, /"type":"history-joined"/);
    assert.match(step.summary, /the shared history was out of reach/);
    assert.match(step.summary, /the shared history was joined again/);
  });
});
