import assert from 'node:assert/strict';
import { BreakwaterError } from '@breakwater/core';

/** For tests: so many different ids of AWS's length. */
export const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix}${String(n).padStart(17, '0')}`);

/** For tests: one filter of a request. */
export const filterOf = (input: Readonly<Record<string, unknown>>, key: string) =>
  JSON.parse(JSON.stringify(input))['filters']?.[key];

/** For tests: the error that the work ends in. */
export async function failure(work: Promise<unknown>): Promise<BreakwaterError> {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof BreakwaterError, String(error));
  return error;
}
