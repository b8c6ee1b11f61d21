import type { SnapshotKind } from '@breakwater/aws';
import { asBreakwaterError, type Clock } from '@breakwater/core';
import { type OperationContext, Pacer, runOperation } from '@breakwater/engine';
import type { JsonObject, Reason } from '@breakwater/history';
import {
  COPY_LIMITS,
  CopySlots,
  type CopySnapshotRequest,
  copySnapshot,
  type DatabaseSelection,
  type DatabaseSite,
  KeyBook,
  type SnapshotChoice,
  takeInventory,
} from '@breakwater/operations';
import { type CopiesReport, type CopiesReportOptions, type RetentionRequest, reportCopies } from './copies-report.ts';
import { handOver } from './hand-over.ts';
import { type Told, tellEnd } from './told.ts';

export interface CopySnapshotsRequest {
  readonly kind: SnapshotKind;
  /** One copy, or everything that is selected (the newest of each database, and what an earlier process has begun). */
  readonly what:
    | { readonly kind: 'one'; readonly database: string; readonly choice: SnapshotChoice }
    | {
        readonly kind: 'sweep';
        readonly select: DatabaseSelection;
        readonly choice: Extract<SnapshotChoice, { readonly kind: 'newest' }>;
      };
  readonly source: DatabaseSite;
  readonly destination: DatabaseSite;
  /** Keys, steps, relay, option group and tags, for every copy alike. */
  readonly how: Pick<
    CopySnapshotRequest,
    'kmsKeyId' | 'transitKmsKeyId' | 'relayKmsKeyId' | 'relay' | 'optionGroup' | 'steps' | 'tags'
  >;
  readonly execution: string;
  /** Copies in flight at once to one Region, fewer than AWS allows. */
  readonly limit?: number;
  /** False: start what can be started now, and hand over. */
  readonly wait: boolean;
  /** For everything together, milliseconds. */
  readonly maxWait: number;
  readonly retention?: RetentionRequest;
  /** How old the newest good copy of a database may be, milliseconds. */
  readonly rpo?: number;
}

export interface CopySnapshotsEnvironment {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export type CopyStatus = Told['status'];

/** What became of one copy. */
export interface CopyOutcome {
  readonly database: string;
  /** Of the source; not yet known when it was to be chosen or taken. */
  readonly snapshot: string | undefined;
  readonly status: CopyStatus;
  readonly reason: Reason;
  /** A `CopiedSnapshot`, once there is one. */
  readonly result: JsonObject | undefined;
  readonly goesOn: string | undefined;
  /** Milliseconds. */
  readonly took: number;
}

export interface CopySnapshotsOutcome {
  readonly status: CopyStatus;
  readonly reason: Reason;
  readonly copies: readonly CopyOutcome[];
  /** Newest good copies, and what retention decided; `undefined` when the destination was not looked at any more. */
  readonly report: CopiesReport | undefined;
}

const RESUME = 'Run the same again, with the same inputs: it finds what was begun and goes on.';

/** So many copies are begun for each that may be in flight: others are shared, verified or taken back meanwhile. */
const AHEAD = 3;

interface Task {
  readonly database: string;
  readonly snapshot: string | undefined;
  readonly choice: SnapshotChoice;
}

/**
 * Copies one snapshot or sweeps many databases, never more at once than AWS allows, then reports the newest good copy of each database
 * and decides retention. What it has begun is in AWS, where the same request later finds it. Throws the error family when nothing could
 * be looked at; everything else is in the outcome, the worst first.
 */
export async function copySnapshots(
  request: CopySnapshotsRequest,
  environment: CopySnapshotsEnvironment,
): Promise<CopySnapshotsOutcome> {
  const { clock, signal, log } = environment;
  const { kind, what, source, destination } = request;
  const deadline = clock.now() + request.maxWait;
  const { tasks, without, databases, atSource } = await tasksOf(request, clock.now());
  if (what.kind === 'sweep') log(`${databases.length} databases are selected; ${tasks.length} snapshots to look after`);
  const limit = Math.min(request.limit ?? COPY_LIMITS[kind], COPY_LIMITS[kind]);
  const parts = { slots: new CopySlots({ [kind]: limit }), keys: new KeyBook() };
  const pacer = new Pacer(clock);
  const runOne = async ({ database, snapshot, choice }: Task): Promise<CopyOutcome> => {
    const began = clock.now();
    const label = snapshot ?? (database === '' ? 'snapshot' : database);
    const operation = copySnapshot(
      { kind, database, choice, source, destination, ...request.how },
      { clock, execution: request.execution, mode: 'recovery' },
      parts,
    );
    const context = contextOf(environment, label);
    const end = await runOperation(request.wait ? operation : handOver(operation), context.context, { pacer, deadline });
    const told = tellEnd({ end, begun: context.begun() }, { resume: RESUME, done: 'copied and verified' });
    log(`${label}: ${told.status}${told.status === 'succeeded' ? '' : `: ${told.reason.message}`}`);
    const known = text(told.result, 'database') ?? database;
    return { database: known, snapshot, ...told, took: clock.now() - began };
  };
  const copies = [
    ...without.map(({ database, reason }): CopyOutcome => nothing(database, reason)),
    ...(await inTurn(tasks, limit * AHEAD, runOne)),
  ];
  const names = what.kind === 'sweep' ? databases : copies.map(({ database }) => database).filter((name) => name !== '');
  const looked = signal.aborted
    ? {}
    : await look({
        kind,
        source,
        destination,
        databases: names,
        select: what.kind === 'sweep' ? what.select : { patterns: names, tags: {} },
        now: clock.now(),
        rpo: request.rpo,
        retention: request.retention,
        atSource,
        log,
      });
  const { report, unseen } = looked;
  const empty = what.kind === 'sweep' && databases.length === 0;
  const judged = verdict(copies, report, empty);
  const good = judged.status === 'succeeded' || judged.status === 'succeeded-with-warnings' || judged.status === 'in-progress';
  // A gate or a policy that could not be looked at has not been passed.
  if (unseen !== undefined && good) return { status: 'failed', reason: unseen, copies, report };
  return { ...judged, copies, report };
}

/** The copies are made by now: that they cannot be listed must not lose what became of them. */
async function look(options: CopiesReportOptions): Promise<{ readonly report?: CopiesReport; readonly unseen?: Reason }> {
  try {
    return { report: await reportCopies(options) };
  } catch (cause) {
    const { code, message, next } = asBreakwaterError(cause);
    options.log(`the copies at the destination could not be listed: ${message}`);
    return { unseen: { code, message: `the copies at the destination could not be listed: ${message}`, next } };
  }
}

async function tasksOf({ kind, what, source, destination }: CopySnapshotsRequest, now: number) {
  if (what.kind === 'one') {
    const { database, choice } = what;
    const snapshot = choice.kind === 'id' ? choice.id : undefined;
    return { tasks: [{ database, snapshot, choice }], without: [], databases: [], atSource: undefined };
  }
  const { select, choice } = what;
  const found = await takeInventory({ kind, source, destination, select, choice, now });
  return {
    ...found,
    tasks: found.tasks.map(
      ({ database, snapshot }): Task => ({ database, snapshot: snapshot.id, choice: { kind: 'id', id: snapshot.id } }),
    ),
  };
}

/** So many at once, the others in their order. */
async function inTurn<T, R>(tasks: readonly T[], atOnce: number, run: (task: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Map<T, R>();
  const waiting = [...tasks];
  const worker = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) results.set(task, await run(task));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, worker));
  return tasks.flatMap((task) => results.get(task) ?? []);
}

