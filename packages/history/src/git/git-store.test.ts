import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock, VirtualClock } from '@breakwater/core';
import type { JournalEvent } from '../events.ts';
import type { Journal } from '../store.ts';
import { header, OK, wavesNamed } from '../testing/records.ts';
import { bareRepository, gitIn, machine, onBranch, temporaryFolder } from './testing/machine.ts';

const root = temporaryFolder();
let count = 0;
const place = () => {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  return folder;
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
const appendAll = async (journal: Journal, ...events: readonly JournalEvent[]) => {
  for (const event of events) await journal.append(event);
};
const drill = header(wavesNamed('data'));
const recovery = header(wavesNamed('data'), { mode: 'recovery', id: 'recovery-1' });

test('a drill is on the branch, an intent before it is made; another machine reads and continues it', async () => {
  const here = place();
  const origin = bareRepository(here);
  const first = await machine(join(here, 'a'), origin);
  const { execution, created } = await first.store.open(drill);
  assert.equal(created, true);
  assert.match(onBranch(origin, 'webshop/drill-1/execution.json'), /"drill-1"/);
  const journal = await execution.journal('waves/data', 'refuse');
  await appendAll(journal, begin, intent('k1'));
  assert.equal(onBranch(origin, 'webshop/drill-1/waves/data.jsonl').trim().split('\n').length, 2);
  // The process is killed here: nothing is closed.
  const second = await machine(join(here, 'b'), origin);
  const resumed = await second.store.open(drill);
  assert.equal(resumed.created, false);
  const again = await resumed.execution.journal('waves/data', 'refuse');
  assert.deepEqual(
    again.lines().map(({ type }) => type),
    ['wave-started', 'intent'],
  );
  await appendAll(again, end);
  await again.close();
  await resumed.execution.conclude({ verdict: 'succeeded', reason: OK, at: 5, rto: 60_000 });
  await resumed.execution.writeFile('report.md', '# fine\n');
  await resumed.execution.seal({ tool: 't', by: 'ann', at: 6 });
  assert.equal(await second.store.close(), undefined);
  assert.equal(onBranch(origin, 'webshop/drill-1/waves/data.jsonl').trim().split('\n').length, 3);
  assert.equal(onBranch(origin, 'webshop/drill-1/report.md'), '# fine\n');
  assert.match(onBranch(origin, 'webshop/drill-1/manifest.json'), /breakwater.manifest\/1/);
  assert.match(
    onBranch(origin, 'README.md'),
    /\[drill-1\]\(webshop\/drill-1\/report\.md\) \| succeeded \| drill \| webshop \| sam \| 2026-11-20 03:15 \| 1m 00s \|/,
  );
  assert.match(onBranch(origin, 'webshop/README.md'), /\[drill-1\]\(drill-1\/report\.md\)/);
  assert.equal(gitIn(origin, 'ls-tree', '-r', '--name-only', 'dr-history', '_ledger').trim().split('\n').length, 1);
  assert.match(gitIn(origin, 'log', '-1', '--format=%an|%s', 'dr-history'), /^ann\|webshop: drill drill-1 concluded: succeeded/);
  // Nobody reads it with less than was written, also not by a beginning of the id.
  const third = await machine(join(here, 'c'), origin);
  const found = await third.store.find('drill');
  assert.equal((await found?.read())?.streams.get('waves/data')?.length, 3);
  assert.deepEqual(
    (await third.store.list()).map(({ id, verdict }) => [id, verdict?.verdict]),
    [['drill-1', 'succeeded']],
  );
  assert.equal(await third.store.find('nosuch'), undefined);
});

test('without the remote a drill is refused, also in the middle, and nothing announced is pushed later unseen', async () => {
  const here = place();
  const origin = bareRepository(here);
  const away = join(here, 'away');
  renameSync(origin, away);
  const refused = await machine(join(here, 'a'), origin);
  await assert.rejects(refused.store.open(drill), { code: 'history-unreachable' });
  assert.match(refused.warnings[0]?.message ?? '', /trying again for up to 17 s before this drill is stopped/);
  renameSync(away, origin);
  const { store } = await machine(join(here, 'a'), origin);
  const { execution } = await store.open(drill);
  const journal = await execution.journal('waves/data', 'refuse');
  await appendAll(journal, begin);
  renameSync(origin, away);
  await assert.rejects(appendAll(journal, intent('k1')), { code: 'history-unreachable' });
  renameSync(away, origin);
  assert.equal(await store.close(), undefined);
});

test('without the remote a recovery goes on, says so, and joins by itself when it is back', async () => {
  const here = place();
  const origin = bareRepository(here);
  const away = join(here, 'away');
  renameSync(origin, away);
  const { store, warnings } = await machine(join(here, 'a'), origin);
  const { execution } = await store.open(recovery);
  const run = await execution.journal('runs/run-1', 'set-aside');
  const journal = await execution.journal('waves/data', 'set-aside');
  await appendAll(run, started);
  await appendAll(journal, begin, intent('k1'), intent('k2'));
  assert.deepEqual(
    run.lines().map(({ type }) => type),
    ['history-unreachable', 'run-started'],
  );
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['history-unreachable'],
  );
  const command = `breakwater history push --history ${join(here, 'a')} --history-branch dr-history --history-remote ${origin}`;
  assert.ok(warnings[0]?.next?.endsWith(`or later with: ${command}`), warnings[0]?.next);
  renameSync(away, origin);
  const until = Date.now() + 20_000;
  while (!run.lines().some(({ type }) => type === 'history-joined') && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(run.lines().at(-1)?.type, 'history-joined');
  await appendAll(journal, end);
  await journal.close();
  await run.close();
  assert.equal(await store.close(), undefined);
  assert.equal(onBranch(origin, 'webshop/recovery-1/waves/data.jsonl').trim().split('\n').length, 4);
  assert.match(onBranch(origin, 'webshop/recovery-1/runs/run-1.jsonl'), /history-joined/);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['history-unreachable', 'ok'],
  );
});

