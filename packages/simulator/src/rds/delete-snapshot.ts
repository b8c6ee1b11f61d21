import type { SnapshotFamily } from '../scenario/database-spec.ts';
import type { CallContext, Output } from '../world/call-context.ts';
import { ownSnapshot, snapshotOutput } from './describe-snapshots.ts';
import { FAMILIES, snapshotState } from './families.ts';
import { tellCancelled } from './make-snapshot.ts';
import { isInFlight, snapshotStatus } from './state.ts';

interface DeleteRequest {
  readonly DBClusterSnapshotIdentifier?: string;
  readonly DBSnapshotIdentifier?: string;
}

/** DeleteDBClusterSnapshot and DeleteDBSnapshot. Deleting a copy on its way cancels it; deleting a source fails its copies on their way. */
export function deleteSnapshot(family: SnapshotFamily): (context: CallContext, input: DeleteRequest) => Output {
  const words = FAMILIES[family];
  return (context, input) => {
    const { world, state, now } = context;
    const id = input.DBClusterSnapshotIdentifier ?? input.DBSnapshotIdentifier ?? '';
    const snapshot = ownSnapshot(context, words, id);
    const status = snapshotStatus(snapshot, now);
    if (snapshot.type !== 'manual') {
      throw snapshotState(words, `Only manual snapshots may be deleted. ${snapshot.id} is of type ${snapshot.type}.`);
    }
    if (status !== 'available' && status !== 'failed' && status !== 'copying') {
      throw snapshotState(words, `Cannot delete the snapshot ${snapshot.id} because it is in the ${status} state.`);
    }
    context.changed();
    const output = snapshotOutput(snapshot, now);
    if (status === 'copying') tellCancelled(state, snapshot, now);
    snapshot.deletedAt = now;
    snapshot.goneAt = now + (status === 'copying' ? 0 : snapshot.contents.durations.deleteSnapshot);
    for (const other of world.regions) {
      for (const copy of other.rds.snapshots.values()) {
        if (copy.source === snapshot && isInFlight(copy, now)) copy.failsAt = now;
      }
    }
    return { [words.noun]: output };
  };
}
