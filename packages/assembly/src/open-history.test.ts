import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '@breakwater/core';
import { type ExecutionHeader, foldExecution, type Reason } from '@breakwater/history';
import { type HistorySurroundings, openHistory, signatures } from './open-history.ts';
import { pushHistory } from './push-history.ts';

const root = mkdtempSync(join(tmpdir(), 'breakwater-open-'));
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const folder = () => join(root, String(count++));

function header(mode: ExecutionHeader['mode']): ExecutionHeader {
  const objectives = { rto: 1, rpo: 1 };
  const plan = { name: 'webshop', digest: 'd'.repeat(64), owner: 'o', tier: 1, objectives, waves: [], definition: {} };
  return {
    schema: 'breakwater.execution/1',
    id: `${mode}-1`,
    mode,
    createdAt: 0,
    actor: 'ann',
    tool: 't',
    simulated: false,
    plan,
  };
}

function surroundings(changes: Partial<HistorySurroundings> = {}): HistorySurroundings & { readonly warnings: Reason[] } {
  const warnings: Reason[] = [];
  return {
    clock: systemClock,
    actor: 'ann',
    onGithub: false,
    simulated: false,
    purpose: 'drill',
    environment: process.env,
    warn: (reason) => warnings.push(reason),
    warnings,
    ...changes,
  };
}

function origin(): string {
  const path = `${folder()}.git`;
  execFileSync('git', ['init', '--quiet', '--bare', path]);
  return path;
}

test('a folder alone needs no git and leaves nothing behind', async () => {
  const history = folder();
  const { store, place, close } = await openHistory({ history }, surroundings({ environment: { PATH: '/nowhere' } }));
  await store.open(header('drill'));
  assert.equal(place, history);
  assert.equal(await close(), undefined);
});

test('with a branch the locks are kept where the history is shared', async () => {
  const remote = origin();
  const branch = { name: 'dr-history', remote };
  const [one, other] = await Promise.all([1, 2].map(() => openHistory({ history: folder(), branch }, surroundings())));
  assert.equal(one?.place, `${remote}#dr-history`);
  const target = { kind: 'server', account: '111122223333', region: 'us-west-2', id: 's-1' } as const;
  const owner = (execution: string) =>
    ({ execution, plan: 'p', mode: 'drill', actor: 'ann', host: 'h', at: '2026-01-01T00:00:00Z' }) as const;
  assert.deepEqual(await one?.locks.take([target], owner('a')), []);
  assert.deepEqual(
    (await other?.locks.take([target], owner('b')))?.map((held) => held.owner.execution),
    ['a'],
  );
});

test('without git a drill is refused; a recovery goes on with the folder, says so in its record, and joins later', async () => {
  const history = folder();
  const remote = origin();
  const place = { history, branch: { name: 'dr-history', remote } };
  const environment = { PATH: '/nowhere' };
  await assert.rejects(openHistory(place, surroundings({ environment })), {
    code: 'history-unreachable',
    message: /no git on this machine/,
  });
  const around = surroundings({ environment, purpose: 'recovery' });
  const { store, close } = await openHistory(place, around);
  const { execution } = await store.open(header('recovery'));
  assert.deepEqual(
    around.warnings.map(({ code }) => code),
    ['history-unreachable'],
  );
  const run = await execution.journal('runs/run-1', 'set-aside');
  await run.append({ type: 'run-started', run: 'run-1', resumed: false, waves: [], actor: 'ann', tool: 't', approvals: [] });
  await run.close();
  const { streams } = await execution.read();
  assert.deepEqual(
    streams.get('runs/run-1')?.map(({ type }) => type),
    ['history-unreachable', 'run-started'],
  );
  assert.equal(foldExecution(execution.header, streams).runs[0]?.run, 'run-1');
  assert.match((await close())?.next ?? '', /breakwater history push/);

  const joined = await pushHistory(
    { history, branch: place.branch, diverged: 'refuse', actor: 'ann', onGithub: false },
    { clock: systemClock, environment: process.env, warn: () => undefined },
  );
  assert.deepEqual(
    joined.executions.map(({ id, state }) => [id, state]),
    [['recovery-1', 'joined']],
  );
});

test('a remote that is none, and a branch that cannot be one, are refused before anything is sent', async () => {
  for (const branch of [
    { name: 'dr-history', remote: 'ext::sh -c date' },
    { name: '--all', remote: origin() },
    { name: 'a..b', remote: origin() },
    { name: 'HEAD', remote: origin() },
    { name: 'x.lock', remote: origin() },
    { name: 'a b\n', remote: origin() },
  ]) {
    for (const purpose of ['drill', 'recovery', 'read'] as const)
      await assert.rejects(openHistory({ history: folder(), branch }, surroundings({ purpose })), { code: 'usage' });
  }
});

test('commits are by the person who asks; away from GitHub they never pass for the user of that name there', () => {
  assert.deepEqual(signatures('ann', true), {
    author: { name: 'ann', email: 'ann@users.noreply.github.com' },
    committer: { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' },
  });
  assert.deepEqual(signatures('Ann Smith', false), {
    author: { name: 'Ann Smith', email: 'Ann-Smith@noreply.invalid' },
    committer: { name: 'Breakwater', email: 'breakwater@noreply.invalid' },
  });
  assert.equal(signatures('github-actions[bot]', true).author.email, '41898282+github-actions[bot]@users.noreply.github.com');
});