test('a new machine fetches what is there and not how it came about, and goes on from it', async () => {
  const here = place();
  const origin = bareRepository(here);
  for (const id of ['drill-1', 'drill-2']) {
    const { store } = await machine(join(here, id), origin);
    const { execution } = await store.open({ ...drill, id });
    const journal = await execution.journal('waves/data', 'refuse');
    await appendAll(journal, begin, intent('k'));
    await journal.close();
    await store.close();
  }
  const url = `file://${origin}`;
  const fresh = await machine(join(here, 'fresh'), url);
  const { execution } = await fresh.store.open({ ...drill, id: 'drill-3' });
  const own = join(here, 'fresh', '.git-branch');
  assert.equal(gitIn(own, 'rev-parse', '--is-shallow-repository').trim(), 'true');
  const all = Number(gitIn(origin, 'rev-list', '--count', 'dr-history'));
  const count = Number(gitIn(own, 'rev-list', '--count', '--all'));
  assert.ok(count < all - 2, `${count} commits of ${all}`);
  const journal = await execution.journal('waves/data', 'refuse');
  await appendAll(journal, begin, intent('k'));
  // Others go on meanwhile; what they add is fetched, and nothing is taken for rewritten.
  const other = await machine(join(here, 'drill-1'), origin);
  const again = await other.store.open({ ...drill, id: 'drill-1' });
  await appendAll(await again.execution.journal('waves/data', 'refuse'), end);
  assert.equal(await other.store.close(), undefined);
  await appendAll(journal, intent('k2'));
  assert.equal(await fresh.store.close(), undefined);
  const later = await machine(join(here, 'fresh'), url);
  assert.equal((await (await later.store.find('drill-1'))?.read())?.streams.get('waves/data')?.length, 3);
  assert.deepEqual(later.warnings, []);
});

test('executions of one process share the branch, whatever they do at the same time', async () => {
  const here = place();
  const origin = bareRepository(here);
  const { store } = await machine(join(here, 'a'), origin);
  const ids = ['drill-1', 'drill-2', 'drill-3'];
  await Promise.all(
    ids.map(async (id) => {
      const { execution } = await store.open({ ...drill, id });
      const journals = await Promise.all(['data', 'web'].map((wave) => execution.journal(`waves/${wave}`, 'refuse')));
      await Promise.all(journals.map((journal) => appendAll(journal, begin, intent('k'))));
      const { streams } = await execution.read();
      assert.deepEqual(
        [...streams.values()].map((lines) => lines.length),
        [2, 2],
      );
    }),
  );
  assert.equal(await store.close(), undefined);
  for (const id of ids) assert.equal(onBranch(origin, `webshop/${id}/waves/web.jsonl`).trim().split('\n').length, 2);
  const { store: reader } = await machine(join(here, 'b'), origin);
  assert.deepEqual((await reader.list()).map(({ id }) => id).sort(), ids);
  await assert.rejects(reader.find('drill'), { code: 'usage', message: /3 executions fit drill/ });
});

