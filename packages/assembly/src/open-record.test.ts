import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '@breakwater/core';
import { verifyHistory } from '@breakwater/history';
import { openRecord } from './open-record.ts';

const root = mkdtempSync(join(tmpdir(), 'breakwater-record-'));
after(() => rmSync(root, { recursive: true, force: true }));

const git = (...words: readonly string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim();

/** A remote whose branch is at one commit of nothing, and whose witness holds an execution's page upon it. */
function rewritten(): string {
  const origin = join(root, 'origin.git');
  git('init', '--quiet', '--bare', origin);
  const at = (...words: readonly string[]) => git('--git-dir', origin, '-c', 'user.name=x', '-c', 'user.email=x@x', ...words);
  const blob = execFileSync('git', ['--git-dir', origin, 'hash-object', '-w', '--stdin'], {
    input: 'x',
    encoding: 'utf8',
  }).trim();
  const tree = (files: string) => execFileSync('git', ['--git-dir', origin, 'mktree'], { input: files, encoding: 'utf8' }).trim();
  const first = at('commit-tree', '-m', 'first', tree(''));
  const folder = tree(`100644 blob ${blob}\tdata.jsonl\n`);
  const second = at('commit-tree', '-m', 'second', '-p', first, tree(`040000 tree ${folder}\twebshop\n`));
  at('update-ref', 'refs/heads/dr-history', first);
  at('update-ref', 'refs/breakwater/tips/dr-history/newest', second);
  return origin;
}

test('a branch on a remote that was forced back is told by its witness, and a deleted one by name', async () => {
  const remote = rewritten();
  const place = { history: root, branch: { name: 'dr-history', remote } };
  const { source, close } = await openRecord(place, systemClock, process.env);
  const { findings, sound } = await verifyHistory(source);
  close();
  assert.equal(sound, false);
  assert.deepEqual(
    findings.map(({ file, message }) => [file, /missing or altered since: the branch was rewritten/.test(message)]),
    [['webshop/data.jsonl', true]],
  );
  git('--git-dir', remote, 'update-ref', '-d', 'refs/heads/dr-history');
  await assert.rejects(openRecord(place, systemClock, process.env), { code: 'history-rewritten', next: /--rewritten restore/ });
  git('--git-dir', remote, 'update-ref', '-d', 'refs/breakwater/tips/dr-history/newest');
  await assert.rejects(openRecord(place, systemClock, process.env), { code: 'file-unreadable' });
});

test('a name that is none of a branch is refused before git hears of it', async () => {
  for (const name of ['--upload-pack=x', 'a b', 'a:b', '*', 'x.lock', '@{u}']) {
    const place = { history: root, branch: { name, remote: join(root, 'origin.git') } };
    await assert.rejects(openRecord(place, systemClock, process.env), {
      code: 'usage',
      message: /is no name for a history branch/,
    });
  }
});
