import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JournalEvent } from '../events.ts';
import type { ExecutionHeader } from '../execution.ts';
import type { Journal } from '../store.ts';
import { header, OK, wavesNamed } from '../testing/records.ts';
import { bareRepository, gitIn, type Machine, machine, onBranch, temporaryFolder } from './testing/machine.ts';
import { UPLINK_PATIENCE } from './uplink-patience.ts';

const root = temporaryFolder();
let count = 0;
const stage = () => {
  const here = join(root, String(count++));
  mkdirSync(here);
  return { here, origin: bareRepository(here) };
};
const intent = (key: string): JournalEvent => ({
  type: 'intent',
  step: 'recover',
  operation: 'drs:StartRecovery',
  key,
  detail: {},
});
const begin: JournalEvent = { type: 'wave-started', servers: [] };
const end: JournalEvent = { type: 'wave-finished', status: 'succeeded', reason: OK };
const started: JournalEvent = {
  type: 'run-started',
  run: 'run-1',
  resumed: false,
  waves: [],
  actor: 'ann',
  tool: 't',
  approvals: [],
};
const drill = header(wavesNamed('data'));
const recovery = header(wavesNamed('data'), { mode: 'recovery', id: 'recovery-1' });

async function write(who: Machine, about: ExecutionHeader, ...events: readonly JournalEvent[]): Promise<Journal> {
  const { execution } = await who.store.open(about);
  const journal = await execution.journal('waves/data', about.mode === 'drill' ? 'refuse' : 'set-aside');
  for (const event of events) await journal.append(event);
  return journal;
}

/** One execution, begun and pushed, and the process ended. */
async function recorded(
  folder: string,
  origin: string,
  about: ExecutionHeader,
  ...events: readonly JournalEvent[]
): Promise<void> {
  const who = await machine(folder, origin);
  const journal = await write(who, about, ...events);
  await journal.close();
  assert.equal(await who.store.close(), undefined);
}

const types = (journal: Journal) => journal.lines().map(({ type }) => type);
const linesAt = (origin: string, path: string) => onBranch(origin, path).trim().split('\n');

/** Somebody goes back by so many commits, with force; none: the whole branch goes. */
function forcePush(origin: string, back: number | undefined): void {
  if (back === undefined) gitIn(origin, 'update-ref', '-d', 'refs/heads/dr-history');
  else gitIn(origin, 'update-ref', 'refs/heads/dr-history', gitIn(origin, 'rev-parse', `dr-history~${back}`).trim());
}

test('a branch that lost what was recorded stops a drill; a recovery goes on, says so and puts its own lines back', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'a'), origin, drill, begin, intent('k1'), end);
  await recorded(join(here, 'a'), origin, recovery, begin, intent('k2'));
  const lost = gitIn(origin, 'rev-parse', 'dr-history').trim();
  // To where there was neither of the two journals.
  forcePush(origin, gitIn(origin, 'rev-list', 'dr-history').trim().split('\n').length - 1);
  const again = await machine(join(here, 'a'), origin);
  await assert.rejects(again.store.open(drill), (error: Error & { code?: string; next?: string }) => {
    assert.equal(error.code, 'history-rewritten');
    assert.match(error.message, /missing or altered: .*webshop\/recovery-1\/waves\/data\.jsonl/);
    assert.match(error.next ?? '', /breakwater history push .*--rewritten restore/);
    return true;
  });
  const going = await machine(join(here, 'a'), origin);
  const { execution } = await going.store.open(recovery);
  const run = await execution.journal('runs/run-2', 'set-aside');
  assert.deepEqual(
    run.lines().map(({ type }) => type),
    ['history-rewritten'],
  );
  assert.deepEqual(
    going.warnings.map(({ code }) => code),
    ['history-rewritten'],
  );
  const journal = await execution.journal('waves/data', 'set-aside');
  await journal.append(end);
  for (const open of [journal, run]) await open.close();
  assert.equal(await going.store.close(), undefined);
  assert.equal(linesAt(origin, 'webshop/recovery-1/waves/data.jsonl').length, 3);
  // It stays known on this machine, until somebody has looked into it.
  const later = await machine(join(here, 'a'), origin);
  await assert.rejects(later.store.open(drill), { code: 'history-rewritten' });
  // So it does on one that never saw the old branch: its witness stands where it was.
  const stranger = await machine(join(here, 'b'), origin);
  await assert.rejects(stranger.store.open({ ...drill, id: 'drill-2' }), { code: 'history-rewritten' });
  // Who puts it back by force has put it back.
  gitIn(join(here, 'a', '.git-branch'), 'push', '--quiet', '--force', origin, `${lost}:refs/heads/dr-history`);
  await recorded(join(here, 'a'), origin, drill);
});

