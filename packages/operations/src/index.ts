export { captureCluster, readManifest, writeManifest } from './databases/cluster-manifest.ts';
export {
  type CopiedSnapshot,
  type CopySnapshotRequest,
  DATABASE_TAGS,
  type DatabaseDeedContext,
  type DatabaseSite,
  type SnapshotChoice,
} from './databases/contracts.ts';
export { endDatabaseDrill } from './databases/end-database-drill.ts';
export {
  type Archive,
  type CheckResult,
  type ClusterManifest,
  type ClusterSettings,
  type DatabaseCheck,
  type DatabaseSql,
  type DatabaseUsers,
  type EndDatabaseDrillRequest,
  MANIFEST_SCHEMA,
  type MasterPassword,
  type MemberSettings,
  type PublishEndpoint,
  RESTORE_STRATEGIES,
  type RestoreDatabaseRequest,
  type RestoredDatabase,
  type RestoreParts,
  type RestoreStrategy,
  type SqlConnection,
  type SqlTarget,
} from './databases/restore-contracts.ts';
export { restoreDatabase } from './databases/restore-database.ts';
export { deeds } from './deeds.ts';
