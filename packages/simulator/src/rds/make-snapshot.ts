import type { SnapshotFamily } from '../scenario/database-spec.ts';
import type { RegionState } from '../world/region-state.ts';
import type { World } from '../world/world.ts';
import { rdsArn } from './arns.ts';
import { FAMILIES } from './families.ts';
import { type Contents, type Snapshot, snapshotKey, type Tags } from './state.ts';

export interface NewSnapshot {
  readonly family: SnapshotFamily;
  readonly id: string;
  readonly type: Snapshot['type'];
  readonly contents: Contents;
  readonly takenAt: number;
  readonly originalAt?: number;
  readonly movesAt?: number;
  readonly readyAt: number;
  readonly visibleAt?: number;
  readonly failsAt?: number | undefined;
  readonly source?: Snapshot;
  readonly sourceArn?: string | undefined;
  readonly tags: Tags;
  readonly goneAt?: number;
}

/** Event ids: begun and done, automated and manual, by family. Cluster snapshot copies have none. */
const CREATED = {
  cluster: { manual: ['RDS-EVENT-0074', 'RDS-EVENT-0075'], automated: ['RDS-EVENT-0168', 'RDS-EVENT-0169'] },
  instance: { manual: ['RDS-EVENT-0040', 'RDS-EVENT-0042'], automated: ['RDS-EVENT-0090', 'RDS-EVENT-0091'] },
} as const;

/** Puts a snapshot into the world, with the events that it causes. */
export function addSnapshot(state: RegionState, made: NewSnapshot): Snapshot {
  const words = FAMILIES[made.family];
  const snapshot: Snapshot = {
    family: made.family,
    id: made.id,
    arn: rdsArn(state, words.arnType, made.id),
    account: state.account,
    region: state.region,
    type: made.type,
    contents: made.contents,
    takenAt: made.takenAt,
    originalAt: made.originalAt ?? made.takenAt,
    movesAt: made.movesAt ?? made.takenAt,
    readyAt: made.readyAt,
    visibleAt: made.visibleAt ?? made.takenAt,
    failsAt: made.failsAt,
    source: made.source,
    sourceArn: made.sourceArn ?? made.source?.arn,
    tags: made.tags,
    sharedWith: new Map(),
    deletedAt: undefined,
    goneAt: made.goneAt ?? Number.POSITIVE_INFINITY,
  };
  state.rds.snapshots.set(snapshotKey(made.family, made.id), snapshot);
  tell(state, snapshot);
  return snapshot;
}

/** The copy of an instance snapshot was given up; that of a cluster snapshot goes untold. */
export function tellCancelled(state: RegionState, snapshot: Snapshot, now: number): void {
  if (snapshot.family === 'cluster') return;
  const across = snapshot.source !== undefined && snapshot.source.region !== snapshot.region;
  state.rds.events.push({
    at: now,
    id: across ? 'RDS-EVENT-0061' : 'RDS-EVENT-0190',
    type: 'SNAPSHOT',
    arn: snapshot.arn,
    source: snapshot.id,
    categories: ['notification'],
    message: `Cancelled snapshot copy request of ${snapshot.source?.id ?? snapshot.id}.`,
    tags: snapshot.tags,
    holds: () => true,
  });
}

function tell(state: RegionState, snapshot: Snapshot): void {
  const { family, type, source, takenAt, movesAt, readyAt } = snapshot;
  const { eventType } = FAMILIES[family];
  const event = (at: number, id: string, message: string, categories: readonly string[], holds: () => boolean): void => {
    state.rds.events.push({
      at,
      id,
      type: eventType,
      arn: snapshot.arn,
      source: snapshot.id,
      categories,
      message,
      get tags() {
        return snapshot.tags;
      },
      holds,
    });
  };
  const lasted = (): boolean =>
    snapshot.failsAt === undefined && (snapshot.deletedAt === undefined || snapshot.deletedAt >= readyAt);
  if (snapshot.sourceArn === undefined) {
    if (type === 'awsbackup') return;
    const [begun, done] = CREATED[family][type];
    const kind = family === 'cluster' ? `${type} cluster snapshot` : `${type} snapshot`;
    const named = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    const categories = family === 'cluster' ? ['backup'] : ['creation'];
    event(takenAt, begun, `Creating ${kind}`, categories, () => true);
    event(readyAt, done, `${named} created`, categories, lasted);
    return;
  }
  if (family === 'cluster' || source === undefined) return;
  const across = source.region !== snapshot.region;
  const [begun, done] = across ? ['RDS-EVENT-0059', 'RDS-EVENT-0060'] : ['RDS-EVENT-0196', 'RDS-EVENT-0197'];
  const from = across ? ` from region ${source.region}` : '';
  event(
    movesAt,
    begun,
    `Started copy of snapshot ${source.id}${from}.`,
    ['notification'],
    () => snapshot.deletedAt === undefined || snapshot.deletedAt > movesAt,
  );
  event(readyAt, done, `Finished copy of snapshot ${source.id}${from}.`, ['notification'], lasted);
}

/** Up to so much shorter or longer as the scenario says, by what it is for. */
export function jittered(world: World, duration: number, ...labels: readonly (string | number)[]): number {
  return Math.round(duration * (1 + world.scenario.jitter * (2 * world.random.fraction('rds', ...labels) - 1)));
}
