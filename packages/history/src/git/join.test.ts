import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@breakwater/core';
import type { JournalEvent } from '../events.ts';
import type { ExecutionHeader } from '../execution.ts';
import { foldExecution } from '../fold.ts';
import { folderStore } from '../folder-store.ts';
import { localBranch } from '../git-source.ts';
import { folderSource } from '../record-source.ts';
import { header, OK, wavesNamed } from '../testing/records.ts';
import { verifyHistory } from '../verify.ts';
import { joinHistory } from './join.ts';
import { GitRemote } from './remote.ts';
import { ANN, bareRepository, gitIn, machine, onBranch, quickPace, temporaryFolder } from './testing/machine.ts';

const root = temporaryFolder();
let count = 0;
const stage = () => {
  const here = join(root, String(count++));
  mkdirSync(here);
  return { here, origin: bareRepository(here), laptop: join(here, 'laptop') };
};
const begin: JournalEvent = { type: 'wave-started', servers: [] };
const end: JournalEvent = { type: 'wave-finished', status: 'succeeded', reason: OK };
const recovery = header(wavesNamed('data'), { mode: 'recovery', id: 'recovery-1' });

/** An execution in a folder alone, concluded and sealed. */
async function alone(folder: string, about: ExecutionHeader, ...events: readonly JournalEvent[]): Promise<void> {
  const store = folderStore(folder, { clock: systemClock, owner: 'ann' });
  const { execution } = await store.open(about);
  await execution.reopen('ann');
  const journal = await execution.journal('waves/data', 'set-aside');
  for (const event of events) await journal.append(event);
  await journal.close();
  await execution.conclude({ verdict: 'succeeded', reason: OK, at: Date.now() });
  await execution.writeFile('report.md', `# ${about.id}\n`);
  await execution.seal({ tool: 't', by: 'ann', at: Date.now() });
}

async function push(folder: string, origin: string, diverged: 'refuse' | 'keep-both' = 'refuse') {
  const remote = await GitRemote.open({
    folder: join(folder, '.git-branch'),
    remote: origin,
    clock: systemClock,
    environment: process.env,
  });
  return joinHistory({
    root: folder,
    remote,
    branch: 'dr-history',
    clock: systemClock,
    owner: 'ann on laptop',
    author: ANN,
    committer: ANN,
    warn: () => undefined,
    diverged,
    facts: { tool: 't', by: 'ann' },
    pace: quickPace(),
  });
}

/** The whole branch, with all of its commits. */
async function verified(origin: string) {
  const source = await localBranch('dr-history', { cwd: origin, clock: systemClock, environment: process.env });
  assert.ok(source !== undefined);
  const found = await verifyHistory(source);
  const wrong = [...found.findings, ...found.executions.flatMap(({ findings }) => findings)];
  assert.deepEqual(wrong, []);
  assert.equal(found.sound, true);
  return found;
}

test('a record that was kept without the network joins the branch, once, and verifies', async () => {
  const { origin, laptop } = stage();
  await alone(laptop, recovery, begin, end);
  await alone(laptop, header(wavesNamed('data'), { id: 'drill-7' }), begin, end);
  const { executions, place, commit } = await push(laptop, origin);
  assert.deepEqual(
    executions.map(({ id, state }) => [id, state]),
    [
      ['drill-7', 'joined'],
      ['recovery-1', 'joined'],
    ],
  );
  assert.equal(place, `${origin}#dr-history`);
  assert.equal(commit, gitIn(origin, 'rev-parse', 'dr-history').trim());
  assert.match(
    gitIn(origin, 'log', '-1', '--format=%B', 'dr-history'),
    /^history: 2 executions joined by ann on laptop\n\n- drill-7 joined\n- recovery-1 joined\n/,
  );
  assert.match(onBranch(origin, 'README.md'), /recovery-1.*\n.*drill-7|drill-7.*\n.*recovery-1/);
  assert.match(onBranch(origin, 'webshop/recovery-1/report.md'), /recovery-1/);
  const found = await verified(origin);
  assert.deepEqual([found.executions.length, found.ledger.entries], [2, 2]);
  const again = await push(laptop, origin);
  assert.deepEqual([...new Set(again.executions.map(({ state }) => state))], ['known']);
  assert.equal(again.commit, commit);
});

