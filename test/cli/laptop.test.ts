import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { SMALL_SCENARIO, smallPlans } from '../drill/small-plan.ts';
import { breakwater, scratch } from './breakwater.ts';

const AUTHOR = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
};

test('on a laptop with a shallow clone, a detached head and half a change: the record joins the branch, the clone stays as it is', async (t) => {
  const folder = await scratch(t);
  const work = join(folder, 'work');
  const origin = join(folder, 'origin.git');
  const clone = join(folder, 'clone');
  const git = (cwd: string, ...words: readonly string[]) =>
    execFileSync('git', words, {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...AUTHOR },
      stdio: 'pipe',
    });
  await mkdir(work);
  git(folder, 'init', '-q', '--bare', '-b', 'main', origin);
  git(work, 'init', '-q', '-b', 'main');
  const plans = await smallPlans();
  t.after(() => rm(plans, { recursive: true, force: true }));
  await cp(plans, join(work, 'plans'), { recursive: true });
  await writeFile(join(work, 'small.yaml'), SMALL_SCENARIO);
  for (const change of ['one', 'two', 'three']) {
    await writeFile(join(work, 'notes.txt'), change);
    git(work, 'add', '-A');
    git(work, 'commit', '-q', '-m', change);
  }
  git(work, 'push', '-q', origin, 'main');
  // Shallow, detached, with something staged and something not.
  git(folder, 'clone', '-q', '--depth', '1', pathToFileURL(origin).href, clone);
  git(clone, 'checkout', '-q', '--detach');
  await writeFile(join(clone, 'notes.txt'), 'staged');
  git(clone, 'add', 'notes.txt');
  await writeFile(join(clone, 'notes.txt'), 'not staged');
  const state = () => [
    git(clone, 'rev-parse', 'HEAD', '--is-shallow-repository'),
    git(clone, 'for-each-ref'),
    git(clone, 'diff', '--cached'),
    git(clone, 'diff'),
  ];
  const before = state();

  const run = ['run', 'plans', '--plan', 'here', '--mode', 'drill', '--simulate', 'small.yaml', '--speed', 'max'];
  const drill = await breakwater(t, [...run, '--execution', 'drill-1', '--history-branch', 'dr-history'], { cwd: clone });
  assert.equal(drill.code, 0, drill.out + drill.err);
  assert.deepEqual(state(), before);
  // What a next run, on another machine, goes by.
  const other = join(folder, 'other');
  await mkdir(other);
  const remote = ['--history-branch', 'dr-history', '--history-remote', origin];
  const verified = await breakwater(t, ['history', 'verify', ...remote, '--json'], { cwd: other });
  assert.equal(verified.code, 0, verified.out + verified.err);
  const { executions } = JSON.parse(verified.out);
  assert.deepEqual(
    executions.map(({ execution, state: found }: { execution: string; state: string }) => [execution, found]),
    [['drill-1', 'sealed']],
  );
  const report = await breakwater(t, ['report', 'drill-1', ...remote], { cwd: other });
  assert.match(report.out, /^# Drill of here: succeeded/);
  assert.deepEqual(git(origin, 'for-each-ref', '--format=%(refname)', 'refs/heads').trim().split('\n'), [
    'refs/heads/dr-history',
    'refs/heads/main',
  ]);
  assert.ok(!(await readdir(clone)).includes('README.md'), 'nothing of the branch lands in the working tree');
});
