import type { ReasonCode, Status, Verdict } from '@breakwater/core';
import type { DatabaseRecord, ServerRecord } from './execution.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** Why something is as it is: a stable code, a sentence, and what to do next. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  readonly next?: string;
}

export const STEP_KINDS = [
  'gate',
  'pre-wave-action',
  'recover',
  'verify',
  'recover-database',
  'post-wave-action',
  'finally-action',
  'clean-up',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/**
 * What a journal holds. Transitions, never polls. An intent is durable before the call it announces; `change` follows the
 * answer, or the adoption of our own earlier work. Fields are added, never renamed; a reader keeps events it does not know.
 *
 * Streams: `runs/<run>` (one process), `waves/<wave>` (one wave) and `finally` (finally actions and clean-up). One writer a stream.
 */
export type JournalEvent =
  // runs/<run>
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly resumed: boolean;
      readonly waves: readonly string[];
      readonly actor: string;
      readonly tool: string;
      readonly approvals: readonly string[];
    }
  | {
      readonly type: 'identity-proved';
      readonly site: string;
      readonly account: string;
      readonly region: string;
      readonly arn: string;
    }
  | {
      readonly type: 'run-interrupted';
      readonly signal: string;
      readonly stillRunning: readonly string[];
      readonly resume: string;
    }
  | { readonly type: 'run-finished'; readonly verdict: Verdict; readonly reason: Reason }
  /** A shared history could not be reached: from here on the local journal alone is the record, until it is joined. */
  | { readonly type: 'history-unreachable'; readonly reason: Reason }
  | { readonly type: 'history-joined'; readonly place: string; readonly commit: string }
  /** The branch lost commits that had been on it (`was`), and files with them. A recovery goes on all the same. */
  | { readonly type: 'history-rewritten'; readonly reason: Reason; readonly was: string; readonly lost: readonly string[] }
  /** A recovery took the servers of a running drill. In the recovery's record; the drill's says `run-interrupted`. */
  | {
      readonly type: 'drill-pre-empted';
      readonly drill: string;
      readonly plan: string;
      readonly owner: string;
      /** Servers and databases that it held. */
      readonly servers: readonly string[];
      /** It did not let go in time, and its locks were broken; what it may have left is ended later. Left out: it was only asked. */
      readonly broken?: {
        /** When it took its locks, ISO 8601. */
        readonly since: string;
        /** What it held at sites that this execution's plan files know, by their names. */
        readonly left: readonly { readonly kind: 'server' | 'database'; readonly id: string; readonly site: string }[];
      };
    }
  /** The execution has the locks of all these, as `<account>/<region>/<kind>/<id>`; and: it holds none any more. */
  | { readonly type: 'locks-taken'; readonly locks: readonly string[] }
  | { readonly type: 'locks-released' }
  /** A recovery goes on although the locks cannot be had: nothing keeps other executions off its servers. */
  | { readonly type: 'locks-unavailable'; readonly reason: Reason }
  // waves/<wave>
  | { readonly type: 'wave-started'; readonly servers: readonly ServerRecord[]; readonly databases?: readonly DatabaseRecord[] }
  | { readonly type: 'wave-finished'; readonly status: Status; readonly reason: Reason }
  // waves/<wave> and finally
  | {
      readonly type: 'step-started';
      readonly step: string;
      readonly kind: StepKind;
      readonly name: string;
      /** Counted from 1; a resumed step keeps its number, a step that is tried again after it had ended gets the next. */
      readonly attempt: number;
      readonly deadline: number;
    }
  | {
      readonly type: 'intent';
      readonly step: string;
      /** As `drs:StartRecovery`. */
      readonly operation: string;
      /** What lets any process find the result again: tag value, client token, deterministic name. */
      readonly key: string;
      readonly detail: JsonObject;
    }
  | {
      readonly type: 'change';
      readonly step: string;
      readonly operation: string;
      readonly key: string;
      /** AWS's id of what was made: job id, automation execution id, command id. */
      readonly id: string;
      /** True when it was found, made earlier by this execution. */
      readonly adopted: boolean;
      readonly site: string;
      readonly detail: JsonObject;
    }
  | {
      readonly type: 'progress';
      readonly step: string;
      readonly note: string;
      readonly server?: string;
      readonly detail?: JsonObject;
    }
  | { readonly type: 'warning'; readonly step: string; readonly reason: Reason; readonly server?: string }
  | {
      readonly type: 'step-finished';
      readonly step: string;
      readonly status: Status;
      readonly reason: Reason;
      /** Changed server records; they replace those of the same id. */
      readonly servers?: readonly ServerRecord[];
      /** Changed database records; they replace those of the same name. */
      readonly databases?: readonly DatabaseRecord[];
      /** Outputs, failing step, and what else the operation found. */
      readonly result?: JsonObject;
    }
  // any stream: what was found damaged when it was opened. Nothing is dropped: the torn bytes are kept here.
  | { readonly type: 'tail-repaired'; readonly bytes: number; readonly sha256: string; readonly torn: string }
  | { readonly type: 'journal-replaced'; readonly damaged: string; readonly sha256: string; readonly problem: string }
  // any stream: the process that held it had died without releasing it
  | { readonly type: 'lock-taken-over'; readonly from: LockHolder };

/** A human approval, as the platform that keeps it tells it. */
export interface Approval {
  readonly login: string;
  /** ISO 8601, when known. */
  readonly at?: string;
  readonly comment?: string;
  /** The environment that was approved. */
  readonly environment: string;
}

/** Why a gate counts as passed: what the platform said of its rules and of who approved. */
export interface GateProof {
  readonly wave: string;
  /** Who asked for this attempt of the run; may not be an approver. */
  readonly requester: string;
  /** Who asked for its first attempt, if that was somebody else; may not be an approver either. */
  readonly firstRequester?: string;
  readonly approvals: readonly Approval[];
  /** The rules of each environment when they were read. */
  readonly rules: readonly {
    readonly environment: string;
    readonly reviewers: readonly string[];
    readonly preventsSelfReview: boolean;
    readonly adminsMayBypass: boolean;
  }[];
  /** Page of the run that was approved. */
  readonly run?: string;
  /** Attempt of the run, counted from 1. */
  readonly attempt?: number;
  /** The approvals were given between these moments, ISO 8601: the platform may keep no time of them. */
  readonly between?: { readonly from?: string; readonly to: string };
  /** What is not as it should be, and did not keep the gate closed. */
  readonly warnings?: readonly string[];
}

/** Who held a stream. */
export interface LockHolder {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  /** ISO 8601, by that process's engine clock. */
  readonly at: string;
}

/** An event as it stands in the file: one JSON object a line. */
export type JournalLine = JournalEvent & {
  /** Version of the line format. */
  readonly v: 1;
  /** Position in the stream, counted from 0. */
  readonly seq: number;
  /** ISO 8601 in UTC, milliseconds, by the engine's clock. */
  readonly at: string;
  /**
   * SHA-256 (hex) of the bytes of the line before, without its newline. The first line carries the hash of the stream's identity
   * (execution id, stream name, plan digest), so that a file cannot be passed off as another.
   */
  readonly prev: string;
  /** SHA-256 (hex) of the line's bytes before `,"sum":`; always the last member in a file. Finds damage that no later line vouches for. */
  readonly sum?: string;
};
