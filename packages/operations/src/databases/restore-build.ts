import type { RdsCluster, RdsInstance } from '@breakwater/aws';
import type { Advance, OperationContext } from '@breakwater/engine';
import { DATABASE_TAGS } from './contracts.ts';
import { clusterStanding, instanceStanding, untilNextDatabaseLook } from './database-standing.ts';
import { suffixed } from './restore-names.ts';
import { instanceRequest, restoreRequest } from './restore-settings.ts';
import { OWNER, RESTORE_TAGS, type RestoreState } from './restore-state.ts';
import type { Standing } from './swap-moves.ts';

export const RESTORE_CLUSTER = 'rds:RestoreDBClusterFromSnapshot';
const CREATE_INSTANCE = 'rds:CreateDBInstance';

/** Sends the restore. That the cluster comes to stand there, with our tags, is what the next looks say. */
export async function restoreCluster(state: RestoreState, context: OperationContext): Promise<Advance> {
  const { names, snapshot, design, request, deed } = state;
  if (snapshot === undefined || design === undefined) return { state: 'waiting', note: 'preparing', lookAgainIn: 0 };
  if (state.justSent(state.keyOf(RESTORE_CLUSTER, names.build))) {
    return { state: 'waiting', note: `cluster ${names.build} is not visible yet`, lookAgainIn: 5_000 };
  }
  const wantsSql = request.users !== undefined || (request.checks ?? []).length > 0;
  const dataApi = design.settings.httpEndpoint === true || (wantsSql && request.connection !== 'direct');
  const sent = restoreRequest(design, {
    id: names.build,
    snapshot: snapshot.reference,
    engine: snapshot.engine,
    engineVersion: snapshot.engineVersion,
    kmsKeyId: request.kmsKeyId,
    tags: {
      ...state.ownTags(),
      [RESTORE_TAGS.snapshot]: snapshot.arn,
      [RESTORE_TAGS.request]: state.mark,
      [RESTORE_TAGS.members]: String(design.members.length),
      [RESTORE_TAGS.dataApi]: String(dataApi),
      ...(snapshot.sourceArn === undefined ? {} : { [DATABASE_TAGS.sourceArn]: snapshot.sourceArn }),
      ...(snapshot.time === undefined ? {} : { [DATABASE_TAGS.sourceTime]: new Date(snapshot.time).toISOString() }),
    },
  });
  state.restoreSent = deed.clock.now();
  return state.change(
    context,
    {
      operation: RESTORE_CLUSTER,
      id: names.build,
      note: `cluster ${names.build} is being restored`,
      detail: { snapshot: snapshot.arn, engineVersion: snapshot.engineVersion },
    },
    () => state.rds.restoreCluster(sent),
  );
}

/** Creates the instances that lack, the writer first; nothing when all are there. AWS gives a restored cluster none. */
export async function createMembers(
  state: RestoreState,
  { cluster, instances }: Standing,
  context: OperationContext,
): Promise<Advance | undefined> {
  const wanted = Number(cluster.tags[RESTORE_TAGS.members] ?? state.design?.members.length ?? 1);
  if (instances.length >= wanted) return undefined;
  const unusable = failedCluster(state, cluster);
  if (unusable !== undefined) return unusable;
  if (cluster.status !== 'available') return waitingFor(state, cluster, `cluster ${cluster.id} is ${cluster.status}`);
  const { names, strategy, design } = state;
  if (design === undefined) return undefined;
  for (const member of design.members) {
    const id = strategy === 'swap' ? suffixed(member.name, names.newSuffix) : member.name;
    if (instances.some((instance) => instance.id === id)) continue;
    if (state.justSent(state.keyOf(CREATE_INSTANCE, id))) continue;
    const holder = await foreignHolder(state, id, cluster.id);
    if (holder !== undefined) return holder;
    const request = instanceRequest(member, { id, cluster: cluster.id, engine: cluster.engine, tags: state.ownTags() });
    const sent = await state.change(context, { operation: CREATE_INSTANCE, id, note: `instance ${id} is being created` }, () =>
      state.rds.createClusterInstance(request),
    );
    // None of them waits for another.
    return sent.state === 'waiting' && state.justSent(state.keyOf(CREATE_INSTANCE, id)) ? { ...sent, lookAgainIn: 0 } : sent;
  }
  return { state: 'waiting', note: 'the instances are not visible yet', lookAgainIn: 5_000 };
}

