import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { truncateToBytes } from './truncate.ts';

test('text that fits is left alone', () => {
  assert.equal(truncateToBytes('größe', 7, '…'), 'größe');
});

test('what is cut ends at a line where it can, and says so', () => {
  assert.equal(truncateToBytes('one\ntwo\nthree\nfour', 16, ' (cut)'), 'one\ntwo (cut)');
  assert.equal(truncateToBytes('a very long line indeed', 16, ' (cut)'), 'a very lon (cut)');
});

test('it never exceeds its bytes, never splits a character, and keeps the beginning', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.nat(300),
      fc.constantFrom('', '…', '\nmore in the record'),
      (text, bytes, note) => {
        const cut = truncateToBytes(text, bytes, note);
        assert.ok(Buffer.byteLength(cut) <= bytes || cut === '', `${Buffer.byteLength(cut)} > ${bytes}`);
        if (cut === text) return;
        const kept = cut.endsWith(note) && note !== '' ? cut.slice(0, -note.length) : cut;
        assert.ok(text.startsWith(kept));
        assert.ok(cut.isWellFormed());
      },
    ),
  );
});