test('what others did meanwhile stays, and comes here', async () => {
  const { here, origin, laptop } = stage();
  await alone(join(here, 'b'), header(wavesNamed('data'), { id: 'drill-b' }), begin, end);
  await push(join(here, 'b'), origin);
  await alone(laptop, recovery, begin);
  await push(laptop, origin);
  await alone(laptop, recovery, end);
  const { executions } = await push(laptop, origin);
  assert.deepEqual(executions, [{ plan: 'webshop', id: 'recovery-1', state: 'continued', keptBoth: [] }]);
  const found = await verified(origin);
  assert.deepEqual(
    found.executions.map(({ execution, state }) => [execution, state]),
    [
      ['drill-b', 'sealed'],
      ['recovery-1', 'sealed'],
    ],
  );
});

test('damage is not pushed, a line torn at the end stays behind', async () => {
  const { origin, laptop } = stage();
  await alone(laptop, recovery, begin, end);
  const path = join(laptop, 'webshop', 'recovery-1', 'waves', 'data.jsonl');
  const good = readFileSync(path, 'utf8');
  writeFileSync(path, good.replace('succeeded', 'SUCCEEDED'));
  await assert.rejects(push(laptop, origin), {
    code: 'history-corrupt',
    message: /data\.jsonl was damaged or altered at line 2/,
  });
  assert.equal(gitIn(origin, 'for-each-ref'), '');
  writeFileSync(path, good);
  appendFileSync(path, '{"v":1,');
  await push(laptop, origin);
  assert.equal(onBranch(origin, 'webshop/recovery-1/waves/data.jsonl'), good);
  writeFileSync(join(laptop, 'webshop', 'recovery-1', 'execution.json'), '{}');
  await assert.rejects(push(laptop, origin), { code: 'history-corrupt', message: /execution\.json/ });
});

test('a failover that began in GitHub and ended on a laptop: refused with the way out, and then both are kept and verify', async () => {
  const { here, origin, laptop } = stage();
  const { store } = await machine(join(here, 'github'), origin);
  const { execution } = await store.open(recovery);
  const journal = await execution.journal('waves/data', 'set-aside');
  await journal.append(begin);
  await journal.close();
  await store.close();
  await alone(laptop, recovery, begin, end);
  const before = gitIn(origin, 'rev-parse', 'dr-history');
  await assert.rejects(push(laptop, origin), { code: 'history-corrupt', next: /--keep-both/ });
  assert.equal(gitIn(origin, 'rev-parse', 'dr-history'), before);
  const { executions } = await push(laptop, origin, 'keep-both');
  assert.deepEqual(executions, [
    { plan: 'webshop', id: 'recovery-1', state: 'continued', keptBoth: ['webshop/recovery-1/waves/data.jsonl'] },
  ]);
  assert.match(onBranch(origin, 'webshop/recovery-1/waves/data.jsonl'), /wave-finished/);
  assert.match(onBranch(origin, 'webshop/recovery-1/waves/data.damaged-1.jsonl'), /wave-started/);
  assert.match(onBranch(origin, 'webshop/recovery-1/execution.json'), /"verdict": "succeeded"/);
  const [found] = (await verified(origin)).executions;
  assert.equal(found?.state, 'sealed');
  assert.deepEqual(
    (await push(laptop, origin)).executions.map(({ state }) => state),
    ['known'],
  );
});

test('of a failover that went on in two places the record says so, and who kept both', async () => {
  const { here, origin, laptop } = stage();
  const { store } = await machine(join(here, 'github'), origin);
  const { execution } = await store.open(recovery);
  const journal = await execution.journal('waves/data', 'set-aside');
  await journal.append(begin);
  await journal.close();
  await store.close();
  await alone(laptop, recovery, begin, end);
  await push(laptop, origin, 'keep-both');
  await verified(origin);
  const found = await folderStore(laptop, { clock: systemClock, owner: 'eve' }).find(recovery.id);
  assert.ok(found !== undefined);
  const { streams, problems } = await found.read();
  const told = `waves/data: data.damaged-1.jsonl was set aside: it went on in two places, on this machine and on ${origin}#dr-history; ann on laptop kept both, and the one that was written to last counts`;
  assert.deepEqual(problems, [told]);
  assert.deepEqual(foldExecution(found.header, streams, problems).problems, [told]);
});

