import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowsDependents, isFinal, STATUSES } from './status.ts';

test('only what succeeded, or failed and was ignored, lets dependents start', () => {
  assert.deepEqual(STATUSES.filter(allowsDependents), ['succeeded', 'succeeded-with-warnings', 'failed-ignored']);
});

test('what is pending, running or waiting is not final', () => {
  assert.deepEqual(
    STATUSES.filter((status) => !isFinal(status)),
    ['pending', 'running', 'waiting'],
  );
});
