import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { InternalError, UserError, VirtualClock } from '@breakwater/core';
import fc from 'fast-check';
import { type StreamIdentity, sha256, verifyStream } from './chain.ts';
import type { JournalEvent } from './events.ts';
import { openJournal } from './file-journal.ts';
import { faulty, firstBytes, systemError, withoutFlushes } from './testing/faulty-disk.ts';
import { journalText, START, stepFinished, stepStarted, temporaryFolder } from './testing/records.ts';

const identity: StreamIdentity = { execution: 'drill-1', stream: 'waves/database', planDigest: 'abc' };
const event: JournalEvent = { type: 'progress', step: 'recover', note: 'launching' };
const intent: JournalEvent = { type: 'intent', step: 'recover', operation: 'drs:StartRecovery', key: 'k', detail: {} };
const events: readonly JournalEvent[] = [
  { type: 'wave-started', servers: [] },
  stepStarted('recover', 'recover'),
  event,
  stepFinished('recover', 'succeeded'),
];
const sound = journalText(identity, events);

function journalIn(folder: string, damaged: 'refuse' | 'set-aside' = 'refuse', released = () => {}) {
  const path = join(folder, 'database.jsonl');
  const file = { path, identity, clock: new VirtualClock(START), damaged };
  return { path, open: () => openJournal(file, { takenOverFrom: undefined, release: released }) };
}

describe('appending', () => {
  test('writes one chained line a call, in the order of the calls', async (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    const journal = open();
    const written = await Promise.all([1, 2, 3, 4, 5].map((n) => journal.append({ ...event, note: `n${n}` })));
    await journal.close();
    const text = fs.readFileSync(path, 'utf8');
    assert.deepEqual(verifyStream(text, identity), []);
    assert.deepEqual(
      written.map((line) => (line.type === 'progress' ? `${line.seq} ${line.note} ${line.at}` : '')),
      [1, 2, 3, 4, 5].map((n) => `${n - 1} n${n} 2026-11-20T03:15:00.000Z`),
    );
    assert.deepEqual(open().lines(), written);
  });

  test('goes on where the journal ended', async (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    for (const n of [1, 2, 3]) {
      const journal = open();
      assert.equal((await journal.append({ ...event, note: `process ${n}` })).seq, n - 1);
      await journal.close();
    }
    assert.deepEqual(verifyStream(fs.readFileSync(path), identity), []);
  });

  test('is durable before it resolves: the flush comes after the write', async (t) => {
    const calls: string[] = [];
    const { open } = journalIn(temporaryFolder(t));
    const journal = open();
    faulty(t, 'writeSync', (real) => {
      calls.push('write');
      return real();
    });
    faulty(t, 'fdatasyncSync', (real) => {
      calls.push('flush');
      return real();
    });
    await journal.append(intent);
    assert.deepEqual(calls, ['write', 'flush']);
  });

  test('what AWS would tell again is written at once, and made durable by the next other line', async (t) => {
    const calls: string[] = [];
    const { open } = journalIn(temporaryFolder(t));
    const journal = open();
    faulty(t, 'writeSync', (real) => {
      calls.push('write');
      return real();
    });
    faulty(t, 'fdatasyncSync', (real) => {
      calls.push('flush');
      return real();
    });
    for (const one of [event, event, intent]) await journal.append(one);
    assert.deepEqual(calls, ['write', 'write', 'write', 'flush']);
  });

  test('refuses after it was closed, and an event that nobody could read', async (t) => {
    const { open } = journalIn(temporaryFolder(t));
    const journal = open();
    const senseless: JournalEvent = JSON.parse('{"type":"progress","step":"recover","note":7}');
    await assert.rejects(journal.append(senseless), { code: 'internal' });
    await journal.append(event);
    await journal.close();
    await journal.close();
    await assert.rejects(journal.append(event), { code: 'history-unwritable' });
  });
});

