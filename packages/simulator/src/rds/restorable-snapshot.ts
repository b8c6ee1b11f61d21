import type { SnapshotFamily } from '../scenario/database-spec.ts';
import type { CallContext } from '../world/call-context.ts';
import { parseRdsArn } from './arns.ts';
import { takeDueSnapshots } from './automated-snapshots.ts';
import { sharedTo } from './describe-snapshots.ts';
import { FAMILIES, snapshotNotFound, snapshotState } from './families.ts';
import { invalidValue } from './faults.ts';
import { type Snapshot, snapshotKey, snapshotStatus } from './state.ts';

/** The snapshot that is to be restored: by name in the own account, by ARN anywhere in the Region if it is shared. */
export function restorableSnapshot({ world, state, now }: CallContext, family: SnapshotFamily, name: string): Snapshot {
  const words = FAMILIES[family];
  const arn = parseRdsArn(name);
  if (arn !== undefined && arn.type !== words.arnType) {
    throw invalidValue(`The simulator restores a ${family} from snapshots of its kind only.`);
  }
  const home = arn === undefined ? state : world.region(arn.account, arn.region);
  takeDueSnapshots(world, home, now);
  const snapshot = home.region === state.region ? home.rds.snapshots.get(snapshotKey(family, arn?.id ?? name)) : undefined;
  const status = snapshot === undefined ? undefined : snapshotStatus(snapshot, now);
  if (
    snapshot === undefined ||
    status === undefined ||
    (home.account !== state.account && !sharedTo(snapshot, state.account, now))
  ) {
    throw snapshotNotFound(words, name);
  }
  if (status !== 'available') {
    throw snapshotState(words, `The snapshot ${snapshot.id} cannot be restored because it is in the ${status} state.`);
  }
  return snapshot;
}
