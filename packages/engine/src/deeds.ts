import type { Clock, Mode } from '@breakwater/core';
import type { DatabaseRecord, Reason, ServerRecord } from '@breakwater/history';
import type { Action, DatabaseRecovery, Plan, PlanSet, RecoveryPoint, Site, Wave } from '@breakwater/plan';
import type { Operation } from './operation.ts';

/** What stays the same for every deed of one execution. */
export interface DeedContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The execution id: in every tag, token and name, so that any process finds what this execution made. */
  readonly execution: string;
  readonly mode: Mode;
  readonly set: PlanSet;
  readonly plan: Plan;
  /** When the execution began, epoch milliseconds: recovery point actuals are measured from here. */
  readonly createdAt: number;
  /** Source servers whose live recovery instance may be replaced, because somebody asked for it by id. */
  readonly replaceLive: readonly string[];
}

export interface ProvedIdentity {
  readonly site: string;
  readonly account: string;
  readonly region: string;
  readonly arn: string;
}

/** A server that a wave recovers: its record so far, and which recovery point the plan wants. */
export interface WaveServer {
  readonly record: ServerRecord;
  readonly recoveryPoint: RecoveryPoint;
}

/** Something the inspection saw that does not stop this mode. */
export interface InspectionWarning {
  readonly wave: string;
  readonly server: string;
  readonly message: string;
}

/** Something that speaks against restoring a database, seen before anything was changed. */
export interface DatabaseDoubt {
  readonly wave: string;
  readonly database: string;
  readonly reason: Reason;
  /** False when AWS could not be asked: nothing is known to lack. */
  readonly certain: boolean;
}

export interface Inspection {
  /** By wave name; every wave asked for is there, in the plan's order, its servers in a stable order. */
  readonly waves: ReadonlyMap<string, readonly WaveServer[]>;
  readonly warnings: readonly InspectionWarning[];
  /** Left out: none. What they mean for the mode is the engine's to say: it knows what this execution has begun. */
  readonly doubts?: readonly DatabaseDoubt[];
}

/**
 * The port through which the engine gets its work done; the operations package provides it. Everything before `recover` only reads.
 */
export interface Deeds {
  /** Proves account and Region of every site (sts:GetCallerIdentity). Throws `RefusedError` `account-mismatch` or an `AwsError`. */
  proveIdentities(sites: readonly Site[]): Promise<readonly ProvedIdentity[]>;
  /**
   * Resolves the protection groups of the given waves against the live inventory and applies the guards of the mode: empty or
   * double selections, unknown servers, a drill's readiness, live recovery instances that are not this execution's own. Looks what
   * databases lack: snapshot, key, engine version, free names. Throws
   * `UserError` or `RefusedError` naming every offender; nothing has been changed then.
   */
  inspect(waves: readonly Wave[]): Promise<Inspection>;
  /** Launches the wave's servers and finds their instances. */
  recover(wave: Wave, servers: readonly WaveServer[]): Operation;
  /** Proves launched servers: EC2 status checks, then the SSM agent if `needsAgent`. */
  verify(wave: Wave, servers: readonly ServerRecord[], needsAgent: boolean): Operation;
  /** Restores a database from a snapshot, makes it usable and proves it. A drill restores beside, whatever the strategy. */
  recoverDatabase(database: DatabaseRecovery, wave: Wave): Operation;
  /** Runs an SSM automation or command. `stage` makes the key unique: `pre`, `post` or `finally`. `servers` are the wave's launched ones. */
  act(action: Action, stage: string, wave: Wave | undefined, servers: readonly ServerRecord[]): Operation;
  /** Ends a drill: terminates the instances that this execution's own jobs launched, and no others. */
  cleanUp(servers: readonly ServerRecord[]): Operation;
  /** Ends a drill: deletes the clusters that this execution restored at the sites of these databases, and no others. */
  cleanUpDatabases(databases: readonly DatabaseRecord[]): Operation;
}
