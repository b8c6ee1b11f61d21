import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openRecord } from '@breakwater/assembly';
import { systemClock } from '@breakwater/core';
import { type JournalLine, verifyHistory } from '@breakwater/history';
import { SMALL_SCENARIO, smallPlans } from './small-plan.ts';
import { type DrillOptions, scratch, VirtualDrill } from './virtual-drill.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A bare repository as origin, and what each machine says to share its history there. */
async function origin() {
  const folder = await scratch();
  folders.push(folder);
  const remote = join(folder, 'origin.git');
  execFileSync('git', ['init', '--quiet', '--bare', remote]);
  const machine = async (name: string): Promise<Pick<DrillOptions, 'history' | 'branch' | 'files' | 'plan'>> => {
    const [history, files] = [await scratch(), await smallPlans()];
    folders.push(history, files);
    return { history, files: [files], plan: name, branch: { name: 'dr-history', remote } };
  };
  const verified = async () => {
    const { source, close } = await openRecord({ history: '', branch: { name: 'dr-history', remote } }, systemClock, process.env);
    try {
      const found = await verifyHistory(source);
      assert.deepEqual([...found.findings, ...found.executions.flatMap(({ findings }) => findings)], []);
      return found.executions.map(({ plan, execution, state }) => `${plan}/${execution} ${state}`);
    } finally {
      close();
    }
  };
  // The branch and its witness always stand together.
  const refs = () =>
    execFileSync('git', ['-C', remote, 'for-each-ref', '--format=%(refname)'], { encoding: 'utf8' })
      .trim()
      .replace(/^refs\/breakwater\/tips\/dr-history\/newest\n/m, '');
  return { machine, verified, refs };
}

test('two plans on two machines that share a branch: what both name is recovered by one of them', async () => {
  const drill = VirtualDrill.of(SMALL_SCENARIO);
  const { machine, verified, refs } = await origin();
  let second: ReturnType<VirtualDrill['begin']> | undefined;
  const there = await machine('there');
  const onLine = (line: JournalLine) => {
    if (line.type !== 'locks-taken' || second !== undefined) return;
    assert.match(
      refs(),
      /^(refs\/breakwater\/simulated\/locks\/111122223333\/us-west-2\/server\/s-\w+\n){3}refs\/heads\/dr-history$/,
    );
    second = drill.begin({ ...there, execution: 'drill-2' });
  };
  const { execution } = await drill.run({ ...(await machine('here')), execution: 'drill-1', onLine });
  await assert.rejects((await second)?.ended ?? Promise.resolve(), (error: Error & { code: string }) => {
    assert.equal(error.code, 'servers-locked');
    assert.match(error.message, /drill drill-1 of plan here \(tester on /);
    return true;
  });
  assert.equal(execution.verdict, 'succeeded', execution.reason.message);
  assert.equal(drill.applied('StartRecovery'), 2);
  assert.equal(refs(), 'refs/heads/dr-history');
  assert.deepEqual(await verified(), ['here/drill-1 sealed', 'there/drill-2 sealed']);
});

test('a recovery on another machine takes its servers from a drill; both records verify', async () => {
  const drill = VirtualDrill.of(SMALL_SCENARIO);
  const { machine, verified, refs } = await origin();
  const there = await machine('there');
  let recovery: ReturnType<VirtualDrill['begin']> | undefined;
  const onLine = (line: JournalLine) => {
    if (recovery !== undefined || line.type !== 'change' || line.operation !== 'drs:StartRecovery') return;
    recovery = drill.begin({ ...there, mode: 'recovery', execution: 'recovery-1' });
  };
  const drilled = await drill.run({ ...(await machine('here')), execution: 'drill-1', onLine });
  const recovered = await (await recovery)?.ended;
  assert.equal(drilled.execution.reason.code, 'pre-empted', drilled.execution.reason.message);
  assert.equal(drilled.execution.verdict, 'cancelled');
  assert.ok(['succeeded', 'degraded'].includes(recovered?.execution.verdict ?? ''), recovered?.execution.reason.message);
  assert.equal(refs(), 'refs/heads/dr-history');
  assert.deepEqual(await verified(), ['here/drill-1 sealed', 'there/recovery-1 sealed']);
});
