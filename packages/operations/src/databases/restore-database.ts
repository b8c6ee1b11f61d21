import { asBreakwaterError, type BreakwaterError } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import type { JsonObject } from '@breakwater/history';
import { asJson, withoutUndefined } from '../boundary.ts';
import { DATABASE_TAGS, type DatabaseDeedContext } from './contracts.ts';
import type { LiveDatabase } from './live-database.ts';
import { archiveSnapshot, publishEndpoint } from './restore-announce.ts';
import { awaitUsable, createMembers, membersOf, sendRestore, setMonitoring } from './restore-build.ts';
import { identityOf } from './restore-claim.ts';
import type { RestoreDatabaseRequest, RestoredDatabase, RestoreParts } from './restore-contracts.ts';
import { objectionToDns } from './restore-dns.ts';
import { guardRestore } from './restore-guards.ts';
import { lookAtRestore, type RestoreView, rollingBack, swapBegun } from './restore-look.ts';
import { notify } from './restore-notify.ts';
import { enableDataApi, proveDatabase, setMaster, setUsers } from './restore-prove.ts';
import { outOfSight, swapNames } from './restore-rename.ts';
import { lookForFinalSnapshot, removeOld } from './restore-replace.ts';
import { provideOrigin } from './restore-snapshot.ts';
import { RESTORE_TAGS, RestoreState } from './restore-state.ts';
import { objectionBeforeOrigin, objectionToSurroundings } from './restore-surroundings.ts';
import type { Standing } from './swap-moves.ts';

/**
 * Restores an Aurora cluster, or an RDS instance, from a snapshot or to a point in time, and makes it usable: cluster, instances, master
 * password, users, checks, name, endpoint. Any process may carry it on: names follow from execution and target, our tags say what is ours,
 * and AWS says how far it is. A database of somebody else is never adopted, and deleted only where `replace` was asked for. The `result` is a `RestoredDatabase`.
 */
export function restoreDatabase(
  request: RestoreDatabaseRequest,
  deed: DatabaseDeedContext,
  parts: RestoreParts,
): RestoreOperation {
  let run: RestoreState | undefined;
  let waits = 0;
  return {
    mayBeLeft: () => run !== undefined && !run.midway && run.dnsWork.size === 0 && run.failure === undefined && waits > SOON,
    soFar: () => (run === undefined ? {} : resultOf(run)),
    halfWay: () => (run?.midway === true ? leftMidway(run) : undefined),
    async advance(context) {
      try {
        run ??= new RestoreState(request, deed, parts, context);
        const look = await advance(run, context);
        run.blindSince = undefined;
        waits = look.state === 'waiting' ? look.lookAgainIn : 0;
        return look;
      } catch (cause) {
        const error = asBreakwaterError(cause);
        if (!isVerdict(error)) throw cause;
        const half = run?.midway === true ? leftMidway(run) : undefined;
        if (run !== undefined && half !== undefined && error.kind === 'aws' && run.failure === undefined && stillLooks(run)) {
          return { state: 'waiting', note: error.message, lookAgainIn: 15_000 };
        }
        const message = half === undefined ? error.message : `${error.message}; ${half}`;
        const reason = { code: error.code, message, next: error.next };
        // The next look tells whoever wants to know; if that cannot be done either, the first reason stands.
        if (run === undefined || run.failure !== undefined) return { state: 'failed', reason: run?.failure ?? reason };
        run.failure = reason;
        return { state: 'waiting', note: error.message, lookAgainIn: 0 };
      }
    },
    async abandon(context) {
      if (run === undefined) return undefined;
      if (run.midway) return leftMidway(run);
      const vault = await run.vault?.abandon?.(context);
      if (vault !== undefined) return vault;
      const { cluster, instance } = run.result;
      const database = cluster ?? instance ?? (run.restoreSent === undefined ? undefined : run.names.build);
      if (database !== undefined) return `${run.noun} ${database} goes on being restored in ${run.site.site.region}`;
      if (run.takingSnapshot) return `snapshot ${run.names.created} goes on being taken in ${run.site.site.region}`;
      return run.copy?.abandon?.(context);
    },
  };
}

/** A restore, and what whoever does not want to wait for its end must know of it. */
export interface RestoreOperation extends Operation {
  /**
   * Whether the last look ended in a wait that nobody needs to sit out. Never between the deletion of the old cluster and the restore of
   * the new one, nor between the renames of a swap: clients are without a database until somebody goes on. Nor in the minute that DNS
   * takes: whoever came later would wait it out again.
   */
  mayBeLeft(): boolean;
  /** The `RestoredDatabase` as far as it got. */
  soFar(): JsonObject;
  /** What to say of it, in words, while something is taken away that only another process would put back. */
  halfWay(): string | undefined;
}

