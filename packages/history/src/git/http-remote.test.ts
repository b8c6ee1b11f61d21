import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@breakwater/core';
import type { JournalEvent } from '../events.ts';
import { header, wavesNamed } from '../testing/records.ts';
import { GitRemote } from './remote.ts';
import { httpRemote } from './testing/http-remote.ts';
import { bareRepository, gitIn, type Machine, machine, onBranch, temporaryFolder } from './testing/machine.ts';
import { UPLINK_PATIENCE } from './uplink-patience.ts';

const TOKEN = 'ghs_0123456789abcdefSECRET';
const BASIC = `basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`;
const intent: JournalEvent = { type: 'intent', step: 'recover', operation: 'drs:StartRecovery', key: 'k', detail: {} };
const drill = header(wavesNamed('data'));
const recovery = header(wavesNamed('data'), { mode: 'recovery', id: 'recovery-1' });

async function stage() {
  const root = temporaryFolder();
  const origin = bareRepository(root);
  const server = await httpRemote(root);
  return { root, origin, server };
}

/** A machine that has a token, and notes what it starts: every git with its words and its environment. */
async function withToken(
  root: string,
  url: string,
  token: string | undefined,
): Promise<Machine & { readonly calls: () => string }> {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  const log = join(root, 'calls');
  const real = (process.env['PATH'] ?? '').split(':').find((folder) => existsSync(join(folder, 'git'))) ?? '';
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho "$@" >> "${log}"\nexec ${join(real, 'git')} "$@"\n`, { mode: 0o755 });
  const environment = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, GIT_TRACE_CURL: '1', GIT_TRACE: '1' };
  const local = join(root, 'local');
  const folder = join(local, '.git-branch');
  const remote = await GitRemote.open({
    folder,
    remote: url,
    clock: systemClock,
    environment,
    ...(token === undefined ? {} : { token }),
  });
  return { ...(await machine(local, url, { remote })), calls: () => readFileSync(log, 'utf8') };
}

function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

test('a token goes to its address in a header, and into no argument, file or message', async () => {
  const { root, origin, server } = await stage();
  server.demand = BASIC;
  const { store, calls } = await withToken(root, server.url, TOKEN);
  const { execution } = await store.open(drill);
  const journal = await execution.journal('waves/data', 'refuse');
  await journal.append(intent);
  await journal.close();
  assert.equal(await store.close(), undefined);
  assert.match(onBranch(origin, 'webshop/drill-1/waves/data.jsonl'), /StartRecovery/);
  assert.deepEqual([...new Set(server.seen.map(({ authorization }) => authorization))], [BASIC]);
  assert.match(calls(), /^push /m);
  for (const text of [calls(), filesBelow(join(root, 'local'))]) {
    assert.ok(!text.includes(TOKEN) && !text.includes(BASIC.slice('basic '.length)));
  }
});

test('a refused token is named as what it is, in a drill and while a recovery goes on', async () => {
  const { root, server } = await stage();
  server.demand = BASIC;
  const wrong = await withToken(root, server.url, 'ghs_wrong');
  await assert.rejects(wrong.store.open(drill), (error: Error & { code?: string; next?: string }) => {
    assert.equal(error.code, 'history-rejected');
    assert.match(error.next ?? '', /contents: write/);
    return !error.message.includes('ghs_wrong');
  });
  // Reading is allowed, writing is not: the token of a job without contents: write.
  server.demand = undefined;
  server.mood = (path) => (path.includes('receive-pack') ? 403 : 'well');
  await assert.rejects(wrong.store.open(drill), { code: 'history-rejected' });
  const { execution } = await wrong.store.open(recovery);
  const run = await execution.journal('runs/run-1', 'set-aside');
  await run.append(intent);
  assert.deepEqual(
    run.lines().map((line) => (line.type === 'history-unreachable' ? line.reason.code : line.type)),
    ['history-rejected', 'intent'],
  );
  await run.close();
  assert.equal((await wrong.store.close())?.code, 'history-rejected');
});

test('a server that fails or hangs up for a while holds a drill up, and does not stop it', async () => {
  const { root, origin, server } = await stage();
  let left = 3;
  server.mood = () => {
    if (left === 0) return 'well';
    left -= 1;
    return left === 1 ? 'hang-up' : 503;
  };
  const { store, warnings } = await machine(join(root, 'a'), server.url);
  const { execution } = await store.open(drill);
  const journal = await execution.journal('waves/data', 'refuse');
  left = 2;
  await journal.append(intent);
  assert.match(onBranch(origin, 'webshop/drill-1/waves/data.jsonl'), /StartRecovery/);
  assert.deepEqual(
    warnings.map(({ code, message }) => [code, /trying again/.test(message)]),
    [
      ['history-unreachable', true],
      ['history-unreachable', true],
    ],
  );
  await journal.close();
  assert.equal(await store.close(), undefined);
});

test('a server that does not answer costs a recovery its patience once, and a drill that was answered late nothing', async () => {
  const { root, origin, server } = await stage();
  const patience = { ...UPLINK_PATIENCE, recovery: 1_500, last: 20_000, exchange: { drill: 20_000, recovery: 3_000 } };
  const { store, warnings } = await machine(join(root, 'a'), server.url, { patience });
  const { execution } = await store.open(recovery);
  const journal = await execution.journal('waves/data', 'set-aside');
  server.mood = () => 'silent';
  const began = Date.now();
  for (const key of ['a', 'b', 'c', 'd']) await journal.append({ ...intent, key });
  const took = Date.now() - began;
  assert.ok(took >= 1_400 && took < 4_500, `${took} ms`);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['history-unreachable'],
  );
  assert.match(warnings[0]?.message ?? '', /did not take our lines within 1.5 s; the recovery goes on/);
  server.mood = () => 'well';
  await journal.close();
  assert.equal(await store.close(), undefined);
  assert.equal(onBranch(origin, 'webshop/recovery-1/waves/data.jsonl').trim().split('\n').length, 4);
});

test('a push whose answer was lost is not made twice', async () => {
  const { root, origin, server } = await stage();
  const { store } = await machine(join(root, 'a'), server.url);
  const { execution } = await store.open(drill);
  const journal = await execution.journal('waves/data', 'refuse');
  // The push arrives; the answer does not.
  const { store: other } = await machine(join(root, 'b'), origin);
  let once = true;
  server.mood = (path) => {
    if (!once || !path.endsWith('/git-receive-pack')) return 'well';
    once = false;
    return 'swallow';
  };
  await journal.append(intent);
  await journal.close();
  assert.equal(await store.close(), undefined);
  const found = await other.find('drill-1');
  assert.equal((await found?.read())?.streams.get('waves/data')?.length, 1);
  const subjects = gitIn(origin, 'log', '--format=%s', 'dr-history').trim().split('\n');
  assert.equal(new Set(subjects).size, subjects.length);
});

test('the witness costs no exchange of its own: one for the first look, one a push', async () => {
  const { root, server } = await stage();
  const first = await machine(join(root, 'a'), server.url);
  await first.store.open(drill);
  assert.equal(await first.store.close(), undefined);
  server.seen.length = 0;
  const { store } = await machine(join(root, 'b'), server.url);
  const { execution } = await store.open(drill);
  const journal = await execution.journal('waves/data', 'refuse');
  for (const key of ['a', 'b']) await journal.append({ ...intent, key });
  await journal.close();
  assert.equal(await store.close(), undefined);
  const asked = server.seen.map(({ path }) => path.slice('/origin.git/'.length));
  // What git's protocol takes for a fetch, and for two pushes.
  assert.deepEqual(asked, [
    'info/refs?service=git-upload-pack',
    ...['git-upload-pack', 'git-upload-pack'],
    ...['info/refs?service=git-receive-pack', 'git-receive-pack'],
    ...['info/refs?service=git-receive-pack', 'git-receive-pack'],
  ]);
});
