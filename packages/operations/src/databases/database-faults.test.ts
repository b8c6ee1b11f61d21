import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, type ReasonCode, UserError } from '@breakwater/core';
import { rdsError } from '../testing/rds-error.ts';
import {
  isAlreadyThere,
  isCopyLimit,
  isKeyRefusal,
  isNotFound,
  isPassing,
  isRequestRefusal,
  isSnapshotState,
} from './copy-faults.ts';
import { isNotNow } from './restore-state.ts';

/** Codes as RDS answers them, with and without `Fault`: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html. */
const NOT_NOW = [
  'DBClusterAlreadyExistsFault',
  'DBInstanceAlreadyExists',
  'DBClusterSnapshotAlreadyExistsFault',
  'InvalidDBClusterStateFault',
  'InvalidDBInstanceState',
  'InvalidDBClusterSnapshotStateFault',
  'InvalidResourceStateFault',
  'DBClusterNotFoundFault',
  'DBInstanceNotFound',
];
const NEVER = [
  'DBSubnetGroupNotFoundFault',
  'InvalidDBSubnetGroupStateFault',
  'DBClusterParameterGroupNotFound',
  'DBParameterGroupNotFound',
  'OptionGroupNotFoundFault',
  'DBClusterSnapshotNotFoundFault',
  'DBSnapshotNotFound',
  'KMSKeyNotAccessibleFault',
  'KMSKeyNotFound',
  'InvalidParameterValue',
  'InvalidVPCNetworkStateFault',
  'SnapshotQuotaExceeded',
  'AccessDenied',
];

test('what AWS refuses only for now, and what no waiting helps', () => {
  for (const code of NOT_NOW) assert.equal(isNotNow(rdsError(code)), true, code);
  for (const code of NEVER) assert.equal(isNotNow(rdsError(code)), false, code);
});

test('the copy limit and the quota of manual snapshots have one code, and are told apart by their words', () => {
  const quota = (message: string, code = 'SnapshotQuotaExceeded') => isCopyLimit(rdsError(code, { message }));
  assert.equal(quota('Cannot create more than 5 snapshot copies in progress to us-west-2'), true);
  assert.equal(quota('Cannot create more than 20 copies', 'SnapshotQuotaExceededFault'), true);
  for (const message of [
    'Cannot create more than 100 manual snapshots',
    'Cannot create more than 100 Manual Snapshots',
    'The quota of manual snapshots is reached',
  ])
    assert.equal(quota(message), false, message);
  assert.equal(quota('Too many', 'StorageQuotaExceeded'), false);
  assert.equal(quota('Too many', 'DBClusterSnapshotQuotaExceeded'), false, 'the code is not part of a longer one');
  assert.equal(isCopyLimit(new Error('SnapshotQuotaExceeded')), false, 'only AWS can say it');
});

const MEANINGS: readonly (readonly [string, (error: unknown) => boolean, readonly string[], readonly string[]])[] = [
  [
    'already there',
    isAlreadyThere,
    ['DBClusterSnapshotAlreadyExistsFault', 'DBSnapshotAlreadyExists'],
    ['DBClusterAlreadyExistsFault', 'DBSnapshotNotFound'],
  ],
  ['not found', isNotFound, ['DBClusterSnapshotNotFoundFault', 'DBSnapshotNotFound'], ['DBClusterNotFoundFault']],
  [
    'state of a snapshot',
    isSnapshotState,
    ['InvalidDBClusterSnapshotStateFault', 'InvalidDBSnapshotState'],
    ['InvalidDBClusterStateFault', 'NoInvalidDBSnapshotState'],
  ],
  [
    'refusal of a request',
    isRequestRefusal,
    [
      'InvalidParameterValue',
      'InvalidParameterCombination',
      'UnsupportedOperation',
      'OperationNotSupported',
      'InvalidDBSnapshotState',
      'InvalidDBClusterSnapshotStateFault',
    ],
    ['InvalidParameter', 'AccessDenied', 'SnapshotQuotaExceeded', 'InvalidDBClusterStateFault'],
  ],
];
for (const [what, means, yes, no] of MEANINGS) {
  test(`codes of RDS that mean: ${what}`, () => {
    for (const code of yes) assert.equal(means(rdsError(code)), true, code);
    for (const code of no) assert.equal(means(rdsError(code)), false, code);
    assert.equal(means(new Error(yes[0])), false, 'only AWS can say it');
  });
}

test('what passes by itself, or is not about the copy', () => {
  const aws = (code: ReasonCode) => new AwsError(code, 'm', { next: 'n', call: rdsError('x').call });
  for (const code of ['throttled', 'aws-unavailable', 'credentials-expired', 'credentials-missing'] as const)
    assert.equal(isPassing(aws(code)), true, code);
  for (const code of ['aws-fault', 'permission-denied', 'key-not-accessible', 'quota-exceeded'] as const)
    assert.equal(isPassing(aws(code)), false, code);
  assert.equal(isPassing(new UserError('usage', 'm', { next: 'n' })), false);
  assert.equal(isPassing(new Error('a fault of ours')), true, 'it is not hidden behind a verdict');
  assert.equal(isKeyRefusal(aws('key-not-accessible')), true);
  assert.equal(isKeyRefusal(aws('permission-denied')), false);
});
