import type { RdsInstance } from '@breakwater/aws';
import type { Advance, OperationContext } from '@breakwater/engine';
import { DATABASE_TAGS } from './contracts.ts';
import { databaseStanding, instanceStanding, untilNextDatabaseLook } from './database-standing.ts';
import { instanceWishes } from './instance-settings.ts';
import type { LiveDatabase } from './live-database.ts';
import { suffixed } from './restore-names.ts';
import { instanceRequest, pointRequest, type RestoreDesign, restoreRequest, tagsLeftOut } from './restore-settings.ts';
import { OWNER, RESTORE_TAGS, type RestoreOrigin, type RestoreState } from './restore-state.ts';
import type { Standing } from './swap-moves.ts';

const CREATE_INSTANCE = 'rds:CreateDBInstance';
const MONITOR = 'rds:ModifyDBInstance(Monitoring)';

/** Sends the restore. That the database comes to stand there, with our tags, is what the next looks say. */
export async function sendRestore(state: RestoreState, context: OperationContext): Promise<Advance> {
  const { names, origin, design, deed, noun } = state;
  if (origin === undefined || design === undefined) return { state: 'waiting', note: 'preparing', lookAgainIn: 0 };
  if (state.justSent(state.keyOf(state.restoring, names.build))) {
    return { state: 'waiting', note: `${noun} ${names.build} is not visible yet`, lookAgainIn: 5_000 };
  }
  const tags = { ...state.ownTags(), [RESTORE_TAGS.request]: state.mark, ...originTags(origin), ...designTags(state, design) };
  const leftOut = tagsLeftOut(design.settings.tags, tags);
  if (leftOut > 0)
    await state.lose(context, `${leftOut} tags of ${names.target} do not fit beside those of Breakwater: AWS takes 50`);
  state.restoreSent = deed.clock.now();
  return state.change(
    context,
    {
      operation: state.restoring,
      id: names.build,
      note: `${noun} ${names.build} is being restored`,
      detail:
        origin.kind === 'snapshot'
          ? { snapshot: origin.arn, engineVersion: origin.engineVersion }
          : { pointInTime: new Date(origin.time).toISOString(), source: origin.arn },
    },
    () => send(state, design, origin, tags),
    (error) => state.fail(error.code, error.message, `${error.next}${withoutTheOld(state)}`),
  );
}

/** When the restore is refused after a deletion, whoever reads it must know how things stand: there is no database under the name. */
function withoutTheOld({ strategy, against, names, noun, finalSnapshot }: RestoreState): string {
  if (strategy !== 'replace' || (against === 'nothing' && finalSnapshot === undefined)) return '';
  const back = finalSnapshot === undefined ? '' : `, and ${finalSnapshot} is its final snapshot`;
  return ` The old ${noun} "${names.target}" is gone${back}. Correct what was refused and run the same step again: it restores at once.`;
}

type Tags = Readonly<Record<string, string>>;

function send({ rds, names, request }: RestoreState, design: RestoreDesign, origin: RestoreOrigin, tags: Tags): Promise<unknown> {
  const { kmsKeyId } = request;
  const id = names.build;
  if (design.kind === 'instance') {
    const wishes = instanceWishes(design, { id, tags });
    return origin.kind === 'snapshot'
      ? rds.restoreInstance({ ...wishes, snapshot: origin.reference })
      : rds.restoreInstanceToPoint({ ...wishes, source: origin.source, time: origin.wanted });
  }
  if (origin.kind === 'point') {
    return rds.restoreClusterToPoint(pointRequest(design, { id, source: origin.source, time: origin.wanted, kmsKeyId, tags }));
  }
  const { reference: snapshot, engine, engineVersion } = origin;
  return rds.restoreCluster(restoreRequest(design, { id, snapshot, engine, engineVersion, kmsKeyId, tags }));
}

function originTags(origin: RestoreOrigin): Tags {
  const { time } = origin;
  const taken: Tags = time === undefined ? {} : { [DATABASE_TAGS.sourceTime]: new Date(time).toISOString() };
  if (origin.kind === 'point') return { [RESTORE_TAGS.point]: origin.arn, ...taken };
  const { sourceArn } = origin;
  return {
    [RESTORE_TAGS.snapshot]: origin.arn,
    ...(sourceArn === undefined ? {} : { [DATABASE_TAGS.sourceArn]: sourceArn }),
    ...taken,
  };
}

/** What a process that comes later must know, even if nobody can say any more how the source looked. */
function designTags({ request }: RestoreState, design: RestoreDesign): Tags {
  if (design.kind === 'instance') {
    const { performanceInsights, monitoringInterval = 0, monitoringRoleArn } = design.settings;
    const monitored = monitoringInterval > 0 && monitoringRoleArn !== undefined;
    return {
      ...(performanceInsights === true ? { [RESTORE_TAGS.insights]: 'true' } : {}),
      ...(monitored ? { [RESTORE_TAGS.monitoring]: `${monitoringInterval} ${monitoringRoleArn}` } : {}),
    };
  }
  const wantsSql = request.users !== undefined || (request.checks ?? []).length > 0;
  const dataApi = design.settings.httpEndpoint === true || (wantsSql && request.connection !== 'direct');
  return { [RESTORE_TAGS.members]: String(design.members.length), [RESTORE_TAGS.dataApi]: String(dataApi) };
}

