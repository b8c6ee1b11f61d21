import type { RdsGateway } from './database-gateways.ts';

/**
 * RDS uses KMS keys in the name of the caller (through grants, `kms:GrantIsForAWSResource`). The caller needs these on the key of the
 * source and on that of the target, in its own policies and, for a key of another account, also in the policy of the key.
 */
export const KEY_USE = [
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;

/** IAM actions that each method of the RDS gateway needs in the site; dependent actions as in the service authorization reference. */
export const RDS_PERMISSIONS = {
  describeSnapshots: ['rds:DescribeDBClusterSnapshots', 'rds:DescribeDBSnapshots'],
  createSnapshot: ['rds:CreateDBClusterSnapshot', 'rds:CreateDBSnapshot', 'rds:AddTagsToResource'],
  copySnapshot: [
    'rds:CopyDBClusterSnapshot',
    'rds:CopyDBSnapshot',
    'rds:AddTagsToResource',
    // An action without an API call: it lets a copy reach into another Region.
    'rds:CrossRegionCommunication',
    ...KEY_USE,
  ],
  deleteSnapshot: [
    'rds:DeleteDBClusterSnapshot',
    'rds:DeleteDBSnapshot',
    'rds:DescribeDBClusterSnapshots',
    'rds:DescribeDBSnapshots',
  ],
  sharedWith: ['rds:DescribeDBClusterSnapshotAttributes', 'rds:DescribeDBSnapshotAttributes'],
  share: ['rds:ModifyDBClusterSnapshotAttribute', 'rds:ModifyDBSnapshotAttribute'],
  unshare: ['rds:ModifyDBClusterSnapshotAttribute', 'rds:ModifyDBSnapshotAttribute'],
  tagsOf: ['rds:ListTagsForResource'],
  addTags: ['rds:AddTagsToResource'],
  describeClusters: ['rds:DescribeDBClusters'],
  describeInstances: ['rds:DescribeDBInstances'],
  engineVersionAvailable: ['rds:DescribeDBEngineVersions'],
  instanceClassAvailable: ['rds:DescribeOrderableDBInstanceOptions'],
  serverlessRange: ['rds:DescribeDBEngineVersions'],
  describeGroup: [
    'rds:DescribeDBSubnetGroups',
    'rds:DescribeDBClusterParameterGroups',
    'rds:DescribeDBParameterGroups',
    'rds:DescribeOptionGroups',
  ],
  globalClusterOf: ['rds:DescribeGlobalClusters'],
  restoreCluster: ['rds:RestoreDBClusterFromSnapshot', 'rds:AddTagsToResource', ...KEY_USE],
  // PassRole: on the role of enhanced monitoring, if the instance has one.
  createClusterInstance: ['rds:CreateDBInstance', 'rds:AddTagsToResource', 'iam:PassRole'],
  // The secret that RDS keeps for a managed master password is made in the name of the caller; the keys are for one under a key of yours.
  modifyCluster: [
    'rds:ModifyDBCluster',
    'kms:CreateGrant',
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:GenerateDataKey',
    'secretsmanager:CreateSecret',
    'secretsmanager:TagResource',
  ],
  renameInstance: ['rds:ModifyDBInstance'],
  deleteCluster: ['rds:DeleteDBCluster', 'rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'],
  deleteInstance: ['rds:DeleteDBInstance'],
  deleteStandalone: ['rds:DeleteDBInstance', 'rds:CreateDBSnapshot', 'rds:AddTagsToResource'],
  restoreInstance: ['rds:RestoreDBInstanceFromDBSnapshot', 'rds:AddTagsToResource', ...KEY_USE],
  restoreInstanceToPoint: ['rds:RestoreDBInstanceToPointInTime', 'rds:AddTagsToResource', ...KEY_USE],
  restoreClusterToPoint: ['rds:RestoreDBClusterToPointInTime', 'rds:AddTagsToResource', ...KEY_USE],
  // The role is that of enhanced monitoring, if the instance has one; keys and secret as for a cluster.
  modifyInstance: [
    'rds:ModifyDBInstance',
    'iam:PassRole',
    'kms:CreateGrant',
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:GenerateDataKey',
    'secretsmanager:CreateSecret',
    'secretsmanager:TagResource',
  ],
  restoreWindow: ['rds:DescribeDBClusters', 'rds:DescribeDBInstanceAutomatedBackups'],
  enableHttpEndpoint: ['rds:EnableHttpEndpoint'],
  // PassRole: on the role that writes to the bucket.
  startExport: ['rds:StartExportTask', 'iam:PassRole', 'kms:CreateGrant', 'kms:DescribeKey'],
  exportStatus: ['rds:DescribeExportTasks'],
} as const satisfies Record<keyof RdsGateway, readonly string[]>;
