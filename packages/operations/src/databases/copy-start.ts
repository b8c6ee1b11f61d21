import type { RdsSnapshot } from '@breakwater/aws';
import { asBreakwaterError } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import { withoutUndefined } from '../boundary.ts';
import { UNSURE } from '../look-again.ts';
import { tagValue } from '../ownership.ts';
import type { DatabaseSite } from './contracts.ts';
import {
  isAlreadyThere,
  isCopyLimit,
  isKeyRefusal,
  isNotFound,
  isPassing,
  isRequestRefusal,
  isSnapshotState,
} from './copy-faults.ts';
import { refusedKeys } from './copy-keys.ts';
import { byRelay, type Hop } from './copy-plan.ts';
import { type CopyState, type CopyWay, VISIBLE_AFTER } from './copy-state.ts';
import { copyTags, isSharedForAnother, sharedTag } from './copy-tags.ts';
import { noRelay, operationName, otherContent } from './copy-words.ts';
import { originalTime } from './snapshot-choice.ts';

/** While every place of the Region is taken: asks this process, and AWS at most once a minute. */
const SLOT = 500;
const QUOTA = 30_000;

/** Begins the copy at `index` of the plan from the one before it, after sharing it if the next account needs that. */
export async function startCopy(
  state: CopyState,
  context: OperationContext,
  way: CopyWay,
  index: number,
  before = way.source,
): Promise<Advance> {
  const { source, plan } = way;
  const { kind } = state.request;
  const hop = plan.hops[index];
  if (hop === undefined) return state.fail(otherContent(undefined, before, source));
  const from = plan.hops[index - 1]?.at ?? state.request.source;
  if (from.site.account !== hop.at.site.account && state.sharedAt === undefined)
    return share(state, context, from, before, index > 0);
  const { clock } = state.deed;
  const busy = await state.parts.slots.take(kind, hop.at, hop.name, clock);
  if (busy !== undefined) {
    const note = `${busy} copies are in flight to ${hop.at.site.region} of account ${hop.at.site.account}, as many as AWS allows: waiting for a place`;
    return { state: 'waiting', note, lookAgainIn: SLOT };
  }
  const samePlace = from.site.account === hop.at.site.account && from.site.region === hop.at.site.region;
  try {
    const made = await hop.at.aws.rds.copySnapshot(kind, {
      source: samePlace ? before.id : before.arn,
      target: hop.name,
      ...withoutUndefined({
        kmsKeyId: hop.key,
        optionGroup: hop.role === 'target' ? state.request.optionGroup : undefined,
      }),
      tags: copyTags(source.tags, hop.role === 'target' ? state.request.tags : {}, {
        sourceArn: source.arn,
        takenAt: originalTime(source),
        execution: state.deed.execution,
        ...(hop.role === 'target' ? {} : { role: hop.role }),
      }),
    });
    state.begun(index, clock.now());
    await state.changed(context, hop.at, operationName(kind, 'copy'), hop.name, made.arn, { from: before.arn });
    return { state: 'waiting', note: `copy ${hop.name} is started`, lookAgainIn: state.untilNextLook(clock.now(), undefined) };
  } catch (error) {
    return notStarted(state, error, way, index, hop, before, from);
  }
}

