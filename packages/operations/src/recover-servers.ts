import type { GatewayMethod } from '@breakwater/aws';
import type { Advance, DeedContext, Operation, OperationContext, WaveServer } from '@breakwater/engine';
import type { ServerRecord } from '@breakwater/history';
import type { Wave } from '@breakwater/plan';
import { Budget } from './budget.ts';
import { LaunchJobFollower } from './follow-launch-jobs.ts';
import { LaunchBook } from './launch-book.ts';
import { PREPARING } from './look-again.ts';
import type { Owner } from './ownership.ts';
import { ServerPlacer } from './place-servers.ts';
import type { Rooms } from './rooms.ts';
import { judgeServers } from './step-result.ts';
import { Telling } from './telling.ts';

/** What it asks of AWS; permissions are made of this. */
export const RECOVER_SERVERS_CALLS = [
  'drs.describeSourceServers',
  'drs.describeRecoverySnapshots',
  'drs.describeRecoveryInstances',
  'drs.describeJobsById',
  'drs.describeJobsSince',
  'drs.describeJobLog',
  'drs.startRecovery',
  'drs.tagResource',
] as const satisfies readonly GatewayMethod[];

/**
 * Launches the servers of a wave with DRS and finds their instances. It ends when every server has an end: launched by a job of this
 * execution that is COMPLETED, or failed with DRS's own reason. A server that such a job has launched, and whose instance lives, is
 * never launched again; failed ones are tried again by the next attempt.
 */
export function recoverServers(rooms: Rooms, deed: DeedContext, wave: Wave, servers: readonly WaveServer[]): Operation {
  let sites: readonly SiteLaunch[] | undefined;
  const open = (context: OperationContext) => {
    sites ??= openSites(rooms, deed, wave, servers, context);
    return sites;
  };
  return {
    async advance(context) {
      if (servers.length === 0) {
        const reason = { code: 'selection-empty', message: `wave "${wave.name}" has no server to recover` } as const;
        return { state: 'failed', reason };
      }
      const budget = new Budget();
      const places = open(context);
      await Promise.all(places.map((place) => place.advance(context, budget)));
      return places.every(({ book }) => book.isSettled()) ? ended(servers, places) : waiting(places, context);
    },
    async abandon(context) {
      const places = open(context);
      const running = places.flatMap(({ book }) => book.running());
      const unanswered = places.flatMap(({ book }) => book.unanswered());
      const told = [
        ...(running.length === 0
          ? []
          : [`DRS cannot cancel jobs: ${running.join(', ')} ${running.length === 1 ? 'goes' : 'go'} on`]),
        ...(unanswered.length === 0 ? [] : ['a StartRecovery whose answer is not known may have begun a DRS job']),
      ];
      return told.length === 0 ? undefined : told.join('; ');
    },
  };
}

interface SiteLaunch {
  readonly book: LaunchBook;
  advance(context: OperationContext, budget: Budget): Promise<void>;
  state(context: OperationContext): { readonly notes: readonly string[]; readonly lookAgainIn: number };
}

function openSites(
  rooms: Rooms,
  deed: DeedContext,
  wave: Wave,
  servers: readonly WaveServer[],
  context: OperationContext,
): readonly SiteLaunch[] {
  const { execution, mode, plan } = deed;
  const owner: Owner = { execution, plan: plan.name, wave: wave.name, mode, attempt: context.attempt };
  const telling = new Telling(context.earlier);
  const names = [...new Set(servers.map(({ record }) => record.site))];
  return names.map((name) => {
    const room = rooms.at(name);
    const here = servers.filter(({ record }) => record.site === name);
    const book = new LaunchBook(name, deed, owner, here, context.earlier);
    return launchAt(book, new LaunchJobFollower(book, room.aws.drs, telling), new ServerPlacer(book, room, telling));
  });
}

function launchAt(book: LaunchBook, follower: LaunchJobFollower, placer: ServerPlacer): SiteLaunch {
  let placeAgainAt = 0;
  let notes: readonly string[] = [];
  return {
    book,
    async advance(context, budget) {
      await follower.look(context, budget);
      if (book.open().length === 0 || context.clock.now() < placeAgainAt) return;
      const placing = await placer.place(context, budget);
      placeAgainAt = context.clock.now() + placing.lookAgainIn;
      notes = placing.notes;
    },
    state(context) {
      const now = context.clock.now();
      const followed = [...book.jobs.values()].filter((job) => book.unsettled(job).length > 0);
      const placing = book.open().length > 0;
      return {
        notes: [...followed.map((job) => job.note(now)), ...(placing ? notes : [])],
        lookAgainIn: Math.min(
          PREPARING,
          ...followed.map((job) => job.untilNextLook(now)),
          ...(placing ? [Math.max(0, placeAgainAt - now)] : []),
        ),
      };
    },
  };
}

function waiting(places: readonly SiteLaunch[], context: OperationContext): Advance {
  const states = places.filter(({ book }) => !book.isSettled()).map((place) => place.state(context));
  const notes = [...new Set(states.flatMap(({ notes }) => notes))];
  return {
    state: 'waiting',
    note: notes.length === 0 ? 'preparing to launch' : notes.join('; '),
    lookAgainIn: Math.min(...states.map(({ lookAgainIn }) => lookAgainIn)),
  };
}

function ended(servers: readonly WaveServer[], places: readonly SiteLaunch[]): Advance {
  const ends = new Map<string, ServerRecord>();
  for (const { book } of places) for (const id of book.servers.keys()) ends.set(id, book.record(id));
  const records = servers.map(({ record }) => ends.get(record.id) ?? record);
  const jobs = places.flatMap(({ book }) =>
    [...book.jobs.values()].map(({ id, servers: launched }) => ({ id, site: book.site, servers: launched.length })),
  );
  const done = `${records.length === 1 ? '1 server' : `${records.length} servers`} launched`;
  return judgeServers(records, { done, failedAs: 'server-failed' }, { jobs });
}
