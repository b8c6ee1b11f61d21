import type { DBCluster, DBClusterSnapshot, DBInstance, DBSnapshot } from '@aws-sdk/client-rds';
import type { RdsCluster, RdsInstance, RdsSnapshot } from './database-gateways.ts';
import { moment, tagsOfList } from './parse.ts';

/** Of `arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:rds:shop-2026-11-20-03-00` the part after the resource's kind. */
export function nameOf(idOrArn: string): string {
  return idOrArn.startsWith('arn:') ? idOrArn.split(':').slice(6).join(':') : idOrArn;
}

/** What an ARN says of its place; `undefined` for a bare name. */
export function placeOf(idOrArn: string): { readonly region: string; readonly account: string } | undefined {
  if (!idOrArn.startsWith('arn:')) return undefined;
  const [, , , region = '', account = ''] = idOrArn.split(':');
  return { region, account };
}

/** RDS keeps identifiers in lower case and compares them so. */
export function sameId(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

export function toClusterSnapshot(snapshot: DBClusterSnapshot): RdsSnapshot | undefined {
  const given = snapshot.DBClusterSnapshotIdentifier ?? snapshot.DBClusterSnapshotArn;
  if (given === undefined) return undefined;
  return {
    kind: 'cluster',
    id: nameOf(given),
    arn: snapshot.DBClusterSnapshotArn ?? given,
    database: nameOf(snapshot.DBClusterIdentifier ?? ''),
    engine: snapshot.Engine ?? '',
    engineVersion: snapshot.EngineVersion,
    status: snapshot.Status ?? 'unknown',
    progress: snapshot.PercentProgress,
    type: snapshot.SnapshotType ?? 'unknown',
    encrypted: snapshot.StorageEncrypted ?? false,
    encryptionType: snapshot.StorageEncryptionType,
    kmsKeyId: snapshot.KmsKeyId,
    createdAt: moment(snapshot.SnapshotCreateTime),
    originalCreatedAt: undefined,
    sourceArn: text(snapshot.SourceDBClusterSnapshotArn),
    port: snapshot.Port,
    masterUsername: snapshot.MasterUsername,
    iamAuthentication: snapshot.IAMDatabaseAuthenticationEnabled ?? false,
    storageType: text(snapshot.StorageType),
    optionGroup: undefined,
    tags: tagsOfList(snapshot.TagList),
  };
}

export function toInstanceSnapshot(snapshot: DBSnapshot): RdsSnapshot | undefined {
  const given = snapshot.DBSnapshotIdentifier ?? snapshot.DBSnapshotArn;
  if (given === undefined) return undefined;
  return {
    kind: 'instance',
    id: nameOf(given),
    arn: snapshot.DBSnapshotArn ?? given,
    database: nameOf(snapshot.DBInstanceIdentifier ?? ''),
    engine: snapshot.Engine ?? '',
    engineVersion: snapshot.EngineVersion,
    status: snapshot.Status ?? 'unknown',
    progress: snapshot.PercentProgress,
    type: snapshot.SnapshotType ?? 'unknown',
    encrypted: snapshot.Encrypted ?? false,
    encryptionType: snapshot.StorageEncryptionType,
    kmsKeyId: snapshot.KmsKeyId,
    createdAt: moment(snapshot.SnapshotCreateTime),
    originalCreatedAt: moment(snapshot.OriginalSnapshotCreateTime),
    sourceArn: text(snapshot.SourceDBSnapshotIdentifier),
    port: snapshot.Port,
    masterUsername: snapshot.MasterUsername,
    iamAuthentication: snapshot.IAMDatabaseAuthenticationEnabled ?? false,
    storageType: text(snapshot.StorageType),
    optionGroup: snapshot.OptionGroupName,
    tags: tagsOfList(snapshot.TagList),
  };
}

export function toCluster(cluster: DBCluster): RdsCluster | undefined {
  const { DBClusterIdentifier: id, MasterUserSecret: secret, ServerlessV2ScalingConfiguration: scaling } = cluster;
  if (id === undefined) return undefined;
  return {
    id,
    arn: cluster.DBClusterArn ?? '',
    resourceId: cluster.DbClusterResourceId,
    status: cluster.Status ?? 'unknown',
    engine: cluster.Engine ?? '',
    engineVersion: cluster.EngineVersion,
    engineMode: cluster.EngineMode,
    endpoint: text(cluster.Endpoint),
    readerEndpoint: text(cluster.ReaderEndpoint),
    customEndpoints: cluster.CustomEndpoints ?? [],
    port: cluster.Port,
    databaseName: text(cluster.DatabaseName),
    masterUsername: cluster.MasterUsername,
    masterSecret: secret?.SecretArn === undefined ? undefined : { arn: secret.SecretArn, status: secret.SecretStatus },
    members: (cluster.DBClusterMembers ?? []).flatMap((member) =>
      member.DBInstanceIdentifier === undefined
        ? []
        : [
            {
              instance: member.DBInstanceIdentifier,
              writer: member.IsClusterWriter ?? false,
              promotionTier: member.PromotionTier,
              parameterGroupStatus: member.DBClusterParameterGroupStatus,
            },
          ],
    ),
    subnetGroup: cluster.DBSubnetGroup,
    securityGroups: (cluster.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    parameterGroup: cluster.DBClusterParameterGroup,
    kmsKeyId: cluster.KmsKeyId,
    encrypted: cluster.StorageEncrypted ?? false,
    iamAuthentication: cluster.IAMDatabaseAuthenticationEnabled ?? false,
    deletionProtection: cluster.DeletionProtection ?? false,
    httpEndpoint: cluster.HttpEndpointEnabled ?? false,
    logExports: cluster.EnabledCloudwatchLogsExports ?? [],
    backupRetentionDays: cluster.BackupRetentionPeriod,
    backupWindow: text(cluster.PreferredBackupWindow),
    maintenanceWindow: text(cluster.PreferredMaintenanceWindow),
    copyTagsToSnapshot: cluster.CopyTagsToSnapshot ?? false,
    storageType: text(cluster.StorageType),
    serverless:
      scaling?.MinCapacity === undefined || scaling.MaxCapacity === undefined
        ? undefined
        : { min: scaling.MinCapacity, max: scaling.MaxCapacity, autoPauseSeconds: scaling.SecondsUntilAutoPause },
    createdAt: moment(cluster.ClusterCreateTime),
    pending: Object.values(cluster.PendingModifiedValues ?? {}).some((value) => value !== undefined),
    tags: tagsOfList(cluster.TagList),
  };
}

export function toInstance(instance: DBInstance): RdsInstance | undefined {
  const { DBInstanceIdentifier: id, MasterUserSecret: secret } = instance;
  if (id === undefined) return undefined;
  return {
    id,
    arn: instance.DBInstanceArn ?? '',
    status: instance.DBInstanceStatus ?? 'unknown',
    cluster: text(instance.DBClusterIdentifier),
    instanceClass: instance.DBInstanceClass ?? '',
    engine: instance.Engine ?? '',
    engineVersion: instance.EngineVersion,
    availabilityZone: text(instance.AvailabilityZone),
    promotionTier: instance.PromotionTier,
    parameterGroup: instance.DBParameterGroups?.[0]?.DBParameterGroupName,
    publiclyAccessible: instance.PubliclyAccessible ?? false,
    performanceInsights: instance.PerformanceInsightsEnabled ?? false,
    monitoringInterval: instance.MonitoringInterval,
    monitoringRoleArn: text(instance.MonitoringRoleArn),
    endpoint: text(instance.Endpoint?.Address),
    resourceId: instance.DbiResourceId,
    port: instance.Endpoint?.Port ?? portOf(instance),
    databaseName: text(instance.DBName),
    masterUsername: instance.MasterUsername,
    masterSecret: secret?.SecretArn === undefined ? undefined : { arn: secret.SecretArn, status: secret.SecretStatus },
    subnetGroup: instance.DBSubnetGroup?.DBSubnetGroupName,
    securityGroups: (instance.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    optionGroup: instance.OptionGroupMemberships?.[0]?.OptionGroupName,
    multiAz: instance.MultiAZ ?? false,
    storageType: text(instance.StorageType),
    allocatedStorage: instance.AllocatedStorage,
    iops: instance.Iops,
    storageThroughput: instance.StorageThroughput,
    kmsKeyId: instance.KmsKeyId,
    encrypted: instance.StorageEncrypted ?? false,
    iamAuthentication: instance.IAMDatabaseAuthenticationEnabled ?? false,
    deletionProtection: instance.DeletionProtection ?? false,
    logExports: instance.EnabledCloudwatchLogsExports ?? [],
    backupRetentionDays: instance.BackupRetentionPeriod,
    backupWindow: text(instance.PreferredBackupWindow),
    copyTagsToSnapshot: instance.CopyTagsToSnapshot ?? false,
    replicaOf: text(instance.ReadReplicaSourceDBInstanceIdentifier),
    createdAt: moment(instance.InstanceCreateTime),
    tags: tagsOfList(instance.TagList),
  };
}

/** Outside a cluster AWS tells the port only with the endpoint; 0 stands for nothing. */
function portOf({ DbInstancePort }: DBInstance): number | undefined {
  return DbInstancePort === 0 ? undefined : DbInstancePort;
}

/** RDS writes an empty element where there is nothing. */
function text(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
