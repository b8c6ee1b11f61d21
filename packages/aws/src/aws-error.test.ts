import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, type ReasonCode, UserError } from '@breakwater/core';
import { toAwsError } from './aws-error.ts';
import type { CallContext } from './call-context.ts';
import { ERROR_TABLE } from './error-table.ts';
import { drsError, ec2Error, queryError, type ScriptedAnswer, ssmError } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const DRS: CallContext = {
  service: 'drs',
  operation: 'DescribeJobs',
  account: '111122223333',
  region: 'eu-west-1',
  effect: 'read',
};
const START: CallContext = { ...DRS, operation: 'StartRecovery', effect: 'once' };
const SSM: CallContext = { ...DRS, service: 'ssm', operation: 'StartAutomationExecution', effect: 'repeatable' };
const OIDC: CallContext = { ...DRS, service: 'sts', operation: 'AssumeRoleWithWebIdentity', account: undefined };

function sdkError(name: string, status: number | undefined, message = `${name} said`, extra: object = {}): Error {
  const metadata = status === undefined ? {} : { $metadata: { httpStatusCode: status, requestId: 'abc' } };
  return Object.assign(new Error(message), { name, ...metadata, ...extra });
}

function mapped(error: unknown, call: CallContext): AwsError {
  const result = toAwsError(error, call);
  assert.ok(result instanceof AwsError);
  return result;
}

test('every code of the table gets its row’s reason, and every row has advice', () => {
  for (const row of ERROR_TABLE) {
    for (const code of row.codes) {
      const call = row.reason === 'drs-uninitialised' ? DRS : SSM;
      const error = mapped(sdkError(code, 400), call);
      const first = ERROR_TABLE.find(
        (other) => other.codes.includes(code) && (other.when?.({ ...fault, code, message: `${code} said` }, call) ?? true),
      );
      assert.equal(error.code, first?.reason, code);
      assert.equal(error.call.awsCode, code);
      assert.ok(error.next.length > 20, code);
    }
  }
});
const fault = {
  code: '',
  message: '',
  httpStatus: 400,
  requestId: undefined,
  quotaCode: undefined,
  lost: false,
  unavailable: false,
};