describe('a disk that does not take the record', () => {
  for (const code of ['ENOSPC', 'EROFS', 'EACCES', 'EIO', 'EDQUOT', 'EFBIG']) {
    test(`${code} is told as history-unwritable, and nothing half written stays`, async (t) => {
      const { path, open } = journalIn(temporaryFolder(t));
      const journal = open();
      await journal.append(event);
      const before = fs.readFileSync(path, 'utf8');
      let fail = true;
      faulty(t, 'writeSync', (real, args) => {
        if (!fail) return real();
        real(...firstBytes(args, 10));
        throw systemError(code);
      });
      const failure = (error: unknown) =>
        error instanceof InternalError &&
        error.code === 'history-unwritable' &&
        error.message.includes(code) &&
        /run the same execution again/i.test(error.next);
      await assert.rejects(journal.append(event), failure);
      assert.equal(fs.readFileSync(path, 'utf8'), before);
      fail = false;
      await assert.rejects(journal.append(event), failure, 'it refuses until it is opened anew');
      await journal.close();
      const again = open();
      assert.equal((await again.append(event)).seq, 1);
    });
  }

  test('a short write counts as a failure', async (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    const journal = open();
    faulty(t, 'writeSync', (real, args) => real(...firstBytes(args, 25)));
    await assert.rejects(journal.append(event), { code: 'history-unwritable', message: /only 25 of/ });
    assert.equal(fs.readFileSync(path, 'utf8'), '');
  });

  test('a failed flush counts as a failure', async (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    const journal = open();
    faulty(t, 'fdatasyncSync', () => {
      throw systemError('EIO');
    });
    await assert.rejects(journal.append(intent), { code: 'history-unwritable' });
    assert.equal(fs.readFileSync(path, 'utf8'), '');
  });

  test('if it cannot even be cut back, the torn line is repaired at the next opening', async (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    const journal = open();
    await journal.append(event);
    let broken = true;
    faulty(t, 'writeSync', (real, args) => {
      if (!broken) return real();
      real(...firstBytes(args, 10));
      throw systemError('EIO');
    });
    faulty(t, 'ftruncateSync', (real) => {
      if (!broken) return real();
      throw systemError('EIO');
    });
    await assert.rejects(journal.append(event), { code: 'history-unwritable' });
    broken = false;
    await journal.close();
    const again = open();
    assert.deepEqual(
      again.lines().map((line) => line.type),
      ['progress', 'tail-repaired'],
    );
    assert.deepEqual(verifyStream(fs.readFileSync(path), identity), []);
  });

  test('an unwritable folder is told when opening, and the lock is let go', (t) => {
    let released = 0;
    const { open } = journalIn(temporaryFolder(t), 'refuse', () => {
      released += 1;
    });
    faulty(t, 'openSync', () => {
      throw systemError('EROFS');
    });
    assert.throws(open, { code: 'history-unwritable', message: /the file system is read-only \(EROFS\)/ });
    assert.equal(released, 1);
  });

  test('a file that somebody else wrote to or took away is not written to any more', async (t) => {
    for (const meddle of [
      (path: string) => fs.appendFileSync(path, '{}\n'),
      (path: string) => fs.renameSync(path, `${path}.old`),
      (path: string) => fs.truncateSync(path, 3),
    ]) {
      const { path, open } = journalIn(temporaryFolder(t));
      const journal = open();
      await journal.append(event);
      meddle(path);
      await assert.rejects(journal.append(event), { code: 'history-unwritable' });
      await journal.close();
    }
  });
});