test('many lines at once are few pushes, and those that announce nothing wait for company', async () => {
  const here = place();
  const origin = bareRepository(here);
  const { store } = await machine(join(here, 'a'), origin, { pace: systemClock });
  const { execution } = await store.open(drill);
  const before = Number(gitIn(origin, 'rev-list', '--count', 'dr-history'));
  const journals = await Promise.all(Array.from({ length: 10 }, (_, n) => execution.journal(`waves/w${n}`, 'refuse')));
  await Promise.all(journals.map((journal) => appendAll(journal, begin, intent('k'))));
  for (const journal of journals) await appendAll(journal, end);
  const after = Number(gitIn(origin, 'rev-list', '--count', 'dr-history'));
  assert.ok(after - before <= 3, `${after - before} pushes`);
  assert.equal(onBranch(origin, 'webshop/drill-1/waves/w9.jsonl').trim().split('\n').length, 2);
  assert.equal(await store.close(), undefined);
  assert.equal(onBranch(origin, 'webshop/drill-1/waves/w9.jsonl').trim().split('\n').length, 3);
});

test('a branch that holds something else is left alone', async () => {
  const here = place();
  const origin = bareRepository(here);
  const tree = execFileSync('git', ['--git-dir', origin, 'mktree'], {
    input: `100644 blob ${execFileSync('git', ['--git-dir', origin, 'hash-object', '-w', '--stdin'], { input: '# Our shop\n', encoding: 'utf8' }).trim()}\tREADME.md\n`,
    encoding: 'utf8',
  }).trim();
  const commit = gitIn(origin, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit-tree', '-m', 'shop', tree).trim();
  gitIn(origin, 'update-ref', 'refs/heads/main', commit);
  const { store } = await machine(join(here, 'a'), origin, { branch: 'main' });
  await assert.rejects(store.open(drill), { code: 'history-rejected', message: /#main is no history: it holds 1 files/ });
  // A failover is not called off because somebody forced something else there.
  const going = await machine(join(here, 'b'), origin, { branch: 'main' });
  const { execution } = await going.store.open(recovery);
  const journal = await execution.journal('waves/w1', 'set-aside');
  await journal.append({ type: 'wave-started', servers: [] });
  await journal.close();
  assert.match(going.warnings[0]?.message ?? '', /#main is no history: .*; the recovery goes on/);
  assert.equal((await going.store.close())?.code, 'history-rejected');
  assert.equal(gitIn(origin, 'rev-parse', 'main').trim(), commit);
});

test('of two verdicts the later one stays, whoever writes last', async () => {
  const here = place();
  const origin = bareRepository(here);
  const [a, b] = await Promise.all(['a', 'b'].map((name) => machine(join(here, name), origin)));
  assert.ok(a !== undefined && b !== undefined);
  const [one, other] = [await a.store.open(recovery), await b.store.open(recovery)];
  const verdict = (verdict: 'failed' | 'succeeded', at: number) => ({ verdict, reason: OK, at });
  const journal = await one.execution.journal('waves/data', 'set-aside');
  await one.execution.conclude(verdict('failed', 10));
  await appendAll(journal, intent('k1'));
  await other.execution.conclude(verdict('succeeded', 20));
  await appendAll(await other.execution.journal('waves/web', 'set-aside'), intent('k2'));
  await appendAll(journal, intent('k3'));
  await one.execution.conclude(verdict('failed', 15));
  await appendAll(journal, intent('k4'));
  assert.equal(JSON.parse(onBranch(origin, 'webshop/recovery-1/execution.json')).verdict.verdict, 'succeeded');
  assert.match(onBranch(origin, 'README.md'), /\[recovery-1\]\(webshop\/recovery-1\) \| succeeded \|/);
});

test('no simulated time passes while git is at work', async () => {
  const here = place();
  const origin = bareRepository(here);
  const clock = new VirtualClock(1_000);
  const { store } = await machine(join(here, 'a'), origin, { clock });
  let over = false;
  // Somebody always has something to do a millisecond later.
  const others = (async () => {
    while (!over) await clock.sleep(1);
  })();
  const still = async (work: () => Promise<unknown>) => {
    const before = clock.now();
    await work();
    // What is already due, and the turns between two commands.
    assert.ok(clock.now() - before <= 2, `${clock.now() - before} ms`);
  };
  const { execution } = await store.open(drill);
  const journal = await execution.journal('waves/data', 'refuse');
  await still(() => journal.append(intent('k1')));
  await still(() => Promise.all([journal.append(begin), execution.read()]));
  await journal.close();
  await still(() => store.close());
  over = true;
  await others;
});
