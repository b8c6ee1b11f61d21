import { page } from '../paging.ts';
import { drsDateTime } from '../wire-time.ts';
import { type CallContext, handler } from '../world/call-context.ts';
import type { World } from '../world/world.ts';
import { invalidToken, notFound, requireInitialised } from './faults.ts';
import { lagOf } from './replication.ts';
import type { SourceServer } from './state.ts';

export interface RecoverySnapshot {
  readonly id: string;
  readonly expectedAt: number;
  /** Undefined: expected, not yet taken. */
  readonly takenAt: number | undefined;
}

/** Taking a snapshot takes a few seconds after its expected time. */
const TAKEN_AFTER = 4_000;

/**
 * The points in time of a server that exist now, oldest first. By policy they lie on the clock's grid, age out, and stop where
 * replication stopped; the one that is due has no timestamp yet.
 */
export function recoverySnapshots(world: World, server: SourceServer, now: number): readonly RecoverySnapshot[] {
  const { spec } = server;
  if (spec.snapshots !== undefined) {
    return spec.snapshots
      .map(({ id, age }, index): RecoverySnapshot => {
        const at = world.began - age;
        return { id: id ?? `pit-${world.random.hex(17, 'pit', spec.id, index)}`, expectedAt: at, takenAt: at };
      })
      .filter((snapshot) => snapshot.expectedAt <= now)
      .toSorted((a, b) => a.expectedAt - b.expectedAt);
  }
  if (spec.state === 'STOPPED' || spec.state === 'INITIATING' || spec.state === 'INITIAL_SYNC') return [];
  const newest = spec.lagGrows ? now - (lagOf(world, server, now) ?? 0) : now;
  const times = new Set<number>();
  for (const { every, keep } of world.scenario.drs.recoverySnapshots) {
    for (let at = Math.ceil((now - keep) / every) * every; at <= newest; at += every) times.add(at);
  }
  return [...times]
    .sort((a, b) => a - b)
    .map((at) => ({
      id: `pit-${world.random.hex(17, 'pit', spec.id, at)}`,
      expectedAt: at,
      takenAt: at + TAKEN_AFTER <= now ? at + TAKEN_AFTER : undefined,
    }));
}

interface DescribeRecoverySnapshotsRequest {
  readonly sourceServerID: string;
  readonly filters?: { readonly fromDateTime?: string; readonly toDateTime?: string };
  readonly order?: 'ASC' | 'DESC';
  readonly maxResults?: number;
  readonly nextToken?: string;
}

export const describeRecoverySnapshots = handler<DescribeRecoverySnapshotsRequest>((context: CallContext, input) => {
  requireInitialised(context);
  const { world, state, now } = context;
  const server = state.drs.servers.get(input.sourceServerID);
  if (server === undefined) throw notFound('SourceServer', input.sourceServerID);
  const from = input.filters?.fromDateTime === undefined ? Number.NEGATIVE_INFINITY : Date.parse(input.filters.fromDateTime);
  const to = input.filters?.toDateTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(input.filters.toDateTime);
  const fitting = recoverySnapshots(world, server, now).filter(({ expectedAt, takenAt }) => {
    const at = takenAt ?? expectedAt;
    return from <= at && at <= to;
  });
  const { items, nextToken } = page(input.order === 'DESC' ? fitting.toReversed() : fitting, {
    listing: 'DescribeRecoverySnapshots',
    token: input.nextToken,
    size: Math.min(input.maxResults ?? world.scenario.pageSize, world.scenario.pageSize),
    invalidToken,
  });
  return {
    items: items.map(({ id, expectedAt, takenAt }) => ({
      snapshotID: id,
      sourceServerID: input.sourceServerID,
      expectedTimestamp: drsDateTime(expectedAt),
      timestamp: takenAt === undefined ? undefined : drsDateTime(takenAt),
      ebsSnapshots: takenAt === undefined ? [] : [`snap-0${world.random.hex(16, 'ebs', id)}`],
    })),
    nextToken,
  };
});
