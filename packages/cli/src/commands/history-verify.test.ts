import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openRecord } from '@breakwater/assembly';
import { UserError, VirtualClock } from '@breakwater/core';
import { folderStore } from '@breakwater/history';
import { recordedTerminal, START, sampleHeader } from '../testing.ts';
import { historyVerify } from './history-verify.ts';
import type { VerifyCommand } from './requests.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-verify-'));
  folders.push(folder);
  return folder;
}

/** A history with a sealed execution and a running one. */
async function history(): Promise<string> {
  const root = join(temporaryFolder(), 'history');
  const store = folderStore(root, { clock: new VirtualClock(START), owner: 'test' });
  for (const id of ['sealed-1', 'running-1']) {
    const { execution } = await store.open(sampleHeader({ id }));
    const run = await execution.journal('runs/run-1', 'refuse');
    await run.append({
      type: 'run-started',
      run: 'run-1',
      resumed: false,
      waves: [],
      actor: 'ada',
      tool: 'test',
      approvals: [],
    });
    await run.append({ type: 'run-finished', verdict: 'succeeded', reason: { code: 'ok', message: 'done' } });
    await run.close();
    if (id !== 'sealed-1') continue;
    await execution.conclude({ verdict: 'succeeded', reason: { code: 'ok', message: 'done' }, at: START });
    await execution.seal({ tool: 'test', by: 'ada', at: START });
  }
  return root;
}

async function verify(command: Partial<VerifyCommand> & { readonly history: string }) {
  const terminal = recordedTerminal({ PATH: process.env['PATH'], HOME: process.env['HOME'] });
  const code = await historyVerify({ anchors: [], json: false, ...command }, { terminal, openRecord });
  return { code, text: terminal.text() };
}

test('a folder in which nothing was ever recorded proves nothing: it is the wrong one', async () => {
  for (const json of [false, true]) {
    await assert.rejects(verify({ history: temporaryFolder(), json }), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, 'file-unreadable');
      assert.match(error.message, /holds no execution/);
      return true;
    });
  }
});

test('a sound history is fine, and an execution without an end is only named', async () => {
  const root = await history();
  const { code, text } = await verify({ history: root });
  assert.equal(code, 0);
  assert.match(
    text,
    /: 2 executions, 4 records, 1 entry of the ledger\nsealed {4}1\nunsealed {2}1: webshop\/running-1\nanchor {4}[0-9a-f]{64}\n\nNothing was altered\.\n$/,
  );
});

test('an altered line is bad: its file, its line, and what was expected', async () => {
  const root = await history();
  const file = join(root, 'webshop/sealed-1/runs/run-1.jsonl');
  writeFileSync(file, `${readFileSync(file, 'utf8').split('\n')[0]}\n`);
  const { code, text } = await verify({ history: root });
  assert.equal(code, 1);
  assert.match(
    text,
    /\nwebshop\/sealed-1\/runs\/run-1\.jsonl:2: it was cut off: it had 2 lines .*\n {2}expected {2}[0-9a-f]{64}\n {2}found {5}[0-9a-f]{64}\n/,
  );
  assert.match(text, /\n1 thing is not as it was written\. \[history-corrupt\]\n$/);
});

test('--json is one document of a named schema', async () => {
  const root = await history();
  rmSync(join(root, 'webshop/sealed-1/runs/run-1.jsonl'));
  const { code, text } = await verify({ history: root, json: true });
  const found = JSON.parse(text);
  assert.deepEqual([code, found.schema, found.sound, found.records], [1, 'breakwater.verification/1', false, 2]);
  const [finding] = found.executions.find(({ execution }: { execution: string }) => execution === 'sealed-1').findings;
  assert.deepEqual([finding.file, finding.message], ['webshop/sealed-1/runs/run-1.jsonl', 'it is missing']);
});

test('an anchor that is not in the ledger is bad', async () => {
  const root = await history();
  const [, anchor = ''] = /anchor {4}(\w+)/.exec((await verify({ history: root })).text) ?? [];
  assert.equal((await verify({ history: root, anchors: [anchor.slice(0, 12)] })).code, 0);
  const { code, text } = await verify({ history: root, anchors: ['5d41402abc4b'] });
  assert.equal(code, 1);
  assert.match(text, /the entry that was noted elsewhere is not in the ledger/);
});

test('a branch is read from its remote, and its commits are checked', async () => {
  const root = await history();
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=x', '-c', 'user.email=x@y.z', ...words], { stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=dr-history');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'all of it');
  const sound = await verify({ history: '/nowhere', branch: { remote: root } });
  assert.equal(sound.code, 0, sound.text);
  assert.match(sound.text, /#dr-history: 2 executions, 4 records, 1 entry of the ledger, 1 commit\n/);
  git('rm', '--quiet', '-r', 'webshop/running-1');
  git('commit', '--quiet', '-m', 'tidy up');
  const { code, text } = await verify({ history: '/nowhere', branch: { remote: root, name: 'dr-history' } });
  assert.equal(code, 1);
  assert.match(text, /webshop\/running-1\/runs\/run-1\.jsonl: commit [0-9a-f]{12} deleted it/);
  await assert.rejects(verify({ history: '/nowhere', branch: { remote: root, name: 'other' } }), { code: 'file-unreadable' });
});

test('no history, no branch, no remote: an error that says which', async () => {
  await assert.rejects(verify({ history: join(temporaryFolder(), 'none') }), {
    code: 'file-unreadable',
    message: /there is no history in/,
  });
  await assert.rejects(verify({ history: 'x', branch: { name: 'no-such-branch' } }), {
    code: 'file-unreadable',
    message: /branch no-such-branch of the repository in this folder/,
  });
  await assert.rejects(verify({ history: 'x', branch: { remote: join(temporaryFolder(), 'gone.git') } }), {
    code: 'history-unreachable',
  });
  await assert.rejects(verify({ history: 'x', branch: { name: '--upload-pack=x' } }), { code: 'usage' });
});
