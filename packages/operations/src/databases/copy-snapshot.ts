import type { RdsSnapshot } from '@breakwater/aws';
import { asBreakwaterError } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import type { JsonObject, Reason } from '@breakwater/history';
import { withoutUndefined } from '../boundary.ts';
import { UNSURE } from '../look-again.ts';
import { tagValue } from '../ownership.ts';
import { Telling } from '../telling.ts';
import type { CopiedSnapshot, CopySnapshotRequest, DatabaseDeedContext, DatabaseSite } from './contracts.ts';
import { CopyCleanUp, removeWay, unshareSource } from './copy-clean-up.ts';
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
import { type ProgressSeen, untilNextCopyLook } from './copy-looks.ts';
import { wayName } from './copy-names.ts';
import { byRelay, type CopyPlan, type Hop, planCopy } from './copy-plan.ts';
import { CopySlots } from './copy-slots.ts';
import { findSource } from './copy-source.ts';
import { comesFrom, copyTags, isOwned, isWayOf, sharedTag } from './copy-tags.ts';
import { operationName, progressOf } from './copy-words.ts';
import { KeyBook } from './key-book.ts';
import { originalTime } from './snapshot-choice.ts';

/** What copies of one process share: who is in flight where, and which keys were looked at. */
export interface CopyParts {
  readonly slots: CopySlots;
  readonly keys: KeyBook;
}

/** How long AWS may take to show a new snapshot, or one that has just been shared, milliseconds. */
const VISIBLE_AFTER = 120_000;
/** While every place of the Region is taken: asks this process, and AWS at most once a minute. */
const SLOT = 500;
const QUOTA = 30_000;

/**
 * Copies one snapshot to another Region, another account or both, re-encrypted with a key of the destination. Every name is made of the
 * source alone, so that any process finds what an earlier one began; a second copy of one snapshot is never made. `result` is a
 * `CopiedSnapshot`.
 */
export function copySnapshot(
  request: CopySnapshotRequest,
  context: DatabaseDeedContext,
  parts: CopyParts = { slots: new CopySlots(), keys: new KeyBook() },
): Operation {
  const copy = new SnapshotCopy(request, context, parts);
  return { advance: (asked) => copy.advance(asked), abandon: () => copy.abandon() };
}

class SnapshotCopy {
  readonly #request: CopySnapshotRequest;
  readonly #deed: DatabaseDeedContext;
  readonly #parts: CopyParts;
  #telling: Telling | undefined;
  #source: RdsSnapshot | undefined;
  #plan: CopyPlan | undefined;
  /** The furthest copy that is known to have been begun, as an index of the plan's hops; -1: none. */
  #reached: number | undefined;
  /** When this process began the copy that is reached; `undefined`: an earlier one did. */
  #startedAt: number | undefined;
  #firstLookAt: number | undefined;
  #seen: ProgressSeen[] = [];
  /** The copy that is reached is available: the next one is made from it. */
  #ready: RdsSnapshot | undefined;
  #sharedAt: number | undefined;
  #refusedSince: number | undefined;
  /** Whether the finished copy was there before this process came. */
  #adopted = false;
  /** Whether an earlier process had come as far as the last copy: then nobody here knows by which way. */
  #resumed = false;
  #retried = false;
  #copy: RdsSnapshot | undefined;
  #failure: Reason | undefined;
  #cleanUp: CopyCleanUp | undefined;

  constructor(request: CopySnapshotRequest, deed: DatabaseDeedContext, parts: CopyParts) {
    this.#request = request;
    this.#deed = deed;
    this.#parts = parts;
  }

