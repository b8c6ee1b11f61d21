import type { DrsJob } from '@breakwater/aws';
import type { Clock } from '@breakwater/core';
import type { LaunchBook } from './launch-book.ts';
import { type OwnLaunch, ownLaunches } from './launch-intent.ts';
import { chunkKey } from './ownership.ts';
import { jobsBehind } from './recovery-instances.ts';
import type { Room } from './rooms.ts';
import { type Standing, standingOf } from './server-standing.ts';

/** How far back other people's jobs are looked for when quotas are counted, milliseconds. */
export const LOOK_BACK = 24 * 3_600_000;
/** How far AWS's clock and ours may differ when our own jobs are looked for. */
export const CLOCK_MARGIN = 120_000;

/** What AWS says of the servers of a book that have no place yet. */
export interface Scan {
  /** Everybody's jobs, for the quotas. */
  readonly recent: readonly DrsJob[];
  /** Every job seen, by id. */
  readonly jobs: ReadonlyMap<string, DrsJob>;
  readonly own: ReadonlyMap<string, OwnLaunch>;
  readonly standings: ReadonlyMap<string, Standing>;
}

/** Looks for our own jobs by their tags, among all recent jobs and among those that launched the servers' instances. */
export async function scanLaunches(book: LaunchBook, room: Room, clock: Clock): Promise<Scan> {
  const { owner, deed } = book;
  const { drs } = room.aws;
  const open = book.open();
  const since = Math.min(deed.createdAt - CLOCK_MARGIN, clock.now() - LOOK_BACK);
  const [recent, instances] = await Promise.all([
    drs.describeJobsSince(since),
    drs.describeRecoveryInstances({ sourceServerIds: open }),
  ]);
  const jobs = await jobsBehind(drs, instances, recent);
  const own = ownLaunches(jobs.values(), {
    execution: owner.execution,
    isDrill: owner.mode === 'drill',
    announced: book.announced(),
    expected: new Map(book.chunks.map((chunk, index) => [chunkKey(owner, book.site, String(index)), chunk])),
  });
  const around = {
    execution: owner.execution,
    attempt: owner.attempt,
    jobs,
    own: new Map([...own].map(([id, { servers }]) => [id, servers])),
    instances,
    mayReplace: (server: string) => book.mayReplaceLive(server),
  };
  return { recent, jobs, own, standings: new Map(open.map((id) => [id, standingOf(id, around)])) };
}
