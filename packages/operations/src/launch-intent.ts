import type { DrsJob } from '@breakwater/aws';
import type { JournalLine, Json, JsonObject } from '@breakwater/history';
import { isTaggedBy, isTaggedByAnother, TAGS, tagValue } from './ownership.ts';

export const START_RECOVERY = 'drs:StartRecovery';

/** How a server is launched, as decided right before the call; kept in the intent, so that whoever resumes knows it too. */
export interface Launch {
  readonly server: string;
  /** None: the latest data. */
  readonly snapshotId: string | undefined;
  readonly replicationState: string;
  /** Milliseconds. */
  readonly lag: number | undefined;
  /** When the newest recovery point was taken, if it was asked for. */
  readonly newest: number | undefined;
}

/** A StartRecovery that was announced: it may have been sent. */
export interface Announcement {
  readonly key: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly launches: readonly Launch[];
}

export function serversOf({ launches }: Announcement): readonly string[] {
  return launches.map(({ server }) => server);
}

/** What the journal keeps of an announcement. */
export function intentDetail(site: string, isDrill: boolean, launches: readonly Launch[]): JsonObject {
  return {
    site,
    isDrill,
    servers: launches.map(({ server, snapshotId, replicationState, lag, newest }) => ({
      id: server,
      recoveryPoint: snapshotId ?? 'latest',
      replicationState,
      lag,
      newest: newest === undefined ? undefined : new Date(newest).toISOString(),
    })),
  };
}

/** The announcements for a site in what the journal holds, the last of each key. Lines that are not as we write them are left out. */
export function announcementsIn(earlier: readonly JournalLine[], site: string): ReadonlyMap<string, Announcement> {
  const found = new Map<string, Announcement>();
  for (const line of earlier) {
    if (line.type !== 'intent' || line.operation !== START_RECOVERY || line.detail['site'] !== site) continue;
    const servers = line.detail['servers'];
    if (!isList(servers)) continue;
    found.set(line.key, { key: line.key, at: Date.parse(line.at), launches: servers.flatMap(launchIn) });
  }
  return found;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function launchIn(value: Json): readonly Launch[] {
  if (!isObject(value) || typeof value['id'] !== 'string') return [];
  const { recoveryPoint, replicationState, lag, newest } = {
    recoveryPoint: value['recoveryPoint'],
    replicationState: value['replicationState'],
    lag: value['lag'],
    newest: value['newest'],
  };
  return [
    {
      server: value['id'],
      snapshotId: typeof recoveryPoint === 'string' && recoveryPoint !== 'latest' ? recoveryPoint : undefined,
      replicationState: typeof replicationState === 'string' ? replicationState : 'UNKNOWN',
      lag: typeof lag === 'number' ? lag : undefined,
      newest: typeof newest === 'string' ? Date.parse(newest) : undefined,
    },
  ];
}

/** A launch job of this execution. */
export interface OwnLaunch {
  /** Those that it was started for. */
  readonly servers: readonly string[];
  readonly key: string | undefined;
  readonly tagged: boolean;
}

/** AWS's clock and ours may differ by so much, milliseconds. */
const SKEW = 5_000;

/**
 * Which of the jobs are this execution's launches, and the servers each was started for. A job is ours by its tag. If the role may
 * not tag (the job then carries none of ours), it is ours when it is of our kind, began after our announcement, and holds exactly the
 * announced servers. `expected` are the servers that a chunk's key stands for, for jobs that show no participants.
 */
export function ownLaunches(
  jobs: Iterable<DrsJob>,
  {
    execution,
    isDrill,
    announced,
    expected,
  }: {
    readonly execution: string;
    readonly isDrill: boolean;
    readonly announced: ReadonlyMap<string, Announcement>;
    readonly expected: ReadonlyMap<string, readonly string[]>;
  },
): ReadonlyMap<string, OwnLaunch> {
  const keys = new Map([...expected.keys(), ...announced.keys()].map((key) => [tagValue(key), key]));
  const own = new Map<string, OwnLaunch>();
  for (const job of jobs) {
    if (job.type !== 'LAUNCH' || isTaggedByAnother(job, execution)) continue;
    const participants = job.participants.map(({ sourceServerId }) => sourceServerId);
    if (isTaggedBy(job, execution)) {
      const key = keys.get(job.tags[TAGS.chunk] ?? '');
      const announcement = announced.get(key ?? '');
      const meant = announcement === undefined ? (expected.get(key ?? '') ?? []) : serversOf(announcement);
      own.set(job.id, { servers: participants.length > 0 ? participants : meant, key, tagged: true });
      continue;
    }
    if (job.initiatedBy !== (isDrill ? 'START_DRILL' : 'START_RECOVERY') || job.createdAt === undefined) continue;
    const { createdAt } = job;
    const match = [...announced.values()].find(
      (announcement) => createdAt >= announcement.at - SKEW && sameServers(serversOf(announcement), participants),
    );
    if (match !== undefined) own.set(job.id, { servers: participants, key: match.key, tagged: false });
  }
  return own;
}

function sameServers(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(one);
  return set.size === other.length && other.every((server) => set.has(server));
}
