import type { Job, RecoveryInstance, SourceServer } from '@aws-sdk/client-drs';
import { AwsError, InternalError, parseIsoDuration } from '@breakwater/core';
import DataLoader from 'dataloader';
import { type CallContext, callLabel } from './call-context.ts';
import type { DrsGateway, DrsJob, DrsJobLogItem, DrsRecoveryInstance, DrsRecoverySnapshot, DrsSourceServer } from './gateways.ts';
import { chunksOf } from './paging.ts';
import { isoMoment, moment, newestFirst, tagsOfMap } from './parse.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./drs-client.ts');
type Client = InstanceType<Sdk['DrsClient']>;

/** Most ids a filter takes, by the service model. An empty filter list means "all" to DRS, so it is never sent. */
const SOURCE_SERVER_FILTER = 200;
const RECOVERY_INSTANCE_FILTER = 200;
const JOB_FILTER = 1_000;
/** Most members of one change, by the service model; the quota of a job is lower. */
const LARGEST_CHANGE = 200;

/** DRS at one site. Source of the shapes and limits: the service's API reference, version 2020-02-26. */
export function drsGateway(surroundings: Surroundings, place: Omit<Place, 'service'>): DrsGateway {
  const drs = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'drs' },
    () => import('./drs-client.ts'),
    (sdk, settings) => new sdk.DrsClient(settings),
  );

  const jobsWhere = (filters: { jobIDs?: string[]; fromDate?: string }) =>
    drs.everyItem('DescribeJobs', async (sdk, client, nextToken, options) => {
      const page = await client.send(new sdk.DescribeJobsCommand({ filters, ...after(nextToken) }), options);
      return { items: page.items ?? [], nextToken: page.nextToken };
    });

  // All jobs that anybody asks for at one moment of the run's clock go into one request.
  const jobsById = new DataLoader<string, DrsJob | undefined>(
    async (ids) => {
      const found = new Map<string, DrsJob>();
      for await (const item of jobsWhere({ jobIDs: [...new Set(ids)] })) {
        const job = toJob(item);
        if (job !== undefined) found.set(job.id, job);
      }
      return ids.map((id) => found.get(id));
    },
    { cache: false, maxBatchSize: JOB_FILTER, batchScheduleFn: (send) => void surroundings.clock.sleep(0).then(send) },
  );

  return {
    async describeSourceServers(ids) {
      const filters = ids === undefined ? [undefined] : chunksOf([...new Set(ids)], SOURCE_SERVER_FILTER);
      const servers: DrsSourceServer[] = [];
      for (const sourceServerIDs of filters) {
        const items = drs.everyItem('DescribeSourceServers', async (sdk, client, nextToken, options) => {
          const input = { ...after(nextToken), filters: sourceServerIDs === undefined ? {} : { sourceServerIDs } };
          const page = await client.send(new sdk.DescribeSourceServersCommand(input), options);
          return { items: page.items ?? [], nextToken: page.nextToken };
        });
        for await (const item of items) {
          const server = toSourceServer(item);
          if (server !== undefined) servers.push(server);
        }
      }
      return servers;
    },

    async describeRecoverySnapshots(sourceServerID, { notAfter, limit = Number.POSITIVE_INFINITY } = {}) {
      const until = notAfter === undefined ? {} : { filters: { toDateTime: isoMoment(notAfter) } };
      const items = drs.everyItem('DescribeRecoverySnapshots', async (sdk, client, nextToken, options) => {
        const input = { sourceServerID, order: 'DESC', ...until, ...after(nextToken) } as const;
        const page = await client.send(new sdk.DescribeRecoverySnapshotsCommand(input), options);
        return { items: page.items ?? [], nextToken: page.nextToken };
      });
      const snapshots: DrsRecoverySnapshot[] = [];
      let taken = 0;
      for await (const item of items) {
        const takenAt = moment(item.timestamp);
        if (item.snapshotID === undefined) continue;
        if (takenAt !== undefined && notAfter !== undefined && takenAt > notAfter) continue;
        snapshots.push({ id: item.snapshotID, sourceServerId: item.sourceServerID ?? sourceServerID, takenAt });
        if (takenAt !== undefined) taken += 1;
        if (taken >= limit) break;
      }
      return newestFirst(snapshots, ({ takenAt }) => takenAt);
    },

    async startRecovery({ servers, isDrill, tags }) {
      mustBeWithin('startRecovery', servers.length);
      const { job } = await drs.call('StartRecovery', 'once', (sdk, client) =>
        client.send(
          new sdk.StartRecoveryCommand({
            sourceServers: servers.map(({ id, snapshotId }) => ({
              sourceServerID: id,
              ...(snapshotId === undefined ? {} : { recoverySnapshotID: snapshotId }),
            })),
            // Absent would mean a real recovery.
            isDrill,
            tags: { ...tags },
          }),
        ),
      );
      return toJob(job) ?? raise(withoutJob(drs.context('StartRecovery', 'once')));
    },

    async describeJobsById(ids) {
      const jobs = await Promise.all([...new Set(ids)].map((id) => jobsById.load(id)));
      return newestFirst(
        jobs.filter((job) => job !== undefined),
        ({ createdAt }) => createdAt,
      );
    },

    async describeJobsSince(since) {
      const jobs: DrsJob[] = [];
      for await (const item of jobsWhere({ fromDate: isoMoment(since) })) {
        const job = toJob(item);
        if (job !== undefined) jobs.push(job);
      }
      return newestFirst(jobs, ({ createdAt }) => createdAt);
    },

    async describeJobLog(jobID) {
      const log: DrsJobLogItem[] = [];
      const items = drs.everyItem('DescribeJobLogItems', async (sdk, client, nextToken, options) => {
        const page = await client.send(new sdk.DescribeJobLogItemsCommand({ jobID, ...after(nextToken) }), options);
        return { items: page.items ?? [], nextToken: page.nextToken };
      });
      for await (const { logDateTime, event, eventData } of items) {
        log.push({
          at: moment(logDateTime),
          event: event ?? 'UNKNOWN',
          sourceServerId: eventData?.sourceServerID,
          conversionServerId: eventData?.conversionServerID,
          targetInstanceId: eventData?.targetInstanceID,
          rawError: eventData?.rawError,
        });
      }
      return log;
    },

    async describeRecoveryInstances({ sourceServerIds, ids }) {
      const instances: DrsRecoveryInstance[] = [];
      for (const filters of recoveryInstanceFilters(sourceServerIds, ids)) {
        const items = drs.everyItem('DescribeRecoveryInstances', async (sdk, client, nextToken, options) => {
          const page = await client.send(new sdk.DescribeRecoveryInstancesCommand({ filters, ...after(nextToken) }), options);
          return { items: page.items ?? [], nextToken: page.nextToken };
        });
        for await (const item of items) {
          const instance = toRecoveryInstance(item);
          if (instance !== undefined) instances.push(instance);
        }
      }
      return instances;
    },

    async terminateRecoveryInstances(ids) {
      mustBeWithin('terminateRecoveryInstances', ids.length);
      const { job } = await drs.call('TerminateRecoveryInstances', 'once', (sdk, client) =>
        client.send(new sdk.TerminateRecoveryInstancesCommand({ recoveryInstanceIDs: [...ids] })),
      );
      return toJob(job) ?? raise(withoutJob(drs.context('TerminateRecoveryInstances', 'once')));
    },

    async tagResource(resourceArn, tags) {
      await drs.call('TagResource', 'repeatable', (sdk, client) =>
        client.send(new sdk.TagResourceCommand({ resourceArn, tags: { ...tags } })),
      );
    },
  };
}

