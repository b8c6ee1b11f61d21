import type { ReasonCode } from '@breakwater/core';
import type { CallContext } from './call-context.ts';
import { DATABASE_ERROR_ROWS } from './database-error-rows.ts';
import { DRS_QUOTAS } from './drs-quotas.ts';
import type { Fault } from './fault.ts';
import { ROUTE53_ERROR_ROWS } from './route53-error-rows.ts';

/** One kind of AWS error: how it is recognised, what we call it, what to do about it. The first row that fits wins. */
export interface ErrorRow {
  /** AWS's codes, both spellings where the wire and the SDK differ. */
  readonly codes: readonly string[];
  /** Holds the row to what `codes` cannot tell (a status, a text); with it, `codes` may be empty. */
  readonly when?: (fault: Fault, call: CallContext) => boolean;
  readonly reason: ReasonCode;
  readonly next: (fault: Fault, call: CallContext) => string;
  /** The permission or quota that lacks, when AWS told us. */
  readonly missing?: (fault: Fault, call: CallContext) => string | undefined;
}

const DENIED_ACTION = /(?:not|n't) authorized to perform:? ([a-z][a-z0-9-]*:[A-Za-z0-9*]+)/;
const place = (call: CallContext) => `account ${call.account ?? 'unknown'}, Region ${call.region ?? 'unknown'}`;

/** The action AWS names in a refusal, or the call's own. */
export function deniedAction(message: string, call: CallContext): string {
  return DENIED_ACTION.exec(message)?.[1] ?? `${call.service}:${call.operation}`;
}

function whereToAllow(fault: Fault, call: CallContext): string {
  const action = deniedAction(fault.message, call);
  const text = fault.message.toLowerCase();
  if (text.includes('service control policy')) {
    return `An SCP of the organisation stands against ${action}: no policy on the role can help. Ask whoever owns the organisation's policies, in ${place(call)}.`;
  }
  if (text.includes('resource control policy')) {
    return `A resource control policy of the organisation stands against ${action}. Ask whoever owns the organisation's policies, in ${place(call)}.`;
  }
  if (text.includes('permissions boundary')) {
    return `The role's permissions boundary must allow ${action} as well as its policies, in ${place(call)}.`;
  }
  if (text.includes('session policy')) {
    return `The session was narrowed by a session policy: allow ${action} there too, in ${place(call)}.`;
  }
  if (call.operation.startsWith('AssumeRole')) {
    return `Let the role's trust policy allow the caller (and check the external id and the conditions on the token), and let the caller ${action}, in ${place(call)}.`;
  }
  return `Allow ${action} to the role of the site (docs/permissions.md lists all it needs), in ${place(call)}.`;
}

function quotaName(fault: Fault): string | undefined {
  if (fault.quotaCode === undefined) return undefined;
  const quota = DRS_QUOTAS[fault.quotaCode];
  return quota === undefined ? fault.quotaCode : `${fault.quotaCode} (${quota.name}, ${quota.value})`;
}

function quotaNext(fault: Fault, call: CallContext): string {
  const quota = fault.quotaCode === undefined ? undefined : DRS_QUOTAS[fault.quotaCode];
  if (quota?.adjustable) return `Raise the quota "${quota.name}" in the Service Quotas console, in ${place(call)}.`;
  if (quota !== undefined) {
    return `The quota "${quota.name}" (${quota.value}) cannot be raised: wait until running jobs end, then run the same execution again. Place: ${place(call)}.`;
  }
  return `Look at the quotas of ${call.service} in the Service Quotas console, in ${place(call)}; wait for running work to end or raise the quota, then run the same execution again.`;
}

const again = 'run the same execution again to resume';

export const ERROR_TABLE: readonly ErrorRow[] = [
  ...DATABASE_ERROR_ROWS,
  ...ROUTE53_ERROR_ROWS,
  {
    codes: ['UninitializedAccountException'],
    reason: 'drs-uninitialised',
    next: (_, call) =>
      `Initialise DRS in ${place(call)}: open the Elastic Disaster Recovery console there once, or run "aws drs initialize-service --region ${call.region ?? '<Region>'}". If servers should already replicate there, check the Region of the site.`,
  },
  {
    // A Region that is not enabled for the account answers like this, and so does a token AWS does not know.
    codes: ['UnrecognizedClientException'],
    when: (_, call) => call.service === 'drs',
    reason: 'drs-uninitialised',
    next: (_, call) =>
      `Enable the Region for the account if it is an opt-in Region (Account settings, AWS Regions), then initialise DRS there. If DRS is in use there, the credentials are the fault: get new ones. Place: ${place(call)}.`,
  },
  {
    codes: ['ExpiredToken', 'ExpiredTokenException', 'ExpiredTokenFault', 'RequestExpired'],
    reason: 'credentials-expired',
    next: (_, call) =>
      call.operation === 'AssumeRoleWithWebIdentity'
        ? `The identity token is too old: the job needs "permissions: id-token: write" so that a new one can be asked for; then ${again}.`
        : `Get new credentials (aws sso login, or a new workflow run with the OIDC role), then ${again}.`,
  },
  {
    codes: ['CredentialsProviderError', 'ProviderError', 'TokenProviderError'],
    when: (fault) => /expired|refresh this SSO session/i.test(fault.message),
    reason: 'credentials-expired',
    next: () => `Log in again (aws sso login), then ${again}.`,
  },
  {
    codes: [
      'CredentialsProviderError',
      'ProviderError',
      'TokenProviderError',
      'InvalidIdentityToken',
      'InvalidIdentityTokenException',
    ],
    reason: 'credentials-missing',
    next: (_, call) =>
      call.operation === 'AssumeRoleWithWebIdentity'
        ? 'Check that the OIDC provider of GitHub is set up in the account of the role and that the audience is sts.amazonaws.com (docs/credentials.md).'
        : 'Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the action a role to assume by OIDC (docs/credentials.md).',
  },
  {
    codes: [
      'InvalidClientTokenId',
      'InvalidClientTokenIdException',
      'UnrecognizedClientException',
      'InvalidAccessKeyId',
      'AuthFailure',
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
      'IncompleteSignature',
      'IncompleteSignatureException',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      'RequestInTheFuture',
      'RequestTimeTooSkewed',
      'NotSignedUp',
    ],
    reason: 'credentials-invalid',
    next: (_, call) =>
      `AWS does not know these credentials: check that access key, secret and session token belong together, that the machine's clock is right, and, for an opt-in Region, that it is enabled. Place: ${place(call)}.`,
  },
  {
    codes: ['RegionDisabledException'],
    reason: 'permission-denied',
    next: (_, call) => `Enable STS for the Region in the IAM console (Account settings), in ${place(call)}.`,
    missing: (_, call) => `Region ${call.region ?? 'unknown'} enabled in STS`,
  },
  {
    codes: ['ServiceQuotaExceededException', 'ServiceQuotaExceeded'],
    reason: 'quota-exceeded',
    missing: quotaName,
    next: quotaNext,
  },
  {
    codes: ['AutomationExecutionLimitExceededException'],
    reason: 'quota-exceeded',
    missing: () => 'concurrent automations (100 running, then a queue)',
    next: (_, call) => `Wait until running automations end, then ${again}. Place: ${place(call)}.`,
  },
  {
    codes: ['InstanceLimitExceeded', 'VcpuLimitExceeded', 'VolumeLimitExceeded', 'MaxSpotInstanceCountExceeded'],
    reason: 'quota-exceeded',
    missing: (fault) => fault.code,
    next: quotaNext,
  },
  {
    // DRS says 402 for every exceeded quota.
    codes: [],
    when: (fault) => fault.httpStatus === 402,
    reason: 'quota-exceeded',
    missing: quotaName,
    next: quotaNext,
  },
  {
    codes: [
      'BandwidthLimitExceeded',
      'EC2ThrottledException',
      'LimitExceededException',
      'PriorRequestNotComplete',
      'ProvisionedThroughputExceededException',
      'RequestLimitExceeded',
      'RequestThrottled',
      'RequestThrottledException',
      'SlowDown',
      'ThrottledException',
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
      'TransactionInProgressException',
    ],
    reason: 'throttled',
    next: (_, call) =>
      `AWS answers too many calls in ${place(call)}; somebody else may be polling it. Wait a minute, then ${again}.`,
  },
  {
    codes: [],
    when: (fault) => fault.httpStatus === 429,
    reason: 'throttled',
    next: (_, call) =>
      `AWS answers too many calls in ${place(call)}; somebody else may be polling it. Wait a minute, then ${again}.`,
  },
  {
    codes: [
      'AccessDenied',
      'AccessDeniedException',
      'UnauthorizedOperation',
      'UnauthorizedException',
      'AuthorizationError',
      'AuthorizationErrorException',
      'ForbiddenException',
      'Client.UnauthorizedOperation',
      'NotAuthorized',
      'IDPRejectedClaim',
      'IDPRejectedClaimException',
      'OptInRequired',
    ],
    reason: 'permission-denied',
    missing: (fault, call) => deniedAction(fault.message, call),
    next: whereToAllow,
  },
  {
    // "You are not authorized to perform: iam:PassRole" also comes under other codes.
    codes: [],
    when: (fault) => DENIED_ACTION.test(fault.message),
    reason: 'permission-denied',
    missing: (fault, call) => deniedAction(fault.message, call),
    next: whereToAllow,
  },
  {
    codes: ['ConflictException'],
    reason: 'aws-fault',
    next: (_, call) =>
      call.service === 'drs'
        ? `Another DRS job holds one of these servers. Look at the running jobs (aws drs describe-jobs) in ${place(call)}; when they have ended, ${again}.`
        : `Something else is changing the same thing in ${place(call)}. Wait for it to end, then ${again}.`,
  },
  {
    codes: [
      'AutomationDefinitionNotFoundException',
      'AutomationDefinitionVersionNotFoundException',
      'InvalidDocument',
      'InvalidDocumentVersion',
    ],
    reason: 'aws-fault',
    next: (_, call) =>
      `Check the name and version of the SSM document, that it exists in ${place(call)}, and that it is shared with that account.`,
  },
  {
    codes: ['InvalidAutomationExecutionParametersException', 'InvalidParameters'],
    reason: 'aws-fault',
    next: () => 'Compare the parameters in the plan with what the SSM document declares.',
  },
  {
    codes: ['IdempotentParameterMismatch'],
    reason: 'aws-fault',
    next: () => 'The same step was started before with other parameters. Start a new execution instead of resuming this one.',
  },
  {
    codes: ['InvalidInstanceId', 'InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'],
    reason: 'aws-fault',
    next: (_, call) => `Check that the instance runs and that its SSM agent is registered, in ${place(call)}.`,
  },
  {
    codes: ['ValidationException', 'ValidationError', 'InvalidParameterValue', 'InvalidParameterCombination', 'MissingParameter'],
    reason: 'aws-fault',
    next: () => 'AWS refuses the request as it stands: compare the ids and values in the plan with the message.',
  },
  {
    codes: ['ResourceNotFoundException'],
    reason: 'aws-fault',
    next: (_, call) => `What was asked for is not in ${place(call)}: check the id, the account and the Region.`,
  },
  {
    // No answer, a broken answer, or AWS's own failure.
    codes: [],
    when: (fault) => fault.unavailable,
    reason: 'aws-unavailable',
    next: (_, call) =>
      call.effect === 'once'
        ? `It is not known whether AWS took the request. Do not send it by hand: ${again}, which looks first. Place: ${place(call)}.`
        : `Check the network of this machine and the health of ${call.service} in ${place(call)} (health.aws.amazon.com), then ${again}.`,
  },
];

/** For everything that no row knows. */
export const UNKNOWN_ERROR: ErrorRow = {
  codes: [],
  reason: 'aws-fault',
  next: (_, call) =>
    `Look the code up in the API reference of ${call.service} ${call.operation}; when the cause is gone, ${again}.`,
};