/** error, call, reason, what the advice names, what is missing */
const cases: [Error, CallContext, ReasonCode, RegExp, string?][] = [
  [sdkError('UninitializedAccountException', 400), DRS, 'drs-uninitialised', /aws drs initialize-service --region eu-west-1/],
  [sdkError('UnrecognizedClientException', 403), DRS, 'drs-uninitialised', /opt-in Region/],
  [sdkError('UnrecognizedClientException', 400), SSM, 'credentials-invalid', /session token/],
  [sdkError('ExpiredTokenException', 400), DRS, 'credentials-expired', /aws sso login/],
  [sdkError('ExpiredTokenException', 400, 'Token expired'), OIDC, 'credentials-expired', /id-token: write/],
  [sdkError('InvalidIdentityToken', 400), OIDC, 'credentials-missing', /OIDC provider/],
  [
    sdkError('CredentialsProviderError', undefined, 'Could not load credentials'),
    OIDC,
    'credentials-missing',
    /docs\/credentials\.md/,
  ],
  [sdkError('CredentialsProviderError', undefined, 'Could not load credentials'), DRS, 'credentials-missing', /AWS_PROFILE/],
  [
    sdkError('TokenProviderError', undefined, 'Token is expired. To refresh this SSO session run aws sso login'),
    DRS,
    'credentials-expired',
    /sso login/,
  ],
  [sdkError('RegionDisabledException', 403), OIDC, 'permission-denied', /Enable STS/, 'Region eu-west-1 enabled in STS'],
  [
    sdkError('ServiceQuotaExceededException', 402, 'Too many', { quotaCode: 'L-D88FAC3A' }),
    START,
    'quota-exceeded',
    /cannot be raised/,
    'L-D88FAC3A (concurrent jobs in progress, 20)',
  ],
  [
    sdkError('ServiceQuotaExceededException', 402, 'Too many', { quotaCode: 'L-E28BE5E0' }),
    START,
    'quota-exceeded',
    /Raise the quota "source servers"/,
    'L-E28BE5E0 (source servers, 4000)',
  ],
  [
    sdkError('ServiceQuotaExceededException', 402, 'x', { quotaCode: 'L-NEW' }),
    START,
    'quota-exceeded',
    /Service Quotas/,
    'L-NEW',
  ],
  [sdkError('SomethingElse', 402), START, 'quota-exceeded', /Service Quotas/],
  [
    sdkError('AutomationExecutionLimitExceededException', 400),
    SSM,
    'quota-exceeded',
    /running automations/,
    'concurrent automations (100 running, then a queue)',
  ],
  [sdkError('VcpuLimitExceeded', 400), SSM, 'quota-exceeded', /Service Quotas/, 'VcpuLimitExceeded'],
  [sdkError('RequestLimitExceeded', 503), SSM, 'throttled', /too many calls/],
  [sdkError('Http', 429), DRS, 'throttled', /too many calls/],
  [
    sdkError(
      'AccessDeniedException',
      400,
      'User: arn:x is not authorized to perform: ssm:StartAutomationExecution on resource: y',
    ),
    SSM,
    'permission-denied',
    /Allow ssm:StartAutomationExecution/,
    'ssm:StartAutomationExecution',
  ],
  [
    sdkError('AccessDeniedException', 400, 'User: arn:x is not authorized to perform: iam:PassRole on resource: y'),
    SSM,
    'permission-denied',
    /Allow iam:PassRole/,
    'iam:PassRole',
  ],
  [
    sdkError(
      'AccessDeniedException',
      403,
      'not authorized to perform: drs:StartRecovery on resource: y with an explicit deny in a service control policy',
    ),
    START,
    'permission-denied',
    /SCP of the organisation/,
    'drs:StartRecovery',
  ],
  [
    sdkError(
      'AccessDeniedException',
      403,
      'not authorized to perform: drs:StartRecovery with an explicit deny in a resource control policy',
    ),
    START,
    'permission-denied',
    /resource control policy/,
    'drs:StartRecovery',
  ],
  [
    sdkError(
      'AccessDeniedException',
      403,
      'not authorized to perform: drs:StartRecovery because no permissions boundary allows the action',
    ),
    START,
    'permission-denied',
    /permissions boundary must allow/,
    'drs:StartRecovery',
  ],
  [
    sdkError(
      'AccessDeniedException',
      403,
      'not authorized to perform: drs:StartRecovery because no session policy allows the action',
    ),
    START,
    'permission-denied',
    /session policy/,
    'drs:StartRecovery',
  ],
  [
    sdkError('UnauthorizedOperation', 403, 'You are not authorized to perform this operation.'),
    DRS,
    'permission-denied',
    /Allow drs:DescribeJobs/,
    'drs:DescribeJobs',
  ],
  [
    sdkError('AccessDenied', 403, 'no'),
    { ...OIDC, operation: 'AssumeRole' },
    'permission-denied',
    /external id/,
    'sts:AssumeRole',
  ],
  [
    sdkError('InvalidAutomationExecutionParametersException', 400, 'is not authorized to perform: iam:PassRole on it'),
    SSM,
    'permission-denied',
    /iam:PassRole/,
    'iam:PassRole',
  ],
  [
    sdkError('ConflictException', 409, 'currently being processed by a Job', { resourceId: 's-1' }),
    START,
    'aws-fault',
    /aws drs describe-jobs/,
  ],
  [sdkError('ConflictException', 409), SSM, 'aws-fault', /changing the same thing/],
  [sdkError('AutomationDefinitionNotFoundException', 400), SSM, 'aws-fault', /name and version of the SSM document/],
  [sdkError('InvalidAutomationExecutionParametersException', 400), SSM, 'aws-fault', /what the SSM document declares/],
  [sdkError('IdempotentParameterMismatch', 400), SSM, 'aws-fault', /new execution/],
  [sdkError('InvalidInstanceId', 400), SSM, 'aws-fault', /SSM agent/],
  [sdkError('ResourceNotFoundException', 404), DRS, 'aws-fault', /account and the Region|account 111122223333/],
  [sdkError('ValidationException', 400), START, 'aws-fault', /ids and values/],
  [sdkError('InternalServerException', 500), START, 'aws-unavailable', /Do not send it by hand/],
  [sdkError('Error', undefined, 'getaddrinfo', { code: 'ENOTFOUND' }), DRS, 'aws-unavailable', /network/],
  [sdkError('BrandNewException', 418), DRS, 'aws-fault', /API reference of drs DescribeJobs/],
];
for (const [error, call, code, next, missing] of cases) {
  test(`${error.name} (${error.message.slice(0, 60)}) of ${call.operation} is ${code}`, () => {
    const result = mapped(error, call);
    assert.equal(result.code, code);
    assert.match(result.next, next);
    assert.equal(result.missing, missing);
    assert.ok(result.message.includes(error.message), 'AWS’s own words are kept');
    assert.equal(result.cause, error);
  });
}

test('a message names service, operation, account, Region, code, status and request', () => {
  const result = mapped(sdkError('ConflictException', 409, 'busy', { resourceId: 's-1' }), START);
  assert.equal(
    result.message,
    'drs:StartRecovery in 111122223333/eu-west-1 failed: busy; resource s-1 (ConflictException, HTTP 409, request abc)',
  );
  assert.deepEqual(result.call, {
    service: 'drs',
    operation: 'StartRecovery',
    account: '111122223333',
    region: 'eu-west-1',
    requestId: 'abc',
    httpStatus: 409,
    awsCode: 'ConflictException',
  });
});

