import type { AwsFault } from '../aws-fault.ts';
import type { SnapshotFamily } from '../scenario/database-spec.ts';
import { rdsFault } from './faults.ts';

/** In what the two families of snapshots differ on the wire. */
export interface FamilyWords {
  readonly family: SnapshotFamily;
  /** `DBClusterSnapshot` or `DBSnapshot`: begins names of members and errors. */
  readonly noun: 'DBClusterSnapshot' | 'DBSnapshot';
  /** Type in an ARN. */
  readonly arnType: 'cluster-snapshot' | 'snapshot';
  readonly longestId: number;
  readonly eventType: 'CLUSTER_SNAPSHOT' | 'SNAPSHOT';
}

export const FAMILIES: Readonly<Record<SnapshotFamily, FamilyWords>> = {
  cluster: {
    family: 'cluster',
    noun: 'DBClusterSnapshot',
    arnType: 'cluster-snapshot',
    longestId: 63,
    eventType: 'CLUSTER_SNAPSHOT',
  },
  instance: { family: 'instance', noun: 'DBSnapshot', arnType: 'snapshot', longestId: 255, eventType: 'SNAPSHOT' },
};

export function snapshotNotFound({ noun }: FamilyWords, id: string): AwsFault {
  return rdsFault(`${noun}NotFoundFault`, `${noun} not found: ${id}`);
}

export function snapshotExists({ noun }: FamilyWords, id: string): AwsFault {
  return rdsFault(
    `${noun}AlreadyExistsFault`,
    `Cannot create the snapshot because a snapshot with the identifier ${id} already exists.`,
  );
}

export function snapshotState({ noun }: FamilyWords, message: string): AwsFault {
  return rdsFault(`Invalid${noun}StateFault`, message);
}