describe('opening after a crash', () => {
  test('no cut at any byte loses a whole line or throws', (t) => {
    withoutFlushes(t);
    const folder = temporaryFolder(t);
    const bytes = Buffer.from(sound);
    const { path, open } = journalIn(folder);
    for (let size = 0; size <= bytes.length; size += 1) {
      fs.writeFileSync(path, bytes.subarray(0, size));
      const journal = open();
      const kept = journal.lines().filter((line) => line.type !== 'tail-repaired');
      // A line that lacks nothing but its newline is whole.
      const whole = [...sound.slice(0, size)].filter((char) => char === '\n').length + (sound[size] === '\n' ? 1 : 0);
      assert.equal(kept.length, whole, `cut at byte ${size}`);
      const lost = Buffer.from(sound.slice(0, size).split('\n').at(-1) ?? '');
      const told = journal.lines().find((line) => line.type === 'tail-repaired');
      if (lost.length === 0 || sound[size] === '\n') assert.equal(told, undefined, `cut at byte ${size}`);
      else
        assert.deepEqual(told?.type === 'tail-repaired' && [told.bytes, told.sha256, told.torn], [
          lost.length,
          sha256(lost),
          lost.toString(),
        ]);
      void journal.close();
      assert.deepEqual(verifyStream(fs.readFileSync(path), identity), []);
    }
  });

  test('torn bytes that are no text are kept as base64', async (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    fs.writeFileSync(path, Buffer.concat([Buffer.from(sound), Buffer.from([0x7b, 0xff, 0x00, 0xc3])]));
    const told = open().lines().at(-1);
    assert.deepEqual(
      told?.type === 'tail-repaired' && told.torn,
      `base64:${Buffer.from([0x7b, 0xff, 0x00, 0xc3]).toString('base64')}`,
    );
  });

  test('a last line of zeros, as a power cut leaves it, is repaired', (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    fs.writeFileSync(path, Buffer.concat([Buffer.from(sound), Buffer.alloc(500)]));
    const journal = open();
    assert.equal(journal.lines().length, events.length + 1);
    assert.deepEqual(verifyStream(fs.readFileSync(path), identity), []);
  });

  test('a flipped bit anywhere is refused or repaired, never overlooked', (t) => {
    withoutFlushes(t);
    const { path, open } = journalIn(temporaryFolder(t));
    const bytes = Buffer.from(sound);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
        fs.writeFileSync(path, flipped);
        try {
          const journal = open();
          void journal.close();
          assert.equal(journal.lines().at(-1)?.type, 'tail-repaired');
        } catch (error) {
          assert.ok(error instanceof UserError && error.code === 'history-corrupt', String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a journal that was damaged in the middle', () => {
  const damaged = sound.replace('launching', 'LAUNCHING');

  test('is refused with its file and line, and left as it is', (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    fs.writeFileSync(path, damaged);
    assert.throws(open, (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, 'history-corrupt');
      assert.deepEqual(error.location, { file: path, line: 3, column: 1 });
      assert.match(error.next, /set aside/);
      return true;
    });
    assert.equal(fs.readFileSync(path, 'utf8'), damaged);
  });

  test('can be set aside under the next free name, and a fresh one says so', async (t) => {
    const folder = temporaryFolder(t);
    const { path, open } = journalIn(folder, 'set-aside');
    fs.writeFileSync(join(folder, 'database.damaged-1.jsonl'), 'an older one');
    fs.writeFileSync(path, damaged);
    const journal = open();
    await journal.append(event);
    await journal.close();
    const [notice, next] = journal.lines();
    assert.deepEqual(notice?.type === 'journal-replaced' && [notice.damaged, notice.sha256, notice.seq], [
      'database.damaged-2.jsonl',
      sha256(damaged),
      0,
    ]);
    assert.equal(next?.seq, 1);
    assert.equal(fs.readFileSync(join(folder, 'database.damaged-2.jsonl'), 'utf8'), damaged);
    assert.equal(fs.readFileSync(join(folder, 'database.damaged-1.jsonl'), 'utf8'), 'an older one');
    assert.deepEqual(verifyStream(fs.readFileSync(path), identity), []);
  });

  test('a file of another stream is damage too', (t) => {
    const { path, open } = journalIn(temporaryFolder(t));
    fs.writeFileSync(path, journalText({ ...identity, stream: 'waves/web' }, events));
    assert.throws(open, { code: 'history-corrupt', message: /line 1: it belongs to another stream/ });
  });
});

test('taking over a lock is recorded', (t) => {
  const path = join(temporaryFolder(t), 'database.jsonl');
  const from = { owner: 'sam', host: 'laptop', pid: 7, at: '2026-11-20T03:00:00.000Z' };
  const journal = openJournal(
    { path, identity, clock: new VirtualClock(START), damaged: 'refuse' },
    { takenOverFrom: from, release: () => {} },
  );
  const [line] = journal.lines();
  assert.deepEqual(line?.type === 'lock-taken-over' && line.from, from);
});