/** Of all that may be left in AWS only this stands still: nothing but another process puts back what was taken away. */
function leftMidway({ strategy, names, site }: RestoreState): string {
  const what = strategy === 'swap' ? 'swap' : 'replacement';
  return `the ${what} of ${names.target} in ${site.site.region} is not over and does not go on by itself: clients may be without a database until it is taken up again`;
}

/** How long a look that AWS refuses is taken again while clients are without a database, milliseconds. */
const BLIND = 15 * 60_000;

function stillLooks(run: RestoreState): boolean {
  const now = run.deed.clock.now();
  run.blindSince ??= now;
  return now - run.blindSince < BLIND;
}

/** Waits up to this are only for what was just sent to be seen, milliseconds. */
const SOON = 1_000;

/** What somebody has to mend first, as against what passes by itself or concerns the credentials. */
function isVerdict({ kind, code }: BreakwaterError): boolean {
  if (kind === 'user' || kind === 'refused') return true;
  return kind === 'aws' && ['aws-fault', 'permission-denied', 'key-not-accessible', 'quota-exceeded'].includes(code);
}

async function advance(state: RestoreState, context: OperationContext): Promise<Advance> {
  const view = await lookAtRestore(state);
  const { mine, theirs } = view;
  state.against ??= theirs === undefined ? 'nothing' : identityOf(theirs.database);
  if (mine !== undefined) remember(state, mine);
  if (state.failure !== undefined) return failed(state, mine?.database, context);
  if (view.twofold) return { state: 'waiting', note: `AWS is renaming ${state.names.target}`, lookAgainIn: 5_000 };
  if (mine === undefined) return outOfSight(state, view) ?? begin(state, view, context);
  state.unseenSince = undefined;
  state.midway = false;
  const other = await adopt(state, mine, context);
  if (other !== undefined) return other;
  await lookForFinalSnapshot(state, context);
  const swaps = state.strategy === 'swap';
  const underway = swaps && (swapBegun(state, view) || rollingBack(state, view)?.attempt === context.attempt);
  const due = underway ? undefined : await makeUsable(state, view, mine, context);
  if (due !== undefined || state.failure !== undefined) return due ?? again(state);
  state.midway = swaps;
  const swap = swaps ? await swapNames(state, { ...view, mine }, context) : undefined;
  if (swap !== undefined || state.failure !== undefined) return swap ?? again(state);
  state.midway = false;
  const telling =
    (await publishEndpoint(state, mine.database, context)) ?? (await archiveSnapshot(state, mine.database, context));
  if (telling !== undefined || state.failure !== undefined) return telling ?? again(state);
  return succeeded(state, mine.database, context);
}

/** Until the database stands there: guards, what is restored, room for it, and the one call that makes it. */
async function begin(state: RestoreState, view: RestoreView, context: OperationContext): Promise<Advance> {
  if (!state.guarded) {
    const objection =
      (await guardRestore(state, view, context)) ??
      (await objectionToDns(state, state.unseen(context, 'beforehand'))) ??
      (await objectionBeforeOrigin(state, view, context));
    if (objection !== undefined || state.failure !== undefined) return objection ?? again(state);
    state.guarded = true;
  }
  const origin = await provideOrigin(state, context);
  if (origin !== undefined || state.failure !== undefined) return origin ?? again(state);
  const lacking = await objectionToSurroundings(state, view, context);
  if (lacking !== undefined || state.failure !== undefined) return lacking ?? again(state);
  if (state.strategy === 'replace') {
    state.midway = true;
    const removal = await removeOld(state, view.theirs, context);
    if (removal !== undefined || state.failure !== undefined) return removal ?? again(state);
  }
  return sendRestore(state, context);
}

async function makeUsable(
  state: RestoreState,
  view: RestoreView,
  mine: Standing,
  context: OperationContext,
): Promise<Advance | undefined> {
  if (!state.guarded && mine.instances.length < membersOf(mine.database)) {
    const objection = await guardRestore(state, view, context);
    if (objection !== undefined || state.failure !== undefined) return objection ?? again(state);
    state.guarded = true;
  }
  const { database } = mine;
  return (
    (await createMembers(state, mine, context)) ??
    (await awaitUsable(state, mine, context)) ??
    (await setMonitoring(state, database, context)) ??
    (await setMaster(state, database, context)) ??
    (await enableDataApi(state, database, context)) ??
    (await setUsers(state, database, context)) ??
    (await proveDatabase(state, database, context, ''))
  );
}

/** A verdict was reached in this look: the next one concludes. */
function again(state: RestoreState): Advance {
  return { state: 'waiting', note: state.failure?.message ?? '', lookAgainIn: 0 };
}

