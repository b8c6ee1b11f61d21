import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '@breakwater/core';
import { listTree, readBlobs, resolveRef, writeBlob, writeCommit } from './objects.ts';
import { GitRemote } from './remote.ts';

const root = mkdtempSync(join(tmpdir(), 'breakwater-git-'));
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

function bare(): string {
  const path = join(root, `origin-${count++}.git`);
  execFileSync('git', ['init', '--quiet', '--bare', path]);
  return path;
}

const open = (remote: string, more: { readonly environment?: Record<string, string | undefined>; readonly cwd?: string } = {}) =>
  GitRemote.open({
    folder: join(root, `own-${count++}`, '.git-branch'),
    remote,
    clock: systemClock,
    environment: process.env,
    ...more,
  });

const author = { name: 'ann <x>\n', email: 'ann@users.noreply.github.com' };
const committer = { name: 'Breakwater', email: 'breakwater@noreply.invalid' };
const commit = (remote: GitRemote, parent: string | undefined, files: Record<string, string | undefined>) =>
  writeCommit(remote.git, {
    parent,
    files: new Map(Object.entries(files)),
    message: 'webshop: begun\n\nmore',
    author,
    committer,
    at: 1_700_000_000_000,
    ref: 'refs/breakwater/next',
  });

test('commits are made without a working tree, and change only the files that are named', async () => {
  const remote = await open(bare());
  const first = await commit(remote, undefined, { 'a/b.txt': 'one\n', 'a b/ü".txt': 'two', gone: 'x' });
  const second = await commit(remote, first, { 'a/b.txt': 'one\nmore\n', gone: undefined });
  assert.deepEqual(
    (await listTree(remote.git, second)).map(({ path }) => path),
    ['a b/ü".txt', 'a/b.txt'],
  );
  const [changed, missing, kept] = await readBlobs(remote.git, [`${second}:a/b.txt`, `${second}:gone`, `${second}:a b/ü".txt`]);
  assert.equal(changed?.toString(), 'one\nmore\n');
  assert.equal(missing, undefined);
  assert.equal(kept?.toString(), 'two');
  const told = execFileSync('git', ['-C', remote.git.folder, 'log', '--format=%an|%ae|%at|%cn|%s', second], { encoding: 'utf8' });
  assert.equal(told.split('\n')[0], 'ann x|ann@users.noreply.github.com|1700000000|Breakwater|webshop: begun');
  // A first commit never continues what the reference held.
  const orphan = await commit(remote, undefined, { only: '1' });
  assert.deepEqual(
    (await listTree(remote.git, orphan)).map(({ path }) => path),
    ['only'],
  );
});

test('of two who push upon the same tip one is told that it moved, and nothing is lost', async () => {
  const origin = bare();
  const [a, b] = [await open(origin), await open(origin)];
  const ref = 'refs/heads/dr-history';
  const ca = await commit(a, undefined, { a: '1' });
  const cb = await commit(b, undefined, { b: '1' });
  assert.deepEqual(await a.push([{ ref, to: ca }]), { state: 'pushed' });
  assert.deepEqual(await b.push([{ ref, to: cb }]), { state: 'moved', refs: [ref] });
  assert.deepEqual([...(await b.refs([ref]))], [[ref, ca]]);
  await b.fetch([`+${ref}:refs/breakwater/tip`]);
  assert.equal(await resolveRef(b.git, 'refs/breakwater/tip'), ca);
  assert.deepEqual(await b.push([{ ref, to: await commit(b, ca, { b: '1' }) }]), { state: 'pushed' });
});

test('references of any kind are created and deleted all or none, and only where they are expected', async () => {
  const origin = bare();
  const remote = await open(origin);
  const [one, two] = [await writeBlob(remote.git, 'one'), await writeBlob(remote.git, 'two')];
  const lock = (name: string) => `refs/breakwater/locks/${name}`;
  assert.deepEqual(await remote.push([{ ref: lock('b'), to: one, expected: 'absent' }]), { state: 'pushed' });
  const both = [lock('a'), lock('b')].map((ref) => ({ ref, to: two, expected: 'absent' }));
  assert.deepEqual(await remote.push(both), { state: 'moved', refs: [lock('b')] });
  assert.deepEqual([...(await remote.refs(['refs/breakwater/locks/*']))], [[lock('b'), one]]);
  assert.deepEqual(await remote.push([{ ref: lock('b'), to: undefined, expected: two }]), { state: 'moved', refs: [lock('b')] });
  assert.deepEqual(await remote.push([{ ref: lock('b'), to: undefined, expected: one }]), { state: 'pushed' });
  assert.equal((await remote.refs(['refs/*'])).size, 0);
});

