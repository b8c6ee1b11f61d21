import type { CallContext } from './call-context.ts';
import type { ErrorRow } from './error-table.ts';
import type { Fault } from './fault.ts';

const place = (call: CallContext) => `account ${call.account ?? 'unknown'}, Region ${call.region ?? 'unknown'}`;
const again = 'run the same execution again to resume';

/** What RDS needs a key for, as it stands in the statement of a key policy or of a role. */
const KEY_ACTIONS = 'kms:CreateGrant, kms:DescribeKey, kms:Decrypt, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt*';
const KEY_ARN = /arn:[\w-]+:kms:[\w-]+:\d{12}:(?:key|alias)\/[\w/-]+/;
const KMS_ACTION = /\bkms:[A-Z][A-Za-z]*\*?/;

/** The key AWS complains of, or else the one the call asked for. */
function keyOf(fault: Fault, call: CallContext): string | undefined {
  return KEY_ARN.exec(fault.message)?.[0] ?? /KMS key \[(?!None\])([^\]\s]+)\]/i.exec(fault.message)?.[1] ?? call.kmsKey;
}

/** The statement that lacks, as far as AWS tells: it answers the same for a missing, a disabled and a closed key. */
function keyStatement(fault: Fault, call: CallContext): string {
  return `${KMS_ACTION.exec(fault.message)?.[0] ?? KEY_ACTIONS} on ${keyOf(fault, call) ?? 'the keys of source and target'}`;
}

/** What Secrets Manager does with a key in its caller's name. */
function secretKeyActions({ operation }: CallContext): string {
  return operation === 'GetSecretValue' ? 'kms:Decrypt' : 'kms:GenerateDataKey and kms:Decrypt';
}

function keyNext(fault: Fault, call: CallContext): string {
  const key = keyOf(fault, call);
  const look =
    key === undefined
      ? 'Check that the keys of source and target exist and are enabled.'
      : `Check that ${key} exists, is enabled and is a key of the Region where it is used (aws kms describe-key --key-id ${key}).`;
  const statement = KMS_ACTION.exec(fault.message)?.[0] ?? KEY_ACTIONS;
  return `${look} Its key policy must allow account ${call.account ?? 'of the site'}, and the site's role must itself allow: ${statement}. The key of a snapshot that another account shares must allow the same account. After a change of policy wait two minutes, then ${again}. Place: ${place(call)}.`;
}

/** Limits as AWS sets them for a new account; most can be raised. */
function limitOf(fault: Fault, call: CallContext): string {
  switch (fault.code.replace(/Fault$/, '')) {
    case 'SnapshotQuotaExceeded': {
      const manual = 'manual snapshots of one kind in a Region (100)';
      if (!call.operation.startsWith('Copy') || /\bmanual\b/i.test(fault.message)) return manual;
      const copies =
        call.operation === 'CopyDBClusterSnapshot'
          ? 'cluster snapshot copies in progress to one Region (5)'
          : 'instance snapshot copies in progress to one Region (20)';
      return /\bcop(y|ies)\b|in progress/i.test(fault.message) ? copies : `${copies}, or ${manual}`;
    }
    case 'SharedSnapshotQuotaExceeded':
      return 'accounts that one snapshot is shared with (20)';
    case 'DBClusterQuotaExceeded':
      return 'DB clusters in a Region (40)';
    case 'DBClusterAutomatedBackupQuotaExceeded':
    case 'DBInstanceAutomatedBackupQuotaExceeded':
      return 'automated backups kept of databases that are gone, in a Region (40)';
    case 'InstanceQuotaExceeded':
      return 'DB instances in a Region (40)';
    case 'StorageQuotaExceeded':
      return 'storage of all DB instances in a Region (100,000 GiB)';
    case 'DBClusterRoleQuotaExceeded':
      return 'IAM roles of one DB cluster';
    case 'ParameterLimitExceeded':
      return 'SSM parameters in a Region (10,000)';
    default:
      return fault.code;
  }
}

function limitNext(fault: Fault, call: CallContext): string {
  const limit = limitOf(fault, call);
  const way = limit.includes('in progress')
    ? 'wait until running copies have ended; other people’s count too'
    : limit.startsWith('manual snapshots')
      ? 'delete snapshots that nobody needs, or raise the quota in the Service Quotas console'
      : limit.startsWith('accounts')
        ? 'stop sharing the snapshot with accounts that do not need it'
        : 'delete what nobody needs, or raise the quota in the Service Quotas console';
  return `The limit is ${limit}: ${way}; then ${again}. Place: ${place(call)}.`;
}

function stateNext(fault: Fault, call: CallContext): string {
  if (fault.code.startsWith('InvalidGlobalClusterState') || /global (database|cluster)/i.test(fault.message)) {
    return `The cluster is a member of a global database. Take it out first (aws rds remove-from-global-cluster) in ${place(call)}, if that is wanted; then ${again}.`;
  }
  return `It is in the middle of something else, or in a state that does not allow ${call.operation}. Look at its status in the RDS console in ${place(call)}; when that has ended, ${again}.`;
}