test('the fields AWS complains of are named', () => {
  const fieldList = [{ name: 'sourceServers', message: 'too long' }, {}, 'odd'];
  const result = mapped(sdkError('ValidationException', 400, 'bad', { fieldList }), START);
  assert.match(result.message, /bad; sourceServers: too long; field: invalid; field: invalid/);
});

test('ambiguous: only a change whose answer was lost', () => {
  const lost = sdkError('TimeoutError', undefined, 'socket', { code: 'ECONNRESET' });
  assert.equal(mapped(lost, DRS).ambiguous, false);
  assert.equal(mapped(lost, START).ambiguous, true);
  assert.equal(mapped(lost, SSM).ambiguous, true);
  assert.equal(mapped(sdkError('InternalServerException', 500), START).ambiguous, true);
  assert.equal(mapped(sdkError('SyntaxError', 202, 'Unexpected end of JSON input'), START).ambiguous, true);
  assert.equal(mapped(sdkError('RequestTimeout', 400), START).ambiguous, true);
  assert.equal(mapped(sdkError('ThrottlingException', 503), START).ambiguous, false);
  assert.equal(mapped(sdkError('ConflictException', 409), START).ambiguous, false);
  assert.equal(mapped(sdkError('CredentialsProviderError', undefined), START).ambiguous, false);
});

test('what is no error object, or is ours already, is no crash', () => {
  for (const odd of ['text', undefined, null, 7, {}, Object.create(null)]) {
    assert.equal(mapped(odd, DRS).code, 'aws-fault');
    assert.equal(mapped(odd, START).ambiguous, true, 'no answer is known of');
  }
  const ours = new UserError('usage', 'mine', { next: 'do' });
  assert.equal(toAwsError(ours, DRS), ours);
});

/** The same errors through the wire and the SDKs, both generations. */
const wire: [string, ScriptedAnswer, (site: ReturnType<typeof scriptedSite>) => Promise<unknown>, ReasonCode, string][] = [
  ['drs by header', drsError(409, 'ConflictException'), ({ drs }) => drs.describeJobLog('x'), 'aws-fault', 'ConflictException'],
  [
    'drs without header, the body’s code before __type',
    { status: 409, json: { code: 'SOME_CODE', __type: 'com.amazonaws.drs#ConflictException', message: 'busy' } },
    ({ drs }) => drs.describeJobLog('x'),
    'aws-fault',
    'ConflictException',
  ],
  [
    'drs quota',
    drsError(402, 'ServiceQuotaExceededException', { quotaCode: 'L-05AFA8C6', serviceCode: 'drs' }),
    ({ drs }) => drs.describeJobLog('x'),
    'quota-exceeded',
    'ServiceQuotaExceededException',
  ],
  ['drs with nothing usable', { status: 418, json: {} }, ({ drs }) => drs.describeJobLog('x'), 'aws-fault', 'Http418'],
  [
    'ssm',
    ssmError(400, 'AutomationDefinitionNotFoundException'),
    ({ ssm }) => ssm.cancelCommand('x'),
    'aws-fault',
    'AutomationDefinitionNotFoundException',
  ],
  [
    'ssm unmodelled',
    ssmError(400, 'AccessDeniedException'),
    ({ ssm }) => ssm.cancelCommand('x'),
    'permission-denied',
    'AccessDeniedException',
  ],
  [
    'ec2',
    ec2Error(400, 'InvalidInstanceID.Malformed'),
    ({ ec2 }) => ec2.describeInstances(['x']),
    'aws-fault',
    'InvalidInstanceID.Malformed',
  ],
  [
    'ec2 denied',
    ec2Error(403, 'UnauthorizedOperation'),
    ({ ec2 }) => ec2.describeInstances(['x']),
    'permission-denied',
    'UnauthorizedOperation',
  ],
  ['sts', queryError(403, 'InvalidClientTokenId'), ({ identity }) => identity(), 'credentials-invalid', 'InvalidClientTokenId'],
  ['sts expired', queryError(403, 'ExpiredToken'), ({ identity }) => identity(), 'credentials-expired', 'ExpiredToken'],
];
for (const [name, answer, ask, code, awsCode] of wire) {
  test(`through the SDK: ${name}`, async () => {
    const site = scriptedSite(() => answer);
    const error = await ask(site).catch((caught: unknown) => caught);
    assert.ok(error instanceof AwsError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.call.awsCode, awsCode);
    assert.equal(error.call.httpStatus, answer.status);
    assert.equal(site.aws.sent.length, 1);
    if (name === 'drs quota') assert.equal(error.missing, 'L-05AFA8C6 (source servers in all jobs, 500)');
  });
}
