import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, GithubError, UserError } from '@breakwater/core';
import { errorText } from './error-text.ts';

test('an error says what, where, what next, and its code', () => {
  const error = new UserError('plan-invalid', 'unknown wave "dta"', {
    next: 'Did you mean "data"?',
    location: { file: 'plans/webshop.yaml', line: 12, column: 7 },
  });
  assert.equal(
    errorText(error, {}),
    'breakwater: unknown wave "dta" [plan-invalid]\n  at: plans/webshop.yaml:12:7\n  next: Did you mean "data"?\n',
  );
});

test('a fault of AWS names the call, and only what is known of it', () => {
  const call = { service: 'drs', operation: 'StartRecovery', awsCode: 'AccessDeniedException' };
  const known = { ...call, account: '111122223333', region: 'eu-west-1', requestId: 'r-1', httpStatus: 403 };
  const unknown = { ...call, account: undefined, region: undefined, requestId: undefined, httpStatus: undefined };
  assert.match(
    errorText(new AwsError('permission-denied', 'no', { next: 'n', call: known }), {}),
    /\n {2}call: drs:StartRecovery in 111122223333 eu-west-1: AccessDeniedException \(HTTP 403\), request r-1\n/,
  );
  assert.match(
    errorText(new AwsError('permission-denied', 'no', { next: 'n', call: unknown }), {}),
    /\n {2}call: drs:StartRecovery: AccessDeniedException\n/,
  );
});

test('credentials that lack name the profile that should have had them', () => {
  const call = {
    service: 'sts',
    operation: 'default credential chain',
    account: undefined,
    region: 'us-west-2',
    awsCode: 'CredentialsProviderError',
    requestId: undefined,
    httpStatus: undefined,
  };
  const missing = new AwsError('credentials-missing', 'no', { next: 'n', call });
  assert.match(
    errorText(missing, { AWS_PROFILE: 'web\u0007shop' }),
    /\n {2}profile: AWS_PROFILE is "web ?shop", and it has none: is it spelt so in ~\/\.aws\/config, and signed in\?\n {2}next: n\n$/,
  );
  assert.doesNotMatch(errorText(missing, {}), /profile/);
  assert.doesNotMatch(errorText(missing, { AWS_PROFILE: '' }), /profile/);
  assert.doesNotMatch(errorText(new AwsError('throttled', 'no', { next: 'n', call }), { AWS_PROFILE: 'x' }), /profile/);
});

test('a fault of GitHub names the call too', () => {
  const call = { method: 'GET', path: '/repos/o/r', httpStatus: 403, requestId: 'A:B' };
  const error = new GithubError('github-permission', 'no', { next: 'n', call, missing: 'actions: read' });
  assert.match(errorText(error, {}), /\n {2}call: GitHub: GET \/repos\/o\/r \(HTTP 403\), request A:B\n/);
  const unknown = { ...call, httpStatus: undefined, requestId: undefined };
  const silent = new GithubError('github-unavailable', 'no', { next: 'n', call: unknown });
  assert.match(errorText(silent, {}), /\n {2}call: GitHub: GET \/repos\/o\/r\n/);
});

test('terminal control in a message is taken out', () => {
  const text = errorText(new UserError('usage', 'a\u001b[31mb\nc', { next: 'd\u0007' }), {});
  assert.equal(text, 'breakwater: ab [usage]\n  c\n  next: d\n');
});

test('stack traces only with BREAKWATER_DEBUG=1, along the causes', () => {
  const error = new Error('outer', { cause: new Error('inner') });
  assert.doesNotMatch(errorText(error, {}), /\n\s+at .*\.ts:/);
  assert.doesNotMatch(errorText(error, { BREAKWATER_DEBUG: '0' }), /error-text\.test/);
  assert.match(
    errorText(error, { BREAKWATER_DEBUG: '1' }),
    /Error: outer\n\s+at .*error-text\.test\.ts[\s\S]*Error: inner\n\s+at /,
  );
});