test('a branch that is rewritten or deleted in the middle stops a drill before its next call', async () => {
  for (const back of [1, undefined]) {
    const { here, origin } = stage();
    await recorded(join(here, 'b'), origin, { ...drill, id: 'drill-0' }, begin, intent('k0'));
    const journal = await write(await machine(join(here, 'a'), origin), drill, begin, intent('k1'));
    forcePush(origin, back);
    await assert.rejects(journal.append(intent('k2')), { code: 'history-rewritten' });
    // Nor does another wave of it slip through, now that the new tip is known.
    await assert.rejects(journal.append(intent('k3')), { code: 'history-rewritten' });
  }
});

test('commits that are only put together in another way are no loss', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'a'), origin, drill, begin, intent('k1'));
  const tree = gitIn(origin, 'rev-parse', 'dr-history^{tree}').trim();
  const squashed = gitIn(origin, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit-tree', '-m', 'squashed', tree).trim();
  gitIn(origin, 'update-ref', 'refs/heads/dr-history', squashed);
  await recorded(join(here, 'a'), origin, drill, end);
  assert.equal(linesAt(origin, 'webshop/drill-1/waves/data.jsonl').length, 3);
});

test('two live processes of one execution: the second is told and ends, whatever it does', async () => {
  for (const about of [drill, recovery]) {
    const { here, origin } = stage();
    const first = await write(await machine(join(here, 'a'), origin), about, begin);
    const second = await write(await machine(join(here, 'b'), origin), about);
    await first.append(intent('k1'));
    await assert.rejects(second.append(intent('k1')), { code: 'execution-locked', message: /another process writes webshop/ });
    await assert.rejects(second.append(end), { code: 'execution-locked' });
    await first.append(end);
  }
});

test('a journal that went on in two places: a drill is refused with the way out, which works', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'a'), origin, drill, begin, intent('k1'));
  // Lines that were never pushed, and then another machine that went on from the branch.
  renameSync(origin, `${origin}.away`);
  const offline = await machine(join(here, 'a'), origin);
  await assert.rejects(offline.store.open(drill), { code: 'history-unreachable' });
  renameSync(`${origin}.away`, origin);
  const path = join(here, 'a', 'webshop', 'drill-1', 'waves', 'data.jsonl');
  const kept = readFileSync(path, 'utf8');
  await recorded(join(here, 'b'), origin, drill, end);
  const lonely = await machine(join(here, 'c'), origin);
  await lonely.store.close();
  writeFileSync(path, kept);
  appendFileSync(path, `${kept.trim().split('\n').at(-1)}\n`);
  const refused = await machine(join(here, 'a'), origin);
  await assert.rejects(refused.store.open(drill), { code: 'history-corrupt', message: /went on in two places/ });
  renameSync(path, path.replace('.jsonl', '.damaged-1.jsonl'));
  await recorded(join(here, 'a'), origin, drill);
  assert.equal(linesAt(origin, 'webshop/drill-1/waves/data.jsonl').length, 3);
  assert.equal(linesAt(origin, 'webshop/drill-1/waves/data.damaged-1.jsonl').length, 3);
});

