import type { GatewayMethod } from '@breakwater/aws';

/** What a restore beside whatever is there asks of AWS; permissions are made of this. */
export const RESTORE_CALLS = [
  'rds.describeClusters',
  'rds.describeInstances',
  'rds.describeSnapshots',
  'rds.engineVersionAvailable',
  'kms.describeKey',
  // snapshot: create
  'rds.createSnapshot',
  'rds.restoreCluster',
  'rds.createClusterInstance',
  // masterPassword, deletionProtection
  'rds.modifyCluster',
  'rds.enableHttpEndpoint',
  'rds.addTags',
] as const satisfies readonly GatewayMethod[];

/** Users and verification, over the Data API; over a direct connection only the secrets are read. */
export const USERS_AND_CHECKS_CALLS = ['secrets.getSecret', 'rdsData.execute'] as const satisfies readonly GatewayMethod[];

export const PUBLISH_CALLS = [
  'parameters.putParameter',
  'secrets.getSecret',
  'secrets.putSecret',
] as const satisfies readonly GatewayMethod[];

/** archive: tag and export; a vault is a copy. */
export const ARCHIVE_CALLS = [
  'rds.tagsOf',
  'rds.addTags',
  'rds.startExport',
  'rds.exportStatus',
] as const satisfies readonly GatewayMethod[];

export const NOTIFY_CALLS = ['sns.publish', 'rds.addTags'] as const satisfies readonly GatewayMethod[];

/** What swap, replace and delete-old do to a cluster that is not ours. */
export const LIVE_CLUSTER_CALLS = [
  'rds.globalClusterOf',
  'rds.modifyCluster',
  'rds.renameInstance',
  'rds.deleteInstance',
  'rds.deleteCluster',
] as const satisfies readonly GatewayMethod[];

/** Ends what a drill has restored. */
export const END_DATABASE_DRILL_CALLS = [
  'rds.describeClusters',
  'rds.describeInstances',
  'rds.modifyCluster',
  'rds.deleteInstance',
  'rds.deleteCluster',
] as const satisfies readonly GatewayMethod[];

/** `breakwater capture`. */
export const CAPTURE_CALLS = ['rds.describeClusters', 'rds.describeInstances'] as const satisfies readonly GatewayMethod[];