  async advance(context: OperationContext): Promise<Advance> {
    try {
      if (this.#failure === undefined && this.#copy === undefined) return await this.#advance(context);
    } catch (error) {
      if (isPassing(error)) throw error;
      const { code, message, next } = asBreakwaterError(error);
      this.#fail({ code, message, next });
    }
    return this.#end(context);
  }

  /** Nothing is stopped: a copy under way is worth having, and the next process finds it. */
  async abandon(): Promise<string | undefined> {
    const { site } = this.#request.destination;
    const shared = this.#sharedAt !== undefined || this.#cleanUp !== undefined || this.#resumed;
    const share =
      this.#plan?.chain.share === true && shared
        ? `what it is copied from may be shared with account ${site.account} until the same is run again`
        : undefined;
    if (this.#copy !== undefined || this.#failure !== undefined) return share;
    const hop = this.#reached === undefined ? undefined : this.#plan?.hops[this.#reached];
    if (hop === undefined) return share;
    const next = hop.role === 'target' ? undefined : 'what comes after it waits for the same to be run again';
    const goesOn = `copy ${hop.name} goes on in account ${hop.at.site.account}, ${hop.at.site.region}`;
    return [goesOn, share, next].filter((part) => part !== undefined).join('; ');
  }

  async #advance(context: OperationContext): Promise<Advance> {
    this.#telling ??= new Telling(context.earlier);
    const source = this.#source ?? (await this.#choose(context));
    if ('state' in source) return source;
    const plan = this.#plan ?? (await this.#lay(source));
    if ('state' in plan) return plan;
    if (this.#reached === undefined) {
      const last = plan.hops.length - 1;
      const target = plan.hops[last];
      const there = target === undefined ? undefined : await this.#look(target);
      this.#reached = there === undefined ? -1 : last;
      this.#adopted = there !== undefined;
      this.#resumed = this.#adopted;
      if (target !== undefined && there !== undefined) return this.#judge(context, source, plan, target, there);
    }
    const hop = plan.hops[this.#reached];
    if (hop === undefined) return this.#start(context, source, plan, 0);
    if (this.#ready !== undefined) return this.#start(context, source, plan, this.#reached + 1, this.#ready);
    const snapshot = await this.#look(hop);
    return snapshot === undefined ? this.#vanished(hop) : this.#judge(context, source, plan, hop, snapshot);
  }

  async #choose(context: OperationContext): Promise<RdsSnapshot | Advance> {
    const found = await findSource(this.#request, this.#deed);
    if (found.found === 'no') return this.#fail(found.reason);
    if (found.found === 'not-yet') {
      this.#firstLookAt ??= this.#deed.clock.now();
      return { state: 'waiting', note: found.note, lookAgainIn: this.#untilNextLook(this.#firstLookAt, undefined) };
    }
    if (found.found === 'create') return this.#create(context, found.name);
    this.#source = found.snapshot;
    this.#firstLookAt = undefined;
    const taken = originalTime(found.snapshot);
    await this.#telling?.progress(
      context,
      `source: ${found.snapshot.id}${taken === undefined ? '' : `, taken ${new Date(taken).toISOString()}`}`,
    );
    return found.snapshot;
  }

  async #create(context: OperationContext, name: string): Promise<Advance> {
    const { kind, source, database, tags } = this.#request;
    const made = copyTags({}, tags, { sourceArn: undefined, takenAt: undefined, execution: this.#deed.execution });
    try {
      const { arn } = await source.aws.rds.createSnapshot(kind, { id: name, database: database.toLowerCase(), tags: made });
      await this.#changed(context, source, operationName(kind, 'create'), name, arn, {});
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
    }
    return { state: 'waiting', note: `snapshot ${name} is being taken`, lookAgainIn: UNSURE };
  }

  async #lay(source: RdsSnapshot): Promise<CopyPlan | Advance> {
    const planned = await planCopy(this.#request, source, this.#parts.keys);
    if ('reason' in planned) return this.#fail(planned.reason);
    if (planned.plan.chain.relay && this.#request.relay === undefined) return this.#fail(noRelay(this.#request));
    this.#plan = planned.plan;
    return planned.plan;
  }

  async #look({ at, name }: Hop): Promise<RdsSnapshot | undefined> {
    return (await at.aws.rds.describeSnapshots(this.#request.kind, { id: name, type: 'manual' }))[0];
  }

  /** What to make of a copy that is there. */
  async #judge(
    context: OperationContext,
    source: RdsSnapshot,
    plan: CopyPlan,
    hop: Hop,
    snapshot: RdsSnapshot,
  ): Promise<Advance> {
    const { kind } = this.#request;
    const { slots } = this.#parts;
    const ours = hop.role === 'target' ? comesFrom(snapshot, source.arn) : isWayOf(snapshot, source.arn);
    if (!ours) return this.#fail(otherContent(hop, snapshot, source));
    switch (snapshot.status) {
      case 'available': {
        slots.release(kind, hop.at, hop.name);
        const index = plan.hops.indexOf(hop);
        if (index < plan.hops.length - 1) {
          this.#ready = snapshot;
          return this.#start(context, source, plan, index + 1, snapshot);
        }
        return this.#verify(context, source, plan, hop, snapshot);
      }
      case 'failed':
      case 'incompatible-restore':
      case 'incompatible-parameters':
        slots.release(kind, hop.at, hop.name);
        return this.#failed(context, hop, snapshot);
      case 'deleting':
        // Its name is taken until it is gone; then the copy is made anew, from whatever of the way is still there.
        slots.release(kind, hop.at, hop.name);
        this.#reached = -1;
        this.#adopted = false;
        return { state: 'waiting', note: `an earlier ${hop.name} is being deleted`, lookAgainIn: UNSURE };
      default: {
        slots.occupy(kind, hop.at, hop.name);
        this.#firstLookAt ??= this.#deed.clock.now();
        const now = this.#deed.clock.now();
        if (snapshot.progress !== undefined) this.#seen.push({ at: now, percent: snapshot.progress });
        const note = `${hop.role === 'target' ? 'copy' : `${hop.role} copy`} ${hop.name} is ${snapshot.status}${progressOf(snapshot)}`;
        return {
          state: 'waiting',
          note,
          lookAgainIn: this.#untilNextLook(this.#startedAt ?? this.#firstLookAt, snapshot.progress),
        };
      }
    }
  }

  #untilNextLook(since: number, progress: number | undefined): number {
    return untilNextCopyLook(progress === undefined ? [] : this.#seen, since, this.#deed.clock.now());
  }

  async #vanished(hop: Hop): Promise<Advance> {
    const now = this.#deed.clock.now();
    this.#firstLookAt ??= now;
    if (now - (this.#startedAt ?? this.#firstLookAt) < VISIBLE_AFTER) {
      return { state: 'waiting', note: `copy ${hop.name} is not visible yet`, lookAgainIn: UNSURE };
    }
    this.#parts.slots.release(this.#request.kind, hop.at, hop.name);
    return this.#fail({
      code: 'copy-failed',
      message: `copy ${hop.name} is no longer in account ${hop.at.site.account}, ${hop.at.site.region}: somebody deleted it, or AWS cancelled it`,
      next: 'Run the same again: it is copied anew.',
    });
  }

  /** One that failed before this process came is taken away and copied anew; one that fails under our eyes is a verdict. */
  async #failed(context: OperationContext, hop: Hop, snapshot: RdsSnapshot): Promise<Advance> {
    const { kind } = this.#request;
    const witnessed = this.#startedAt !== undefined || this.#firstLookAt !== undefined || this.#retried;
    if (witnessed || !isOwned(snapshot)) {
      return this.#fail({
        code: 'copy-failed',
        message: `AWS ended copy ${hop.name} in account ${hop.at.site.account}, ${hop.at.site.region}, as ${snapshot.status}`,
        next: 'Its events in the RDS console may say why (aws rds describe-events); most often a key was closed meanwhile. Run the same again: the failed copy is removed and made anew.',
      });
    }
    this.#retried = true;
    this.#adopted = false;
    await hop.at.aws.rds.deleteSnapshot(kind, hop.name);
    await this.#changed(context, hop.at, operationName(kind, 'delete'), `failed ${hop.name}`, snapshot.arn, {
      status: snapshot.status,
    });
    this.#reached = -1;
    return { state: 'waiting', note: `${hop.name}, which had failed earlier, is removed to be copied anew`, lookAgainIn: UNSURE };
  }

  /** Begins the copy at `index` of the plan from the one before it, after sharing it if the next account needs that. */
  async #start(context: OperationContext, source: RdsSnapshot, plan: CopyPlan, index: number, before = source): Promise<Advance> {
    const { kind } = this.#request;
    const hop = plan.hops[index];
    if (hop === undefined) return this.#fail(otherContent(undefined, before, source));
    const from = plan.hops[index - 1]?.at ?? this.#request.source;
    if (from.site.account !== hop.at.site.account && this.#sharedAt === undefined)
      return this.#share(context, from, before, index > 0);
    const { clock } = this.#deed;
    const busy = await this.#parts.slots.take(kind, hop.at, hop.name, clock);
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
          optionGroup: hop.role === 'target' ? this.#request.optionGroup : undefined,
        }),
        tags: copyTags(source.tags, hop.role === 'target' ? this.#request.tags : {}, {
          sourceArn: source.arn,
          takenAt: originalTime(source),
          execution: this.#deed.execution,
          ...(hop.role === 'target' ? {} : { role: hop.role }),
        }),
      });
      this.#begun(index, clock.now());
      await this.#changed(context, hop.at, operationName(kind, 'copy'), hop.name, made.arn, { from: before.arn });
      return { state: 'waiting', note: `copy ${hop.name} is started`, lookAgainIn: this.#untilNextLook(clock.now(), undefined) };
    } catch (error) {
      return this.#notStarted(error, source, plan, index, hop, before, from);
    }
  }

  #begun(index: number, at: number | undefined): void {
    this.#reached = index;
    this.#startedAt = at;
    this.#ready = undefined;
    this.#firstLookAt = undefined;
    this.#refusedSince = undefined;
    this.#seen = [];
  }

  async #notStarted(
    error: unknown,
    source: RdsSnapshot,
    plan: CopyPlan,
    index: number,
    hop: Hop,
    before: RdsSnapshot,
    from: DatabaseSite,
  ): Promise<Advance> {
    const { kind, steps, relay } = this.#request;
    const { clock } = this.#deed;
    if (isAlreadyThere(error)) {
      // An earlier process began it, or this one whose answer was lost; the next look tells whether it is ours.
      this.#begun(index, undefined);
      return { state: 'waiting', note: `copy ${hop.name} is there already`, lookAgainIn: 0 };
    }
    // It is not known whether it was begun: its place stays taken, and the next look or the next try tells.
    if (isPassing(error)) throw error;
    this.#parts.slots.release(kind, hop.at, hop.name);
    if (isCopyLimit(error)) {
      const message = error instanceof Error ? error.message : '';
      return { state: 'waiting', note: `AWS takes no more copies for now: ${message}`, lookAgainIn: QUOTA };
    }
    const foreign = from.site.account !== hop.at.site.account;
    // An automated source may have gone since an earlier process copied it: what that one made is enough.
    if (isNotFound(error) && index === 0 && (await this.#look(hop)) !== undefined) {
      this.#begun(index, undefined);
      return { state: 'waiting', note: `copy ${hop.name} is there already`, lookAgainIn: 0 };
    }
    if (isKeyRefusal(error)) {
      const { message } = asBreakwaterError(error);
      const fromKey =
        before.kmsKeyId === undefined || !source.encrypted
          ? undefined
          : { key: plan.sharedKey?.arn ?? before.kmsKeyId, foreign, described: plan.sharedKey?.described ?? false };
      return this.#fail(refusedKeys({ message, account: hop.at.site.account, from: fromKey, to: hop.key }));
    }
    this.#refusedSince ??= clock.now();
    const young = clock.now() - this.#refusedSince < VISIBLE_AFTER;
    // What was available may be gone: the next look tells.
    this.#ready = undefined;
    if ((isNotFound(error) && foreign && young) || (isSnapshotState(error) && young)) {
      return { state: 'waiting', note: `${before.id} is not ready to be copied from yet`, lookAgainIn: UNSURE };
    }
    const both = foreign && from.site.region !== hop.at.site.region;
    if (both && steps === 'auto' && !plan.chain.relay && (isRequestRefusal(error) || isNotFound(error))) {
      if (relay === undefined) return this.#fail(noRelay(this.#request));
      this.#plan = byRelay(this.#request, source, plan);
      this.#refusedSince = undefined;
      return { state: 'waiting', note: 'AWS refuses to cross account and Region at once: copying in two steps', lookAgainIn: 0 };
    }
    throw error;
  }

  /** Shares with exactly the destination's account. What is not ours gets a tag first, so that whoever comes later ends the share again. */
  async #share(context: OperationContext, at: DatabaseSite, snapshot: RdsSnapshot, transit: boolean): Promise<Advance> {
    const { kind, destination } = this.#request;
    const { account } = destination.site;
    const { rds } = at.aws;
    if (!transit && (snapshot.tags[sharedTag(destination.site)] ?? '') === '') {
      if ((await rds.sharedWith(kind, snapshot.id)).includes(account)) {
        // Its owner shares it: that is not ours to end.
        this.#sharedAt = this.#deed.clock.now();
        return { state: 'waiting', note: `${snapshot.id} is shared with account ${account} already`, lookAgainIn: 0 };
      }
      const mark = { [sharedTag(destination.site)]: tagValue(this.#deed.execution) };
      await rds.addTags(snapshot.arn, mark);
      this.#source = { ...snapshot, tags: { ...snapshot.tags, ...mark } };
      return { state: 'waiting', note: `${snapshot.id} is marked as shared by us`, lookAgainIn: 0 };
    }
    try {
      await rds.share(kind, snapshot.id, account);
    } catch (error) {
      this.#refusedSince ??= this.#deed.clock.now();
      if (!isSnapshotState(error) || this.#deed.clock.now() - this.#refusedSince > VISIBLE_AFTER) throw error;
      return { state: 'waiting', note: `${snapshot.id} cannot be shared yet`, lookAgainIn: UNSURE };
    }
    this.#sharedAt = this.#deed.clock.now();
    this.#refusedSince = undefined;
    await this.#changed(context, at, operationName(kind, 'share'), `share ${snapshot.id}`, snapshot.arn, {
      account,
      shared: true,
    });
    return { state: 'waiting', note: `${snapshot.id} is shared with account ${account}`, lookAgainIn: 0 };
  }

  async #verify(context: OperationContext, source: RdsSnapshot, plan: CopyPlan, hop: Hop, copy: RdsSnapshot): Promise<Advance> {
    const problems: string[] = [];
    if (copy.encrypted !== plan.chain.encrypted) problems.push(copy.encrypted ? 'it is encrypted' : 'it is not encrypted');
    else if (plan.wantedKey !== undefined && copy.kmsKeyId !== plan.wantedKey) {
      problems.push(`its key is ${copy.kmsKeyId ?? 'not known'}, not ${plan.wantedKey}`);
    }
    if (copy.engine !== source.engine) problems.push(`it is of ${copy.engine}, not ${source.engine}`);
    if (problems.length > 0) {
      return this.#fail({
        code: this.#adopted ? 'snapshot-exists' : 'copy-failed',
        message: `copy ${hop.name} in account ${hop.at.site.account}, ${hop.at.site.region}, is not as wanted: ${problems.join('; ')}`,
        next: 'Look at it. If it is of no use, delete it and run the same again; or ask for the key that it has.',
      });
    }
    this.#copy = copy;
    await this.#telling?.progress(context, `copy ${copy.id} is available and as wanted`);
    return { state: 'waiting', note: `copy ${copy.id} is available`, lookAgainIn: 0 };
  }

  #fail(reason: Reason): Advance {
    this.#failure = reason;
    return { state: 'waiting', note: reason.message, lookAgainIn: 0 };
  }

  /** Whatever became of the copy: nothing stays shared, and nothing stays that was only on the way. */
  async #end(context: OperationContext): Promise<Advance> {
    this.#cleanUp ??= new CopyCleanUp(this.#chores());
    const again = await this.#cleanUp.step(context);
    if (again !== undefined) return { state: 'waiting', note: 'taking back what the copy needed on its way', lookAgainIn: again };
    const { left } = this.#cleanUp;
    const result = this.#result();
    if (this.#failure !== undefined) {
      const { message } = this.#failure;
      const reason =
        left.length === 0 ? this.#failure : { ...this.#failure, message: `${message}. Left behind: ${left.join('; ')}` };
      return { state: 'failed', reason, ...(result === undefined ? {} : { result }) };
    }
    if (left.length === 0) return { state: 'done', status: 'succeeded', ...(result === undefined ? {} : { result }) };
    const reason: Reason = {
      code: 'degraded',
      message: `the copy is good, but something is left behind: ${left.join('; ')}`,
      next: 'Run the same again with the permissions that lack: it finds the copy and takes away what is left.',
    };
    return { state: 'done', status: 'succeeded-with-warnings', reason, ...(result === undefined ? {} : { result }) };
  }

  #chores() {
    const { source: from, destination, relay } = this.#request;
    const source = this.#source;
    if (source === undefined || from.site.account === destination.site.account) return [];
    const taken = originalTime(source);
    const name = (role: 'transit' | 'relay') => wayName(role, source, taken, destination.site);
    const knows = this.#plan !== undefined && !this.#resumed && this.#failure === undefined;
    const { transit, relay: relayed } = this.#plan?.chain ?? { transit: true, relay: true };
    // What tells a later process that something is left comes last.
    return [
      ...(relay !== undefined && (!knows || relayed) ? [removeWay(this.#request, relay, name('relay'), source.arn)] : []),
      ...(source.type === 'manual' && (!knows || !transit) ? [unshareSource(this.#request, source.id)] : []),
      ...(!knows || transit ? [removeWay(this.#request, from, name('transit'), source.arn)] : []),
    ];
  }

  #result(): JsonObject | undefined {
    const source = this.#source;
    const copy = this.#copy;
    if (source === undefined || copy === undefined) return undefined;
    const copied: CopiedSnapshot = {
      id: copy.id,
      arn: copy.arn,
      database: source.database,
      sourceArn: source.arn,
      sourceTime: originalTime(source),
      adopted: this.#adopted,
      encrypted: copy.encrypted,
      kmsKeyId: copy.kmsKeyId,
    };
    return { ...copied };
  }

  async #changed(
    context: OperationContext,
    { site }: DatabaseSite,
    operation: string,
    key: string,
    id: string,
    detail: JsonObject,
  ) {
    await context.change({ operation, key, id, adopted: false, site: site.name, detail });
  }
}

function noRelay({ destination, source }: CopySnapshotRequest): Reason {
  return {
    code: 'usage',
    message: `this copy needs two steps, by way of account ${destination.site.account} in ${source.site.region}, and no way there was given`,
    next: `Give the destination's account a site in ${source.site.region} as the relay.`,
  };
}

function otherContent(hop: Hop | undefined, snapshot: RdsSnapshot, source: RdsSnapshot): Reason {
  const place = hop === undefined ? '' : ` in account ${hop.at.site.account}, ${hop.at.site.region},`;
  return {
    code: 'snapshot-exists',
    message: `snapshot ${snapshot.id}${place} exists and is not a copy of ${source.arn}`,
    next: 'Look at where it comes from; rename or remove it if nobody needs it. It was not touched.',
  };
}