/** Filters that together cover what is asked for; none at all when a list of ids is empty. */
function recoveryInstanceFilters(
  sourceServerIds: readonly string[] | undefined,
  ids: readonly string[] | undefined,
): { sourceServerIDs?: string[]; recoveryInstanceIDs?: string[] }[] {
  if (sourceServerIds === undefined && ids === undefined) return [{}];
  const byServer = sourceServerIds === undefined ? [{}] : chunksOf([...new Set(sourceServerIds)], SOURCE_SERVER_FILTER);
  const byId = ids === undefined ? [{}] : chunksOf([...new Set(ids)], RECOVERY_INSTANCE_FILTER);
  return byServer.flatMap((servers) =>
    byId.map((instances) => ({
      ...(Array.isArray(servers) ? { sourceServerIDs: servers } : {}),
      ...(Array.isArray(instances) ? { recoveryInstanceIDs: instances } : {}),
    })),
  );
}

/** The old generation's types do not take `undefined` for an absent member. */
function after(nextToken: string | undefined): { nextToken?: string } {
  return nextToken === undefined ? {} : { nextToken };
}

function toJob(job: Partial<Job> | undefined): DrsJob | undefined {
  if (job?.jobID === undefined) return undefined;
  return {
    id: job.jobID,
    arn: job.arn,
    type: job.type ?? 'UNKNOWN',
    initiatedBy: job.initiatedBy,
    status: job.status ?? 'UNKNOWN',
    createdAt: moment(job.creationDateTime),
    endedAt: moment(job.endDateTime),
    participants: (job.participatingServers ?? []).flatMap(({ sourceServerID, launchStatus, recoveryInstanceID }) =>
      sourceServerID === undefined
        ? []
        : [{ sourceServerId: sourceServerID, launchStatus: launchStatus ?? 'UNKNOWN', recoveryInstanceId: recoveryInstanceID }],
    ),
    tags: tagsOfMap(job.tags),
  };
}

