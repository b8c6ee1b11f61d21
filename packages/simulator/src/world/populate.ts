import { jobArn, recoveryInstanceArn, sourceServerArn } from '../drs/arns.ts';
import type { Job } from '../drs/state.ts';
import { populateDatabases } from '../rds/populate-databases.ts';
import type { ServerSpec } from '../scenario/scenario.ts';
import type { Instance } from './instance.ts';
import type { RegionState } from './region-state.ts';
import type { World } from './world.ts';

/** Puts the scenario's accounts, servers, old recovery instances and other people's jobs into a new world. */
export function populate(world: World): void {
  for (const account of world.scenario.accounts) {
    for (const region of account.regions) world.region(account.id, region).drs.initialised = true;
  }
  for (const spec of world.scenario.servers) addServer(world, spec);
  for (const [index, other] of world.scenario.drs.otherJobs.entries()) {
    const state = world.region(other.account, other.region);
    addOtherJobs(world, state, { ...other, from: world.began + other.after, label: `scenario-${index}` });
  }
  populateDatabases(world);
}

function addServer(world: World, spec: ServerSpec): void {
  const state = world.region(spec.account, spec.region);
  state.drs.servers.set(spec.id, { spec, arn: sourceServerArn(spec), tags: spec.tags, launches: 0, lastLaunch: undefined });
  const old = spec.recoveryInstance;
  if (old === undefined) return;
  const launchedAt = world.began - old.age;
  const id = old.id ?? `i-0${world.random.hex(16, 'old-instance', spec.id)}`;
  state.instances.set(id, makeInstance(world, spec, id, launchedAt));
  state.drs.recoveryInstances.push({
    id,
    arn: recoveryInstanceArn(state, id),
    serverId: spec.id,
    jobId: undefined,
    isDrill: old.isDrill,
    from: launchedAt,
    until: Number.POSITIVE_INFINITY,
    disconnectedAt: undefined,
    pointInTime: launchedAt - 540_000,
    tags: {},
  });
}

/** An EC2 instance launched for a server at a moment. */
export function makeInstance(world: World, spec: ServerSpec, id: string, launchedAt: number): Instance {
  const jitter = (name: string): number => 1 + world.scenario.jitter * (2 * world.random.fraction(name, id) - 1);
  const statusOkAt = launchedAt + spec.instanceTimes.statusOkAfter * jitter('status-ok');
  return {
    id,
    account: spec.account,
    region: spec.region,
    serverId: spec.id,
    hostname: spec.hostname,
    launchedAt,
    visibleAt: launchedAt + spec.instanceTimes.visibleAfter,
    statusOkAt,
    agentOnlineAt: statusOkAt + spec.instanceTimes.agentOnlineAfter * jitter('agent-online'),
    disposition: spec.launchDisposition,
    instanceType: spec.instanceType,
    privateIp: `10.${world.random.integer(0, 31, 'ip-b', spec.id)}.${world.random.integer(0, 255, 'ip-c', spec.id)}.${world.random.integer(4, 250, 'ip-d', id)}`,
    subnetId: `subnet-0${world.random.hex(16, 'subnet', spec.account, spec.region)}`,
    vpcId: `vpc-0${world.random.hex(16, 'vpc', spec.account, spec.region)}`,
    zone: `${spec.region}${'abc'.charAt(world.random.integer(0, 2, 'zone', spec.id))}`,
    os: spec.os,
    tags: {
      ...spec.tags,
      AWSElasticDisasterRecoveryManaged: 'drs.amazonaws.com',
      AWSElasticDisasterRecoverySourceServerID: spec.id,
    },
    terminatingAt: undefined,
    terminatedAt: undefined,
  };
}

/** Launch jobs of somebody else, on servers that are not in the scenario: they take their share of the quotas. */
export function addOtherJobs(
  world: World,
  state: RegionState,
  other: { readonly jobs: number; readonly servers: number; readonly for: number; readonly from: number; readonly label: string },
): void {
  for (let index = 0; index < other.jobs; index++) {
    const id = `drsjob-${world.random.hex(17, 'other-job', state.account, state.region, other.label, index)}`;
    const endedAt = other.from + other.for;
    const job: Job = {
      id,
      arn: jobArn(state, id),
      type: 'LAUNCH',
      initiatedBy: 'START_DRILL',
      createdAt: other.from,
      startedAt: other.from + 400,
      endedAt,
      servers: Array.from({ length: other.servers }, (_, server) => ({
        serverId: `s-${world.random.hex(17, 'other-server', id, server)}`,
        inProgressAt: endedAt - other.for / 2,
        endsAt: endedAt,
        outcome: 'LAUNCHED',
        instanceId: undefined,
      })),
      log: [
        { at: other.from + 400, event: 'JOB_START' },
        { at: endedAt, event: 'JOB_END' },
      ],
      tags: { Owner: 'somebody-else' },
    };
    state.drs.jobs.set(id, job);
  }
}