async function notStarted(
  state: CopyState,
  error: unknown,
  way: CopyWay,
  index: number,
  hop: Hop,
  before: RdsSnapshot,
  from: DatabaseSite,
): Promise<Advance> {
  const { source, plan } = way;
  const { kind, steps, relay } = state.request;
  const { clock } = state.deed;
  if (isAlreadyThere(error)) {
    // An earlier process began it, or this one whose answer was lost; the next look tells whether it is ours.
    state.begun(index, undefined);
    return { state: 'waiting', note: `copy ${hop.name} is there already`, lookAgainIn: 0 };
  }
  // It is not known whether it was begun: its place stays taken, and the next look or the next try tells.
  if (isPassing(error)) throw error;
  state.parts.slots.release(kind, hop.at, hop.name);
  if (isCopyLimit(error)) {
    const message = error instanceof Error ? error.message : '';
    return { state: 'waiting', note: `AWS takes no more copies for now: ${message}`, lookAgainIn: QUOTA };
  }
  const foreign = from.site.account !== hop.at.site.account;
  // An automated source may have gone since an earlier process copied it: what that one made is enough.
  if (isNotFound(error) && index === 0 && (await state.look(hop)) !== undefined) {
    state.begun(index, undefined);
    return { state: 'waiting', note: `copy ${hop.name} is there already`, lookAgainIn: 0 };
  }
  if (isKeyRefusal(error)) {
    const { message } = asBreakwaterError(error);
    const fromKey =
      before.kmsKeyId === undefined || !source.encrypted
        ? undefined
        : { key: plan.sharedKey?.arn ?? before.kmsKeyId, foreign, described: plan.sharedKey?.described ?? false };
    return state.fail(refusedKeys({ message, account: hop.at.site.account, from: fromKey, to: hop.key }));
  }
  state.refusedSince ??= clock.now();
  const young = clock.now() - state.refusedSince < VISIBLE_AFTER;
  // What was available may be gone: the next look tells.
  state.ready = undefined;
  if ((isNotFound(error) && foreign && young) || (isSnapshotState(error) && young)) {
    return { state: 'waiting', note: `${before.id} is not ready to be copied from yet`, lookAgainIn: UNSURE };
  }
  const both = foreign && from.site.region !== hop.at.site.region;
  if (both && steps === 'auto' && !plan.chain.relay && (isRequestRefusal(error) || isNotFound(error))) {
    if (relay === undefined) return state.fail(noRelay(state.request));
    state.plan = byRelay(state.request, source, plan);
    state.refusedSince = undefined;
    return { state: 'waiting', note: 'AWS refuses to cross account and Region at once: copying in two steps', lookAgainIn: 0 };
  }
  throw error;
}

/** Shares with exactly the destination's account. What is not ours gets a tag first, so that whoever comes later ends the share again. */
async function share(
  state: CopyState,
  context: OperationContext,
  at: DatabaseSite,
  snapshot: RdsSnapshot,
  transit: boolean,
): Promise<Advance> {
  const { kind, destination } = state.request;
  const { account } = destination.site;
  const { rds } = at.aws;
  if (!transit && (snapshot.tags[sharedTag(destination.site)] ?? '') === '') {
    if ((await rds.sharedWith(kind, snapshot.id)).includes(account) && !(await isOurShare(state, at, snapshot))) {
      // Its owner shares it: that is not ours to end.
      state.sharedAt = state.deed.clock.now();
      return { state: 'waiting', note: `${snapshot.id} is shared with account ${account} already`, lookAgainIn: 0 };
    }
    const mark = { [sharedTag(destination.site)]: tagValue(state.deed.execution) };
    await rds.addTags(snapshot.arn, mark);
    state.source = { ...snapshot, tags: { ...snapshot.tags, ...mark } };
    return { state: 'waiting', note: `${snapshot.id} is marked as shared by us`, lookAgainIn: 0 };
  }
  try {
    await rds.share(kind, snapshot.id, account);
  } catch (error) {
    state.refusedSince ??= state.deed.clock.now();
    if (!isSnapshotState(error) || state.deed.clock.now() - state.refusedSince > VISIBLE_AFTER) throw error;
    return { state: 'waiting', note: `${snapshot.id} cannot be shared yet`, lookAgainIn: UNSURE };
  }
  state.sharedAt = state.deed.clock.now();
  state.refusedSince = undefined;
  await state.changed(context, at, operationName(kind, 'share'), `share ${snapshot.id}`, snapshot.arn, {
    account,
    shared: true,
  });
  return { state: 'waiting', note: `${snapshot.id} is shared with account ${account}`, lookAgainIn: 0 };
}

/** Whether it was we who shared it with that account, for a copy to another Region; the tags are read anew, because that may be running. */
async function isOurShare(
  { request: { kind, destination } }: CopyState,
  at: DatabaseSite,
  { id }: RdsSnapshot,
): Promise<boolean> {
  const [snapshot] = await at.aws.rds.describeSnapshots(kind, { id });
  return snapshot !== undefined && isSharedForAnother(snapshot.tags, destination.site);
}