/** How AWS's errors of RDS, the Data API, KMS, Secrets Manager and SNS are named. They stand before the general rows. */
export const DATABASE_ERROR_ROWS: readonly ErrorRow[] = [
  {
    codes: [
      'KMSKeyNotAccessibleFault',
      'KMSKeyNotAccessible',
      'KMSAccessDenied',
      'KMSAccessDeniedException',
      'KMSDisabled',
      'KMSDisabledException',
      'KMSInvalidState',
      'KMSInvalidStateException',
      'KMSNotFound',
      'KMSNotFoundException',
      'DecryptionFailure',
      'EncryptionFailure',
    ],
    reason: 'key-not-accessible',
    missing: keyStatement,
    next: keyNext,
  },
  {
    codes: [
      'SnapshotQuotaExceeded',
      'SnapshotQuotaExceededFault',
      'SharedSnapshotQuotaExceeded',
      'SharedSnapshotQuotaExceededFault',
      'DBClusterQuotaExceededFault',
      'DBClusterAutomatedBackupQuotaExceededFault',
      'DBInstanceAutomatedBackupQuotaExceeded',
      'DBInstanceAutomatedBackupQuotaExceededFault',
      'InstanceQuotaExceeded',
      'InstanceQuotaExceededFault',
      'StorageQuotaExceeded',
      'StorageQuotaExceededFault',
      'DBClusterRoleQuotaExceeded',
      'DBClusterRoleQuotaExceededFault',
      'ParameterLimitExceeded',
    ],
    reason: 'quota-exceeded',
    missing: limitOf,
    next: limitNext,
  },
  {
    codes: [
      'InsufficientDBInstanceCapacity',
      'InsufficientDBInstanceCapacityFault',
      'InsufficientDBClusterCapacityFault',
      'InsufficientStorageClusterCapacity',
      'InsufficientStorageClusterCapacityFault',
    ],
    reason: 'aws-fault',
    next: (_, call) =>
      `AWS has no room for this there now; it is not a quota. Wait some minutes and ${again}, or choose another instance class or Availability Zone. Place: ${place(call)}.`,
  },
  {
    codes: [
      'DBClusterAlreadyExistsFault',
      'DBClusterSnapshotAlreadyExistsFault',
      'DBInstanceAlreadyExists',
      'DBInstanceAlreadyExistsFault',
      'DBSnapshotAlreadyExists',
      'DBSnapshotAlreadyExistsFault',
      'ExportTaskAlreadyExists',
      'ExportTaskAlreadyExistsFault',
    ],
    reason: 'aws-fault',
    next: (_, call) =>
      `Something of that name exists already in ${place(call)}. If an earlier run made it, ${again}: it is found and used. If not, rename or remove it.`,
  },
  {
    codes: [
      'DBSubnetGroupNotFoundFault',
      'DBSubnetGroupDoesNotCoverEnoughAZs',
      'DBClusterParameterGroupNotFound',
      'DBClusterParameterGroupNotFoundFault',
      'DBParameterGroupNotFound',
      'DBParameterGroupNotFoundFault',
      'OptionGroupNotFoundFault',
      'InvalidSubnet',
      'InvalidVPCNetworkStateFault',
    ],
    reason: 'aws-fault',
    next: (_, call) =>
      `What the database needs around it (subnet group, parameter group, security group) must stand ready in ${place(call)} before it is restored: create it there or correct the name.`,
  },
  {
    codes: [
      'DBClusterNotFoundFault',
      'DBClusterSnapshotNotFoundFault',
      'DBInstanceNotFound',
      'DBInstanceNotFoundFault',
      'DBSnapshotNotFound',
      'DBSnapshotNotFoundFault',
      'GlobalClusterNotFoundFault',
      'ExportTaskNotFound',
      'ExportTaskNotFoundFault',
      'DatabaseNotFoundException',
    ],
    reason: 'aws-fault',
    next: (_, call) => `It is not in ${place(call)}: check the name, the account and the Region, and that it was not deleted.`,
  },
  {
    codes: ['InvalidArnException'],
    reason: 'aws-fault',
    next: (_, call) =>
      `That is no id, ARN or alias of a key (an alias begins with "alias/"): compare it with the keys in ${place(call)}.`,
  },
  {
    codes: ['NotFound', 'NotFoundException'],
    reason: 'aws-fault',
    next: (_, call) => `It is not in ${place(call)}: check the ARN, the account and the Region.`,
  },
  {
    codes: [
      'InvalidDBClusterStateFault',
      'InvalidDBClusterSnapshotStateFault',
      'InvalidDBInstanceState',
      'InvalidDBInstanceStateFault',
      'InvalidDBSnapshotState',
      'InvalidDBSnapshotStateFault',
      'InvalidGlobalClusterStateFault',
      'InvalidExportSourceState',
      'InvalidExportSourceStateFault',
      'InvalidResourceStateException',
      'InvalidResourceStateFault',
    ],
    reason: 'aws-fault',
    next: stateNext,
  },
  {
    codes: ['InvalidParameterCombination'],
    when: (fault) => /deletion protection/i.test(fault.message),
    reason: 'aws-fault',
    next: (_, call) =>
      `Somebody protected it against deletion. If it may really go, switch the protection off (aws rds ${call.operation === 'DeleteDBInstance' ? 'modify-db-instance' : 'modify-db-cluster'} --no-deletion-protection) in ${place(call)}, then ${again}.`,
  },
  {
    codes: ['InvalidRestoreFault'],
    reason: 'aws-fault',
    next: (_, call) =>
      call.operation.endsWith('ToPointInTime')
        ? `That moment cannot be restored like this: compare it with what the backups reach, and the settings with those of the source, in ${place(call)}.`
        : `This snapshot cannot be restored like this: compare engine, version and storage with the snapshot's, in ${place(call)}.`,
  },
  {
    codes: ['PointInTimeRestoreNotEnabled', 'PointInTimeRestoreNotEnabledFault'],
    reason: 'aws-fault',
    next: (_, call) =>
      `The source keeps no automated backups (its retention is 0 days), so there is no moment to go back to: restore a snapshot. Place: ${place(call)}.`,
  },
  {
    codes: ['InvalidParameterValue'],
    when: (fault, call) => call.operation.endsWith('ToPointInTime') && /restor\w* time/i.test(fault.message),
    reason: 'aws-fault',
    next: (_, call) =>
      `Choose a moment that the automated backups reach, or the latest one (aws rds describe-db-instance-automated-backups, describe-db-clusters), in ${place(call)}.`,
  },
  {
    codes: [
      'StorageTypeNotSupported',
      'StorageTypeNotSupportedFault',
      'StorageTypeNotAvailableFault',
      'ProvisionedIopsNotAvailableInAZ',
      'ProvisionedIopsNotAvailableInAZFault',
    ],
    reason: 'aws-fault',
    next: (_, call) =>
      `AWS does not offer that storage there: choose another storage type, class or Availability Zone in ${place(call)}.`,
  },
  {
    codes: [
      'DBInstanceAutomatedBackupNotFound',
      'DBInstanceAutomatedBackupNotFoundFault',
      'DBClusterAutomatedBackupNotFoundFault',
    ],
    reason: 'aws-fault',
    next: (_, call) => `No automated backup of it is in ${place(call)}: restore a snapshot.`,
  },
  {
    codes: [
      'IamRoleMissingPermissions',
      'IamRoleMissingPermissionsFault',
      'IamRoleNotFound',
      'IamRoleNotFoundFault',
      'InvalidS3BucketFault',
    ],
    reason: 'aws-fault',
    next: (_, call) =>
      `The export's role must exist, trust export.rds.amazonaws.com, and be allowed to put, get, list and delete in the bucket, which must stand in the Region of the snapshot. Place: ${place(call)}.`,
  },
  {
    // Secrets Manager says no more than this, whichever action on the key it lacked.
    codes: ['AccessDeniedException', 'AccessDenied'],
    when: (fault, call) => call.service === 'secretsmanager' && /access to kms/i.test(fault.message),
    reason: 'key-not-accessible',
    missing: (_, call) => secretKeyActions(call),
    next: (_, call) =>
      `The secret is under a key of your own: its key policy must allow account ${call.account ?? 'of the site'}, and the site's role must itself allow ${secretKeyActions(call)} on that key. After a change of policy wait two minutes, then ${again}. Place: ${place(call)}.`,
  },
  {
    codes: ['DatabaseResumingException'],
    reason: 'aws-unavailable',
    next: (_, call) =>
      `The paused cluster did not resume in time. Look at it in the RDS console in ${place(call)}, then ${again}.`,
  },
  {
    codes: ['HttpEndpointNotEnabledException'],
    reason: 'aws-fault',
    next: (_, call) =>
      `Switch the Data API of the cluster on (aws rds enable-http-endpoint) in ${place(call)}; not every engine version has one. The other way is a direct connection from a runner in the VPC.`,
  },
  {
    codes: ['InvalidSecretException', 'SecretsErrorException'],
    // A refusal is told by the action it names.
    when: (fault) => !/not authorized to perform/.test(fault.message),
    reason: 'aws-fault',
    next: (_, call) =>
      `The Data API cannot use that secret: it must be of the form {"username": …, "password": …}, stand in ${place(call)}, and be readable by the site's role (secretsmanager:GetSecretValue, and kms:Decrypt if it is under a key of yours).`,
  },
  {
    codes: ['StatementTimeoutException'],
    reason: 'aws-fault',
    next: (_, call) =>
      call.effect === 'read'
        ? 'The statement needs longer than the 45 seconds of the Data API: make it smaller, or use a direct connection.'
        : `The statement needs longer than the 45 seconds of the Data API and may still be running. Look in the database before it is sent again, then ${again}.`,
  },
  {
    codes: ['DatabaseErrorException'],
    reason: 'aws-fault',
    next: () => 'The database itself refused the statement: its own words are in the message.',
  },
];