test('a failover that only its header began in GitHub verifies after it was joined: it is sealed with the header that stays', async () => {
  const { here, origin, laptop } = stage();
  const { store } = await machine(join(here, 'github'), origin);
  await store.open({ ...recovery, actor: 'octocat', createdAt: recovery.createdAt - 60_000 });
  await store.close();
  await alone(laptop, recovery, begin, end);
  const { executions } = await push(laptop, origin);
  assert.deepEqual(executions, [{ plan: 'webshop', id: 'recovery-1', state: 'continued', keptBoth: [] }]);
  assert.match(onBranch(origin, 'webshop/recovery-1/execution.json'), /"actor": "octocat"/);
  const [found] = (await verified(origin)).executions;
  assert.equal(found?.state, 'sealed');
  assert.match(
    found?.notes.join() ?? '',
    /execution\.json is not the one that it had when it was sealed at .* by ann: two machines/,
  );
  assert.equal((await verifyHistory(folderSource(laptop))).sound, true);
  assert.deepEqual(
    (await push(laptop, origin)).executions.map(({ state }) => state),
    ['known'],
  );
});

test('what was written here and there of one execution is sealed together when it is joined', async () => {
  const { here, origin, laptop } = stage();
  const other = join(here, 'other');
  for (const [folder, run] of [
    [other, 'run-gh'],
    [laptop, 'run-1'],
  ] as const) {
    const { execution } = await folderStore(folder, { clock: systemClock, owner: 'ann' }).open(recovery);
    const journal = await execution.journal(`runs/${run}`, 'refuse');
    await journal.append(begin);
    await journal.close();
    await execution.conclude({ verdict: 'succeeded', reason: OK, at: Date.now() });
    await execution.seal({ tool: 't', by: 'ann', at: Date.now() });
    await push(folder, origin);
  }
  const [found] = (await verified(origin)).executions;
  assert.equal(found?.state, 'sealed');
});

test('what was altered before it was joined is not made good by a new seal', async () => {
  const { here, origin, laptop } = stage();
  const { store } = await machine(join(here, 'github'), origin);
  await store.open({ ...recovery, actor: 'octocat' });
  await store.close();
  await alone(laptop, recovery, begin, end);
  writeFileSync(join(laptop, 'webshop', 'recovery-1', 'report.md'), 'all is well');
  await push(laptop, origin);
  const source = await localBranch('dr-history', { cwd: origin, clock: systemClock, environment: process.env });
  assert.ok(source !== undefined);
  assert.match(JSON.stringify((await verifyHistory(source)).executions), /report\.md.*it is not as it was sealed/);
});

test('a line that a crash tore in a journal that no later run opened is mended before the seal, and verifies everywhere', async () => {
  const { origin, laptop } = stage();
  const { execution } = await folderStore(laptop, { clock: systemClock, owner: 'ann' }).open(recovery);
  const journal = await execution.journal('runs/run-1', 'refuse');
  await journal.append(begin);
  await journal.close();
  appendFileSync(join(execution.place, 'runs', 'run-1.jsonl'), '{"v":1,');
  await alone(laptop, recovery, begin, end);
  assert.equal((await verifyHistory(folderSource(laptop))).sound, true);
  await push(laptop, origin);
  const [found] = (await verified(origin)).executions;
  assert.equal(found?.state, 'sealed');
  assert.match(onBranch(origin, 'webshop/recovery-1/runs/run-1.jsonl'), /"type":"tail-repaired"/);
});

test('a line torn while another process writes its journal keeps nobody from sealing', async () => {
  const { laptop } = stage();
  const { execution } = await folderStore(laptop, { clock: systemClock, owner: 'ann' }).open(recovery);
  const journal = await execution.journal('runs/run-1', 'refuse');
  await journal.append(begin);
  const path = join(execution.place, 'runs', 'run-1.jsonl');
  const whole = readFileSync(path, 'utf8');
  appendFileSync(path, '{"v":1,');
  await alone(laptop, recovery, begin, end);
  assert.equal(readFileSync(path, 'utf8'), `${whole}{"v":1,`);
  await journal.close();
});