test('hooks and settings of the user play no part', async () => {
  const home = join(root, 'home');
  mkdirSync(join(home, 'hooks'), { recursive: true });
  writeFileSync(
    join(home, '.gitconfig'),
    `[core]\n\thooksPath = ${join(home, 'hooks')}\n[push]\n\tgpgSign = true\n\tpushOption = ci.skip\n[init]\n\tdefaultObjectFormat = sha256\n[user]\n\tuseConfigOnly = true\n`,
  );
  for (const hook of ['pre-push', 'reference-transaction', 'post-index-change']) {
    // A remote on the same machine has hooks of its own, and the same settings: that is its business.
    writeFileSync(join(home, 'hooks', hook), '#!/bin/sh\ncase $PWD$GIT_DIR in *own-*) exit 1;; esac\n');
    chmodSync(join(home, 'hooks', hook), 0o755);
  }
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_DIR: '/nowhere',
    GIT_INDEX_FILE: '/nowhere',
    LANG: 'de_DE.UTF-8',
  };
  const remote = await open(bare(), { environment });
  const made = await commit(remote, undefined, { a: '1' });
  assert.deepEqual(await remote.push([{ ref: 'refs/heads/x', to: made }]), { state: 'pushed' });
});

test('a remote that is gone is unreachable; one that refuses by a hook has declined', async () => {
  const origin = bare();
  const remote = await open(origin);
  const made = await commit(remote, undefined, { a: '1' });
  renameSync(origin, `${origin}.away`);
  await assert.rejects(remote.refs(['refs/*']), { code: 'history-unreachable' });
  await assert.rejects(remote.fetch(['+refs/heads/x:refs/x']), { code: 'history-unreachable' });
  await assert.rejects(remote.push([{ ref: 'refs/heads/x', to: made }]), { code: 'history-unreachable' });
  renameSync(`${origin}.away`, origin);
  writeFileSync(join(origin, 'hooks', 'update'), '#!/bin/sh\necho "not on a Friday" >&2\nexit 1\n', { mode: 0o755 });
  const declined = await remote.push([{ ref: 'refs/heads/x', to: made }]);
  assert.equal(declined.state, 'declined');
  assert.match(declined.state === 'declined' ? declined.said : '', /hook declined|not on a Friday/);
  writeFileSync(
    join(origin, 'hooks', 'update'),
    '#!/bin/sh\necho "error: GH006: Protected branch update failed for refs/heads/x." >&2\nexit 1\n',
  );
  await assert.rejects(remote.push([{ ref: 'refs/heads/x', to: made }]), {
    code: 'history-rejected',
    message: /protection rule.*GH006/,
  });
});

test('addresses that git would take for a command or an option, or that hold a password, are refused', async () => {
  for (const remote of [
    '--upload-pack=touch x',
    'ext::sh -c date',
    'fd::3',
    '',
    'a\nb',
    'https://u:secret@example.com/x',
    'ftp://x/y',
    'nosuch',
  ]) {
    await assert.rejects(
      open(remote, { cwd: root }),
      (error: Error) => 'code' in error && error.code === 'usage' && !/secret/.test(error.message),
    );
  }
});

test('a token that stands in an address as the name of a user is shown nowhere', async () => {
  const server = createServer((_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const remote = await open(`http://ghp_secret@127.0.0.1:${port}/x.git`);
    assert.equal(remote.url, `http://127.0.0.1:${port}/x.git`);
    await assert.rejects(remote.refs(['refs/*']), (error: Error) => {
      assert.equal('code' in error && error.code, 'history-rejected');
      assert.doesNotMatch(`${error.message} ${'next' in error ? error.next : ''}`, /secret/);
      assert.match(error.message, /127\.0\.0\.1/);
      return true;
    });
  } finally {
    server.close();
  }
});

test('the name of a remote is looked up where the process works', async () => {
  const origin = bare();
  const clone = join(root, 'clone');
  execFileSync('git', ['init', '--quiet', clone]);
  execFileSync('git', ['-C', clone, 'remote', 'add', 'origin', origin]);
  assert.equal((await open('origin', { cwd: clone })).url, origin);
});

test('without git the history is unreachable, and nothing else is wrong', async () => {
  await assert.rejects(open(bare(), { environment: { PATH: '/nowhere' } }), {
    code: 'history-unreachable',
    message: /no git on this machine/,
  });
});

test('a git that somebody else kills is run once more; killed again, the error says by what', async () => {
  const origin = bare();
  const bin = join(root, `bin-${count++}`);
  mkdirSync(bin);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const killOnly = (times: number) => {
    writeFileSync(join(bin, 'left'), 'x'.repeat(times));
    // One character less each time; a push with some left dies as one that a job's end takes along.
    writeFileSync(
      join(bin, 'git'),
      `#!/bin/sh\nif [ "$1" = push ] && [ -s ${bin}/left ]; then\n  left=$(cat ${bin}/left)\n  printf %s "\${left%x}" > ${bin}/left\n  kill -INT $$\nfi\nexec ${real} "$@"\n`,
    );
    chmodSync(join(bin, 'git'), 0o755);
  };
  const remote = await open(origin, { environment: { ...process.env, PATH: `${bin}:${process.env['PATH']}` } });
  const first = await commit(remote, undefined, { a: '1' });
  killOnly(1);
  assert.deepEqual(await remote.push([{ ref: 'refs/heads/h', to: first, expected: 'absent' }]), { state: 'pushed' });
  const second = await commit(remote, first, { a: '2' });
  killOnly(2);
  await assert.rejects(remote.push([{ ref: 'refs/heads/h', to: second, expected: first }]), {
    code: 'history-unreachable',
    message: /git was killed by SIGINT$/,
  });
});