function toSourceServer(server: SourceServer): DrsSourceServer | undefined {
  const { sourceServerID: id, dataReplicationInfo: replication } = server;
  if (id === undefined) return undefined;
  const tags = tagsOfMap(server.tags);
  const hints = server.sourceProperties?.identificationHints;
  const error = replication?.dataReplicationError;
  return {
    id,
    arn: server.arn ?? '',
    name: hints?.fqdn || hints?.hostname || tags['Name'] || id,
    tags,
    replicationState: replication?.dataReplicationState ?? 'UNKNOWN',
    lag: replication?.lagDuration === undefined ? undefined : parseIsoDuration(replication.lagDuration),
    replicationError: [error?.error, error?.rawError].filter((part) => part).join(': ') || undefined,
    recoveryInstanceId: server.recoveryInstanceId || undefined,
    stagingStatus: server.stagingArea?.status,
    replicationDirection: server.replicationDirection,
  };
}

function toRecoveryInstance(instance: RecoveryInstance): DrsRecoveryInstance | undefined {
  const id = instance.recoveryInstanceID ?? instance.ec2InstanceID;
  if (id === undefined) return undefined;
  return {
    id,
    ec2InstanceId: instance.ec2InstanceID ?? id,
    ec2State: instance.ec2InstanceState,
    jobId: instance.jobID,
    sourceServerId: instance.sourceServerID,
    // When AWS does not say, it is taken for a live one: those are left alone.
    isDrill: instance.isDrill === true,
    pointInTime: moment(instance.pointInTimeSnapshotDateTime),
    tags: tagsOfMap(instance.tags),
  };
}

function mustBeWithin(method: string, count: number): void {
  if (count >= 1 && count <= LARGEST_CHANGE) return;
  throw new InternalError('internal', `${method} takes 1 to ${LARGEST_CHANGE} at once, not ${count}`, {
    next: 'Nothing was sent. This is a fault of Breakwater: report it.',
  });
}

function withoutJob(call: CallContext): AwsError {
  const { service, operation, account, region } = call;
  return new AwsError('aws-fault', `${callLabel(call)} was accepted but answered without a job`, {
    next: 'Do not send it by hand: run the same execution again, which looks for the job first.',
    call: { service, operation, account, region, requestId: undefined, httpStatus: undefined, awsCode: 'IncompleteAnswer' },
    ambiguous: true,
  });
}

function raise(error: Error): never {
  throw error;
}
