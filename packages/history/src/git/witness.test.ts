import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clock, systemClock } from '@breakwater/core';
import type { JournalEvent } from '../events.ts';
import type { ExecutionHeader } from '../execution.ts';
import { localBranch } from '../git-source.ts';
import { header, OK, wavesNamed } from '../testing/records.ts';
import { verifyHistory } from '../verify.ts';
import { type JoinOptions, joinHistory } from './join.ts';
import { GitRemote } from './remote.ts';
import { ANN, bareRepository, gitIn, type Machine, machine, onBranch, quickPace, temporaryFolder } from './testing/machine.ts';
import { witnessRef } from './witness.ts';

const root = temporaryFolder();
const WITNESS = witnessRef('dr-history');
const FILE = 'webshop/drill-1/waves/data.jsonl';
let count = 0;
const stage = () => {
  const here = join(root, String(count++));
  mkdirSync(here);
  let machines = 0;
  /** A folder that nothing was ever in, as a new runner's. */
  const fresh = () => join(here, `runner-${machines++}`);
  return { here, origin: bareRepository(here), fresh };
};
const begin: JournalEvent = { type: 'wave-started', servers: [] };
const end: JournalEvent = { type: 'wave-finished', status: 'succeeded', reason: OK };
const intent = (key: string): JournalEvent => ({
  type: 'intent',
  step: 'recover',
  operation: 'drs:StartRecovery',
  key,
  detail: {},
});
const drill = header(wavesNamed('data'));
const later = { ...drill, id: 'drill-2' };
const recovery = header(wavesNamed('data'), { mode: 'recovery', id: 'recovery-1' });

/** One execution, begun or gone on with on a new machine, and its process ended. */
async function recorded(folder: string, origin: string, about: ExecutionHeader, ...events: readonly JournalEvent[]) {
  const who = await machine(folder, origin);
  const { execution } = await who.store.open(about);
  const journal = await execution.journal('waves/data', about.mode === 'drill' ? 'refuse' : 'set-aside');
  for (const event of events) await journal.append(event);
  await journal.close();
  assert.equal(await who.store.close(), undefined);
  return who;
}

async function push(folder: string, origin: string, rewritten: NonNullable<JoinOptions['rewritten']>) {
  const clock = systemClock;
  return joinHistory({
    root: folder,
    remote: await GitRemote.open({ folder: join(folder, '.git-branch'), remote: origin, clock, environment: process.env }),
    branch: 'dr-history',
    clock,
    owner: 'ann on laptop',
    author: ANN,
    committer: ANN,
    warn: () => undefined,
    diverged: 'refuse',
    rewritten,
    facts: { tool: 't', by: 'ann' },
    pace: quickPace(),
  });
}

async function verified(origin: string) {
  const source = await localBranch('dr-history', { cwd: origin, clock: systemClock, environment: process.env });
  assert.ok(source !== undefined);
  return verifyHistory(source);
}