test('two executions that somebody gave one id are not mixed: nothing is pushed, and nothing here is touched', async () => {
  const { here, origin, laptop } = stage();
  await alone(join(here, 'other'), header(wavesNamed('data'), { id: recovery.id }), begin, end);
  await push(join(here, 'other'), origin);
  const before = gitIn(origin, 'rev-parse', 'dr-history');
  for (const about of [recovery, { ...recovery, mode: 'drill', plan: { ...recovery.plan, digest: 'e'.repeat(64) } }] as const) {
    const folder = join(laptop, about.mode);
    await alone(folder, about, begin);
    for (const how of ['refuse', 'keep-both'] as const) {
      await assert.rejects(push(folder, origin, how), {
        code: 'execution-mismatch',
        message: /webshop\/recovery-1 here and on .*#dr-history are two executions of one id/,
      });
    }
    assert.equal((await verifyHistory(folderSource(folder))).sound, true);
  }
  assert.equal(gitIn(origin, 'rev-parse', 'dr-history'), before);
  await verified(origin);
});

test('a recovery that was alone and comes back to another execution of its id leaves that one as it is', async () => {
  const { here, origin, laptop } = stage();
  await alone(join(here, 'other'), recovery, begin, end);
  await push(join(here, 'other'), origin);
  renameSync(origin, `${origin}.away`);
  const going = await machine(laptop, origin);
  const { execution } = await going.store.open({ ...recovery, plan: { ...recovery.plan, digest: 'e'.repeat(64) } });
  const journal = await execution.journal('waves/data', 'set-aside');
  await journal.append(begin);
  renameSync(`${origin}.away`, origin);
  await journal.append(end);
  await journal.close();
  assert.notEqual(await going.store.close(), undefined);
  await verified(origin);
  assert.equal((await verifyHistory(folderSource(laptop))).sound, true);
});

test('a journal that was opened and never written is nothing to join', async () => {
  const { origin, laptop } = stage();
  await alone(laptop, recovery, begin, end);
  await push(laptop, origin);
  writeFileSync(join(laptop, 'webshop', 'recovery-1', 'finally.jsonl'), '');
  assert.deepEqual(
    (await push(laptop, origin)).executions.map(({ state }) => state),
    ['known'],
  );
});

test('without the remote nothing is joined and nothing lost', async () => {
  const { origin, laptop } = stage();
  await alone(laptop, recovery, begin);
  renameSync(origin, `${origin}.away`);
  await assert.rejects(push(laptop, origin), { code: 'history-unreachable' });
  renameSync(`${origin}.away`, origin);
  assert.deepEqual(
    (await push(laptop, origin)).executions.map(({ state }) => state),
    ['joined'],
  );
});

test('an empty folder has nothing to join, and makes no branch', async () => {
  const { origin, laptop } = stage();
  mkdirSync(laptop);
  assert.deepEqual(await push(laptop, origin), { place: `${origin}#dr-history`, executions: [] });
  assert.equal(gitIn(origin, 'for-each-ref'), '');
});

test('a checkout by a git that turns line ends verifies as a folder', async () => {
  const { here, origin, laptop } = stage();
  await alone(laptop, recovery, begin, end);
  await push(laptop, origin);
  const checkout = join(here, 'checkout');
  const git = (...words: readonly string[]) =>
    execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  git('-c', 'core.autocrlf=true', 'clone', '--quiet', '--branch', 'dr-history', origin, checkout);
  assert.equal((await verifyHistory(folderSource(checkout))).sound, true);
});

test('of a branch that somebody looked at once, the fetched one is read that continues it; not one that does not', async () => {
  const { here, origin, laptop } = stage();
  await alone(laptop, recovery, begin, end);
  await push(laptop, origin);
  const clone = join(here, 'clone');
  const git = (...words: readonly string[]) =>
    execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  git('clone', '--quiet', '--branch', 'dr-history', origin, clone);
  const at = { cwd: clone, clock: systemClock, environment: process.env };
  await alone(laptop, header(wavesNamed('data'), { id: 'drill-7' }), begin, end);
  await push(laptop, origin);
  git('-C', clone, 'fetch', '--quiet', 'origin');
  const newer = await localBranch('dr-history', at);
  assert.match(newer?.place ?? '', /^refs\/remotes\/origin\/dr-history of /);
  assert.equal(newer?.commit, gitIn(origin, 'rev-parse', 'dr-history').trim());
  git('-C', clone, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '--quiet', '--allow-empty', '-m', 'mine');
  assert.match((await localBranch('dr-history', at))?.place ?? '', /^refs\/heads\/dr-history of /);
});
