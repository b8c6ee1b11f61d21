import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { RefusedError, VirtualClock } from '@breakwater/core';
import { isDead, ownIdentity } from './process-identity.ts';
import { lockStream } from './stream-lock.ts';
import { faulty, systemError } from './testing/faulty-disk.ts';
import { START, temporaryFolder } from './testing/records.ts';

const clock = new VirtualClock(START);
const request = (folder: string) => ({
  path: join(folder, 'database.lock'),
  execution: 'drill-1',
  stream: 'waves/database',
  owner: 'sam',
  clock,
});

/** The id of a process that has certainly ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid;
}

function lockHeldBy(folder: string, identity: object): void {
  const holder = { owner: 'alex', at: '2026-11-20T03:00:00.000Z', ...identity };
  writeFileSync(request(folder).path, `${JSON.stringify(holder)}\n`);
}

describe('the lock of a stream', () => {
  test('keeps everybody else out, and names who holds it and what to do', (t) => {
    const folder = temporaryFolder(t);
    const lock = lockStream(request(folder));
    assert.throws(
      () => lockStream(request(folder)),
      (error) => {
        assert.ok(error instanceof RefusedError);
        assert.equal(error.code, 'execution-locked');
        for (const part of ['drill-1', 'sam', `process ${process.pid} on ${ownIdentity().host}`, '2026-11-20T03:15:00.000Z']) {
          assert.ok(error.message.includes(part), part);
        }
        assert.ok(error.next.includes(`remove ${request(folder).path}`), error.next);
        return true;
      },
    );
    lock.release();
    assert.equal(existsSync(request(folder).path), false);
    lockStream(request(folder)).release();
  });

  test('is taken over from a dead process of this machine, and says from whom', (t) => {
    const folder = temporaryFolder(t);
    const pid = deadPid();
    lockHeldBy(folder, { ...ownIdentity(), pid });
    const lock = lockStream(request(folder));
    assert.deepEqual(lock.takenOverFrom, { owner: 'alex', host: ownIdentity().host, pid, at: '2026-11-20T03:00:00.000Z' });
    assert.equal(existsSync(`${request(folder).path}.takeover`), false);
    assert.throws(() => lockStream(request(folder)), { code: 'execution-locked' });
    lock.release();
  });

  test('is not taken from a process of another host, nor from one that cannot be read', (t) => {
    const folder = temporaryFolder(t);
    lockHeldBy(folder, { ...ownIdentity(), host: 'runner-7', pid: deadPid() });
    assert.throws(() => lockStream(request(folder)), { code: 'execution-locked', message: /alex \(process \d+ on runner-7/ });
    for (const text of ['', 'garbage', '[]', '{"pid":"1"}']) {
      writeFileSync(request(folder).path, text);
      assert.throws(() => lockStream(request(folder)), { code: 'execution-locked', message: /the lock file is damaged/ });
      assert.equal(readFileSync(request(folder).path, 'utf8'), text);
    }
  });

  test('lets only one of those that find it dead take it over', (t) => {
    const folder = temporaryFolder(t);
    lockHeldBy(folder, { ...ownIdentity(), pid: deadPid() });
    writeFileSync(`${request(folder).path}.takeover`, 'another process is here just now');
    assert.throws(() => lockStream(request(folder)), { code: 'execution-locked', message: /just taking over/ });
  });

  test('does not remove a lock that somebody else has taken meanwhile', (t) => {
    const folder = temporaryFolder(t);
    const lock = lockStream(request(folder));
    lockHeldBy(folder, { ...ownIdentity(), host: 'runner-7' });
    lock.release();
    assert.match(readFileSync(request(folder).path, 'utf8'), /runner-7/);
  });

  test('a disk that refuses it is told as history-unwritable', (t) => {
    const folder = temporaryFolder(t);
    faulty(t, 'openSync', () => {
      throw systemError('ENOSPC');
    });
    assert.throws(() => lockStream(request(folder)), { code: 'history-unwritable', message: /the disk is full/ });
  });

  test('works on a file system without hard links', (t) => {
    const folder = temporaryFolder(t);
    faulty(t, 'linkSync', () => {
      throw systemError('EPERM');
    });
    const lock = lockStream(request(folder));
    assert.throws(() => lockStream(request(folder)), { code: 'execution-locked' });
    lock.release();
  });
});

describe('who is certainly dead', () => {
  const self = { host: 'a', pid: 1, machine: 'm', boot: 'b', namespace: 'n', started: '1' };
  const cases: readonly (readonly [string, object, boolean])[] = [
    ['this process', ownIdentity(), false],
    ['its id, used again by a later process', { ...ownIdentity(), started: '1' }, process.platform === 'linux'],
    ['a dead process', { ...ownIdentity(), pid: deadPid() }, true],
    ['a dead process of another host', { ...ownIdentity(), host: 'other', pid: deadPid() }, false],
    ['a process of another container', { ...ownIdentity(), namespace: 'pid:[1]', pid: deadPid() }, false],
  ];
  for (const [what, identity, dead] of cases) {
    test(`${what}: ${dead}`, () => assert.equal(isDead({ ...ownIdentity(), ...identity }, ownIdentity()), dead));
  }

  test('whatever ran before the machine was started anew, if it is the same machine', () => {
    assert.equal(isDead({ ...self, boot: 'earlier' }, self), true);
    assert.equal(isDead({ ...self, boot: 'earlier', machine: 'twin' }, self), false);
    const { machine: _, ...unnamed } = self;
    assert.equal(isDead({ ...unnamed, boot: 'earlier' }, unnamed), false);
  });
});

describe('processes', () => {
  const store = new URL('./index.ts', import.meta.url).href;
  const core = new URL('../../core/src/index.ts', import.meta.url).href;
  const testing = new URL('./testing/records.ts', import.meta.url).href;
  /** Opens the execution and one of its streams, says what came of it, then does as told. */
  const program = (root: string, then: string) => `
    import { VirtualClock } from ${JSON.stringify(core)};
    import { folderStore } from ${JSON.stringify(store)};
    import { header, wavesNamed } from ${JSON.stringify(testing)};
    const store = folderStore(${JSON.stringify(root)}, { clock: new VirtualClock(0), owner: 'child ' + process.pid });
    const { execution, created } = await store.open(header(wavesNamed('database')));
    let opened = false;
    try {
      const journal = await execution.journal('waves/database', 'refuse');
      await journal.append({ type: 'progress', step: 'recover', note: 'by ' + process.pid });
      opened = true;
    } catch (error) {
      if (error.code !== 'execution-locked') throw error;
    }
    console.log(JSON.stringify({ created, opened }));
    ${then}`;
  const run = (root: string, then: string) =>
    spawn(process.execPath, ['--input-type=module', '-e', program(root, then)], { stdio: ['pipe', 'pipe', 'inherit'] });

  test('of several that start the same execution at once, one creates it and one holds the stream', async (t) => {
    const root = temporaryFolder(t);
    const children = [1, 2, 3, 4].map(() => run(root, `process.stdin.resume(); process.stdin.on('end', () => process.exit());`));
    const answers = await Promise.all(children.map(async (child) => JSON.parse(String((await once(child.stdout, 'data'))[0]))));
    assert.equal(answers.filter(({ created }) => created).length, 1);
    assert.equal(answers.filter(({ opened }) => opened).length, 1);
    const ends = children.map((child) => once(child, 'exit'));
    for (const child of children) child.stdin.end();
    await Promise.all(ends);
    // A process that ends without closing its journals still gives its locks back.
    assert.equal(existsSync(join(root, 'webshop/drill-1/waves/database.lock')), false);
  });

  test('a killed one leaves its lock, and the next takes it over and says so', async (t) => {
    const root = temporaryFolder(t);
    const victim = run(root, 'setInterval(() => {}, 1000);');
    await once(victim.stdout, 'data');
    const gone = once(victim, 'exit');
    victim.kill('SIGKILL');
    await gone;
    assert.equal(existsSync(join(root, 'webshop/drill-1/waves/database.lock')), true);
    const next = run(root, '');
    const [answer] = await once(next.stdout, 'data');
    assert.deepEqual(JSON.parse(String(answer)), { created: false, opened: true });
    const text = readFileSync(join(root, 'webshop/drill-1/waves/database.jsonl'), 'utf8');
    const types = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      types.map(({ type }) => type),
      ['progress', 'lock-taken-over', 'progress'],
    );
    assert.equal(types[1].from.pid, victim.pid);
  });
});