/** An instance of that name elsewhere: one that is being deleted will make room, any other will not. */
async function foreignHolder(state: RestoreState, id: string, cluster: string): Promise<Advance | undefined> {
  const [holder] = await state.rds.describeInstances({ id });
  if (holder === undefined || holder.cluster === cluster) return undefined;
  if (holder.status === 'deleting') {
    return { state: 'waiting', note: `the old instance ${id} is being deleted`, lookAgainIn: 10_000 };
  }
  return state.fail(
    'cluster-exists',
    `an instance "${id}" belongs to ${holder.cluster === undefined ? 'no cluster' : `cluster "${holder.cluster}"`}, and "${cluster}" needs that name`,
    'Rename that instance, then run the same step again: the restored cluster is kept and adopted.',
  );
}

/** Nothing once the cluster can be connected to: it is available, its writer is, and it has an endpoint. Readers that failed are told. */
export async function awaitUsable(
  state: RestoreState,
  { cluster, instances }: Standing,
  context: OperationContext,
): Promise<Advance | undefined> {
  const unusable = failedCluster(state, cluster);
  if (unusable !== undefined) return unusable;
  const writer = cluster.members.find((member) => member.writer)?.instance;
  const failed = instances.filter(({ status }) => instanceStanding(status) === 'failed');
  const fatal = failed.find(({ id }) => id === writer || instances.length === failed.length);
  if (fatal !== undefined || (failed.length > 0 && state.strategy === 'swap')) {
    return state.fail(
      'restore-failed',
      `${(fatal === undefined ? failed : [fatal]).map(({ id, status }) => `instance ${id} is ${status}`).join(', ')}`,
      `Look at its events in the RDS console (${state.site.site.region}). Delete cluster ${cluster.id}, which is this execution's, before the next try.`,
    );
  }
  for (const { id, status } of failed) await state.lose(context, `reader ${id} of ${cluster.id} is ${status}`);
  const waits = waitsOf(cluster, instances, writer);
  return waits === undefined ? undefined : waitingFor(state, cluster, waits);
}

function waitsOf(cluster: RdsCluster, instances: readonly RdsInstance[], writer: string | undefined): string | undefined {
  if (clusterStanding(cluster.status) !== 'available') return `cluster ${cluster.id} is ${cluster.status}`;
  if (writer === undefined) return `cluster ${cluster.id} has no writer yet`;
  const slow = instances.find(({ status }) => instanceStanding(status) === 'underway');
  if (slow !== undefined) return `instance ${slow.id} is ${slow.status}`;
  return cluster.endpoint === undefined ? `cluster ${cluster.id} has no endpoint yet` : undefined;
}

export function failedCluster(state: RestoreState, cluster: RdsCluster): Advance | undefined {
  if (clusterStanding(cluster.status) !== 'failed') return undefined;
  return state.fail(
    'restore-failed',
    `cluster ${cluster.id} is ${cluster.status}`,
    `Look at its events in the RDS console (${state.site.site.region}). If it cannot be mended, delete it, which is ${OWNER}'s, and run the same step again.`,
  );
}

export function waitingFor(state: RestoreState, cluster: RdsCluster, note: string): Advance {
  const now = state.deed.clock.now();
  // What was sent last is what is waited for: a new password takes seconds, instances minutes, the cluster itself many of them.
  const since = Math.max(state.lastSent ?? 0, cluster.createdAt ?? 0) || now;
  return { state: 'waiting', note, lookAgainIn: untilNextDatabaseLook(now - since) };
}