/** Says once that the database was found made by an earlier process, or by a call whose answer was lost. */
async function adopt(state: RestoreState, { database }: Standing, context: OperationContext): Promise<Advance | undefined> {
  if (state.done.has('adopted')) return undefined;
  const asked = database.tags[RESTORE_TAGS.request];
  if (asked !== undefined && asked !== state.mark) {
    return state.fail(
      'execution-mismatch',
      `${database.kind} ${database.id} was restored by this very execution, but for another snapshot, source or strategy`,
      'Take another key (or execution) for what you ask for now, or ask for what was asked then. Nothing was changed.',
    );
  }
  const key = state.keyOf(state.restoring, state.names.build);
  if (state.restoreSent === undefined) state.adopted = true;
  if (!state.justSent(key) && !context.earlier.some((line) => line.type === 'change' && line.key === key)) {
    const { snapshot, point } = RESTORE_TAGS;
    const from = { snapshot: database.tags[snapshot], pointInTimeOf: database.tags[point] };
    const detail = withoutUndefined({ ...from, target: state.names.target });
    await context.change({ operation: state.restoring, key, id: database.id, adopted: true, site: state.site.site.name, detail });
  }
  state.done.add('adopted');
  return undefined;
}

function remember(state: RestoreState, { database, instances }: Standing): void {
  const { tags, kind } = database;
  const arn = tags[RESTORE_TAGS.snapshot];
  const point = tags[RESTORE_TAGS.point];
  const time = tags[DATABASE_TAGS.sourceTime];
  const writer = database.members.find((member) => member.writer)?.instance;
  const ids = instances.map(({ id }) => id).sort((a, b) => Number(b === writer) - Number(a === writer) || (a < b ? -1 : 1));
  state.result = {
    ...state.result,
    ...(kind === 'cluster'
      ? { cluster: database.id, clusterArn: database.arn }
      : { instance: database.id, instanceArn: database.arn }),
    ...withoutUndefined({
      endpoint: database.endpoint,
      readerEndpoint: database.readerEndpoint,
      port: database.port,
      engine: database.engine,
      engineVersion: database.engineVersion,
      masterSecret: database.masterSecret?.arn,
      snapshot:
        arn === undefined
          ? undefined
          : {
              id: arn.split(':').slice(6).join(':'),
              arn,
              ...withoutUndefined({ time, sourceArn: tags[DATABASE_TAGS.sourceArn] }),
            },
      pointInTime: point === undefined || time === undefined ? undefined : { time, sourceArn: point },
    }),
    instances: kind === 'cluster' ? ids : [database.id],
  };
}

async function failed(state: RestoreState, database: LiveDatabase | undefined, context: OperationContext): Promise<Advance> {
  const { failure, names } = state;
  if (failure === undefined) return again(state);
  const told = await notify(state, database, context, {
    subject: `${names.target} was NOT restored: ${failure.code}`,
    message: [failure.message, failure.next ?? '', `Execution ${state.deed.execution}.`].join('\n'),
  });
  return told ?? { state: 'failed', reason: failure, result: resultOf(state) };
}

async function succeeded(state: RestoreState, database: LiveDatabase, context: OperationContext): Promise<Advance> {
  const { names, drill } = state;
  const told = await notify(state, database, context, {
    subject: `${names.target} is restored${drill ? ' (drill)' : ''}`,
    message: JSON.stringify(resultOf(state), null, 2),
  });
  if (told !== undefined) return told;
  const result = resultOf(state);
  if (state.losses.length === 0) {
    const message = `${database.kind} ${database.id} is restored and usable`;
    return { state: 'done', status: 'succeeded', reason: { code: 'ok', message }, result };
  }
  const message = state.losses.map((loss) => loss.message).join('; ');
  const next = [...new Set(state.losses.flatMap((loss) => loss.next ?? []))].join(' ');
  const reason = { code: 'degraded' as const, message, ...(next === '' ? {} : { next }) };
  return { state: 'done', status: 'succeeded-with-warnings', reason, result };
}

function resultOf(state: RestoreState): JsonObject {
  const { request, names } = state;
  const result: RestoredDatabase = {
    database: request.database,
    strategy: state.strategy,
    kind: state.noun,
    ...(state.noun === 'cluster' ? { cluster: names.build } : { instance: names.build }),
    instances: [],
    ...state.result,
    adopted: state.adopted,
    users: state.users,
    checks: state.checks,
    published: state.published,
    ...(state.dns.length === 0 ? {} : { dns: state.dns }),
    ...withoutUndefined({
      archived: state.archived,
      finalSnapshot: state.finalSnapshot,
    }),
  };
  return asJson(result);
}
