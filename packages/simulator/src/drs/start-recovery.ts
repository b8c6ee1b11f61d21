import { AwsFault } from '../aws-fault.ts';
import { type CallContext, handler } from '../world/call-context.ts';
import { makeInstance } from '../world/populate.ts';
import { jobArn, recoveryInstanceArn } from './arns.ts';
import { busy, notFound, quotaExceeded, requireInitialised } from './faults.ts';
import { forwardedRefusal } from './forwarded-calls.ts';
import { jobView } from './jobs.ts';
import { type LaunchCase, type LaunchTimeline, launchTimeline } from './launch-timeline.ts';
import { recoverySnapshots } from './recovery-snapshots.ts';
import { newestDataAt } from './replication.ts';
import { currentRecoveryInstance, isActive, type Job, type RecoveryInstance, type SourceServer } from './state.ts';

interface StartRecoveryRequest {
  readonly sourceServers: readonly { readonly sourceServerID: string; readonly recoverySnapshotID?: string }[];
  /** Absent means false: a real recovery. */
  readonly isDrill?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

export const startRecovery = handler<StartRecoveryRequest>((context, input) => {
  requireInitialised(context);
  const servers = input.sourceServers.map(({ sourceServerID }) => {
    const server = context.state.drs.servers.get(sourceServerID);
    if (server === undefined) throw notFound('SourceServer', sourceServerID);
    return server;
  });
  if (new Set(servers).size < servers.length) {
    throw new AwsFault('ValidationException', 400, 'A Source Server is listed more than once', { reason: 'other' });
  }
  checkQuotas(context, servers.length);
  for (const { spec } of servers) requireFree(context, spec.id);

  const { world, state, now } = context;
  const isDrill = input.isDrill ?? false;
  const id = newJobId(context);
  const cases = servers.map((server, index) => launchCase(context, server, input.sourceServers[index]?.recoverySnapshotID));
  const timeline = launchTimeline(id, now, cases, world.random, world.scenario.jitter);
  const job: Job = {
    id,
    arn: jobArn(state, id),
    type: 'LAUNCH',
    initiatedBy: isDrill ? 'START_DRILL' : 'START_RECOVERY',
    createdAt: now,
    startedAt: timeline.startedAt,
    endedAt: timeline.endedAt,
    servers: timeline.servers,
    log: timeline.log,
    tags: input.tags ?? {},
  };
  state.drs.jobs.set(id, job);
  servers.forEach((server, index) => {
    server.launches += 1;
    server.lastLaunch = { jobId: id, at: now, isDrill };
    const course = timeline.servers[index];
    if (course === undefined) return;
    cleanOld(context, server, course);
    if (course.instanceId !== undefined) {
      addLaunched(context, server, course, {
        jobId: id,
        isDrill,
        instanceId: course.instanceId,
        pinned: input.sourceServers[index]?.recoverySnapshotID,
      });
    }
  });
  convertInStagingAccounts(context, job, servers);
  context.changed();
  return { job: jobView(context, job) };
});

/** Refuses with the quota's code: jobs, servers in one job, servers in all jobs. TERMINATE jobs and other people's count. */
export function checkQuotas({ world, state, now }: CallContext, servers: number): void {
  const { quotas } = world.scenario.drs;
  if (servers > quotas.serversInJob) {
    throw quotaExceeded(`Maximum number of source servers in a single Job exceeded: ${quotas.serversInJob}`, 'L-B827C881');
  }
  const active = [...state.drs.jobs.values()].filter((job) => isActive(job, now));
  if (active.length >= quotas.jobs) {
    throw quotaExceeded(`Maximum number of concurrent jobs in progress exceeded: ${quotas.jobs}`, 'L-D88FAC3A');
  }
  const busyServers = active.reduce((sum, job) => sum + job.servers.length, 0);
  if (busyServers + servers > quotas.serversInJobs) {
    throw quotaExceeded(`Maximum number of source servers in all Jobs exceeded: ${quotas.serversInJobs}`, 'L-05AFA8C6');
  }
}

/** One job a server, of whatever kind. */
export function requireFree({ state, now }: CallContext, serverId: string): void {
  for (const job of state.drs.jobs.values()) {
    if (isActive(job, now) && job.servers.some((server) => server.serverId === serverId)) throw busy(serverId);
  }
}

export function newJobId({ world, state }: CallContext): string {
  const given = world.scenario.drs.jobIds.find((id) => world.regions.every((other) => !other.drs.jobs.has(id)));
  return given ?? `drsjob-5${world.random.hex(16, 'job', state.account, state.region, state.drs.jobs.size)}`;
}

function launchCase(context: CallContext, server: SourceServer, snapshotId: string | undefined): LaunchCase {
  const { world, state } = context;
  const { spec } = server;
  const label = [state.account, spec.id, server.launches] as const;
  return {
    spec,
    instanceId: spec.instanceIds[server.launches] ?? `i-0${world.random.hex(16, 'instance', ...label)}`,
    conversionServerId: `i-0${world.random.hex(16, 'conversion', ...label)}`,
    replaces: replaceable(context, spec.id) !== undefined,
    pinned: snapshotId !== undefined,
    failure: failureOf(context, server, snapshotId),
  };
}

function failureOf(context: CallContext, server: SourceServer, snapshotId: string | undefined): LaunchCase['failure'] {
  const { world, now, state } = context;
  const { spec } = server;
  const injected = world.faults.take(
    'launch-fails',
    {
      service: 'drs',
      operation: 'StartRecovery',
      account: state.account,
      region: state.region,
      concerns: (name) => name === spec.id || name === spec.hostname,
    },
    now,
  );
  if (injected !== undefined) return { phase: injected.phase, rawError: injected.rawError };
  if (spec.fails !== undefined) return spec.fails;
  if (spec.staging?.status === 'EXTENSION_ERROR') {
    return { phase: 'skipped', rawError: spec.staging.error ?? 'The extended source server is in error' };
  }
  if (snapshotId !== undefined) {
    const taken = recoverySnapshots(world, server, now).some(
      (snapshot) => snapshot.id === snapshotId && snapshot.takenAt !== undefined,
    );
    if (!taken) return { phase: 'pinned', rawError: `Recovery snapshot ${snapshotId} does not exist` };
  } else if (spec.state === 'STOPPED' || spec.state === 'INITIATING' || spec.state === 'INITIAL_SYNC') {
    return { phase: 'snapshot', rawError: `No recovery snapshot exists: replication is ${spec.state}` };
  }
  // DRS launches with its caller's own permissions: without one of them the job is accepted and each server fails, after the conversion.
  const uncleaned = replaceable(context, spec.id) === undefined ? undefined : forwardedRefusal(context, 'clean-up');
  if (uncleaned !== undefined) return { phase: 'cleanup', rawError: uncleaned };
  const refused = forwardedRefusal(context, 'launch');
  return refused === undefined ? undefined : { phase: 'launch', rawError: refused };
}

/** The recovery instance that a launch destroys: one that was disconnected from DRS is left alone. */
function replaceable({ state, now }: CallContext, serverId: string): RecoveryInstance | undefined {
  const current = currentRecoveryInstance(state.drs, serverId, now);
  return current?.disconnectedAt === undefined ? current : undefined;
}

type Course = LaunchTimeline['servers'][number];

/** Whatever was launched for the server before is really destroyed, be it a drill's or production. */
function cleanOld(context: CallContext, server: SourceServer, course: Course): void {
  const { state } = context;
  const old = replaceable(context, server.spec.id);
  if (old === undefined || course.cleanedAt <= course.cleanedFrom) return;
  old.until = course.cleanedAt;
  const instance = state.instances.get(old.id);
  if (instance !== undefined) {
    instance.terminatingAt = course.cleanedFrom;
    instance.terminatedAt = course.cleanedAt;
  }
}

function addLaunched(
  { world, state, now }: CallContext,
  server: SourceServer,
  course: Course,
  launch: { readonly jobId: string; readonly isDrill: boolean; readonly instanceId: string; readonly pinned: string | undefined },
): void {
  const pinned =
    launch.pinned === undefined ? undefined : recoverySnapshots(world, server, now).find(({ id }) => id === launch.pinned);
  state.instances.set(launch.instanceId, makeInstance(world, server.spec, launch.instanceId, course.endsAt));
  state.drs.recoveryInstances.push({
    id: launch.instanceId,
    arn: recoveryInstanceArn(state, launch.instanceId),
    serverId: server.spec.id,
    jobId: launch.jobId,
    isDrill: launch.isDrill,
    from: course.endsAt,
    until: Number.POSITIVE_INFINITY,
    disconnectedAt: undefined,
    pointInTime: pinned?.takenAt ?? newestDataAt(world, server, course.snapshotAt),
    tags: {},
  });
}

/** For extended servers the staging account converts the snapshot in a job of its own. */
function convertInStagingAccounts({ world, state }: CallContext, job: Job, servers: readonly SourceServer[]): void {
  const extended = servers.filter(({ spec }) => spec.staging?.status === 'EXTENDED' && spec.staging.account !== state.account);
  for (const account of new Set(extended.map(({ spec }) => spec.staging?.account ?? ''))) {
    const theirs = world.region(account, state.region);
    if (!theirs.drs.initialised) continue;
    const id = `drsjob-3${world.random.hex(16, 'conversion-job', account, job.id)}`;
    const mine = extended.filter(({ spec }) => spec.staging?.account === account).map(({ spec }) => spec.id);
    const endedAt = Math.min(
      ...job.servers.filter((server) => mine.includes(server.serverId)).map((server) => server.inProgressAt),
    );
    theirs.drs.jobs.set(id, {
      id,
      arn: jobArn(theirs, id),
      type: 'CREATE_CONVERTED_SNAPSHOT',
      initiatedBy: 'TARGET_ACCOUNT',
      createdAt: job.startedAt,
      startedAt: job.startedAt + 400,
      endedAt,
      servers: [],
      log: [
        { at: job.startedAt + 400, event: 'JOB_START' },
        { at: endedAt, event: 'JOB_END' },
      ],
      tags: {},
    });
  }
}
