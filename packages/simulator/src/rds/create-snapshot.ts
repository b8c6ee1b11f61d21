import type { SnapshotFamily } from '../scenario/database-spec.ts';
import type { CallContext, Output } from '../world/call-context.ts';
import { contentsOf } from './automated-snapshots.ts';
import { snapshotOutput } from './describe-snapshots.ts';
import { FAMILIES, type FamilyWords, snapshotExists } from './families.ts';
import { rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { addSnapshot, jittered } from './make-snapshot.ts';
import { requireBeside } from './permissions.ts';
import { answersTo, snapshotKey, statusOf } from './state.ts';
import { copiedTags, givenTags, type WireTag } from './tags.ts';

interface CreateRequest {
  readonly DBClusterSnapshotIdentifier?: string;
  readonly DBClusterIdentifier?: string;
  readonly DBSnapshotIdentifier?: string;
  readonly DBInstanceIdentifier?: string;
  readonly Tags?: readonly WireTag[];
}

/** Whether an id is free for a new snapshot: one that is gone leaves it. */
export function isTaken({ state, now }: Pick<CallContext, 'state' | 'now'>, family: SnapshotFamily, id: string): boolean {
  const old = state.rds.snapshots.get(snapshotKey(family, id));
  return old !== undefined && now < old.goneAt;
}

/** Manual snapshots of one kind in a Region, copies included, where the scenario has a quota. */
export function checkManualQuota({ world, state, now }: CallContext, { family }: FamilyWords): void {
  const most = world.scenario.rds.manualSnapshots;
  if (most === undefined) return;
  const held = [...state.rds.snapshots.values()].filter(
    (snapshot) => snapshot.family === family && snapshot.type === 'manual' && now < snapshot.goneAt,
  );
  if (held.length >= most) throw rdsFault('SnapshotQuotaExceededFault', `Cannot create more than ${most} manual snapshots`);
}

/** CreateDBClusterSnapshot and CreateDBSnapshot. */
export function createSnapshot(family: SnapshotFamily): (context: CallContext, input: CreateRequest) => Output {
  const words = FAMILIES[family];
  return (context, input) => {
    const { world, state, now } = context;
    const id = newIdentifier(
      input.DBClusterSnapshotIdentifier ?? input.DBSnapshotIdentifier ?? '',
      `${words.noun}Identifier`,
      words.longestId,
    );
    const databaseId = (input.DBClusterIdentifier ?? input.DBInstanceIdentifier ?? '').toLowerCase();
    const database =
      family === 'cluster'
        ? state.rds.clusters.find((one) => answersTo(one, databaseId, now))
        : state.rds.instances.find((one) => one.cluster === undefined && answersTo(one, databaseId, now));
    if (database === undefined) {
      throw family === 'cluster'
        ? rdsFault('DBClusterNotFoundFault', `DBCluster ${databaseId} not found.`)
        : rdsFault('DBInstanceNotFoundFault', `DBInstance ${databaseId} not found.`);
    }
    const status = statusOf(database, now);
    if (status !== 'available') {
      throw family === 'cluster'
        ? rdsFault('InvalidDBClusterStateFault', `Cluster ${databaseId} is not in available state. Current status: ${status}`)
        : rdsFault('InvalidDBInstanceStateFault', `Database instance is not in available state. Current status: ${status}`);
    }
    if (isTaken(context, family, id)) throw snapshotExists(words, id);
    const tags = givenTags(input.Tags);
    requireBeside(context, { tagging: { type: words.arnType, id, tags } });
    checkManualQuota(context, words);
    context.changed();
    const snapshot = addSnapshot(state, {
      family,
      id,
      type: 'manual',
      contents: contentsOf(database, now),
      takenAt: now,
      readyAt: now + jittered(world, database.durations.snapshot, 'snapshot', state.account, id, now),
      visibleAt: now + world.scenario.rds.visibleAfter,
      // Where a tag is given, none of the database's comes along, whatever its setting.
      tags: database.copyTagsToSnapshot && Object.keys(tags).length === 0 ? copiedTags(database.tags) : tags,
    });
    return { [words.noun]: { ...snapshotOutput(snapshot, now), Status: 'creating' } };
  };
}
