export {
  captureCluster,
  manifestFrom,
  ofCluster,
  ofInstance,
  readManifest,
  writeManifest,
} from './databases/cluster-manifest.ts';
export {
  type CopiedSnapshot,
  type CopySnapshotRequest,
  DATABASE_TAGS,
  type DatabaseDeedContext,
  type DatabaseSite,
  type PointChoice,
  type SnapshotChoice,
} from './databases/contracts.ts';
export { type CopyTask, type DatabaseSelection, type Inventory, takeInventory } from './databases/copy-inventory.ts';
export { copyName } from './databases/copy-names.ts';
export { COPY_LIMITS, CopySlots } from './databases/copy-slots.ts';
export { copySnapshot } from './databases/copy-snapshot.ts';
export type { CopyParts } from './databases/copy-state.ts';
export { isOwned } from './databases/copy-tags.ts';
export { deleteOldCluster } from './databases/delete-old-cluster.ts';
export { endDatabaseDrill } from './databases/end-database-drill.ts';
export { captureInstance } from './databases/instance-manifest.ts';
export { KeyBook } from './databases/key-book.ts';
export { type EventReading, readSnapshotEvent, type SnapshotEvent } from './databases/rds-event.ts';
export { relaySite } from './databases/relay-site.ts';
export {
  type Archive,
  type CheckResult,
  type ClusterManifest,
  type ClusterRestore,
  type DatabaseManifest,
  type DatabaseSql,
  type DeleteOldClusterRequest,
  type DnsNames,
  type DnsTarget,
  type EndDatabaseDrillRequest,
  type InstanceRestore,
  MANIFEST_SCHEMA,
  type MemberSettings,
  type Publication,
  type PublishedName,
  type RestoreDatabaseRequest,
  type RestoredDatabase,
  type RestoreParts,
  type RestoreWishes,
  type SqlTarget,
} from './databases/restore-contracts.ts';
export { type RestoreOperation, restoreDatabase } from './databases/restore-database.ts';
export { isOurCopy, matchesPattern, originalTime } from './databases/snapshot-choice.ts';
export { deeds } from './deeds.ts';
export {
  ANYWHERE,
  actionsOf,
  POLICIES,
  type PolicyDocument,
  type PolicyName,
  policyDocument,
  type Statement,
  statementsOf,
} from './policies.ts';
