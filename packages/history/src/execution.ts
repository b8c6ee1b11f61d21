import type { Mode, Status, Verdict } from '@breakwater/core';
import type { JsonObject, Reason, StepKind } from './events.ts';

/** `execution.json`: what never changes about an execution, and its verdict once there is one. */
export interface ExecutionHeader {
  readonly schema: 'breakwater.execution/1';
  readonly id: string;
  readonly mode: Mode;
  /** Epoch milliseconds; also the moment that recovery point objectives are measured from. */
  readonly createdAt: number;
  /** Who asked for it: a GitHub login or a local user name. */
  readonly actor: string;
  /** The commit of the plan files, when known. */
  readonly commit?: string;
  readonly tool: string;
  /** True when AWS was the simulator: such a record is never evidence. */
  readonly simulated: boolean;
  readonly plan: {
    readonly name: string;
    /** SHA-256 of the plan's closure (plan, groups, sites), independent of formatting. */
    readonly digest: string;
    readonly owner: string;
    readonly tier: number;
    readonly objectives: { readonly rto: number; readonly rpo: number };
    readonly waves: readonly { readonly name: string; readonly dependsOn: readonly string[] }[];
    /** The whole closure, so that the record can be read without the repository. */
    readonly definition: JsonObject;
  };
  readonly verdict?: {
    readonly verdict: Verdict;
    readonly reason: Reason;
    readonly at: number;
    /** Recovery time and recovery point actual, milliseconds, for lists of executions; left out when unknown. */
    readonly rto?: number;
    readonly rpo?: number;
  };
}

/** One server of a wave, as far as it is known. */
export interface ServerRecord {
  readonly id: string;
  /** Host name, or the id when DRS does not know it. */
  readonly name: string;
  readonly site: string;
  readonly account: string;
  readonly region: string;
  readonly group: string;
  readonly criticality: 'critical' | 'optional';
  readonly status: Status;
  readonly reason?: Reason;
  readonly replicationState?: string;
  /** Replication lag when the launch was asked for, milliseconds. */
  readonly lag?: number;
  readonly jobId?: string;
  readonly instanceId?: string;
  /** The recovery point used, as planned: `latest`, or a `pit-…` id. */
  readonly recoveryPoint?: string;
  /** The moment of that recovery point, epoch milliseconds. */
  readonly recoveryPointAt?: number;
  /** Recovery point actual: data lost, in milliseconds, measured from the execution's start; see docs/reports.md. */
  readonly rpa?: number;
  readonly launchedAt?: number;
  readonly healthyAt?: number;
}

/** One check of a restored database. `found` never holds a secret. */
export interface DatabaseCheckRecord {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
}

/** What became of a database, as far as it got. */
export interface DatabaseFacts {
  /** The restored cluster's identifier; after a swap the name that it took. */
  readonly clusterId?: string;
  readonly clusterArn?: string;
  /** Instead of a cluster: the restored instance of none. */
  readonly instanceId?: string;
  readonly instanceArn?: string;
  readonly instances?: readonly string[];
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly endpoint?: string;
  readonly readerEndpoint?: string;
  readonly port?: number;
  /** The snapshot that was restored. */
  readonly snapshotId?: string;
  readonly snapshotArn?: string;
  /** When it, or the original it is a copy of, was taken, epoch milliseconds. */
  readonly snapshotAt?: number;
  /** Instead of a snapshot: the moment that was restored, epoch milliseconds, and of what. */
  readonly pointInTime?: number;
  readonly pointInTimeOf?: string;
  /** Recovery point actual: data lost, in milliseconds, measured from the execution's start; see docs/reports.md. */
  readonly rpa?: number;
  /** What was done to its users, in words; no password is in them. */
  readonly users?: readonly string[];
  readonly checks?: readonly DatabaseCheckRecord[];
  /** swap: what the old cluster is called now. */
  readonly oldCluster?: string;
  readonly oldInstance?: string;
  /** replace: the old cluster's final snapshot. */
  readonly finalSnapshot?: string;
}

/** One database of a wave, as far as it is known. */
export interface DatabaseRecord extends DatabaseFacts {
  readonly name: string;
  /** Identifier of the cluster that is restored; or else it is an instance. */
  readonly cluster?: string;
  readonly instance?: string;
  readonly site: string;
  readonly account: string;
  readonly region: string;
  /** As the plan says it; a drill restores beside all the same. */
  readonly strategy: string;
  readonly criticality: 'critical' | 'optional';
  readonly status: Status;
  readonly reason?: Reason;
  /** Recovery point objective of its own, milliseconds; none: the plan's. */
  readonly rpo?: number;
}

