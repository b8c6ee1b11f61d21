import type { Clock } from '@breakwater/core';
import type { DatabaseFacts, JournalLine, JsonObject, Reason, ServerRecord } from '@breakwater/history';

/**
 * What an operation says after a look at the cloud.
 * `waiting`: look again in `lookAgainIn` milliseconds at the latest; 0 means at once (one change was made, another is due).
 */
export type Advance =
  | { readonly state: 'waiting'; readonly note: string; readonly lookAgainIn: number }
  | {
      readonly state: 'done';
      readonly status: 'succeeded' | 'succeeded-with-warnings';
      readonly reason?: Reason;
      readonly servers?: readonly ServerRecord[];
      /** What became of the database that the step restores. */
      readonly database?: DatabaseFacts;
      readonly result?: JsonObject;
    }
  | {
      readonly state: 'failed';
      readonly reason: Reason;
      readonly servers?: readonly ServerRecord[];
      readonly database?: DatabaseFacts;
      readonly result?: JsonObject;
    };

/** What the engine gives an operation at each call. */
export interface OperationContext {
  readonly clock: Clock;
  /** Aborts when the run is told to stop. */
  readonly signal: AbortSignal;
  /** Which try this is, from 1; part of every key, so that a new try is a new deed and a resumed one finds its own. */
  readonly attempt: number;
  /** What the journal already holds of this step and attempt; empty when the history is lost. A hint, never the truth. */
  readonly earlier: readonly JournalLine[];
  /** Makes an intent durable. Await it before a call that cannot safely be repeated; if it throws, do not call. */
  intent(operation: string, key: string, detail: JsonObject): Promise<void>;
  /** Records what a call made, or what was found made by us earlier. */
  change(change: {
    operation: string;
    key: string;
    id: string;
    adopted: boolean;
    site: string;
    detail?: JsonObject;
  }): Promise<void>;
  /** Records a transition (never a poll); `server` is a source server id. */
  progress(note: string, options?: { server?: string; detail?: JsonObject }): Promise<void>;
  warn(reason: Reason, server?: string): Promise<void>;
}

/**
 * One recovery deed, level-triggered. `advance` looks at the cloud, makes at most one change, and says how far it is. Any process
 * may call it at any time: it finds its own earlier work by tags, deterministic names or client tokens, and adopts it.
 *
 * It never sleeps and never loops until done: the engine owns the loop. Throw `AwsError` for a fault the engine may retry
 * (`throttled`, `aws-unavailable`) or must surface; return `failed` for a verdict.
 */
export interface Operation {
  advance(context: OperationContext): Promise<Advance>;
  /**
   * The engine stops asking: the deadline passed or the run was cancelled. Stop in the cloud what can be stopped, in a single quick
   * call, and say what goes on there all the same (`undefined`: nothing). Must not wait for the end.
   */
  abandon?(context: OperationContext): Promise<string | undefined>;
}
