import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupBy } from './group-by.ts';

test('groups are those of Map.groupBy, in its order', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN), fc.constant(-0))), (numbers) => {
      assert.deepEqual([...groupBy(numbers, Math.abs)], [...Map.groupBy(numbers, Math.abs)]);
    }),
  );
});
