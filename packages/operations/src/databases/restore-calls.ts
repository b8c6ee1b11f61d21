import type { GatewayCall } from '@breakwater/aws';

/** No master password is touched. */
const RENAME_OR_UNPROTECT = { call: 'rds.modifyCluster', actions: ['rds:ModifyDBCluster'] } as const;

/** What a restore beside whatever is there asks of AWS; permissions are made of this. */
export const RESTORE_CALLS = [
  'rds.describeClusters',
  'rds.describeInstances',
  { call: 'rds.describeSnapshots', actions: ['rds:DescribeDBClusterSnapshots'] },
  'rds.engineVersionAvailable',
  'kms.describeKey',
  // snapshot: create
  { call: 'rds.createSnapshot', actions: ['rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'] },
  'rds.restoreCluster',
  'rds.createClusterInstance',
  // masterPassword, deletionProtection
  'rds.modifyCluster',
  'rds.enableHttpEndpoint',
] as const satisfies readonly GatewayCall[];

/** Users and verification, over the Data API; over a direct connection only the secrets are read. */
export const USERS_AND_CHECKS_CALLS = ['secrets.getSecret', 'rdsData.execute'] as const satisfies readonly GatewayCall[];

export const PUBLISH_CALLS = [
  'parameters.putParameter',
  'secrets.getSecret',
  'secrets.putSecret',
] as const satisfies readonly GatewayCall[];

/** archive: tag and export; a vault is a copy. */
export const ARCHIVE_CALLS = [
  'rds.tagsOf',
  { call: 'rds.addTags', scopes: ['MarksOnOthers'] },
  'rds.startExport',
  'rds.exportStatus',
] as const satisfies readonly GatewayCall[];

export const NOTIFY_CALLS = [
  'sns.publish',
  { call: 'rds.addTags', scopes: ['TagsOfOurs'] },
] as const satisfies readonly GatewayCall[];

/** What swap, replace and delete-old do to a cluster that is not ours. */
export const LIVE_CLUSTER_CALLS = [
  'rds.globalClusterOf',
  RENAME_OR_UNPROTECT,
  // What a roll-back must remember stands on the restored cluster.
  { call: 'rds.addTags', scopes: ['TagsOfOurs'] },
  'rds.renameInstance',
  'rds.deleteInstance',
  'rds.deleteCluster',
] as const satisfies readonly GatewayCall[];

/** Ends what a drill has restored. */
export const END_DATABASE_DRILL_CALLS = [
  'rds.describeClusters',
  'rds.describeInstances',
  RENAME_OR_UNPROTECT,
  'rds.deleteInstance',
  'rds.deleteCluster',
] as const satisfies readonly GatewayCall[];

/** `breakwater capture`. */
export const CAPTURE_CALLS = ['rds.describeClusters', 'rds.describeInstances'] as const satisfies readonly GatewayCall[];
