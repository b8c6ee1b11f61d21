import { page } from '../paging.ts';
import { drsDateTime } from '../wire-time.ts';
import { type CallContext, handler } from '../world/call-context.ts';
import { instanceState } from '../world/instance.ts';
import { jobArn } from './arns.ts';
import { conflict, invalidToken, notFound, requireInitialised } from './faults.ts';
import { forwardedRefusal } from './forwarded-calls.ts';
import { jobView } from './jobs.ts';
import { checkQuotas, newJobId, requireFree } from './start-recovery.ts';
import type { Job, RecoveryInstance } from './state.ts';

interface DescribeRecoveryInstancesRequest {
  readonly filters?: { readonly recoveryInstanceIDs?: readonly string[]; readonly sourceServerIDs?: readonly string[] };
  readonly maxResults?: number;
  readonly nextToken?: string;
}

export const describeRecoveryInstances = handler<DescribeRecoveryInstancesRequest>((context, input) => {
  requireInitialised(context);
  const { world, state, operation, now } = context;
  const ids = input.filters?.recoveryInstanceIDs;
  const servers = input.filters?.sourceServerIDs;
  const lag = world.faults.standing(
    'visibility-lag',
    { service: 'drs', operation, account: state.account, region: state.region },
    now,
  );
  const fitting = state.drs.recoveryInstances.filter(
    (ri) =>
      ri.from + (lag?.effect.by ?? 0) <= now &&
      now < ri.until &&
      (ids === undefined || ids.length === 0 || ids.includes(ri.id)) &&
      (servers === undefined || servers.length === 0 || servers.includes(ri.serverId)),
  );
  const { items, nextToken } = page(fitting, {
    listing: 'DescribeRecoveryInstances',
    token: input.nextToken,
    size: Math.min(input.maxResults ?? world.scenario.pageSize, world.scenario.pageSize),
    invalidToken,
  });
  return { items: items.map((ri) => view(context, ri)), nextToken };
});

function view({ world, state, now }: CallContext, ri: RecoveryInstance): Readonly<Record<string, unknown>> {
  const instance = state.instances.get(ri.id);
  const ec2 = instance === undefined ? undefined : instanceState(instance, now);
  const server = state.drs.servers.get(ri.serverId);
  return {
    recoveryInstanceID: ri.id,
    ec2InstanceID: ri.id,
    ec2InstanceState: ec2 === undefined ? 'NOT_FOUND' : ec2.toUpperCase(),
    jobID: ri.jobId,
    sourceServerID: ri.serverId,
    arn: ri.arn,
    tags: ri.tags,
    isDrill: ri.isDrill,
    pointInTimeSnapshotDateTime: drsDateTime(ri.pointInTime),
    originEnvironment: 'ON_PREMISES',
    failback: { state: 'FAILBACK_NOT_STARTED' },
    dataReplicationInfo: { dataReplicationState: ri.disconnectedAt === undefined ? 'NOT_STARTED' : 'DISCONNECTED' },
    recoveryInstanceProperties: {
      lastUpdatedDateTime: drsDateTime(ri.from),
      identificationHints: { fqdn: server?.spec.fqdn, hostname: server?.spec.hostname, awsInstanceID: ri.id },
      disks: [
        {
          internalDeviceName: '/dev/nvme0n1',
          bytes: server?.spec.diskBytes,
          ebsVolumeID: `vol-0${world.random.hex(16, 'volume', ri.id)}`,
        },
      ],
      os: { fullString: server?.spec.os },
    },
  };
}

function existing(context: CallContext, id: string): RecoveryInstance {
  const { state, now } = context;
  const found = state.drs.recoveryInstances.find((ri) => ri.id === id && ri.from <= now && now < ri.until);
  if (found === undefined) throw notFound('RecoveryInstance', id);
  return found;
}

/** A job like any other: it takes a slot, locks the servers, and lists nobody once it has ended. */
export const terminateRecoveryInstances = handler<{ readonly recoveryInstanceIDs: readonly string[] }>((context, input) => {
  requireInitialised(context);
  const { world, state, now } = context;
  const instances = [...new Set(input.recoveryInstanceIDs)].map((id) => existing(context, id));
  checkQuotas(context, instances.length);
  for (const ri of instances) requireFree(context, ri.serverId);
  const id = newJobId(context);
  const startedAt = now + world.scenario.drs.durations.jobStart;
  const servers = instances.map((ri) => {
    const duration = state.drs.servers.get(ri.serverId)?.spec.durations.terminate ?? world.scenario.drs.durations.terminate;
    const jitter = 1 + world.scenario.jitter * (2 * world.random.fraction('terminate', id, ri.id) - 1);
    return { ri, from: startedAt + 400, to: startedAt + 400 + duration * jitter };
  });
  const endedAt = Math.max(...servers.map((server) => server.to)) + 500;
  // As a launch, a clean-up works in EC2 with its caller's permissions: without one of them the instances stay.
  const refused = forwardedRefusal(context, 'clean-up');
  const job: Job = {
    id,
    arn: jobArn(state, id),
    type: 'TERMINATE',
    initiatedBy: 'TERMINATE_RECOVERY_INSTANCES',
    createdAt: now,
    startedAt,
    endedAt,
    servers: servers.map(({ ri, from, to }) => ({
      serverId: ri.serverId,
      inProgressAt: from,
      endsAt: to,
      outcome: refused === undefined ? 'TERMINATED' : 'FAILED',
      instanceId: ri.id,
    })),
    log: [
      { at: startedAt, event: 'JOB_START' },
      ...servers.flatMap(({ ri, from, to }) => [
        { at: from, event: 'CLEANUP_START', serverId: ri.serverId },
        refused === undefined
          ? { at: to, event: 'CLEANUP_END', serverId: ri.serverId }
          : { at: to, event: 'CLEANUP_FAIL', serverId: ri.serverId, rawError: refused },
      ]),
      { at: endedAt + 26, event: 'JOB_END' },
    ].toSorted((a, b) => a.at - b.at),
    tags: {},
  };
  state.drs.jobs.set(id, job);
  for (const { ri, from, to } of refused === undefined ? servers : []) {
    ri.until = to;
    const instance = state.instances.get(ri.id);
    if (instance !== undefined) {
      instance.terminatingAt = from;
      instance.terminatedAt = to;
    }
  }
  context.changed();
  return { job: jobView(context, job) };
});

/** Keeps the EC2 instance; only its record in DRS changes. */
export const disconnectRecoveryInstance = handler<{ readonly recoveryInstanceID: string }>((context, input) => {
  requireInitialised(context);
  const ri = existing(context, input.recoveryInstanceID);
  requireFree(context, ri.serverId);
  ri.disconnectedAt ??= context.now;
  context.changed();
  return {};
});

/** Keeps the EC2 instance; DRS forgets it. It must have been disconnected before. */
export const deleteRecoveryInstance = handler<{ readonly recoveryInstanceID: string }>((context, input) => {
  requireInitialised(context);
  const ri = existing(context, input.recoveryInstanceID);
  if (ri.disconnectedAt === undefined) {
    throw conflict('Recovery Instance must be disconnected before it can be deleted', ri.id, 'RecoveryInstance');
  }
  ri.until = context.now;
  context.changed();
  return {};
});
