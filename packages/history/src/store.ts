import type { Clock } from '@breakwater/core';
import type { JournalEvent, JournalLine } from './events.ts';
import type { ExecutionHeader } from './execution.ts';
import type { HeldLock } from './locks.ts';
import type { SealFacts } from './manifest.ts';

/** One stream of one execution, open for writing by this process alone. */
export interface Journal {
  readonly stream: string;
  /** What it held when it was opened, repairs included, and all that was appended since. */
  lines(): readonly JournalLine[];
  /**
   * Appends an event and resolves once it is durable (`progress` and `warning` lines: once they are written; the next other line
   * makes them durable too). Throws `InternalError` (`history-unwritable`) when the disk refuses: the
   * caller must then not make the change that the event announces.
   */
  append(event: JournalEvent): Promise<JournalLine>;
  /** Releases the stream. */
  close(): Promise<void>;
}

/** One execution's place in the history. */
export interface ExecutionHistory {
  readonly header: ExecutionHeader;
  /** Where it lies, for people. */
  readonly place: string;
  /**
   * Opens a stream for writing. A torn last line (a crash in mid-write) is repaired and told in a `tail-repaired` event.
   * Throws `RefusedError` `execution-locked` if another process holds the stream, `UserError` `history-corrupt` if the chain is
   * broken and `damaged` is `refuse`; with `set-aside` the damaged file is kept under another name and a fresh one begun.
   */
  journal(stream: string, damaged: 'refuse' | 'set-aside'): Promise<Journal>;
  /** Reads every stream without locking. Never throws for damage: what cannot be read is said in `problems`. */
  read(): Promise<{ readonly streams: ReadonlyMap<string, readonly JournalLine[]>; readonly problems: readonly string[] }>;
  /** Replaces `execution.json` with the verdict in it, atomically. */
  conclude(verdict: NonNullable<ExecutionHeader['verdict']>): Promise<void>;
  /** Writes a file beside the journals (report.md, …), atomically. Returns where it lies, for people. */
  writeFile(name: string, content: string): Promise<string>;
  /**
   * Seals the execution as it now lies there: writes `manifest.json` over all its files and an entry of the ledger that names it. Call it
   * last, once there is a final verdict. Nothing changed since the last seal: nothing is written.
   */
  seal(facts: SealFacts): Promise<Seal>;
  /** Says in the ledger, before anything is written, that a sealed execution is being run again. Not sealed: nothing is written. */
  reopen(by: string): Promise<void>;
}

/** What a seal left behind. */
export interface Seal {
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  /** SHA-256 of the ledger's entry. Kept elsewhere, it proves later that the history up to it was not written anew. */
  readonly entry: string;
}

/** Locks that were taken away from an execution, for the ledger. */
export interface Unlocking {
  readonly execution: string;
  readonly plan: string;
  readonly locks: readonly HeldLock[];
  readonly by: string;
  readonly why: string;
}

/** Where executions are kept: a folder, or (elsewhere) a git branch. */
export interface HistoryStore {
  /**
   * Opens the execution with the header's id, creating it if it is new. Throws `UserError` `execution-mismatch` if the id belongs
   * to another plan or mode, `plan-changed` if it was started from another digest of the plan, `InternalError` `history-unwritable`
   * if nothing can be written there. Nothing of an existing execution is changed.
   */
  open(header: ExecutionHeader): Promise<{ readonly execution: ExecutionHistory; readonly created: boolean }>;
  /** Finds an execution by id, or by unique beginning; `undefined` if there is none. Throws `UserError` `usage` if several fit. */
  find(id: string): Promise<ExecutionHistory | undefined>;
  /** The headers of all executions, newest first; unreadable ones are left out. */
  list(): Promise<readonly ExecutionHeader[]>;
  /** Records in the ledger that locks are taken away from an execution, whose own record may lie elsewhere. Resolves once it is durable. */
  recordUnlocking(unlocking: Unlocking): Promise<void>;
}

export interface StoreOptions {
  readonly clock: Clock;
  /** Who holds a lock, for the message to the next one: user, host, process. */
  readonly owner: string;
  /** Whether an entry of the ledger, by its file's name, belongs to this history; left out: all that lie in the folder do. */
  readonly inLedger?: (file: string) => boolean;
}
