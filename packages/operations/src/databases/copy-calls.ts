import type { GatewayCall } from '@breakwater/aws';

/** What a sweep asks of AWS at the source before it copies. */
export const TAKE_INVENTORY_CALLS = [
  'rds.describeSnapshots',
  'rds.describeClusters',
  'rds.describeInstances',
] as const satisfies readonly GatewayCall[];

/** RDS lets a copy use both keys; only one from another Region needs to cross. */
const WITHIN_A_REGION = [
  'rds:CopyDBClusterSnapshot',
  'rds:CopyDBSnapshot',
  'rds:AddTagsToResource',
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;

/** What a copy asks of AWS where the snapshot is; permissions are made of this. */
export const COPY_SOURCE_CALLS = [
  'rds.describeSnapshots',
  'kms.describeKey',
  // snapshot: create, with the tags of the database
  'rds.describeClusters',
  'rds.describeInstances',
  'rds.createSnapshot',
  // The share for the time of the copy; the mark that it was we who shared.
  'rds.sharedWith',
  'rds.share',
  'rds.unshare',
  { call: 'rds.addTags', scopes: ['MarksOnOthers'] },
  // The transit copy of what cannot be shared as it is.
  { call: 'rds.copySnapshot', actions: WITHIN_A_REGION },
  'rds.deleteSnapshot',
] as const satisfies readonly GatewayCall[];

/** What a copy asks of AWS where it arrives, and at the relay, which is the same account. Deleted are relay copies, and by retention. */
export const COPY_DESTINATION_CALLS = [
  'rds.describeSnapshots',
  'kms.describeKey',
  'rds.copySnapshot',
  'rds.deleteSnapshot',
] as const satisfies readonly GatewayCall[];