test('a recovery that went on in two places keeps both: the younger goes on, the other lies beside it', async () => {
  for (const younger of ['here', 'there'] as const) {
    const { here, origin } = stage();
    await recorded(join(here, 'a'), origin, recovery, begin, intent('k1'));
    const alone = async (folder: string, key: string) => {
      renameSync(origin, `${origin}.away`);
      const who = await machine(folder, origin);
      const journal = await write(who, recovery, intent(key));
      await journal.close();
      assert.equal((await who.store.close())?.code, 'history-unreachable');
      renameSync(`${origin}.away`, origin);
    };
    if (younger === 'here') {
      await recorded(join(here, 'b'), origin, recovery, intent('there'));
      await alone(join(here, 'a'), 'here');
    } else {
      await alone(join(here, 'a'), 'here');
      await recorded(join(here, 'b'), origin, recovery, intent('there'));
    }
    const joining = await machine(join(here, 'a'), origin);
    const journal = await write(joining, recovery, end);
    const keys = journal.lines().flatMap((line) => (line.type === 'intent' ? [line.key] : []));
    assert.deepEqual(keys, ['k1', younger]);
    assert.deepEqual(types(journal).slice(-2), ['journal-replaced', 'wave-finished']);
    await journal.close();
    assert.equal(await joining.store.close(), undefined);
    assert.equal(linesAt(origin, 'webshop/recovery-1/waves/data.damaged-1.jsonl').length, 3);
    assert.equal(linesAt(origin, 'webshop/recovery-1/waves/data.jsonl').length, 5);
  }
});

test('what a recovery finds of others after it had to go on alone does not stop it', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'github'), origin, recovery, begin, intent('k1'));
  renameSync(origin, `${origin}.away`);
  // A laptop that knows nothing of what was done.
  const laptop = await machine(join(here, 'laptop'), origin);
  const { execution } = await laptop.store.open(recovery);
  const run = await execution.journal('runs/laptop', 'set-aside');
  const journal = await execution.journal('waves/data', 'set-aside');
  await run.append(started);
  await journal.append(begin);
  renameSync(`${origin}.away`, origin);
  for (const key of ['k1', 'k2', 'k3']) {
    await journal.append(intent(key));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await journal.append(end);
  for (const open of [journal, run]) await open.close();
  const left = await laptop.store.close();
  assert.match(left?.message ?? '', /not all of the record is on the branch: another process writes/);
  assert.equal(linesAt(origin, 'webshop/recovery-1/waves/data.jsonl').length, 2);
  assert.equal(journal.lines().length, 5);
});

test('a crash in the middle of a line loses nothing of what was pushed, and no half line is ever pushed', async () => {
  const { here, origin } = stage();
  const journal = await write(await machine(join(here, 'a'), origin), drill, begin, intent('k1'));
  await journal.close();
  const path = join(here, 'a', 'webshop', 'drill-1', 'waves', 'data.jsonl');
  appendFileSync(path, '{"v":1,"seq":2,"at":"2026');
  const again = await machine(join(here, 'a'), origin);
  const repaired = await write(again, drill, intent('k2'));
  assert.deepEqual(types(repaired), ['wave-started', 'intent', 'tail-repaired', 'intent']);
  assert.equal(linesAt(origin, 'webshop/drill-1/waves/data.jsonl').length, 4);
  // The same torn line, but another machine has gone on meanwhile.
  await repaired.close();
  assert.equal(await again.store.close(), undefined);
  await recorded(join(here, 'b'), origin, drill, intent('k3'));
  appendFileSync(path, '{"v":1,"seq":4,"at":"2026');
  const third = await write(await machine(join(here, 'a'), origin), drill, end);
  assert.equal(third.lines().length, 6);
});

test('the id of another plan, a changed plan and the wrong mode are refused by what the branch knows', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'a'), origin, drill, begin);
  const other = await machine(join(here, 'b'), origin);
  const plan = (changes: Partial<ExecutionHeader['plan']>) => ({ ...drill, plan: { ...drill.plan, ...changes } });
  await assert.rejects(other.store.open(plan({ name: 'bookshop' })), { code: 'execution-mismatch' });
  await assert.rejects(other.store.open(plan({ digest: 'e'.repeat(64) })), { code: 'plan-changed' });
  await assert.rejects(other.store.open({ ...recovery, id: 'drill-1' }), { code: 'execution-mismatch' });
  assert.equal(gitIn(origin, 'ls-tree', '--name-only', 'dr-history').includes('bookshop'), false);
});

