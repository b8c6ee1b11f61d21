import type { CopySnapshotsOutcome, CopyStatus } from '@breakwater/assembly';
import type { JsonObject, Reason } from '@breakwater/history';
import type { Site } from '@breakwater/plan';

/** The `result` output. Fields are added, never renamed. Times are ISO 8601 in UTC, durations milliseconds. */
export interface CopySnapshotResult {
  readonly schema: 'breakwater.copy-snapshot/1';
  readonly status: CopyStatus | 'skipped';
  readonly reason: Reason;
  readonly simulated: boolean;
  readonly key: string;
  /** Who asked for it. */
  readonly actor: string;
  readonly source: Place;
  readonly destination: Place;
  readonly startedAt: string;
  readonly endedAt: string;
  /** How many of them are in each status. */
  readonly counts: Readonly<Record<string, number>>;
  /** The worst first; cut when there are very many, and then `counts` tells how many there are. */
  readonly copies: readonly JsonObject[];
  readonly freshness: readonly JsonObject[];
  readonly retention?: JsonObject;
}

interface Place {
  readonly account: string;
  readonly region: string;
}

/** An output holds a mebibyte, a summary too: of very many copies the failures are kept. */
const MOST = 500;

const ORDER: readonly CopyStatus[] = ['failed', 'timed-out', 'cancelled', 'in-progress', 'succeeded-with-warnings', 'succeeded'];

export function resultOf(
  { status, reason, copies, report }: CopySnapshotsOutcome,
  facts: Pick<CopySnapshotResult, 'simulated' | 'key' | 'actor' | 'startedAt' | 'endedAt'> & {
    readonly source: Site;
    readonly destination: Site;
  },
): CopySnapshotResult {
  const { source, destination, ...rest } = facts;
  const sorted = [...copies].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return {
    schema: 'breakwater.copy-snapshot/1',
    status,
    reason,
    ...rest,
    source: placeOf(source),
    destination: placeOf(destination),
    counts: Object.fromEntries(
      ORDER.map((each): [string, number] => [each, copies.filter((copy) => copy.status === each).length]).filter(
        ([, n]) => n > 0,
      ),
    ),
    copies: sorted.slice(0, MOST).map(({ database, snapshot, status: ended, reason: why, result, goesOn, took }) => ({
      database,
      ...(snapshot === undefined ? {} : { snapshot }),
      status: ended,
      reason: { ...why },
      took,
      ...(result === undefined ? {} : { copy: { ...result, sourceTime: iso(result['sourceTime']) } }),
      ...(goesOn === undefined ? {} : { goesOn }),
    })),
    freshness: (report?.freshness ?? [])
      .toSorted((a, b) => Number(b.stale) - Number(a.stale))
      .slice(0, MOST)
      .map(({ database, id, arn, time, age, stale }) => ({ database, id, arn, time: iso(time), age, stale })),
    ...(report === undefined || report.retention.length === 0 ? {} : { retention: retentionOf(report) }),
  };
}

/** What stays is as many as there are copies; what goes is the news, as far as there is room. */
function retentionOf(report: NonNullable<CopySnapshotsOutcome['report']>): JsonObject {
  let room = MOST;
  return {
    applied: report.applied,
    deleted: report.deleted.length,
    databases: report.retention.slice(0, MOST).map(({ database, keep, delete: going }) => {
      const listed = going.slice(0, room);
      room -= listed.length;
      return {
        database,
        kept: keep.length,
        going: going.length,
        delete: listed.map(({ id, time, reason }) => ({ id, time: iso(time), reason })),
      };
    }),
  };
}

function placeOf({ account, region }: Site): Place {
  return { account, region };
}

function iso(at: unknown): string | undefined {
  return typeof at === 'number' ? new Date(at).toISOString() : undefined;
}
