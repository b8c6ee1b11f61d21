import type { CallContext, Output } from '../world/call-context.ts';
import type { RegionState } from '../world/region-state.ts';
import { rdsArn } from './arns.ts';
import { contentsOf } from './automated-snapshots.ts';
import { globalClusterOf } from './catalogue.ts';
import { clusterArn, clusterOutput, findCluster, membersOf } from './clusters.ts';
import { isTaken } from './create-snapshot.ts';
import { FAMILIES, snapshotExists } from './families.ts';
import { invalidCombination, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { findInstance, instanceOutput } from './instances.ts';
import { addSnapshot, jittered } from './make-snapshot.ts';
import { requireBeside } from './permissions.ts';
import { type Cluster, currentId, type DbInstance, statusOf } from './state.ts';
import { copiedTags } from './tags.ts';

interface DeleteClusterRequest {
  readonly DBClusterIdentifier: string;
  readonly SkipFinalSnapshot?: boolean;
  readonly FinalDBSnapshotIdentifier?: string;
  readonly DeleteAutomatedBackups?: boolean;
}

/** The final snapshot's id, if one is to be taken. */
function finalSnapshot(input: {
  readonly SkipFinalSnapshot?: boolean;
  readonly FinalDBSnapshotIdentifier?: string;
}): string | undefined {
  const { SkipFinalSnapshot: skip, FinalDBSnapshotIdentifier: id } = input;
  if (skip === true && id !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is specified.');
  }
  if (skip !== true && id === undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  return id === undefined ? undefined : newIdentifier(id, 'FinalDBSnapshotIdentifier');
}

/** DeleteDBCluster: accepted once every member is being deleted; it still says `available` in its answer. */
export function deleteCluster(context: CallContext, input: DeleteClusterRequest): Output {
  const { world, state, now } = context;
  const cluster = findCluster(context, input.DBClusterIdentifier);
  const id = currentId(cluster, now);
  const finalId = finalSnapshot(input);
  const status = statusOf(cluster, now);
  if (cluster.deletedAt !== undefined || status === 'renaming' || status === 'creating') {
    throw rdsFault(
      'InvalidDBClusterStateFault',
      `DB cluster ${id} is not in a state in which it can be deleted: it is ${status}.`,
    );
  }
  if (cluster.deletionProtection) {
    throw invalidCombination('Cannot delete protected Cluster, please disable deletion protection and try again.');
  }
  if (globalClusterOf(world, clusterArn(cluster, now)) !== undefined) {
    throw rdsFault(
      'InvalidGlobalClusterStateFault',
      'This cluster is a part of a global cluster, please remove it from globalcluster first',
    );
  }
  const members = membersOf(context, cluster);
  if (members.some((member) => member.deletedAt === undefined)) {
    throw rdsFault(
      'InvalidDBClusterStateFault',
      'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
    );
  }
  if (finalId !== undefined && isTaken(context, 'cluster', finalId)) throw snapshotExists(FAMILIES.cluster, finalId);
  requireBeside(context, { finalSnapshot: finalId === undefined ? undefined : { of: 'cluster', database: id, id: finalId } });
  context.changed();
  const output = clusterOutput(context, cluster, 'available');
  const begins = Math.max(now, ...members.map((member) => member.goneAt));
  const snapshotted = takeFinal(context, cluster, finalId, begins);
  cluster.deletedAt = now;
  cluster.goneAt = snapshotted + jittered(world, cluster.durations.deleteCluster, 'delete', cluster.resourceId);
  dropAutomated(state, cluster, input.DeleteAutomatedBackups ?? true);
  state.rds.events.push({
    at: cluster.goneAt,
    id: 'RDS-EVENT-0171',
    type: 'CLUSTER',
    arn: rdsArn(state, 'cluster', id),
    source: id,
    categories: ['deletion'],
    message: 'DB cluster deleted',
    tags: cluster.tags,
    holds: () => true,
  });
  return { DBCluster: output };
}

/** When the final snapshot is there; at once if none is wanted. */
function takeFinal(
  { world, state, now }: CallContext,
  thing: Cluster | DbInstance,
  id: string | undefined,
  begins: number,
): number {
  if (id === undefined) return begins;
  const readyAt = begins + jittered(world, thing.durations.snapshot, 'final', state.account, id, now);
  addSnapshot(state, {
    family: 'instanceClass' in thing ? 'instance' : 'cluster',
    id,
    type: 'manual',
    contents: contentsOf(thing, now),
    takenAt: now,
    movesAt: begins,
    readyAt,
    tags: thing.copyTagsToSnapshot ? copiedTags(thing.tags) : {},
  });
  return readyAt;
}

/** By default automated snapshots go with their database. */
function dropAutomated({ rds }: RegionState, thing: Cluster | DbInstance, drop: boolean): void {
  if (!drop) return;
  for (const snapshot of rds.snapshots.values()) {
    if (snapshot.type === 'automated' && snapshot.contents.resourceId === thing.resourceId) {
      snapshot.goneAt = Math.min(snapshot.goneAt, thing.goneAt);
    }
  }
}

interface DeleteInstanceRequest {
  readonly DBInstanceIdentifier: string;
  readonly SkipFinalSnapshot?: boolean;
  readonly FinalDBSnapshotIdentifier?: string;
  readonly DeleteAutomatedBackups?: boolean;
}

/** DeleteDBInstance: of a cluster's member no snapshot is taken; the cluster stays, even without any. */
export function deleteInstance(context: CallContext, input: DeleteInstanceRequest): Output {
  const { world, state, now } = context;
  const instance = findInstance(context, input.DBInstanceIdentifier);
  const id = currentId(instance, now);
  const finalId = finalSnapshot(input);
  if (instance.cluster !== undefined && finalId !== undefined) {
    throw invalidCombination('A final snapshot cannot be taken of a DB instance that is a member of a DB cluster.');
  }
  const status = statusOf(instance, now);
  if (instance.deletedAt !== undefined) {
    throw rdsFault('InvalidDBInstanceStateFault', `Instance ${id} is already being deleted.`);
  }
  if (status === 'renaming') throw rdsFault('InvalidDBInstanceStateFault', `Instance ${id} is in the ${status} state.`);
  if (instance.deletionProtection) {
    throw invalidCombination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
  }
  if (finalId !== undefined && isTaken(context, 'instance', finalId)) throw snapshotExists(FAMILIES.instance, finalId);
  requireBeside(context, { finalSnapshot: finalId === undefined ? undefined : { of: 'instance', database: id, id: finalId } });
  context.changed();
  const begins = takeFinal(context, instance, finalId, now);
  instance.deletedAt = now;
  instance.goneAt = begins + jittered(world, instance.durations.deleteInstance, 'delete', instance.resourceId);
  if (instance.cluster === undefined) dropAutomated(state, instance, input.DeleteAutomatedBackups ?? true);
  state.rds.events.push({
    at: instance.goneAt,
    id: 'RDS-EVENT-0003',
    type: 'DB_INSTANCE',
    arn: rdsArn(state, 'db', id),
    source: id,
    categories: ['deletion'],
    message: 'DB instance deleted',
    tags: instance.tags,
    holds: () => true,
  });
  return { DBInstance: instanceOutput(context, instance) };
}
