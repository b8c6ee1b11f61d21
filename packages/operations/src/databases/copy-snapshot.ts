import type { RdsSnapshot } from '@breakwater/aws';
import { asBreakwaterError } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import { UNSURE } from '../look-again.ts';
import { Telling } from '../telling.ts';
import type { CopySnapshotRequest, DatabaseDeedContext } from './contracts.ts';
import { endCopy } from './copy-end.ts';
import { isAlreadyThere, isPassing } from './copy-faults.ts';
import { judgeCopy, lostCopy } from './copy-judge.ts';
import { type CopyPlan, planCopy } from './copy-plan.ts';
import { CopySlots } from './copy-slots.ts';
import { findSource } from './copy-source.ts';
import { startCopy } from './copy-start.ts';
import { type CopyParts, CopyState } from './copy-state.ts';
import { copyTags } from './copy-tags.ts';
import { noRelay, operationName } from './copy-words.ts';
import { KeyBook } from './key-book.ts';
import { originalTime } from './snapshot-choice.ts';

/**
 * Copies one snapshot to another Region, another account or both, re-encrypted with a key of the destination. Every name is made of the
 * source alone, so that any process finds what an earlier one began; a second copy of one snapshot is never made. `result` is a
 * `CopiedSnapshot`.
 */
export function copySnapshot(
  request: CopySnapshotRequest,
  deed: DatabaseDeedContext,
  parts: CopyParts = { slots: new CopySlots(), keys: new KeyBook() },
): Operation {
  const state = new CopyState(request, deed, parts);
  return {
    async advance(context) {
      try {
        if (state.failure === undefined && state.copy === undefined) return await follow(state, context);
      } catch (error) {
        if (isPassing(error)) throw error;
        const { code, message, next } = asBreakwaterError(error);
        state.fail({ code, message, next });
      }
      return endCopy(state, context);
    },

    /** Nothing is stopped: a copy under way is worth having, and the next process finds it. */
    async abandon() {
      const { site } = state.request.destination;
      const shared = state.sharedAt !== undefined || state.cleanUp !== undefined || state.resumed;
      const share =
        state.plan?.chain.share === true && shared
          ? `what it is copied from may be shared with account ${site.account} until the same is run again`
          : undefined;
      if (state.copy !== undefined || state.failure !== undefined) return share;
      const hop = state.reached === undefined ? undefined : state.plan?.hops[state.reached];
      if (hop === undefined) return share;
      const next = hop.role === 'target' ? undefined : 'what comes after it waits for the same to be run again';
      const goesOn = `copy ${hop.name} goes on in account ${hop.at.site.account}, ${hop.at.site.region}`;
      return [goesOn, share, next].filter((part) => part !== undefined).join('; ');
    },
  };
}

/** Until the finished copy is there and as wanted: one change a call at most. */
async function follow(state: CopyState, context: OperationContext): Promise<Advance> {
  state.telling ??= new Telling(context.earlier);
  const source = state.source ?? (await choose(state, context));
  if ('state' in source) return source;
  const plan = state.plan ?? (await lay(state, source));
  if ('state' in plan) return plan;
  if (state.reached === undefined) {
    const last = plan.hops.length - 1;
    const target = plan.hops[last];
    const there = target === undefined ? undefined : await state.look(target);
    state.reached = there === undefined ? -1 : last;
    state.adopted = there !== undefined;
    state.resumed = state.adopted;
    if (target !== undefined && there !== undefined) return judgeCopy(state, context, { source, plan }, target, there);
  }
  const hop = plan.hops[state.reached];
  if (hop === undefined) return startCopy(state, context, { source, plan }, 0);
  if (state.ready !== undefined) return startCopy(state, context, { source, plan }, state.reached + 1, state.ready);
  const snapshot = await state.look(hop);
  return snapshot === undefined ? lostCopy(state, hop) : judgeCopy(state, context, { source, plan }, hop, snapshot);
}

async function choose(state: CopyState, context: OperationContext): Promise<RdsSnapshot | Advance> {
  const found = await findSource(state.request, state.deed);
  if (found.found === 'no') return state.fail(found.reason);
  if (found.found === 'not-yet') {
    state.firstLookAt ??= state.deed.clock.now();
    return { state: 'waiting', note: found.note, lookAgainIn: state.untilNextLook(state.firstLookAt, undefined) };
  }
  if (found.found === 'create') return create(state, context, found.name);
  state.source = found.snapshot;
  state.firstLookAt = undefined;
  const taken = originalTime(found.snapshot);
  await state.telling?.progress(
    context,
    `source: ${found.snapshot.id}${taken === undefined ? '' : `, taken ${new Date(taken).toISOString()}`}`,
  );
  return found.snapshot;
}

/** By its name: a second process takes no second snapshot. */
async function create(state: CopyState, context: OperationContext, name: string): Promise<Advance> {
  const { kind, source, database, tags: wanted } = state.request;
  const provenance = { sourceArn: undefined, takenAt: undefined, execution: state.deed.execution };
  const tags = copyTags(await tagsOfDatabase(state), wanted, provenance);
  try {
    const { arn } = await source.aws.rds.createSnapshot(kind, { id: name, database: database.toLowerCase(), tags });
    await state.changed(context, source, operationName(kind, 'create'), name, arn, {});
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
  return { state: 'waiting', note: `snapshot ${name} is being taken`, lookAgainIn: UNSURE };
}

/** Those that AWS would carry to a snapshot by itself, but does not to one that is given tags; retention may go by one of them. */
async function tagsOfDatabase({ request }: CopyState): Promise<RdsSnapshot['tags']> {
  const { rds } = request.source.aws;
  const id = request.database.toLowerCase();
  const [live] = request.kind === 'cluster' ? await rds.describeClusters(id) : await rds.describeInstances({ id });
  return live?.copyTagsToSnapshot === true ? live.tags : {};
}

/** The keys are looked at and the way is laid out, before anything is changed. */
async function lay(state: CopyState, source: RdsSnapshot): Promise<CopyPlan | Advance> {
  const planned = await planCopy(state.request, source, state.parts.keys);
  if ('reason' in planned) return state.fail(planned.reason);
  if (planned.plan.chain.relay && state.request.relay === undefined) return state.fail(noRelay(state.request));
  state.plan = planned.plan;
  return planned.plan;
}
