import { launchStatus } from '../drs/jobs.ts';
import { jobStatus } from '../drs/state.ts';
import { type DatabaseView, describeDatabases, hasDatabases } from '../rds/view.ts';
import { describeZones, type HostedZoneView } from '../route53/zones.ts';
import type { FaultEffect, FaultMatch } from '../scenario/scenario.ts';
import { automationAt } from '../ssm/automation-timeline.ts';
import { commandStatus } from '../ssm/commands.ts';
import { instanceState } from './instance.ts';
import type { RegionState } from './region-state.ts';
import type { World } from './world.ts';

/** The whole world as plain data; moments are epoch milliseconds, `null` where there is none. */
export interface WorldState {
  readonly scenario: string;
  readonly seed: number;
  readonly began: number;
  readonly now: number;
  readonly calls: number;
  readonly unroutable: number;
  readonly regions: readonly RegionView[];
  readonly hostedZones: readonly HostedZoneView[];
  readonly faults: readonly {
    readonly id: number;
    readonly match: FaultMatch;
    readonly effect: FaultEffect;
    readonly from: number;
    readonly until: number | null;
    readonly hits: number;
  }[];
}

export interface RegionView {
  readonly databases: DatabaseView;
  readonly account: string;
  readonly region: string;
  readonly drsInitialised: boolean;
  readonly servers: readonly {
    readonly id: string;
    readonly hostname: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly state: string;
  }[];
  readonly jobs: readonly JobView[];
  readonly recoveryInstances: readonly {
    readonly id: string;
    readonly serverId: string;
    readonly jobId: string | null;
    readonly isDrill: boolean;
    readonly from: number;
    readonly until: number | null;
    readonly pointInTime: number;
  }[];
  readonly instances: readonly {
    readonly id: string;
    readonly serverId: string;
    readonly state: string | null;
    readonly launchedAt: number;
    readonly visibleAt: number;
    readonly statusOkAt: number;
    readonly agentOnlineAt: number;
    readonly terminatedAt: number | null;
  }[];
  readonly automations: readonly {
    readonly id: string;
    readonly document: string;
    readonly status: string;
    readonly startedAt: number;
    readonly endedAt: number | null;
    readonly parameters: Readonly<Record<string, readonly string[]>>;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly commands: readonly {
    readonly id: string;
    readonly document: string;
    readonly status: string;
    readonly comment: string | null;
    readonly requestedAt: number;
    readonly endedAt: number | null;
    readonly instanceIds: readonly string[];
  }[];
}

export interface JobView {
  readonly id: string;
  readonly type: string;
  readonly initiatedBy: string;
  readonly status: string;
  readonly createdAt: number;
  readonly startedAt: number;
  /** When it ends or ended: known from the beginning. */
  readonly endedAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly servers: readonly {
    readonly serverId: string;
    readonly launchStatus: string;
    readonly endsAt: number;
    readonly outcome: string;
    readonly instanceId: string | null;
  }[];
  readonly log: readonly {
    readonly at: number;
    readonly event: string;
    readonly serverId?: string;
    readonly rawError?: string;
  }[];
}

function finite(moment: number | undefined): number | null {
  return moment === undefined || !Number.isFinite(moment) ? null : moment;
}

/** Calls leave empty Regions behind where they only asked. */
function isInhabited(state: RegionState): boolean {
  const { drs, instances, ssm } = state;
  return (
    hasDatabases(state) ||
    drs.initialised ||
    drs.servers.size > 0 ||
    instances.size > 0 ||
    ssm.automations.size > 0 ||
    ssm.commands.size > 0
  );
}

/** Everything the world holds, also what lies in its future: benchmarks read AWS's own durations from it. */
export function describeWorld(world: World): WorldState {
  const now = world.clock.now();
  return {
    scenario: world.scenario.name,
    seed: world.scenario.seed,
    began: world.began,
    now,
    calls: world.calls.length,
    unroutable: world.calls.filter((call) => call.unroutable).length,
    regions: world.regions.filter(isInhabited).map((state) => ({
      account: state.account,
      region: state.region,
      drsInitialised: state.drs.initialised,
      servers: [...state.drs.servers.values()].map(({ spec, tags }) => ({
        id: spec.id,
        hostname: spec.hostname,
        tags,
        state: spec.state,
      })),
      jobs: [...state.drs.jobs.values()].map((job) => ({
        id: job.id,
        type: job.type,
        initiatedBy: job.initiatedBy,
        status: jobStatus(job, now),
        createdAt: job.createdAt,
        startedAt: job.startedAt,
        endedAt: job.endedAt,
        tags: job.tags,
        servers: job.servers.map((server) => ({
          serverId: server.serverId,
          launchStatus: launchStatus(server, now),
          endsAt: server.endsAt,
          outcome: server.outcome,
          instanceId: server.instanceId ?? null,
        })),
        log: job.log,
      })),
      recoveryInstances: state.drs.recoveryInstances.map((ri) => ({
        id: ri.id,
        serverId: ri.serverId,
        jobId: ri.jobId ?? null,
        isDrill: ri.isDrill,
        from: ri.from,
        until: finite(ri.until),
        pointInTime: ri.pointInTime,
      })),
      instances: [...state.instances.values()].map((instance) => ({
        id: instance.id,
        serverId: instance.serverId,
        state: instanceState(instance, now) ?? null,
        launchedAt: instance.launchedAt,
        visibleAt: instance.visibleAt,
        statusOkAt: instance.statusOkAt,
        agentOnlineAt: instance.agentOnlineAt,
        terminatedAt: finite(instance.terminatedAt),
      })),
      automations: [...state.ssm.automations.values()].map((automation) => {
        const view = automationAt(automation, now);
        return {
          id: automation.id,
          document: automation.document.name,
          status: view.status,
          startedAt: automation.startedAt,
          endedAt: finite(view.endedAt),
          parameters: automation.parameters,
          tags: automation.tags,
        };
      }),
      databases: describeDatabases(world, state, now),
      commands: [...state.ssm.commands.values()].map((command) => ({
        id: command.id,
        document: command.document.name,
        status: commandStatus(command, now),
        comment: command.comment ?? null,
        requestedAt: command.requestedAt,
        endedAt: finite(Math.max(...command.invocations.map((invocation) => invocation.endsAt))),
        instanceIds: command.invocations.map((invocation) => invocation.instanceId),
      })),
    })),
    hostedZones: describeZones(world),
    faults: world.faults.all.map(({ id, match, effect, from, until, hits }) => ({
      id,
      match,
      effect,
      from,
      until: finite(until),
      hits,
    })),
  };
}
