import { page } from '../paging.ts';
import { drsDateTime, isoDuration } from '../wire-time.ts';
import { type CallContext, handler } from '../world/call-context.ts';
import { invalidToken, notFound, requireInitialised } from './faults.ts';
import { replicationInfo } from './replication.ts';
import { currentRecoveryInstance, type SourceServer } from './state.ts';

interface DescribeSourceServersRequest {
  readonly filters?: {
    readonly sourceServerIDs?: readonly string[];
    readonly hardwareId?: string;
    readonly stagingAccountIDs?: readonly string[];
  };
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** There is no filter by tag, and an id that does not exist is simply missing from the answer. */
export const describeSourceServers = handler<DescribeSourceServersRequest>((context, input) => {
  requireInitialised(context);
  const { state, world } = context;
  const ids = input.filters?.sourceServerIDs;
  const staging = input.filters?.stagingAccountIDs;
  const hardware = input.filters?.hardwareId;
  const fitting = [...state.drs.servers.values()].filter(
    ({ spec }) =>
      (ids === undefined || ids.length === 0 || ids.includes(spec.id)) &&
      (staging === undefined || staging.length === 0 || staging.includes(spec.staging?.account ?? spec.account)) &&
      (hardware === undefined || spec.hostname === hardware),
  );
  const { items, nextToken } = page(fitting, {
    listing: 'DescribeSourceServers',
    token: input.nextToken,
    size: Math.min(input.maxResults ?? world.scenario.pageSize, world.scenario.pageSize),
    invalidToken,
  });
  return { items: items.map((server) => sourceServer(context, server)), nextToken };
});

const DAY = 86_400_000;

function sourceServer(context: CallContext, server: SourceServer): Readonly<Record<string, unknown>> {
  const { world, now, state } = context;
  const { spec } = server;
  const mac = world.random.hex(10, 'mac', spec.id).replaceAll(/../g, (pair) => `:${pair}`);
  return {
    sourceServerID: spec.id,
    arn: server.arn,
    tags: server.tags,
    recoveryInstanceId: currentRecoveryInstance(state.drs, spec.id, now)?.id,
    ...lastLaunch(context, server),
    dataReplicationInfo: replicationInfo(world, server, now),
    sourceProperties: {
      lastUpdatedDateTime: drsDateTime(now - 1_200_000),
      recommendedInstanceType: spec.instanceType,
      identificationHints: {
        fqdn: spec.fqdn,
        hostname: spec.hostname,
        awsInstanceID: `i-0${world.random.hex(16, 'source-instance', spec.id)}`,
      },
      networkInterfaces: [
        { macAddress: `06${mac}`, ips: [`172.16.${world.random.integer(0, 255, 'source-ip', spec.id)}.10`], isPrimary: true },
      ],
      disks: [{ deviceName: '/dev/nvme0n1', bytes: spec.diskBytes }],
      cpus: [{ cores: 2, modelName: 'Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz' }],
      ramBytes: 4_294_967_296,
      os: { fullString: spec.os },
      supportsNitroInstances: true,
    },
    stagingArea:
      spec.staging === undefined
        ? { status: 'NOT_EXTENDED', stagingAccountID: spec.account }
        : { status: spec.staging.status, stagingAccountID: spec.staging.account, errorMessage: spec.staging.error },
    replicationDirection: 'FAILOVER',
    agentVersion: '4.5.0',
  };
}

function lastLaunch({ state, now, world }: CallContext, server: SourceServer): Readonly<Record<string, unknown>> {
  const dates = {
    addedToServiceDateTime: drsDateTime(world.began - 90 * DAY),
    firstByteDateTime: drsDateTime(world.began - 90 * DAY + 60_000),
    elapsedReplicationDuration: isoDuration(now - world.began + 90 * DAY),
    lastSeenByServiceDateTime: drsDateTime(server.spec.lagGrows ? world.began : now - 30_000),
  };
  if (server.lastLaunch === undefined)
    return { lastLaunchResult: 'NOT_STARTED', lifeCycle: { ...dates, lastLaunch: { initiated: {} } } };
  const { jobId, at, isDrill } = server.lastLaunch;
  const participant = state.drs.jobs.get(jobId)?.servers.find((other) => other.serverId === server.spec.id);
  const ended = participant !== undefined && now >= participant.endsAt;
  return {
    lastLaunchResult: !ended ? 'PENDING' : participant.outcome === 'LAUNCHED' ? 'SUCCEEDED' : 'FAILED',
    lifeCycle: {
      ...dates,
      lastLaunch: {
        initiated: { apiCallDateTime: drsDateTime(at), jobID: jobId, type: isDrill ? 'DRILL' : 'RECOVERY' },
        status: ended ? participant.outcome : 'PENDING',
      },
    },
  };
}

export const getLaunchConfiguration = handler<{ readonly sourceServerID: string }>((context, input) => {
  requireInitialised(context);
  const server = context.state.drs.servers.get(input.sourceServerID);
  if (server === undefined) throw notFound('SourceServer', input.sourceServerID);
  return {
    sourceServerID: server.spec.id,
    name: server.spec.hostname,
    ec2LaunchTemplateID: `lt-0${context.world.random.hex(16, 'launch-template', server.spec.id)}`,
    launchDisposition: server.spec.launchDisposition,
    targetInstanceTypeRightSizingMethod: 'BASIC',
    copyPrivateIp: false,
    copyTags: true,
    licensing: { osByol: false },
    postLaunchEnabled: false,
    recoveryMode: 'OPTIMAL',
  };
});