const at = (origin: string, ref: string) => gitIn(origin, 'rev-parse', ref).trim();
const codes = ({ warnings }: Machine) => warnings.map(({ code }) => code);
const newCommit = (origin: string, ...words: readonly string[]) =>
  gitIn(origin, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit-tree', '-m', 'by hand', ...words).trim();

/** To where nothing of the newest journal was. */
const forceBack = (origin: string) => {
  const [first = ''] = gitIn(origin, 'rev-list', '--max-parents=0', 'dr-history').trim().split('\n');
  gitIn(origin, 'update-ref', 'refs/heads/dr-history', first);
};

test('every push moves the witness with the branch, and a fresh machine finds them equal', async () => {
  const { origin, fresh } = stage();
  await recorded(fresh(), origin, drill, begin, intent('k1'));
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  const other = await recorded(fresh(), origin, drill, intent('k2'), end);
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  assert.deepEqual(other.warnings, []);
  // Only the newest commit came here.
  assert.equal(existsSync(join(other.root, '.git-branch', 'shallow')), true);
});

test('a fresh machine refuses a drill on a branch that was forced back, deleted or altered, and says how to go on', async () => {
  const ways: Readonly<Record<string, (origin: string) => void>> = {
    'no continuation': forceBack,
    deleted: (origin) => gitIn(origin, 'update-ref', '-d', 'refs/heads/dr-history'),
    rewritten: (origin) => {
      const tree = gitIn(origin, 'rev-parse', 'dr-history^{tree}').trim();
      const parent = gitIn(origin, 'rev-parse', 'dr-history~1^{tree}').trim();
      assert.notEqual(tree, parent);
      gitIn(origin, 'update-ref', 'refs/heads/dr-history', newCommit(origin, '-p', 'dr-history~1', parent));
    },
  };
  for (const [what, force] of Object.entries(ways)) {
    const { origin, fresh } = stage();
    await recorded(fresh(), origin, drill, begin, intent('k1'));
    await recorded(fresh(), origin, drill, intent('k2'), end);
    const was = at(origin, 'dr-history');
    force(origin);
    const now = gitIn(origin, 'for-each-ref', 'refs/heads');
    const who = await machine(fresh(), origin);
    // Not the first time, and not when it is asked again.
    for (const about of [drill, later]) {
      await assert.rejects(who.store.open(about), (error: Error & { code?: string; next?: string }) => {
        assert.equal(error.code, 'history-rewritten');
        assert.match(error.message, new RegExp(`${what}.*missing or altered: .*${FILE.replaceAll('/', '\\/')}`));
        assert.match(error.next ?? '', /history push --history-branch dr-history --history-remote .* --rewritten restore/);
        return true;
      });
    }
    await who.store.close();
    assert.equal(at(origin, WITNESS), was);
    assert.equal(gitIn(origin, 'for-each-ref', 'refs/heads'), now);
    // Whoever only reads is told.
    const reader = await machine(fresh(), origin);
    await reader.store.list();
    assert.deepEqual(codes(reader), ['history-rewritten']);
  }
});

test('a recovery on a fresh machine goes on over a rewritten branch, says and records it once, and leaves the witness', async () => {
  const { origin, fresh } = stage();
  await recorded(fresh(), origin, drill, begin, intent('k1'), end);
  const was = at(origin, 'dr-history');
  forceBack(origin);
  const who = await machine(fresh(), origin);
  const { execution } = await who.store.open(recovery);
  const run = await execution.journal('runs/run-1', 'set-aside');
  const journal = await execution.journal('waves/data', 'set-aside');
  for (const event of [begin, intent('r1'), end]) await journal.append(event);
  await execution.read();
  for (const open of [journal, run]) await open.close();
  assert.equal(await who.store.close(), undefined);
  assert.deepEqual(codes(who), ['history-rewritten']);
  const [told] = run.lines();
  assert.equal(told?.type === 'history-rewritten' ? told.was : undefined, was);
  assert.match(onBranch(origin, 'webshop/recovery-1/waves/data.jsonl'), /wave-finished/);
  assert.equal(at(origin, WITNESS), was);
  // So the next drill is refused all the same, wherever it runs.
  for (const folder of [fresh(), who.root]) {
    await assert.rejects((await machine(folder, origin)).store.open(later), { code: 'history-rewritten' });
  }
});

test('commits of an older version, or by hand, are in order: the witness follows', async () => {
  const { origin, fresh } = stage();
  const folder = fresh();
  await recorded(folder, origin, drill, begin, intent('k1'));
  const shallow = fresh();
  await recorded(shallow, origin, drill, intent('k2'));
  const tree = gitIn(origin, 'rev-parse', 'dr-history^{tree}').trim();
  for (const who of [fresh(), folder, shallow]) {
    const next = newCommit(origin, '-p', newCommit(origin, '-p', 'dr-history', tree), tree);
    gitIn(origin, 'update-ref', 'refs/heads/dr-history', next);
    const { warnings } = await recorded(who, origin, drill, intent(who));
    assert.deepEqual(warnings, []);
    assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  }
  // A witness further back than a first look of before, which cut the past off there.
  gitIn(origin, 'update-ref', WITNESS, at(origin, 'dr-history~6'));
  const { warnings } = await recorded(shallow, origin, drill, end);
  assert.deepEqual(warnings, []);
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
});

test('a server that shows the witness before the branch is looked at again before anybody is stopped', async () => {
  const { origin, fresh } = stage();
  await recorded(fresh(), origin, drill, begin, intent('k1'), end);
  const newest = at(origin, 'dr-history');
  forceBack(origin);
  const quick = quickPace();
  const pace: Clock = {
    now: () => quick.now(),
    sleep: async (ms, signal) => {
      gitIn(origin, 'update-ref', 'refs/heads/dr-history', newest);
      await quick.sleep(ms, signal);
    },
  };
  const who = await machine(fresh(), origin, { pace });
  await who.store.open(drill);
  assert.equal(await who.store.close(), undefined);
  assert.deepEqual(who.warnings, []);
});

test('a history without a witness gets one', async () => {
  const { origin, fresh } = stage();
  await recorded(fresh(), origin, drill, begin);
  gitIn(origin, 'update-ref', '-d', WITNESS);
  const who = await machine(fresh(), origin);
  const { execution } = await who.store.open(drill);
  const journal = await execution.journal('waves/data', 'refuse');
  await journal.append(intent('k1'));
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  // Also one that is removed, or moved on, while somebody writes.
  gitIn(origin, 'update-ref', '-d', WITNESS);
  await journal.append(intent('k2'));
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  gitIn(origin, 'update-ref', WITNESS, at(origin, 'dr-history~1'));
  await journal.append(intent('k3'));
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  assert.deepEqual(who.warnings, []);
});

test('commits that were squashed or worded anew lost nothing: it is said once, and the witness follows', async () => {
  for (const parents of [[], ['-p', 'dr-history~1']]) {
    const { origin, fresh } = stage();
    await recorded(fresh(), origin, drill, begin, intent('k1'));
    const tree = gitIn(origin, 'rev-parse', 'dr-history^{tree}').trim();
    gitIn(origin, 'update-ref', 'refs/heads/dr-history', newCommit(origin, ...parents, tree));
    const { findings } = await verified(origin);
    assert.match(findings[0]?.message ?? '', /put together anew/);
    const who = await recorded(fresh(), origin, drill, intent('k2'), end);
    assert.deepEqual(codes(who), ['history-rewritten']);
    assert.match(who.warnings[0]?.message ?? '', /nothing that was recorded is missing/);
    assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  }
});

test('what was lost is put back from the remote itself, with what was written since; then drills run again', async () => {
  const { origin, fresh } = stage();
  await recorded(fresh(), origin, drill, begin, intent('k1'), end);
  const before = onBranch(origin, FILE);
  const was = at(origin, 'dr-history');
  forceBack(origin);
  await recorded(fresh(), origin, recovery, begin, intent('r1'));
  const { findings } = await verified(origin);
  assert.deepEqual(
    findings.map(({ file }) => file),
    [FILE],
  );
  const laptop = fresh();
  await assert.rejects(push(laptop, origin, 'refuse'), { code: 'history-rewritten', message: /data\.jsonl/ });
  const { executions } = await push(laptop, origin, 'restore');
  assert.deepEqual(
    executions.map(({ id, state }) => [id, state]),
    [['drill-1', 'continued']],
  );
  assert.equal(onBranch(origin, FILE), before);
  assert.match(onBranch(origin, 'webshop/recovery-1/waves/data.jsonl'), /r1/);
  // With their commits: whoever saw the branch before finds it continued.
  gitIn(origin, 'merge-base', '--is-ancestor', was, 'dr-history');
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  assert.equal((await verified(origin)).sound, true);
  await recorded(fresh(), origin, later, begin);
});

test('a deleted branch is put back whole', async () => {
  const { origin, fresh } = stage();
  await recorded(fresh(), origin, drill, begin, intent('k1'), end);
  const before = onBranch(origin, FILE);
  const was = at(origin, 'dr-history');
  gitIn(origin, 'update-ref', '-d', 'refs/heads/dr-history');
  await push(fresh(), origin, 'restore');
  assert.equal(onBranch(origin, FILE), before);
  gitIn(origin, 'merge-base', '--is-ancestor', was, 'dr-history');
  assert.equal((await verified(origin)).sound, true);
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  await recorded(fresh(), origin, later, begin);
});

test('a folder that holds all that was lost puts it back without being asked how', async () => {
  const { origin, fresh } = stage();
  const folder = fresh();
  await recorded(folder, origin, drill, begin, intent('k1'), end);
  forceBack(origin);
  // As from an artifact: the record, without the memory of the branch.
  rmSync(join(folder, '.git-branch'), { recursive: true });
  await push(folder, origin, 'refuse');
  assert.match(onBranch(origin, FILE), /wave-finished/);
  assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
  await recorded(fresh(), origin, later, begin);
});

test('a person can take the branch as it is: a commit says who and what is missing, and drills run again', async () => {
  for (const force of [forceBack, (origin: string) => gitIn(origin, 'update-ref', '-d', 'refs/heads/dr-history')]) {
    const { origin, fresh } = stage();
    const folder = fresh();
    await recorded(folder, origin, drill, begin, intent('k1'), end);
    const was = at(origin, 'dr-history');
    force(origin);
    const laptop = fresh();
    await push(laptop, origin, 'accept');
    const message = gitIn(origin, 'log', '-1', '--format=%an%n%B', 'dr-history');
    assert.match(message, new RegExp(`^ann\nhistory: taken as it is by ann on laptop\n\nWithout what ${was} had:\n`));
    assert.ok(message.includes(`- ${FILE}\n`));
    assert.equal(at(origin, WITNESS), at(origin, 'dr-history'));
    assert.equal((await verified(origin)).sound, true);
    await recorded(fresh(), origin, later, begin);
  }
});

test('what holds other lines on the branch now cannot be put back by itself, and nothing is pushed', async () => {
  const { origin, fresh } = stage();
  const folder = fresh();
  await recorded(folder, origin, drill, begin, intent('k1'));
  forceBack(origin);
  const ledger = join(folder, 'webshop', 'drill-1', 'execution.json');
  const text = readFileSync(ledger, 'utf8');
  writeFileSync(ledger, text.replace('"sam"', '"eve"'));
  const made = gitIn(origin, 'hash-object', '-w', ledger).trim();
  const tree = gitIn(origin, 'ls-tree', '-r', 'dr-history');
  assert.notEqual(readFileSync(ledger, 'utf8'), text);
  const { execFileSync } = await import('node:child_process');
  const env = { PATH: process.env['PATH'] ?? '', GIT_DIR: origin, GIT_INDEX_FILE: join(folder, 'index') };
  const git = (...words: readonly string[]) => execFileSync('git', words, { env, encoding: 'utf8' }).trim();
  git('read-tree', 'dr-history');
  git('update-index', '--add', '--cacheinfo', `100644,${made},webshop/drill-1/execution.json`);
  assert.match(tree, /execution\.json/);
  const forged = newCommit(origin, git('write-tree'));
  git('update-ref', 'refs/heads/dr-history', forged);
  await assert.rejects(push(fresh(), origin, 'restore'), {
    code: 'history-rewritten',
    message: /execution\.json/,
    next: /Nothing was pushed/,
  });
  assert.equal(at(origin, 'dr-history'), forged);
});

test('a remote that takes no witness keeps the history all the same, and it is said once', async () => {
  const update = (origin: string, body: string) =>
    writeFileSync(join(origin, 'hooks', 'update'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const ways: readonly ((origin: string) => void)[] = [
    (origin) => update(origin, 'case $1 in refs/breakwater/*) echo "only branches here" >&2; exit 1;; esac'),
    (origin) =>
      update(origin, 'case $1 in refs/breakwater/*) echo "error: GH013: Repository rule violations" >&2; exit 1;; esac'),
    (origin) => gitIn(origin, 'config', 'receive.advertiseAtomic', 'false'),
    (origin) => gitIn(origin, 'config', 'receive.hideRefs', 'refs/breakwater'),
  ];
  for (const forbid of ways) {
    const { origin, fresh } = stage();
    forbid(origin);
    const who = await recorded(fresh(), origin, drill, begin, intent('k1'), intent('k2'), end);
    assert.deepEqual(codes(who), ['history-rejected']);
    assert.match(who.warnings[0]?.message ?? '', /without its witness refs\/breakwater\/tips\/dr-history\/newest/);
    assert.match(onBranch(origin, FILE), /wave-finished/);
    assert.equal(gitIn(origin, 'for-each-ref', 'refs/breakwater'), '');
  }
});

test('a hook that refuses the branch is no fault of the witness', async () => {
  const { origin, fresh } = stage();
  writeFileSync(join(origin, 'hooks', 'update'), '#!/bin/sh\n[ "$1" != refs/heads/dr-history ]\n', { mode: 0o755 });
  const who = await machine(fresh(), origin);
  await assert.rejects(who.store.open(drill), { code: 'history-rejected' });
  assert.deepEqual(codes(who), []);
  assert.equal(gitIn(origin, 'for-each-ref'), '');
});