function contextOf({ clock, signal, log }: CopySnapshotsEnvironment, label: string) {
  let begun = false;
  const context: OperationContext = {
    clock,
    signal,
    attempt: 1,
    earlier: [],
    async intent() {
      begun = true;
    },
    async change({ operation, id, detail }) {
      begun = true;
      const account = detail?.['account'];
      const shared = detail?.['shared'];
      log(`${label}: ${operation} ${id}${account === undefined ? '' : ` ${shared === true ? '+' : '-'}${account}`}`);
    },
    async progress(note) {
      log(`${label}: ${note}`);
    },
    async warn(reason) {
      log(`${label}: warning: ${reason.message}`);
    },
  };
  return { context, begun: () => begun };
}

function nothing(database: string, reason: Reason): CopyOutcome {
  const message = `${database}: ${reason.message}`;
  return {
    database,
    snapshot: undefined,
    status: 'failed',
    reason: { ...reason, message },
    result: undefined,
    goesOn: undefined,
    took: 0,
  };
}

/** Never better than its worst evidence. */
const WORST: readonly CopyStatus[] = ['failed', 'timed-out', 'cancelled', 'in-progress', 'succeeded-with-warnings'];

function verdict(
  copies: readonly CopyOutcome[],
  report: CopiesReport | undefined,
  empty: boolean,
): { readonly status: CopyStatus; readonly reason: Reason } {
  if (empty) {
    const reason: Reason = {
      code: 'snapshot-missing',
      message: 'no database of the source is selected',
      next: 'Correct the names, patterns or tags of the selection. Nothing was changed.',
    };
    return { status: 'failed', reason };
  }
  for (const status of WORST) {
    const those = copies.filter((copy) => copy.status === status);
    const [first] = those;
    if (first !== undefined && status === 'failed') return { status, reason: several(first.reason, those.length, copies.length) };
    if (status === 'failed' && report !== undefined) {
      if (report.stale.length > 0) return { status, reason: staleReason(report) };
      if (report.undeleted.length > 0) return { status: 'failed', reason: undeletedReason(report) };
    }
    if (first !== undefined) return { status, reason: several(first.reason, those.length, copies.length) };
  }
  return {
    status: 'succeeded',
    reason: { code: 'ok', message: `${copies.length} ${copies.length === 1 ? 'copy is' : 'copies are'} good` },
  };
}

function several(reason: Reason, count: number, all: number): Reason {
  return count <= 1 ? reason : { ...reason, message: `${count} of ${all}; the first: ${reason.message}` };
}

function staleReason({ stale }: CopiesReport): Reason {
  const names = stale.slice(0, 5).map(({ database, words }) => `${database} (${words})`);
  const more = stale.length > 5 ? ` and ${stale.length - 5} more` : '';
  return {
    code: 'copy-stale',
    message: `no good copy is as young as the recovery point objective asks: ${names.join(', ')}${more}`,
    next: 'Find out why there is no newer snapshot at the source or why its copy failed; then run the same again.',
  };
}

function undeletedReason({ undeleted }: CopiesReport): Reason {
  const [first] = undeleted;
  return {
    code: first?.code ?? 'aws-fault',
    message: `${undeleted.length} copies that retention lets go could not be deleted; the first: ${first?.message ?? ''}`,
    next: first?.next ?? 'Run the same again.',
  };
}

function text(result: JsonObject | undefined, name: string): string | undefined {
  const value = result?.[name];
  return typeof value === 'string' ? value : undefined;
}
