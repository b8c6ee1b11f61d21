import type { RdsSnapshot } from '@breakwater/aws';
import { type AwsError, asBreakwaterError, type Clock } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import type { Reason } from '@breakwater/history';
import type { DatabaseDeedContext, SnapshotChoice } from './contracts.ts';
import { planCopy } from './copy-plan.ts';
import { findSource } from './copy-source.ts';
import { KeyBook } from './key-book.ts';
import type { LiveDatabase } from './live-database.ts';
import type { RestoreDatabaseRequest, RestoreParts } from './restore-contracts.ts';
import { objectionToDns } from './restore-dns.ts';
import { guardRestore } from './restore-guards.ts';
import { lookAtRestore } from './restore-look.ts';
import { providePoint } from './restore-point.ts';
import { byId, copyRequest, isElsewhere, missing, newest, objectionTo } from './restore-snapshot.ts';
import { RestoreState } from './restore-state.ts';
import { engineOf, engineOfSource, type RestoredEngine, shortcomingOf } from './restore-surroundings.ts';

/** Something that speaks against a restore. */
export interface Objection {
  readonly reason: Reason;
  /** False when AWS could not be asked: nothing is known to lack. */
  readonly certain: boolean;
}

/**
 * What would keep a restore from being done, as far as it can be seen before anything is changed: the guards that the restore itself has,
 * and what it restores. Nothing once the restore has made its database. Reads only.
 */
export async function outlookOf(
  request: RestoreDatabaseRequest,
  deed: DatabaseDeedContext,
  parts: RestoreParts,
): Promise<readonly Objection[]> {
  const context = unrecorded(deed.clock);
  const found: Objection[] = [];
  let state: RestoreState | undefined;
  const look = async (what: (state: RestoreState) => Promise<unknown>): Promise<void> => {
    try {
      state ??= new RestoreState(request, deed, parts, context);
      await what(state);
      if (state.failure !== undefined) found.push({ reason: state.failure, certain: true });
      state.failure = undefined;
    } catch (cause) {
      const { kind, code, message, next } = asBreakwaterError(cause);
      if (kind === 'internal' || kind === 'cancelled') throw cause;
      found.push({ reason: { code, message, next }, certain: kind !== 'aws' });
    }
  };
  let begun = false;
  let engine: RestoredEngine | undefined;
  await look(async (one) => {
    const view = await lookAtRestore(one);
    begun = view.mine !== undefined || view.twofold;
    if (!begun) await guardRestore(one, view, context);
  });
  if (begun || state === undefined) return found;
  const unseen = async (_: string, { code, message, next }: AwsError) => {
    found.push({ reason: { code, message, next }, certain: false });
  };
  await look((one) => objectionToDns(one, unseen));
  await look(async (one) => {
    const restored = await lookAtOrigin(one, context);
    if (one.failure === undefined) engine = restored;
  });
  await look(async (one) => {
    const lacking = await shortcomingOf(one, engine, unseen);
    if (lacking === undefined) return;
    const { message, next, likely } = lacking;
    found.push({ reason: { code: 'usage', message, next }, certain: likely !== true || request.strategy === 'replace' });
  });
  return found;
}

/** What is restored: its engine, as far as it can be seen. */
async function lookAtOrigin(state: RestoreState, context: OperationContext): Promise<RestoredEngine | undefined> {
  const { choice } = state.request;
  if (choice.kind === 'point-in-time') {
    if (isElsewhere(state)) return undefined;
    await providePoint(state, choice, context);
    return engineOf(state);
  }
  if (isElsewhere(state)) return lookElsewhere(state, choice);
  const source = await lookHere(state, choice);
  if (source === undefined || 'state' in source) return undefined;
  if ('progress' in source) await objectionTo(state, source, context);
  return engineOfSource(source);
}

/** The snapshot at the site, or what one is still to be taken of. */
async function lookHere(state: RestoreState, choice: SnapshotChoice): Promise<RdsSnapshot | LiveDatabase | Advance | undefined> {
  switch (choice.kind) {
    case 'id':
      return (await byId(state, choice.id)) ?? missing(state, `no snapshot "${choice.id}"`);
    case 'newest':
      return newest(state, choice);
    case 'create': {
      const { noun, request, family } = state;
      const { database, site } = request;
      const live = await family.find(database.toLowerCase());
      if (live !== undefined) return live;
      if ((await byId(state, state.names.created)) !== undefined) return undefined;
      return state.fail(
        'cluster-unknown',
        `no ${noun} "${database}" is in account ${site.site.account}, ${site.site.region}: no snapshot can be taken of it`,
        'Correct the name, or restore a snapshot that is there.',
      );
    }
  }
}

/** The snapshot elsewhere, and whether it could be copied with the keys that are given; what becomes of it here is the copy's affair. */
async function lookElsewhere(state: RestoreState, choice: SnapshotChoice): Promise<RestoredEngine | undefined> {
  const request = copyRequest(state, choice);
  const source = await findSource(request, state.deed);
  if (source.found === 'no') state.failure = source.reason;
  if (source.found !== 'yes') return undefined;
  const restored = engineOfSource(source.snapshot);
  const planned = await planCopy(request, source.snapshot, new KeyBook());
  if ('reason' in planned) {
    state.failure = planned.reason;
    return restored;
  }
  const { engine, engineVersion } = source.snapshot;
  if (engineVersion === undefined || (await state.rds.engineVersionAvailable(engine, engineVersion))) return restored;
  state.fail(
    'engine-unavailable',
    `${engine} ${engineVersion}, which snapshot ${source.snapshot.id} holds, is not offered in ${state.site.site.region}`,
    'Restore in another Region, or choose a snapshot of a version that is offered there.',
  );
  return undefined;
}

/** Looking ahead leaves no trace: what matters of it is told by whoever asked. */
function unrecorded(clock: Clock): OperationContext {
  const nothing = async () => undefined;
  return {
    clock,
    signal: new AbortController().signal,
    attempt: 1,
    earlier: [],
    intent: () => Promise.reject(new Error('looking ahead changes nothing')),
    change: nothing,
    progress: nothing,
    warn: nothing,
  };
}