export interface ChangeRecord {
  readonly operation: string;
  readonly id: string;
  readonly adopted: boolean;
  readonly site: string;
  readonly at: number;
}

/** An earlier try of a step that was tried again. */
export interface StepAttempt {
  readonly attempt: number;
  readonly status: Status;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly reason?: Reason;
  readonly changes: readonly ChangeRecord[];
  readonly openIntents: StepRecord['openIntents'];
  readonly warnings: StepRecord['warnings'];
}

export interface StepRecord {
  readonly id: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly status: Status;
  readonly attempt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly deadline?: number;
  readonly reason?: Reason;
  readonly changes: readonly ChangeRecord[];
  /** Intents without a change: the answer was lost, or the process died in between. */
  readonly openIntents: readonly { readonly operation: string; readonly key: string; readonly detail: JsonObject }[];
  readonly warnings: readonly { readonly reason: Reason; readonly server?: string }[];
  /** The last note, for a live view. */
  readonly note?: string;
  readonly result?: JsonObject;
  /** Earlier tries, oldest first; left out when there was none. */
  readonly previous?: readonly StepAttempt[];
}

export interface WaveRecord {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly status: Status;
  readonly reason?: Reason;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly steps: readonly StepRecord[];
  readonly servers: readonly ServerRecord[];
  /** Left out when the wave has none. */
  readonly databases?: readonly DatabaseRecord[];
}

/**
 * What became of what a run shares with others: its history was out of reach, joined again, or found rewritten; its locks could not be
 * had; a drill had to make way.
 */
export interface SharingRecord {
  readonly event: 'unreachable' | 'joined' | 'rewritten' | 'without-locks' | 'pre-empted';
  readonly at: number;
  readonly message: string;
}

export interface RunRecord {
  readonly run: string;
  readonly actor: string;
  readonly tool: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly resumed: boolean;
  readonly interruptedBy?: string;
  /** What went on in AWS when the run was interrupted, in words. */
  readonly stillRunning?: readonly string[];
  /** The command that resumes an interrupted run. */
  readonly resume?: string;
  /** What the run said of the execution when it ended. */
  readonly outcome?: { readonly verdict: Verdict; readonly reason: Reason };
  /** What became of the shared history and locks while it ran; left out when nothing did. */
  readonly sharing?: readonly SharingRecord[];
  /** The waves it was asked for; empty: all of them. */
  readonly waves: readonly string[];
  /** Waves whose gate somebody had approved. */
  readonly approvals: readonly string[];
  readonly identities: readonly {
    readonly site: string;
    readonly account: string;
    readonly region: string;
    readonly arn: string;
  }[];
}

/** What did happen: the fold of an execution's header and journals. */
export interface Execution {
  readonly header: ExecutionHeader;
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly startedAt: number;
  /** When the last wave ended; finally actions and clean-up come after it. */
  readonly endedAt?: number;
  /**
   * Recovery time actual: from the first run's start to the end of the last wave; none until all waves have ended. An execution that
   * failed or was cancelled has not met its objective, however soon it ended.
   */
  readonly rto: { readonly objective: number; readonly actual?: number; readonly met?: boolean };
  /**
   * Recovery point actual: the worst of what was recovered, a `server` or a `database`. `unknown`: how many recovered servers have none;
   * `unknownDatabases`: how many databases (left out when 0). A database with an objective of its own counts against that alone, in
   * `databases`.
   */
  readonly rpo: {
    readonly objective: number;
    readonly actual?: number;
    readonly met?: boolean;
    readonly server?: string;
    readonly unknown?: number;
    readonly database?: string;
    readonly unknownDatabases?: number;
    readonly databases?: readonly {
      readonly name: string;
      readonly objective: number;
      readonly actual?: number;
      readonly met?: boolean;
    }[];
  };
  readonly waves: readonly WaveRecord[];
  readonly finally: readonly StepRecord[];
  readonly runs: readonly RunRecord[];
  /** Damage found in the journals while reading, for the report. */
  readonly problems: readonly string[];
}
