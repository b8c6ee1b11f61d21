import type { GatewayMethod } from '@breakwater/aws';

/** What a copy asks of AWS where the snapshot is; permissions are made of this. */
export const COPY_SOURCE_CALLS = [
  'rds.describeSnapshots',
  'kms.describeKey',
  // snapshot: create
  'rds.createSnapshot',
  // A share of its own that is taken back, for the time of the copy.
  'rds.sharedWith',
  'rds.share',
  'rds.unshare',
  'rds.addTags',
  // The transit copy of what cannot be shared as it is.
  'rds.copySnapshot',
  'rds.deleteSnapshot',
] as const satisfies readonly GatewayMethod[];

/** What a copy asks of AWS where it arrives, and at the relay, which is the same account; deletions are those of the relay copy. */
export const COPY_DESTINATION_CALLS = [
  'rds.describeSnapshots',
  'kms.describeKey',
  'rds.copySnapshot',
  'rds.deleteSnapshot',
] as const satisfies readonly GatewayMethod[];
