import type { DrsGateway, DrsSourceServer } from '@breakwater/aws';
import { formatDuration } from '@breakwater/core';
import type { Reason } from '@breakwater/history';
import type { RecoveryPoint } from '@breakwater/plan';

/** What a server will be launched from. */
export interface ChosenPoint {
  readonly kind: 'chosen';
  /** None: DRS takes an on-demand snapshot of the latest data. */
  readonly snapshotId: string | undefined;
  /** When the newest recovery point was taken; known only where it was asked for. */
  readonly newest: number | undefined;
}

export type PointChoice = ChosenPoint | { readonly kind: 'missing'; readonly reason: Reason };

/**
 * Finds the recovery point that the plan wants, as it exists now: a pinned one can age out between the start of a run and a late wave.
 * Asks AWS (one call a server) only where it must: not for the latest data of a server that replicates continuously. Throws `AwsError`.
 */
export async function choosePoint(drs: DrsGateway, server: DrsSourceServer, wanted: RecoveryPoint): Promise<PointChoice> {
  if (wanted.kind === 'before') return chooseBefore(drs, server, wanted.time);
  const pinned = wanted.kind === 'pinned' ? wanted.snapshots[server.id] : undefined;
  if (pinned !== undefined) return choosePinned(drs, server, pinned);
  if (server.replicationState === 'CONTINUOUS') return { kind: 'chosen', snapshotId: undefined, newest: undefined };
  const newest = await newestTaken(drs, server.id);
  if (newest !== undefined) return { kind: 'chosen', snapshotId: undefined, newest: newest.takenAt };
  return missing(`${server.name} (${server.id}) has no recovery point: its replication is ${server.replicationState}`, {
    next: 'It cannot be launched by DRS. Restore it another way, or leave it out of the wave.',
  });
}

async function chooseBefore(drs: DrsGateway, server: DrsSourceServer, time: number): Promise<PointChoice> {
  const newest = await newestTaken(drs, server.id, time);
  if (newest !== undefined) return { kind: 'chosen', snapshotId: newest.id, newest: newest.takenAt };
  return missing(`${server.name} (${server.id}) has no recovery point taken at or before ${new Date(time).toISOString()}`, {
    next: 'Choose a later time, or `latest`, in the wave of the plan; points in time age out of DRS.',
  });
}

async function choosePinned(drs: DrsGateway, server: DrsSourceServer, pinned: string): Promise<PointChoice> {
  const points = await drs.describeRecoverySnapshots(server.id);
  const point = points.find(({ id, takenAt }) => id === pinned && takenAt !== undefined);
  if (point !== undefined) return { kind: 'chosen', snapshotId: pinned, newest: point.takenAt };
  return missing(`recovery point ${pinned} of ${server.name} (${server.id}) does not exist (any more)`, {
    next: 'Pin another recovery point in the plan, or use `before` or `latest`; points in time age out of DRS.',
  });
}

async function newestTaken(drs: DrsGateway, server: string, notAfter?: number) {
  const points = await drs.describeRecoverySnapshots(server, { limit: 1, ...(notAfter === undefined ? {} : { notAfter }) });
  const taken = points.flatMap(({ id, takenAt }) =>
    takenAt !== undefined && takenAt <= (notAfter ?? Number.POSITIVE_INFINITY) ? [{ id, takenAt }] : [],
  );
  return taken.sort((a, b) => b.takenAt - a.takenAt)[0];
}

function missing(message: string, { next }: { next: string }): PointChoice {
  return { kind: 'missing', reason: { code: 'recovery-point-missing', message, next } };
}

/**
 * Recovery point actual: how much work was lost, milliseconds, as of the moment the execution began (`createdAt`; all moments are
 * epoch milliseconds). A point in time holds the data of its moment. The latest data, which DRS snapshots on demand, are as old as
 * the replication lag at that moment; with the lag unknown (a source that has gone) only the newest regular recovery point is
 * certain. `undefined` when nothing is certain: a number that flatters is worse than none.
 *
 * While the source goes on working (CONTINUOUS), as in every drill, a launch after the beginning finds younger data and would seem to
 * have lost nothing; what a disaster at that moment would have cost is the lag, so it is never less than that.
 */
export function recoveryPointActual(known: {
  readonly createdAt: number;
  readonly pointAt: number | undefined;
  readonly latest: boolean;
  readonly lag: number | undefined;
  readonly newest: number | undefined;
  readonly replicationState: string | undefined;
}): number | undefined {
  const { createdAt, pointAt, latest, lag, newest, replicationState } = known;
  if (pointAt === undefined) return undefined;
  if (!latest) return Math.max(0, createdAt - pointAt);
  if (lag !== undefined) return Math.max(replicationState === 'CONTINUOUS' ? lag : 0, createdAt - (pointAt - lag));
  if (newest !== undefined) return Math.max(0, createdAt - Math.min(newest, pointAt));
  return undefined;
}

/** The age of a recovery point, for people. */
export function pointAge(takenAt: number, now: number): string {
  return `${formatDuration(Math.max(0, now - takenAt))} old`;
}
