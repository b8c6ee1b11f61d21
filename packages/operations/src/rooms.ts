import type { SiteGateways } from '@breakwater/aws';
import { type Clock, InternalError } from '@breakwater/core';
import type { Site } from '@breakwater/plan';
import type { Begun } from './drs-capacity.ts';

/** How long a new object may be missing from AWS's describes; DRS and SSM are eventually consistent. */
export const VISIBILITY = 30_000;

/** One account and Region as this process uses it, whatever the number of sites that lead there. */
export class AccountRegion {
  readonly #clock: Clock;
  #begun: Begun[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Runs `work` when nobody else of this process is between counting the quotas and starting a job there. Waves run in parallel;
   * without this two of them would see the same free slot.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Remembers a job that DescribeJobs may not show yet. */
  begin(servers: number, jobId: string | undefined): void {
    this.#begun.push({ at: this.#clock.now(), servers, jobId });
  }

  begun(): readonly Begun[] {
    const now = this.#clock.now();
    this.#begun = this.#begun.filter(({ at }) => now - at < VISIBILITY);
    return this.#begun;
  }
}

/** A site, ready to be worked at. */
export interface Room {
  readonly site: Site;
  readonly aws: SiteGateways;
  readonly shared: AccountRegion;
}

/** The sites of a plan set, connected when first needed. */
export class Rooms {
  readonly #sites: ReadonlyMap<string, Site>;
  readonly #connect: (site: Site) => SiteGateways;
  readonly #clock: Clock;
  readonly #rooms = new Map<string, Room>();
  readonly #shared = new Map<string, AccountRegion>();

  constructor(sites: ReadonlyMap<string, Site>, connect: (site: Site) => SiteGateways, clock: Clock) {
    this.#sites = sites;
    this.#connect = connect;
    this.#clock = clock;
  }

  at(name: string): Room {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const site = this.#sites.get(name);
    if (site === undefined) {
      throw new InternalError('internal', `no site "${name}" in the plan files`, {
        next: 'This is a fault of Breakwater: the plan check should have caught it. Report it with the plan files.',
      });
    }
    return this.of(site);
  }

  of(site: Site): Room {
    const known = this.#rooms.get(site.name);
    if (known !== undefined) return known;
    const place = `${site.account}/${site.region}`;
    const shared = this.#shared.get(place) ?? new AccountRegion(this.#clock);
    this.#shared.set(place, shared);
    const room: Room = { site, aws: this.#connect(site), shared };
    this.#rooms.set(site.name, room);
    return room;
  }
}
