export {
  encodeLine,
  identityHash,
  readStream,
  type StreamIdentity,
  type StreamProblem,
  type StreamReading,
  verifyStream,
} from './chain.ts';
export type { Approval, GateProof, JournalEvent, JournalLine, Json, JsonObject, LockHolder, Reason, StepKind } from './events.ts';
export { STEP_KINDS } from './events.ts';
export type {
  ChangeRecord,
  DatabaseCheckRecord,
  DatabaseFacts,
  DatabaseRecord,
  Execution,
  ExecutionHeader,
  RunRecord,
  ServerRecord,
  SharingRecord,
  StepAttempt,
  StepRecord,
  WaveRecord,
} from './execution.ts';
export { createFold, type Fold, foldExecution } from './fold.ts';
export { CLEAN_UP_DATABASES, databaseStep } from './fold-steps.ts';
export { type FolderLockOptions, folderLocks } from './folder-locks.ts';
export { folderStore } from './folder-store.ts';
export { storeAlone } from './git/alone.ts';
export { checkedBranch } from './git/branch.ts';
export { shownAddress } from './git/environment.ts';
export { type GitStore, type GitStoreOptions, gitStore } from './git/git-store.ts';
export { type Joined, type JoinedExecution, type JoinOptions, joinHistory } from './git/join.ts';
export type { Signature } from './git/objects.ts';
export { GitRemote, type RemoteOptions } from './git/remote.ts';
export { witnessFolder, witnessRef } from './git/witness.ts';
export { type GitLockOptions, gitLocks } from './git-locks.ts';
export { type CommitSource, gitSource, type LocalOptions, localBranch, witnessIn } from './git-source.ts';
export type { HeldLock, LockOwner, LockTarget, RecoveryLocks } from './locks.ts';
export type { Manifest, ManifestFile, SealFacts } from './manifest.ts';
export { folderSource, type RecordSource, type SourceFile } from './record-source.ts';
export type { ExecutionHistory, HistoryStore, Journal, Seal, StoreOptions, Unlocking } from './store.ts';
export {
  type Finding,
  type SealState,
  type Verification,
  type VerifiedExecution,
  type VerifyOptions,
  verifyHistory,
} from './verify.ts';