test('names that lead out of the folder, links and locks on the branch are not brought here', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'a'), origin, drill, begin);
  const link = gitIn(origin, 'rev-parse', 'dr-history:webshop/drill-1/execution.json').trim();
  const index = join(here, 'index');
  const env = { GIT_INDEX_FILE: index, GIT_DIR: origin, PATH: process.env['PATH'] ?? '' };
  const { execFileSync } = await import('node:child_process');
  const git = (...words: readonly string[]) => execFileSync('git', words, { env, encoding: 'utf8' }).trim();
  git('read-tree', 'dr-history');
  for (const [mode, path] of [
    ['100644', 'webshop/drill-1/waves/data.lock'],
    ['100644', 'webshop/drill-1/.hidden'],
    ['120000', 'webshop/drill-1/link'],
    ['100644', 'webshop/drill-1/con'],
  ] as const) {
    git('update-index', '--add', '--cacheinfo', `${mode},${link},${path}`);
  }
  const commit = git(
    '-c',
    'user.name=x',
    '-c',
    'user.email=x@x',
    'commit-tree',
    '-p',
    'dr-history',
    '-m',
    'x',
    git('write-tree'),
  );
  git('update-ref', 'refs/heads/dr-history', commit);
  const other = await machine(join(here, 'b'), origin);
  await other.store.open(drill);
  assert.deepEqual(readdirSync(join(here, 'b', 'webshop', 'drill-1')).sort(), ['execution.json', 'waves']);
  assert.deepEqual(readdirSync(join(here, 'b', 'webshop', 'drill-1', 'waves')), ['data.jsonl']);
});

test('a cache that is broken is no remote; a drill is told, a recovery goes on', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'a'), origin, drill, begin);
  rmSync(join(here, 'a', '.git-branch', 'objects'), { recursive: true });
  writeFileSync(join(here, 'a', '.git-branch', 'objects'), 'no folder');
  const broken = await machine(join(here, 'a'), origin);
  await assert.rejects(broken.store.open(drill), { code: 'history-unreachable' });
  const going = await machine(join(here, 'a'), origin);
  const { execution } = await going.store.open(recovery);
  assert.ok(existsSync(execution.place));
  assert.equal((await going.store.close())?.code, 'history-unreachable');
  rmSync(join(here, 'a', '.git-branch'), { recursive: true });
  await recorded(join(here, 'a'), origin, drill, end);
});

test('a lock that a killed git left on the remote is named, in bounded time; a recovery goes on', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'a'), origin, drill, begin);
  const left = join(origin, 'refs', 'heads', 'dr-history.lock');
  writeFileSync(left, '');
  const held = await machine(join(here, 'a'), origin);
  await assert.rejects(write(held, drill, end, intent('k')), (error: Error) => {
    assert.equal('code' in error && error.code, 'history-rejected');
    assert.match(error.message, /Unable to create '.*refs\/heads\/dr-history\.lock': File exists/);
    return true;
  });
  const going = await machine(join(here, 'b'), origin, { patience: { ...UPLINK_PATIENCE, recovery: 200 } });
  const journal = await write(going, recovery, begin, intent('k'));
  await journal.close();
  assert.ok(going.warnings.some(({ message }) => /the recovery goes on/.test(message)));
  rmSync(left);
  assert.equal(await going.store.close(), undefined);
});

test('locks that killed gits left in the repository of our own hold nobody up', async () => {
  const { here, origin } = stage();
  await recorded(join(here, 'a'), origin, drill, begin);
  const own = join(here, 'a', '.git-branch');
  const seen = gitIn(own, 'for-each-ref', '--format=%(refname)', 'refs/breakwater/seen').trim();
  for (const name of ['packed-refs', 'HEAD', 'config', 'shallow', 'index', seen]) writeFileSync(join(own, `${name}.lock`), '');
  await recorded(join(here, 'a'), origin, drill, end);
  await recorded(join(here, 'a'), origin, recovery, begin, intent('k'));
  assert.equal(linesAt(origin, 'webshop/recovery-1/waves/data.jsonl').length, 2);
});
