import type { RdsSnapshot } from '@breakwater/aws';
import type { Advance, OperationContext } from '@breakwater/engine';
import type { JsonObject, Reason } from '@breakwater/history';
import type { Telling } from '../telling.ts';
import type { CopySnapshotRequest, DatabaseDeedContext, DatabaseSite } from './contracts.ts';
import type { CopyCleanUp } from './copy-clean-up.ts';
import { type ProgressSeen, untilNextCopyLook } from './copy-looks.ts';
import type { CopyPlan, Hop } from './copy-plan.ts';
import type { CopySlots } from './copy-slots.ts';
import type { KeyBook } from './key-book.ts';

/** What copies of one process share: who is in flight where, and which keys were looked at. */
export interface CopyParts {
  readonly slots: CopySlots;
  readonly keys: KeyBook;
}

/** How long AWS may take to show a new snapshot, or one that has just been shared, milliseconds. */
export const VISIBLE_AFTER = 120_000;

/** What is copied, and by which hops. */
export interface CopyWay {
  readonly source: RdsSnapshot;
  readonly plan: CopyPlan;
}

/** What one process knows of one copy. Everything that matters is in AWS: names and tags tell any other process the same. */
export class CopyState {
  readonly request: CopySnapshotRequest;
  readonly deed: DatabaseDeedContext;
  readonly parts: CopyParts;
  telling: Telling | undefined;
  source: RdsSnapshot | undefined;
  plan: CopyPlan | undefined;
  /** The furthest copy that is known to have been begun, as an index of the plan's hops; -1: none. */
  reached: number | undefined;
  /** When this process began the copy that is reached; `undefined`: an earlier one did. */
  startedAt: number | undefined;
  firstLookAt: number | undefined;
  seen: ProgressSeen[] = [];
  /** The copy that is reached is available: the next one is made from it. */
  ready: RdsSnapshot | undefined;
  sharedAt: number | undefined;
  refusedSince: number | undefined;
  /** Whether the finished copy was there before this process came. */
  adopted = false;
  /** Whether an earlier process had come as far as the last copy: then nobody here knows by which way. */
  resumed = false;
  retried = false;
  copy: RdsSnapshot | undefined;
  failure: Reason | undefined;
  cleanUp: CopyCleanUp | undefined;

  constructor(request: CopySnapshotRequest, deed: DatabaseDeedContext, parts: CopyParts) {
    this.request = request;
    this.deed = deed;
    this.parts = parts;
  }

  /** The copy of a hop, as AWS shows it. */
  async look({ at, name }: Pick<Hop, 'at' | 'name'>): Promise<RdsSnapshot | undefined> {
    return (await at.aws.rds.describeSnapshots(this.request.kind, { id: name, type: 'manual' }))[0];
  }

  /** The copy of hop `index` is begun: at the time `at` by this process, or earlier by another. */
  begun(index: number, at: number | undefined): void {
    this.reached = index;
    this.startedAt = at;
    this.ready = undefined;
    this.firstLookAt = undefined;
    this.refusedSince = undefined;
    this.seen = [];
  }

  untilNextLook(since: number, progress: number | undefined): number {
    return untilNextCopyLook(progress === undefined ? [] : this.seen, since, this.deed.clock.now());
  }

  /** The verdict is known; what is left to do is to take back what the copy needed on its way. */
  fail(reason: Reason): Advance {
    this.failure = reason;
    return { state: 'waiting', note: reason.message, lookAgainIn: 0 };
  }

  async changed(
    context: OperationContext,
    { site }: DatabaseSite,
    operation: string,
    key: string,
    id: string,
    detail: JsonObject,
  ): Promise<void> {
    await context.change({ operation, key, id, adopted: false, site: site.name, detail });
  }
}
