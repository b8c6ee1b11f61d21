import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import fc from 'fast-check';
import { parseMoment, readSnapshots } from './read-snapshots.ts';

const NOW = Date.UTC(2026, 0, 15);
const good = { id: 'a', time: '2026-01-14T03:00:00Z', status: 'available', owned: true };

test('a list becomes snapshots, whatever way their times are written', () => {
  const list = [
    good,
    { ...good, id: 'b', time: 1768359600000, database: 'shop', Engine: 'aurora' },
    { ...good, id: 'c', time: null },
  ];
  assert.deepEqual(readSnapshots(list, { what: 's.json', now: NOW }), [
    { id: 'a', time: 1768359600000, status: 'available', owned: true, written: '2026-01-14T03:00:00Z' },
    { id: 'b', time: 1768359600000, status: 'available', owned: true, written: 1768359600000, database: 'shop' },
    { id: 'c', time: undefined, status: 'available', owned: true, written: null },
  ]);
  assert.deepEqual(readSnapshots([], { what: 's.json', now: NOW }), []);
});

test('an entry that is not one gets one message with its place, and nothing is read', () => {
  for (const [entries, message] of [
    [{}, /^s\.json must be a list of snapshots$/],
    [null, /must be a list/],
    [[7], /^s\.json, entry 1 is not an object$/],
    [[good, null], /^s\.json, entry 2 is not an object$/],
    [[[good]], /entry 1 is not an object/],
    [[{}], /entry 1: id must be a text that is not empty, not missing$/],
    [[{ ...good, id: ' ' }], /id must be a text that is not empty, not " "$/],
    [[{ ...good, id: 7 }], /id must be .*, not 7$/],
    [[{ ...good, status: undefined }], /entry 1 \("a"\): status must be .*, not missing$/],
    [[{ ...good, owned: 'true' }], /entry 1 \("a"\): owned must be true or false, not "true"$/],
    [[{ id: 'a', time: 1, status: 's' }], /owned must be true or false, not missing$/],
    [[{ ...good, time: undefined }], /time must be ISO 8601, epoch milliseconds or null, not missing$/],
    [[{ ...good, time: 'yesterday' }], /time must be .*, not "yesterday"$/],
    [[{ ...good, time: true }], /time must be .*, not true$/],
    [[{ ...good, time: 1.5 }], /time must be .*, not 1\.5$/],
    [[{ ...good, time: '2026-02-30T00:00:00Z' }], /not "2026-02-30T00:00:00Z"$/],
    [[{ ...good, time: 1768359600 }], /time 1768359600 is too little for epoch milliseconds/],
    [[{ ...good, time: '1768359600' }], /time "1768359600" is too little for epoch milliseconds, which are meant: seconds/],
    [[{ ...good, time: ' 20260115 ' }], /time " 20260115 " is too little .*: seconds, or a day without hyphens\?$/],
    [[{ ...good, time: '0050-01-15' }], /time must be .*, not "0050-01-15"$/],
    [[{ ...good, time: -8.64e15 }], /time must be .*, not -8640000000000000$/],
    [[{ ...good, database: '' }], /database must be .*, not ""$/],
    [[good, { ...good, time: null }], /^s\.json, entry 2: the id "a" is that of entry 1, too$/],
  ] as const) {
    assert.throws(
      () => readSnapshots(entries, { what: 's.json', now: NOW }),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.code, 'usage');
        assert.match(error.message, message);
        assert.match(error.next, /^Nothing was decided\./);
        return true;
      },
    );
  }
});

test('small numbers are milliseconds where the present is one, too', () => {
  const [first] = readSnapshots([{ ...good, time: 86_400_000 }], { what: 's', now: 2 * 86_400_000 });
  assert.equal(first?.time, 86_400_000);
});

test('written times', () => {
  const noon = Date.UTC(2026, 0, 15, 12);
  for (const text of [
    '2026-01-15T12:00:00Z',
    '2026-01-15T12:00:00.000Z',
    '2026-01-15T12:00:00.000000+00:00',
    '2026-01-15t12:00z',
    '2026-01-15 12:00:00',
    '2026-01-15T14:00:00+02:00',
    '2026-01-15T07:30:00-0430',
    '2026-01-15T14:00+02',
    ' 2026-01-15T12:00:00Z\n',
    String(noon),
    noon,
  ]) {
    assert.equal(parseMoment(text), noon, String(text));
  }
  assert.equal(parseMoment('2024-02-29'), Date.UTC(2024, 1, 29));
  assert.equal(parseMoment(0), 0);
  for (const text of [
    '',
    'now',
    '2026-1-5',
    '2026-02-29',
    '2026-13-01',
    '2026-01-15T25:00:00Z',
    '2026-01-15T12:00:00+99:00',
    '1e12',
    9e15,
    Number.NaN,
  ]) {
    assert.equal(parseMoment(text), undefined, String(text));
  }
});

test('what toISOString writes is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (time) => {
      assert.equal(parseMoment(new Date(time).toISOString()), time);
    }),
  );
});
