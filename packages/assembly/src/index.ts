export { CLOCK_VARIABLE, type ClockFromEnvironment, clockFromEnvironment, writeClockVariable } from './clock-from-environment.ts';
export { stepConnection } from './connect-options.ts';
export type { CopiesReport, Freshness, RetentionOutcome, RetentionRequest } from './copies-report.ts';
export {
  type CopyOutcome,
  type CopySnapshotsEnvironment,
  type CopySnapshotsOutcome,
  type CopySnapshotsRequest,
  type CopyStatus,
  copySnapshots,
} from './copy-snapshots.ts';
export { databaseSql } from './database-sql.ts';
export { type DiagnoseRequest, type Diagnosis, diagnose, diagnosisCounts, diagnosisJson } from './diagnose.ts';
export { checkExecutionId, executionIdOfRun } from './execution-id.ts';
export { type HandOver, handOver } from './hand-over.ts';
export { type LoadedPlan, loadPlan } from './load-plan.ts';
export { readManifestFile } from './manifest-file.ts';
export { openDatabaseSites } from './open-database-sites.ts';
export {
  type HistoryBranch,
  type HistoryPlace,
  type HistorySurroundings,
  type OpenHistory,
  openHistory,
} from './open-history.ts';
export { type OpenRecord, openRecord, type RecordPlace } from './open-record.ts';
export { type PushRequest, type PushSurroundings, pushHistory } from './push-history.ts';
export { type DeedEnd, type DeedOptions, type MadeThing, runDeed } from './run-deed.ts';
export { type AwsAccess, type RunEnvironment, type RunOutcome, type RunRequest, runPlan } from './run-plan.ts';
export { type Told, tellEnd } from './told.ts';
export { TOOL, VERSION } from './version.ts';
