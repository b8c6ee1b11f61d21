import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHeader } from '../boundary.ts';
import { wholeLines } from '../chain.ts';
import { headerText } from '../folder-execution.ts';
import { header, OK, wavesNamed } from '../testing/records.ts';
import { mergeHeaders, standing } from './merge.ts';

const bytes = (text: string) => Buffer.from(text);
const line = fc.string({ unit: fc.constantFrom('a', 'b', '{'), minLength: 1, maxLength: 3 });
const journal = fc.array(line, { maxLength: 6 }).map((lines) => lines.map((each) => `${each}\n`).join(''));

test('of two journals one continues the other, or they have parted: never both, and never seen differently from the other side', () => {
  const mirrored = { same: 'same', ahead: 'behind', behind: 'ahead', diverged: 'diverged' } as const;
  fc.assert(
    fc.property(journal, journal, (one, other) => {
      const stand = standing(bytes(one), bytes(other));
      assert.equal(stand === 'same', one === other);
      assert.equal(stand === 'ahead', one !== other && one.startsWith(other));
      assert.equal(stand === 'behind', one !== other && other.startsWith(one));
      assert.equal(standing(bytes(other), bytes(one)), mirrored[stand]);
    }),
  );
});

test('a torn end never counts: neither as more than the branch has nor as something else', () => {
  fc.assert(
    fc.property(journal, journal, line, (shared, more, torn) => {
      assert.equal(wholeLines(bytes(shared + torn)).toString(), shared);
      assert.equal(standing(bytes(shared + torn), bytes(shared)), 'same');
      assert.equal(standing(bytes(shared + torn), bytes(shared + more)), more === '' ? 'same' : 'behind');
    }),
  );
});

test('a fresh journal may take the place of one that was set aside beside it, and of no other', () => {
  const [old, fresh] = [bytes('one\ntwo\n'), bytes('journal-replaced\n')];
  assert.equal(standing(fresh, old), 'diverged');
  assert.equal(standing(fresh, old, [bytes('other\n')]), 'diverged');
  assert.equal(standing(fresh, old, [bytes('one\n')]), 'diverged');
  assert.equal(standing(fresh, old, [bytes('one\ntwo\nthree, never pushed\n')]), 'ahead');
});

test('of two headers the one on the branch stays, with the later verdict', () => {
  const about = (actor: string, at?: number) =>
    bytes(
      headerText(
        header(wavesNamed('data'), { actor, ...(at === undefined ? {} : { verdict: { verdict: 'failed', reason: OK, at } }) }),
      ),
    );
  const read = (text: string) => {
    const found = parseHeader(text);
    assert.ok(typeof found !== 'string');
    return [found.actor, found.verdict?.at];
  };
  const times = fc.option(fc.nat(5), { nil: undefined });
  fc.assert(
    fc.property(times, times, (mine, theirs) => {
      const merged = mergeHeaders(about('me', mine), about('first', theirs));
      const later = mine === undefined ? theirs : theirs === undefined ? mine : Math.max(mine, theirs);
      assert.deepEqual(read(merged), ['first', later]);
      assert.equal(mergeHeaders(about('me', mine), bytes(merged)), merged);
    }),
  );
  assert.deepEqual(read(mergeHeaders(about('me', 1), undefined)), ['me', 1]);
  assert.deepEqual(read(mergeHeaders(about('me'), bytes('{}'))), ['me', undefined]);
  assert.deepEqual(read(mergeHeaders(bytes('torn'), about('first'))), ['first', undefined]);
});
