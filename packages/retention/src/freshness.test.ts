import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Snapshot } from './decide.ts';
import { freshnessOf } from './freshness.ts';
import { DAY, HOUR } from './promises.ts';

const NOW = Date.UTC(2026, 0, 15, 12);

function copy(id: string, age: number, changes: Partial<Snapshot> = {}): Snapshot {
  return { id, time: NOW - age, status: 'available', owned: true, ...changes };
}

const of = (copies: readonly Snapshot[], rpo: number = DAY) => freshnessOf('shop', copies, { now: NOW, rpo });

test('the newest good copy, and its age against the objective', () => {
  assert.deepEqual(of([copy('old', 30 * HOUR), copy('new', 6 * HOUR), copy('older', 3 * DAY)]), {
    database: 'shop',
    newest: { id: 'new', time: NOW - 6 * HOUR },
    age: 6 * HOUR,
    rpo: DAY,
    stale: false,
    words: '6h 00m old',
  });
});

test('as old as allowed is young enough; a millisecond more is not', () => {
  assert.equal(of([copy('a', DAY)]).stale, false);
  const late = of([copy('a', DAY + 1)]);
  assert.deepEqual([late.stale, late.words], [true, '24h 00m old; 24h 00m allowed']);
});

test('what is not ours, not available, of no or of a wrong time does not make a database fresh', () => {
  const good = copy('good', 2 * DAY);
  for (const bad of [
    copy('foreign', 0, { owned: false }),
    copy('creating', 0, { status: 'creating' }),
    copy('failed', 0, { status: 'failed' }),
    copy('timeless', 0, { time: undefined }),
    copy('nan', 0, { time: Number.NaN }),
    copy('future', -DAY),
  ]) {
    const { newest, stale } = of([bad, good]);
    assert.deepEqual([newest?.id, stale], ['good', true], bad.id);
    assert.deepEqual([of([bad]).newest, of([bad]).stale], [undefined, true], bad.id);
  }
  assert.equal(of([copy('future', -DAY)]).words, 'there is no good copy; not counted: 1 whose time is still to come');
});

test('clocks that differ by a few minutes make a copy no older than new', () => {
  assert.deepEqual([of([copy('ahead', -60_000)]).age, of([copy('ahead', -60_000)]).stale], [0, false]);
});

test('without an objective a database is reported, not judged', () => {
  const none = freshnessOf('shop', [], { now: NOW, rpo: undefined });
  assert.deepEqual([none.stale, none.words], [false, 'there is no good copy']);
  assert.equal(freshnessOf('shop', [copy('a', 900 * DAY)], { now: NOW, rpo: undefined }).stale, false);
});

test('a further copy never makes a database staler', () => {
  const any = fc.record({
    id: fc.uuid(),
    time: fc.integer({ min: NOW - 40 * DAY, max: NOW + 2 * DAY }),
    status: fc.constantFrom('available', 'creating', 'failed'),
    owned: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(any), any, fc.integer({ min: 1, max: 30 * DAY }), (copies, more, rpo) => {
      const [before, after] = [of(copies, rpo), of([...copies, more], rpo)];
      assert.ok(before.stale || !after.stale);
      assert.ok((after.age ?? Number.MAX_VALUE) <= (before.age ?? Number.MAX_VALUE));
    }),
  );
});
