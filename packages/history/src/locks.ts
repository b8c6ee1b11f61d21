import type { Mode } from '@breakwater/core';

/** Something that only one execution at a time may recover. */
export interface LockTarget {
  readonly kind: 'server' | 'database';
  readonly account: string;
  readonly region: string;
  /** Source server id, or the identifier that the restored database will have. */
  readonly id: string;
}

/** Who holds a lock, as the next one who wants it reads it. */
export interface LockOwner {
  readonly execution: string;
  readonly plan: string;
  readonly mode: Mode;
  readonly actor: string;
  /** Host, or the repository whose workflow it is. */
  readonly host: string;
  /** ISO 8601, by the engine's clock. */
  readonly at: string;
  /** Page of the workflow run. */
  readonly run?: string;
}

export interface HeldLock {
  readonly target: LockTarget;
  readonly owner: LockOwner;
}

/**
 * Keeps two executions off the same servers, across plans and repositories that share a history. A lock belongs to an execution, not to
 * a process: a resumed execution finds its own. No lock ever ends by itself or is taken from its owner silently.
 */
export interface RecoveryLocks {
  /** The command by which a person takes an execution's locks away where these are kept; left out: with no more than its id. */
  readonly unlockCommand?: (execution: string) => string;
  /** All or none, atomically. What the execution holds already counts as taken. Answers with what others hold; empty: taken. */
  take(targets: readonly LockTarget[], owner: LockOwner): Promise<readonly HeldLock[]>;
  /** Every lock that is held, by anyone. */
  held(): Promise<readonly HeldLock[]>;
  /** Lets go of everything that the execution holds; nothing held is no error. */
  release(execution: string): Promise<void>;
  /**
   * Breaks exactly these locks, if they are still held by the same owner as seen; answers with those that changed hands meanwhile. For a
   * person (`breakwater unlock`), or a recovery that pre-empts a drill; either says so in the record.
   */
  break(locks: readonly HeldLock[]): Promise<readonly HeldLock[]>;
  /** Marks an execution as wanted away: its own process sees the mark at its next look. `release` of that execution takes it off. */
  want(execution: string, by: LockOwner): Promise<void>;
  /** Who wants the execution away; `undefined`: nobody. */
  wanted(execution: string): Promise<LockOwner | undefined>;
}
