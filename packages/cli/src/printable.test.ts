import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { clip, fit, printable, wrap } from './printable.ts';

test('printable text has no control characters and is one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(printable(text), /[\p{Cc}\u2028\u2029\u202e]/u);
    }),
  );
  assert.equal(printable('web ##[add-mask]x'), 'web ##\u200b[add-mask]x', 'no command to a runner of GitHub');
  assert.equal(printable(' Größe\t\u001b[31m1\u001b[0m\r\n日本 '), 'Größe 1 日本');
});

test('clip and fit keep to their width, counting what a terminal counts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 30 }), (text, width) => {
      assert.ok(stringWidth(clip(text, width)) <= width);
      if (stringWidth(text) <= width) assert.equal(clip(text, width), text);
      assert.equal(stringWidth(fit(text, width)), width);
    }),
  );
  assert.equal(clip('日本語日本語', 7), '日本語…');
  assert.equal(fit('ab', 4), 'ab  ');
});

test('wrap loses no word', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
      fc.integer({ min: 5, max: 40 }),
      (words, width) => {
        const lines = wrap(words.join(' '), width);
        assert.equal(lines.join(' '), words.join(' '));
        for (const line of lines) assert.ok(line.length <= width || !line.includes(' '));
      },
    ),
  );
});
