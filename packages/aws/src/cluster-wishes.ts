import type { RestoreClusterRequest } from './database-gateways.ts';
import { tagList } from './rds-snapshots.ts';

/** How a restored cluster shall be, alike from a snapshot and to a point in time. */
export function clusterWishes(request: Omit<RestoreClusterRequest, 'snapshot' | 'engine' | 'engineVersion' | 'databaseName'>) {
  const { serverless } = request;
  return {
    DBClusterIdentifier: request.id,
    Port: request.port,
    DBSubnetGroupName: request.subnetGroup,
    VpcSecurityGroupIds: filled(request.securityGroups),
    DBClusterParameterGroupName: request.parameterGroup,
    KmsKeyId: request.kmsKeyId,
    EnableIAMDatabaseAuthentication: request.iamAuthentication,
    DeletionProtection: request.deletionProtection,
    EnableCloudwatchLogsExports: filled(request.logExports),
    CopyTagsToSnapshot: request.copyTagsToSnapshot,
    StorageType: request.storageType,
    BackupRetentionPeriod: request.backupRetentionDays,
    PreferredBackupWindow: request.backupWindow,
    ServerlessV2ScalingConfiguration: serverless && {
      MinCapacity: serverless.min,
      MaxCapacity: serverless.max,
      SecondsUntilAutoPause: serverless.autoPauseSeconds,
    },
    Tags: tagList(request.tags),
  };
}

/** An empty list means "none" to RDS, or is refused: what was left out is left to AWS. */
export function filled(list: readonly string[] | undefined): string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : [...list];
}
