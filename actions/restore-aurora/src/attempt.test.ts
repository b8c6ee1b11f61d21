import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGithubContext } from '@breakwater/action-kit';
import { attemptOf } from './attempt.ts';

const of = (GITHUB_RUN_ID: string | undefined, GITHUB_RUN_ATTEMPT: string | undefined) =>
  attemptOf(readGithubContext({ GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT }));

test('a later run is a later attempt, and so is a re-run of one', () => {
  const told = [of('19400000001', '1'), of('19400000001', '2'), of('19400000002', '1'), of('19400000002', '999')];
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(told).size, told.length);
  for (const attempt of told) assert.ok(Number.isSafeInteger(attempt) && attempt > 0);
});

test('without a run that is a number only the re-runs are counted', () => {
  assert.equal(of(undefined, undefined), 1);
  assert.equal(of('local', '3'), 3);
  assert.equal(of('99999999999999999999', '2'), 2, 'beyond what can be counted exactly');
});
