import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobClaims } from './job-claims.ts';

const tokenOf = (claims: object) => ['x', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'y'].join('.');

test('the claims of a job are read', () => {
  const token = tokenOf({ repository: 'example/webshop', run_id: '7', run_attempt: '2', environment: 'prod' });
  assert.deepEqual(jobClaims(token), { repository: 'example/webshop', run: '7', attempt: 2, environment: 'prod' });
});

test('whatever is no token says nothing', () => {
  const nothing = { repository: undefined, run: undefined, attempt: undefined, environment: undefined };
  for (const token of ['', 'x', 'a.b.c', tokenOf([]), tokenOf({ run_attempt: 2, run_id: 7 }), tokenOf({ run_attempt: '0' })]) {
    assert.deepEqual(jobClaims(token), nothing, token);
  }
});
