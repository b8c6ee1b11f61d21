export { CLOCK_VARIABLE, type ClockFromEnvironment, clockFromEnvironment, writeClockVariable } from './clock-from-environment.ts';
export type { CopiesReport, Freshness, RetentionOutcome, RetentionRequest } from './copies-report.ts';
export {
  type CopyOutcome,
  type CopySnapshotsEnvironment,
  type CopySnapshotsOutcome,
  type CopySnapshotsRequest,
  type CopyStatus,
  copySnapshots,
} from './copy-snapshots.ts';
export { type DeedEnd, type DeedOptions, type MadeThing, openDatabaseSites, runDeed } from './database-deed.ts';
export { databaseSql } from './database-sql.ts';
export { type HandOver, handOver } from './hand-over.ts';
export { readManifestFile } from './manifest-file.ts';
export { type AwsAccess, type RunEnvironment, type RunOutcome, type RunRequest, runPlan } from './run-plan.ts';
export { TOOL, VERSION } from './version.ts';
