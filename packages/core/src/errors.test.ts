import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, asBreakwaterError, UserError } from './errors.ts';
import { isReasonCode, REASON_CODES } from './reason-codes.ts';

test('an error of the family passes through unchanged', () => {
  const error = new UserError('wave-unknown', 'no wave "web"', { next: 'Use "webs".' });
  assert.equal(asBreakwaterError(error), error);
  assert.equal(error.code, 'wave-unknown');
  assert.equal(error.name, 'UserError');
});

test('anything else becomes an internal error that keeps its cause', () => {
  for (const thrown of [new TypeError('x is not a function'), 'text', undefined, null, 7]) {
    const error = asBreakwaterError(thrown);
    assert.equal(error.code, 'internal');
    assert.equal(error.cause, thrown);
    assert.ok(error.next.length > 0);
  }
});

test('an AWS error is unambiguous unless said', () => {
  const call = {
    service: 'drs',
    operation: 'StartRecovery',
    account: undefined,
    region: 'us-west-2',
    requestId: undefined,
    httpStatus: 503,
    awsCode: '503',
  };
  assert.equal(new AwsError('aws-unavailable', 'm', { next: 'n', call }).ambiguous, false);
  assert.equal(new AwsError('aws-unavailable', 'm', { next: 'n', call, ambiguous: true }).ambiguous, true);
});

test('reason codes are kebab-case words with a meaning', () => {
  for (const [code, meaning] of Object.entries(REASON_CODES)) {
    assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    assert.match(meaning, /^[A-Z].*\.$/);
    assert.ok(isReasonCode(code));
  }
  assert.equal(isReasonCode('toString'), false);
});
