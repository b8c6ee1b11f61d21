import type { RegionState } from '../world/region-state.ts';
import type { World } from '../world/world.ts';
import { addSnapshot, jittered } from './make-snapshot.ts';
import { type Cluster, type Contents, currentId, type DbInstance, snapshotKey, statusOf } from './state.ts';

const DAY = 86_400_000;

/** What a snapshot taken now would carry. */
export function contentsOf(thing: Cluster | DbInstance, now: number): Contents {
  return {
    ...thing.contents,
    database: currentId(thing, now),
    resourceId: thing.resourceId,
    databaseCreatedAt: thing.createdAt,
    masterPassword: thing.masterPassword,
    iamAuthentication: thing.iamAuthentication,
    backupRetentionDays: thing.backupRetentionDays,
    durations: thing.durations,
  };
}

/** `rds:webshop-2026-03-04-02-10`. */
export function automatedId(database: string, at: number): string {
  return `rds:${database}-${new Date(at).toISOString().slice(0, 16).replace(/[T:]/g, '-')}`;
}

/** Takes the automated snapshots that have come due by now. Each is made once, whoever looks first. */
export function takeDueSnapshots(world: World, state: RegionState, now: number): void {
  const { rds } = state;
  const after = rds.scheduledUntil;
  if (now <= after) return;
  rds.scheduledUntil = now;
  for (const thing of [...rds.clusters, ...rds.instances]) {
    const { automated } = thing;
    if (automated === undefined) continue;
    const family = 'instanceClass' in thing ? 'instance' : 'cluster';
    const from = Math.max(after, thing.createdAt, now - automated.keep);
    for (let slot = Math.floor(from / DAY) * DAY + automated.at; slot <= now; slot += DAY) {
      if (slot <= from || (thing.deletedAt !== undefined && thing.deletedAt <= slot) || statusOf(thing, slot) === 'creating')
        continue;
      const id = automatedId(currentId(thing, slot), slot);
      if (rds.snapshots.has(snapshotKey(family, id))) continue;
      addSnapshot(state, {
        family,
        id,
        type: 'automated',
        contents: contentsOf(thing, slot),
        takenAt: slot,
        readyAt: slot + jittered(world, thing.durations.snapshot, 'automated', id),
        tags: thing.copyTagsToSnapshot ? thing.tags : {},
        goneAt: slot + automated.keep,
      });
    }
  }
}
