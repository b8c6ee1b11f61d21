import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openHistory } from '@breakwater/assembly';
import { systemClock } from '@breakwater/core';
import {
  folderLocks,
  folderSource,
  GitRemote,
  gitLocks,
  type LockOwner,
  type RecoveryLocks,
  verifyHistory,
} from '@breakwater/history';
import { recordedTerminal } from '../testing.ts';
import type { UnlockCommand } from './requests.ts';
import { type UnlockParts, unlock } from './unlock.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-unlock-'));
  folders.push(folder);
  return folder;
}

const owner = (execution: string): LockOwner => ({
  execution,
  plan: 'webshop',
  mode: 'drill',
  actor: 'ada',
  host: 'acme/plans',
  at: '2026-11-20T03:15:00.000Z',
  run: 'https://github.com/acme/plans/actions/runs/1',
});

async function locked(locks: RecoveryLocks, ...executions: readonly string[]): Promise<void> {
  for (const [at, execution] of executions.entries()) {
    const targets = [`s-${at}a`, `s-${at}b`].map((id) => ({ kind: 'server', account: '1', region: 'r', id }) as const);
    assert.deepEqual(await locks.take(targets, owner(execution)), []);
  }
}

async function run(command: Partial<UnlockCommand> & { readonly history: string }, parts: Partial<UnlockParts> = {}) {
  const terminal = recordedTerminal({ PATH: process.env['PATH'], HOME: process.env['HOME'] });
  const code = await unlock(
    { yes: false, ...command },
    { terminal, clock: systemClock, simulated: false, actor: 'kim', openHistory, ...parts },
  );
  return { code, text: terminal.text(), errors: terminal.errors() };
}

const ledger = (root: string) =>
  readdirSync(join(root, '_ledger')).map((name) => JSON.parse(readFileSync(join(root, '_ledger', name), 'utf8')));

test('lists who holds what', async () => {
  const history = temporaryFolder();
  const nowhere = await run({ history });
  assert.match(nowhere.text, /: nothing is locked\n$/);
  assert.match(nowhere.errors, /no execution is recorded there .*--history/, 'as in the wrong folder');
  await locked(folderLocks(history, { clock: systemClock, simulated: false }), 'drill-1', 'drill-2');
  const { code, text } = await run({ history });
  assert.equal(code, 0);
  assert.match(
    text,
    /^drill-1\n {2}drill of webshop, by ada on acme\/plans, since 2026-11-20T03:15:00\.000Z\n {2}https:\S+\n {2}server s-0a \(1 r\)\n/,
  );
  assert.match(text, /\n\ndrill-2\n/);
  assert.match((await run({ history }, { simulated: true })).text, /nothing is locked/);
});

test('takes the locks of one execution away, with a record that verifies', async () => {
  const history = temporaryFolder();
  const locks = folderLocks(history, { clock: systemClock, simulated: false });
  await locked(locks, 'drill-1', 'drill-2');
  const { code, text } = await run({ history, execution: 'drill-1', yes: true });
  assert.equal(code, 0);
  assert.match(text, /\n2 locks taken away from drill-1\n$/);
  assert.deepEqual(
    (await locks.held()).map((lock) => lock.owner.execution),
    ['drill-2', 'drill-2'],
  );
  const [entry] = ledger(history);
  assert.deepEqual(
    [entry.kind, entry.execution, entry.plan, entry.by, entry.locks.length],
    ['unlocked', 'drill-1', 'webshop', 'kim', 2],
  );
  assert.equal((await verifyHistory(folderSource(history))).sound, true);
});

test('asks first: only the whole id is a yes', async () => {
  const history = temporaryFolder();
  const locks = folderLocks(history, { clock: systemClock, simulated: false });
  await locked(locks, 'drill-1');
  await assert.rejects(run({ history, execution: 'drill-1' }), {
    code: 'usage',
    next: /breakwater unlock drill-1 --history .* --yes$/,
  });
  await assert.rejects(run({ history, execution: 'drill' }, { ask: async () => 'y' }), { code: 'usage', message: /not its id/ });
  assert.equal((await locks.held()).length, 2);
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return 'drill-1\n';
  };
  assert.equal((await run({ history, execution: 'drill' }, { ask })).code, 0);
  assert.equal(asked.length, 1);
  assert.deepEqual(await locks.held(), []);
});

test('an id that holds nothing, or that fits several', async () => {
  const history = temporaryFolder();
  await assert.rejects(run({ history, execution: 'x', yes: true }), {
    code: 'execution-unknown',
    next: /Nothing is locked there/,
  });
  await locked(folderLocks(history, { clock: systemClock, simulated: false }), 'drill-1', 'drill-2');
  await assert.rejects(run({ history, execution: 'x', yes: true }), { next: /Give one of: drill-1, drill-2\./ });
  await assert.rejects(run({ history, execution: 'drill', yes: true }), { message: /2 executions fit "drill"/ });
});

test('on a branch: the record is pushed, then the locks go', async () => {
  const origin = join(temporaryFolder(), 'origin.git');
  execFileSync('git', ['init', '--quiet', '--bare', origin]);
  const remote = await GitRemote.open({
    folder: join(temporaryFolder(), 'clone.git'),
    remote: origin,
    clock: systemClock,
    environment: process.env,
  });
  const locks = gitLocks(remote, { clock: systemClock, simulated: false });
  await locked(locks, 'drill-1');
  const history = temporaryFolder();
  const { code, text, errors } = await run({
    history,
    branch: { name: 'dr-history', remote: origin },
    execution: 'drill-1',
    yes: true,
  });
  assert.equal(code, 0, errors);
  assert.match(text, /2 locks taken away from drill-1/);
  assert.deepEqual(await locks.held(), []);
  const files = execFileSync('git', ['-C', origin, 'ls-tree', '-r', '--name-only', 'dr-history'], { encoding: 'utf8' });
  assert.match(files, /^_ledger\/\S+\.json$/m);
});

test('a remote that does not answer: nothing is unlocked', async () => {
  const history = temporaryFolder();
  await assert.rejects(
    run({ history, branch: { name: 'dr-history', remote: join(history, 'gone.git') }, execution: 'drill-1', yes: true }),
    { code: 'history-unreachable' },
  );
});
