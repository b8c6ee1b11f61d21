import type { GatewayCall } from '@breakwater/aws';

/** No master password is touched. */
const RENAME_OR_UNPROTECT = { call: 'rds.modifyCluster', actions: ['rds:ModifyDBCluster'] } as const;
/** Neither a password nor a role. */
const UNPROTECT_INSTANCE = { call: 'rds.modifyInstance', actions: ['rds:ModifyDBInstance'] } as const;

/** What is looked at around a database that is to be made: what AWS would refuse of it is found before anything is changed. */
const SURROUNDINGS_CALLS = [
  'rds.describeGroup',
  'rds.instanceClassAvailable',
  // serverless
  'rds.serverlessRange',
  'ec2.describeSecurityGroups',
] as const satisfies readonly GatewayCall[];

/** What an inspection before a run asks of AWS; a restore asks the same again. */
export const INSPECT_DATABASES_CALLS = [
  'rds.describeClusters',
  'rds.describeInstances',
  'rds.describeSnapshots',
  'rds.engineVersionAvailable',
  ...SURROUNDINGS_CALLS,
  // point-in-time
  'rds.restoreWindow',
  // swap, replace
  'rds.globalClusterOf',
  'kms.describeKey',
  // publish.dns
  'route53.recordsOf',
] as const satisfies readonly GatewayCall[];

/** What a restore beside whatever is there asks of AWS; permissions are made of this. */
export const RESTORE_CALLS = [
  'rds.describeClusters',
  'rds.describeInstances',
  'rds.describeSnapshots',
  'rds.engineVersionAvailable',
  ...SURROUNDINGS_CALLS,
  'kms.describeKey',
  // snapshot: create
  'rds.createSnapshot',
  'rds.restoreCluster',
  'rds.createClusterInstance',
  'rds.restoreInstance',
  // point-in-time
  'rds.restoreWindow',
  'rds.restoreClusterToPoint',
  'rds.restoreInstanceToPoint',
  // masterPassword, deletionProtection, monitoring
  'rds.modifyCluster',
  'rds.modifyInstance',
  'rds.enableHttpEndpoint',
] as const satisfies readonly GatewayCall[];

/** Users and verification, over the Data API; over a direct connection only the secrets are read. */
export const USERS_AND_CHECKS_CALLS = ['secrets.getSecret', 'rdsData.execute'] as const satisfies readonly GatewayCall[];

export const PUBLISH_CALLS = [
  'parameters.putParameter',
  'secrets.getSecret',
  'secrets.putSecret',
  // What a change of names has found is noted on the database with the permission that notify has.
  'route53.recordsOf',
  'route53.upsertCname',
  'route53.changeStatus',
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

/** What swap, replace and delete-old do to a cluster or an instance that is not ours. */
export const LIVE_CLUSTER_CALLS = [
  'rds.globalClusterOf',
  RENAME_OR_UNPROTECT,
  UNPROTECT_INSTANCE,
  // What a roll-back must remember stands on the restored database, who has the old one in hand on that.
  { call: 'rds.addTags', scopes: ['TagsOfOurs', 'ClaimsOnOthers'] },
  'rds.renameInstance',
  'rds.deleteInstance',
  'rds.deleteCluster',
  'rds.deleteStandalone',
] as const satisfies readonly GatewayCall[];

/** Ends what a drill has restored. */
export const END_DATABASE_DRILL_CALLS = [
  'rds.describeClusters',
  'rds.describeInstances',
  RENAME_OR_UNPROTECT,
  UNPROTECT_INSTANCE,
  'rds.deleteInstance',
  'rds.deleteCluster',
  // Of a drill no final snapshot is taken.
  { call: 'rds.deleteStandalone', actions: ['rds:DeleteDBInstance'] },
] as const satisfies readonly GatewayCall[];

/** `breakwater capture`. */
export const CAPTURE_CALLS = ['rds.describeClusters', 'rds.describeInstances'] as const satisfies readonly GatewayCall[];