/** Creates the instances that lack, the writer first; nothing when all are there. AWS gives a restored cluster none. */
export async function createMembers(
  state: RestoreState,
  { database: cluster, instances }: Standing,
  context: OperationContext,
): Promise<Advance | undefined> {
  if (instances.length >= membersOf(cluster)) return undefined;
  const unusable = failedDatabase(state, cluster);
  if (unusable !== undefined) return unusable;
  if (cluster.status !== 'available') return waitingFor(state, cluster, `cluster ${cluster.id} is ${cluster.status}`);
  const { names, strategy, design } = state;
  if (design?.kind !== 'cluster') return undefined;
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

/** How many instances a restored database shall have beside itself. */
export function membersOf({ kind, tags }: LiveDatabase): number {
  return kind === 'instance' ? 0 : Number(tags[RESTORE_TAGS.members] ?? 1);
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

/** Nothing once it can be connected to: it is available, a cluster's writer too, and it has an endpoint. Readers that failed are told. */
export async function awaitUsable(
  state: RestoreState,
  { database, instances }: Standing,
  context: OperationContext,
): Promise<Advance | undefined> {
  const unusable = failedDatabase(state, database);
  if (unusable !== undefined) return unusable;
  const writer = database.members.find((member) => member.writer)?.instance;
  const failed = instances.filter(({ status }) => instanceStanding(status) === 'failed');
  const fatal = failed.find(({ id }) => id === writer || instances.length === failed.length);
  if (fatal !== undefined || (failed.length > 0 && state.strategy === 'swap')) {
    return state.fail(
      'restore-failed',
      `${(fatal === undefined ? failed : [fatal]).map(({ id, status }) => `instance ${id} is ${status}`).join(', ')}`,
      `Look at its events in the RDS console (${state.site.site.region}). Delete ${state.noun} ${database.id}, which is this execution's, before the next try.`,
    );
  }
  for (const { id, status } of failed) await state.lose(context, `reader ${id} of ${database.id} is ${status}`);
  const waits = waitsOf(database, instances, writer);
  return waits === undefined ? undefined : waitingFor(state, database, waits);
}

function waitsOf(database: LiveDatabase, instances: readonly RdsInstance[], writer: string | undefined): string | undefined {
  const { kind, id } = database;
  if (databaseStanding(database) !== 'available') return `${kind} ${id} is ${database.status}`;
  if (kind === 'cluster' && writer === undefined) return `cluster ${id} has no writer yet`;
  const slow = instances.find(({ status }) => instanceStanding(status) === 'underway');
  if (slow !== undefined) return `instance ${slow.id} is ${slow.status}`;
  return database.endpoint === undefined ? `${kind} ${id} has no endpoint yet` : undefined;
}

/** Sets what the restore of an instance does not take; nothing once it is. What AWS refuses is told: the data does not hang on it. */
export async function setMonitoring(
  state: RestoreState,
  { id, kind, tags, monitoring }: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  const key = state.keyOf(MONITOR, id);
  if (kind === 'cluster' || state.done.has('monitoring')) return undefined;
  const [seconds, monitoringRoleArn] = (tags[RESTORE_TAGS.monitoring] ?? '').split(' ');
  const insights = tags[RESTORE_TAGS.insights] === 'true' && monitoring?.performanceInsights !== true;
  const enhanced = Number(seconds) > 0 && monitoring?.monitoringInterval !== Number(seconds);
  if (!insights && !enhanced) return undefined;
  const advance = await state.change(
    context,
    { operation: MONITOR, id, note: `monitoring of ${id} is being set` },
    () =>
      state.rds.modifyInstance({
        id,
        ...(insights ? { performanceInsights: true } : {}),
        ...(enhanced && monitoringRoleArn !== undefined ? { monitoringInterval: Number(seconds), monitoringRoleArn } : {}),
      }),
    (error) => {
      state.done.add('monitoring');
      state.losses.push({ code: 'degraded', message: `monitoring of ${id} was not set: ${error.message}`, next: error.next });
      return { state: 'waiting', note: error.message, lookAgainIn: 0 };
    },
  );
  if (state.justSent(key)) state.done.add('monitoring');
  return advance;
}

export function failedDatabase(state: RestoreState, database: LiveDatabase): Advance | undefined {
  if (databaseStanding(database) !== 'failed') return undefined;
  return state.fail(
    'restore-failed',
    `${database.kind} ${database.id} is ${database.status}`,
    `Look at its events in the RDS console (${state.site.site.region}). If it cannot be mended, delete it, which is ${OWNER}'s, and run the same step again.`,
  );
}

export function waitingFor(state: RestoreState, { createdAt }: LiveDatabase, note: string): Advance {
  const now = state.deed.clock.now();
  // What was sent last is what is waited for: a new password takes seconds, instances minutes, the cluster itself many of them.
  const since = Math.max(state.lastSent ?? 0, createdAt ?? 0) || now;
  return { state: 'waiting', note, lookAgainIn: untilNextDatabaseLook(now - since) };
}
