import { page } from '../paging.ts';
import { drsDateTime } from '../wire-time.ts';
import { type CallContext, handler } from '../world/call-context.ts';
import { invalidToken, requireInitialised } from './faults.ts';
import { type Job, type JobServer, jobStatus } from './state.ts';

/** A Job as the API shows it now. */
export function jobView({ world, now }: CallContext, job: Job): Readonly<Record<string, unknown>> {
  const status = jobStatus(job, now);
  const completed = status === 'COMPLETED';
  const shown = completed && job.type === 'TERMINATE' ? [] : job.servers;
  return {
    jobID: job.id,
    arn: job.arn,
    type: job.type,
    initiatedBy: job.initiatedBy,
    creationDateTime: drsDateTime(job.createdAt),
    endDateTime: completed ? drsDateTime(job.endedAt) : undefined,
    status,
    participatingServers: shown.map((server) => ({
      sourceServerID: server.serverId,
      recoveryInstanceID:
        server.instanceId === undefined || now < server.endsAt || (completed && world.scenario.drs.omitFinishedInstanceIds)
          ? undefined
          : server.instanceId,
      launchStatus: launchStatus(server, now),
    })),
    tags: job.tags,
  };
}

/** PENDING all through snapshot and conversion: it jumps late. */
export function launchStatus(server: JobServer, now: number): string {
  return now >= server.endsAt ? server.outcome : now >= server.inProgressAt ? 'IN_PROGRESS' : 'PENDING';
}

interface DescribeJobsRequest {
  readonly filters?: { readonly jobIDs?: readonly string[]; readonly fromDate?: string; readonly toDate?: string };
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** Newest first; unknown ids are simply missing. */
export const describeJobs = handler<DescribeJobsRequest>((context, input) => {
  requireInitialised(context);
  const { world, state, now } = context;
  const ids = input.filters?.jobIDs;
  const from = input.filters?.fromDate === undefined ? Number.NEGATIVE_INFINITY : Date.parse(input.filters.fromDate);
  const to = input.filters?.toDate === undefined ? Number.POSITIVE_INFINITY : Date.parse(input.filters.toDate);
  const fitting = [...state.drs.jobs.values()]
    .filter(
      (job) =>
        visibleAt(context, job) <= now &&
        from <= job.createdAt &&
        job.createdAt <= to &&
        (ids === undefined || ids.length === 0 || ids.includes(job.id)),
    )
    .toSorted((a, b) => b.createdAt - a.createdAt);
  const { items, nextToken } = page(fitting, {
    listing: 'DescribeJobs',
    token: input.nextToken,
    size: Math.min(input.maxResults ?? world.scenario.pageSize, world.scenario.pageSize),
    invalidToken,
  });
  return { items: items.map((job) => jobView(context, job)), nextToken };
});

function visibleAt({ world, state, operation, now }: CallContext, job: Job): number {
  const lag = world.faults.standing(
    'visibility-lag',
    { service: 'drs', operation, account: state.account, region: state.region },
    now,
  );
  return job.createdAt + Math.max(world.scenario.drs.jobsVisibleAfter, lag?.effect.by ?? 0);
}

interface DescribeJobLogItemsRequest {
  readonly jobID: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** In order of time. A job that does not exist has no items. */
export const describeJobLogItems = handler<DescribeJobLogItemsRequest>((context, input) => {
  requireInitialised(context);
  const { world, state, now } = context;
  const log = (state.drs.jobs.get(input.jobID)?.log ?? []).filter((item) => item.at <= now);
  const { items, nextToken } = page(log, {
    listing: `DescribeJobLogItems/${input.jobID}`,
    token: input.nextToken,
    size: Math.min(input.maxResults ?? world.scenario.pageSize, world.scenario.pageSize),
    invalidToken,
  });
  return {
    items: items.map((item) => ({
      logDateTime: drsDateTime(item.at),
      event: item.event,
      eventData: {
        sourceServerID: item.serverId,
        conversionServerID: item.conversionServerId,
        targetInstanceID: item.targetInstanceId,
        rawError: item.rawError,
      },
    })),
    nextToken,
  };
});
