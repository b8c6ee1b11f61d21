import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import fc from 'fast-check';
import { chunksOf, everyItem } from './paging.ts';
import { isoMoment, isoSecond, moment, newestFirst, tagsOfList, tagsOfMap } from './parse.ts';
import { roleSessionName } from './session-name.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('moments: every way AWS writes one', () => {
  const at = Date.UTC(2022, 11, 7, 19, 15, 38);
  assert.equal(moment('2022-12-07T19:15:38Z'), at);
  assert.equal(moment('2022-12-07T19:15:38.846723+00:00'), at + 846);
  assert.equal(moment('2022-12-07T21:15:38+02:00'), at);
  assert.equal(moment(at / 1_000 + 0.5), at + 500);
  assert.equal(moment(new Date(at)), at);
  for (const odd of [undefined, null, '', 'P0D', Number.NaN, new Date(Number.NaN)]) assert.equal(moment(odd), undefined);
});

test('a moment survives being written for a filter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (ms) => {
      assert.equal(moment(isoMoment(ms)), ms);
      assert.equal(moment(isoSecond(ms)), ms - (ms % 1_000));
      assert.match(isoSecond(ms), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }),
  );
});

test('tags: absent ones, empty values, nameless pairs', () => {
  assert.deepEqual(tagsOfMap(undefined), {});
  assert.deepEqual(tagsOfMap({ a: undefined, b: '' }), { a: '', b: '' });
  assert.deepEqual(tagsOfList(undefined), {});
  assert.deepEqual(tagsOfList([{ Key: 'a' }, { Value: 'lost' }, { Key: 'b', Value: 'c' }]), { a: '', b: 'c' });
});

test('newest first keeps the order of equals and puts the undated in front', () => {
  const items: { at?: number; n: number }[] = [{ at: 1, n: 1 }, { at: 2, n: 2 }, { n: 3 }, { at: 2, n: 4 }, { n: 5 }];
  const sorted = newestFirst(items, ({ at }) => at);
  assert.deepEqual(
    sorted.map(({ n }) => n),
    [3, 5, 2, 4, 1],
  );
});

test('chunks hold every item once, in order, none too long', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 10 }), (items, size) => {
      const chunks = chunksOf(items, size);
      assert.deepEqual(chunks.flat(), items);
      assert.ok(chunks.every((chunk) => chunk.length >= 1 && chunk.length <= size));
    }),
  );
});

test('paging: empty pages, an empty last token, and a token that never changes', async () => {
  const call = { service: 'ssm', operation: 'List', account: undefined, region: undefined, effect: 'read' } as const;
  const pages = [
    { items: [1], nextToken: 'a' },
    { items: [], nextToken: 'b' },
    { items: [2, 3], nextToken: '' },
  ];
  const tokens: (string | undefined)[] = [];
  const found = await collect(
    everyItem(call, async (token) => {
      tokens.push(token);
      return pages[tokens.length - 1] ?? assert.fail('a page too many');
    }),
  );
  assert.deepEqual(found, [1, 2, 3]);
  assert.deepEqual(tokens, [undefined, 'a', 'b']);
  await assert.rejects(
    collect(everyItem(call, async () => ({ items: [], nextToken: 'same' }))),
    (error: unknown) => error instanceof AwsError && error.message.startsWith('ssm:List: ') && error.next !== '',
  );
});

test('session names are what STS takes, whatever was wanted', () => {
  assert.equal(roleSessionName('breakwater-acme/shop-1234[1]'), 'breakwater-acme-shop-1234-1-');
  assert.equal(roleSessionName(''), 'breakwater');
  assert.equal(roleSessionName('ü'), 'breakwater');
  fc.assert(fc.property(fc.string(), (wanted) => assert.match(roleSessionName(wanted), /^[\w+=,.@-]{2,64}$/)));
});
