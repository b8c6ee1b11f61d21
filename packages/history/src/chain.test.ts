import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeLine, readStream, type StreamIdentity, sha256, verifyStream } from './chain.ts';
import type { JournalEvent } from './events.ts';
import { journalText, stepFinished, stepStarted } from './testing/records.ts';

const identity: StreamIdentity = { execution: 'drill-1', stream: 'waves/database', planDigest: 'abc' };
const events: readonly JournalEvent[] = [
  { type: 'wave-started', servers: [] },
  stepStarted('recover', 'recover'),
  { type: 'progress', step: 'recover', note: 'größer als nötig: 東京 \u2028 "quoted"' },
  { type: 'intent', step: 'recover', operation: 'drs:StartRecovery', key: 'k', detail: { servers: ['s-1'] } },
  stepFinished('recover', 'succeeded'),
];
const sound = journalText(identity, events);
const rows = sound.split('\n').slice(0, -1);
const joined = (lines: readonly (string | undefined)[]) => `${lines.join('\n')}\n`;

describe('a journal line', () => {
  test('carries the hash of the line before, and of itself up to its checksum', () => {
    const [first = '', second = ''] = rows;
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    assert.equal(JSON.parse(first).prev, hash('breakwater.journal/1\ndrill-1\nwaves/database\nabc'));
    assert.equal(JSON.parse(second).prev, hash(first));
    assert.equal(JSON.parse(second).sum, hash(second.slice(0, second.indexOf(',"sum":'))));
    assert.deepEqual(Object.keys(JSON.parse(second)).slice(0, 4), ['v', 'seq', 'at', 'type']);
  });

  test('keeps its place whatever the event claims', () => {
    const hostile = { type: 'progress', step: 's', note: 'n', seq: 99, prev: 'forged', v: 7, sum: 'forged' } as const;
    const line = JSON.parse(encodeLine(hostile, { seq: 3, at: '2026-11-20T00:00:00.000Z', prev: 'true' }));
    assert.deepEqual([line.v, line.seq, line.prev], [1, 3, 'true']);
    assert.notEqual(line.sum, 'forged');
  });
});

describe('verifying a stream', () => {
  test('finds nothing wrong with what was written', () => {
    assert.deepEqual(verifyStream(sound, identity), []);
    assert.deepEqual(verifyStream('', identity), []);
    assert.equal(readStream(sound, identity).head, sha256(rows.at(-1) ?? ''));
  });

  const cases: readonly (readonly [what: string, text: string, line: number, kind: string])[] = [
    ['an edited line', sound.replace('"status":"succeeded"', '"status":"failed"'), 5, 'altered'],
    ['an edited line in the middle', sound.replace('größer', 'kleiner'), 3, 'altered'],
    ['a deleted line', joined(rows.toSpliced(2, 1)), 3, 'sequence'],
    ['a deleted first line', joined(rows.slice(1)), 1, 'sequence'],
    ['a repeated line', joined(rows.toSpliced(2, 0, rows[1] ?? '')), 3, 'sequence'],
    ['two lines that changed places', joined([rows[0], rows[2], rows[1], rows[3], rows[4]]), 2, 'sequence'],
    ['a line cut short in the middle', joined(rows.toSpliced(2, 1, rows[2]?.slice(0, 30) ?? '')), 3, 'unreadable'],
    ['an empty line', joined(rows.toSpliced(2, 0, '')), 3, 'unreadable'],
    ['a torn last line', sound.slice(0, -20), 5, 'torn'],
    ['a missing last newline', sound.slice(0, -1), 5, 'torn'],
    ['a line without its checksum', joined(rows.toSpliced(4, 1, rows[4]?.replace(/,"sum":"[^"]*"/, '') ?? '')), 5, 'altered'],
    [
      'a line of another version',
      joined(rows.toSpliced(4, 1, rows[4]?.replace('"v":1', '"v":2') ?? '').concat(rows[4] ?? '')),
      5,
      'unreadable',
    ],
  ];
  for (const [what, text, line, kind] of cases) {
    test(`finds ${what}`, () => {
      const [problem] = verifyStream(text, identity);
      assert.deepEqual([problem?.line, problem?.kind], [line, kind]);
    });
  }

  test('finds a line that was altered and given a new checksum, by the line after it', () => {
    const { prev } = JSON.parse(rows[2] ?? '');
    const forged = encodeLine(
      { type: 'progress', step: 'recover', note: 'nothing happened' },
      { seq: 2, at: '2026-11-20T03:15:02.000Z', prev },
    );
    assert.deepEqual(
      verifyStream(joined(rows.toSpliced(2, 1, forged)), identity).map(({ line, kind }) => [line, kind]),
      [[4, 'chain']],
    );
  });

  test('finds an inserted line, although it is chained to the one before', () => {
    const inserted = encodeLine(stepFinished('recover', 'succeeded'), {
      seq: 3,
      at: '2026-11-20T03:15:02.000Z',
      prev: sha256(rows[2] ?? ''),
    });
    assert.deepEqual(verifyStream(joined(rows.toSpliced(3, 0, inserted)), identity)[0]?.line, 5);
  });

  for (const other of [{ execution: 'drill-2' }, { stream: 'waves/web' }, { planDigest: 'def' }]) {
    test(`finds a file of another ${Object.keys(other)[0]}`, () => {
      const [problem] = verifyStream(sound, { ...identity, ...other });
      assert.deepEqual([problem?.line, problem?.kind], [1, 'identity']);
    });
  }

  test('finds every flipped bit', () => {
    const bytes = Buffer.from(sound);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
        assert.notDeepEqual(verifyStream(flipped, identity), []);
      }),
      { numRuns: 3_000 },
    );
  });

  test('cannot see whole lines cut off at the end: that is what a manifest is for', () => {
    assert.deepEqual(verifyStream(joined(rows.slice(0, 3)), identity), []);
  });

  test('reads what it can of a damaged stream', () => {
    const { lines, problems } = readStream(joined(rows.toSpliced(2, 1, 'garbage')), identity);
    assert.deepEqual(
      lines.map((line) => line.seq),
      [0, 1, 3, 4],
    );
    assert.deepEqual(
      problems.map(({ line }) => line),
      [3, 4],
    );
  });

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { problems, soundBytes } = readStream(bytes, identity);
        assert.ok(bytes.length === 0 || problems.length > 0);
        assert.ok(soundBytes <= bytes.length);
      }),
    );
  });

  test('keeps events that a later version added', () => {
    const later = sound.replaceAll('"type":"progress"', '"type":"photograph"');
    const { lines } = readStream(later, identity);
    assert.equal(lines.length, events.length);
  });
});
