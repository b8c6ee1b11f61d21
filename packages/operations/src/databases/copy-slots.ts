import type { SnapshotKind } from '@breakwater/aws';
import type { Clock } from '@breakwater/core';
import type { DatabaseSite } from './contracts.ts';

/** AWS's limits on copies in flight to one Region of one account: five of clusters, twenty of instances. */
export const COPY_LIMITS: Readonly<Record<SnapshotKind, number>> = { cluster: 5, instance: 20 };

/** How old the count of other people's copies may be, milliseconds; AWS itself refuses what slips through, and then we wait. */
const COUNT_HOLDS = 60_000;

/** Statuses of a snapshot that somebody's copy or creation is still at. */
export const BUSY: ReadonlySet<string> = new Set(['copying', 'creating', 'pending']);

interface Place {
  /** Copies of this process in flight there. */
  readonly own: Set<string>;
  /** Everything that was in flight there when it was last listed, and has not been seen to end since. */
  listed: Set<string>;
  listedAt: number;
  last: Promise<unknown>;
}

/** Which copies run where, for all copies of one process: each takes its place before it starts. */
export class CopySlots {
  readonly #limits: Readonly<Record<SnapshotKind, number>>;
  readonly #places = new Map<string, Place>();

  constructor(limits: Readonly<Partial<Record<SnapshotKind, number>>> = {}) {
    this.#limits = { ...COPY_LIMITS, ...limits };
  }

  /**
   * Takes a place for the copy `name`, if the account has one in that Region. Everybody's copies count. `undefined` when it was taken,
   * otherwise how many are in flight. One asks after the other, so that two never see the same free place.
   */
  take(kind: SnapshotKind, at: DatabaseSite, name: string, clock: Clock): Promise<number | undefined> {
    const place = this.#at(kind, at);
    const limit = this.#limits[kind];
    const work = async (): Promise<number | undefined> => {
      if (place.own.has(name)) return undefined;
      if (place.own.size >= limit) return place.own.size;
      if (clock.now() - place.listedAt > COUNT_HOLDS) {
        const snapshots = await at.aws.rds.describeSnapshots(kind, { type: 'manual' });
        place.listed = new Set(snapshots.filter(({ status }) => BUSY.has(status)).map(({ id }) => id));
        place.listedAt = clock.now();
      }
      const busy = new Set([...place.own, ...place.listed]).size;
      // What already runs under this very name is ours to adopt, not one more.
      if (busy >= limit && !place.listed.has(name)) return busy;
      place.own.add(name);
      return undefined;
    };
    const mine = place.last.then(work, work);
    place.last = mine.catch(() => undefined);
    return mine;
  }

  /** A copy that an earlier process started is in flight: it counts too. */
  occupy(kind: SnapshotKind, at: DatabaseSite, name: string): void {
    this.#at(kind, at).own.add(name);
  }

  /** The copy is no longer in flight, or was never started. */
  release(kind: SnapshotKind, at: DatabaseSite, name: string): void {
    const place = this.#at(kind, at);
    place.own.delete(name);
    place.listed.delete(name);
  }

  #at(kind: SnapshotKind, { site }: DatabaseSite): Place {
    const key = `${kind}/${site.account}/${site.region}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place: Place = { own: new Set(), listed: new Set(), listedAt: Number.NEGATIVE_INFINITY, last: Promise.resolve() };
    this.#places.set(key, place);
    return place;
  }
}
