import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deterministicUuid } from './deterministic-id.ts';

test('the same parts give the same UUID, in the form that SSM demands', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (parts) => {
      const id = deterministicUuid(...parts);
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.equal(deterministicUuid(...parts), id);
    }),
  );
});

test('parts are kept apart: moving a border makes another UUID', () => {
  assert.notEqual(deterministicUuid('ab', 'c'), deterministicUuid('a', 'bc'));
  assert.notEqual(deterministicUuid('a', '', 'b'), deterministicUuid('a', 'b', ''));
  assert.notEqual(deterministicUuid('a","b'), deterministicUuid('a', 'b'));
});
