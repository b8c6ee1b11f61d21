import type { DrsJob, DrsRecoveryInstance, DrsSourceServer, GatewayMethod } from '@breakwater/aws';
import { RefusedError } from '@breakwater/core';
import type { DeedContext, Inspection, InspectionWarning, WaveServer } from '@breakwater/engine';
import { type InventoryServer, resolveTargets, type TargetServer, type Wave } from '@breakwater/plan';
import { withoutUndefined } from './boundary.ts';
import { isTaggedBy } from './ownership.ts';
import { type Doubt, doubtOf } from './readiness.ts';
import { jobsBehind, LIVE_NEXT, liveInstanceOf } from './recovery-instances.ts';
import type { Rooms } from './rooms.ts';
import { CLOCK_MARGIN } from './scan-launches.ts';

/** What it asks of AWS; permissions are made of this. */
export const INSPECT_CALLS = [
  'drs.describeSourceServers',
  'drs.describeRecoveryInstances',
  'drs.describeJobsById',
  'drs.describeJobsSince',
] as const satisfies readonly GatewayMethod[];

/** What DRS says at one site. */
interface SiteInventory {
  readonly servers: ReadonlyMap<string, DrsSourceServer>;
  readonly instances: readonly DrsRecoveryInstance[];
  readonly jobs: ReadonlyMap<string, DrsJob>;
}

interface Target {
  readonly wave: string;
  readonly target: TargetServer;
  readonly server: DrsSourceServer;
}

/**
 * Resolves the waves' protection groups against DRS and applies the guards of the mode. Reads only. Throws, naming every offender:
 * `UserError` (`selection-…`, `server-unknown`) and `RefusedError` `live-recovery-instance` in both modes, `RefusedError` `not-ready`
 * in drills. A recovery is never refused for bad replication: a source in a burning Region looks stalled.
 */
export async function inspect(rooms: Rooms, deed: DeedContext, waves: readonly Wave[]): Promise<Inspection> {
  const { plan, set, mode } = deed;
  const groups = new Set(waves.flatMap((wave) => wave.groups));
  const sites = [...new Set([...groups].flatMap((name) => set.groups.get(name)?.site ?? []))];
  const listed = new Map(
    await Promise.all(sites.map(async (name) => [name, await rooms.at(name).aws.drs.describeSourceServers()] as const)),
  );
  const inventory = new Map<string, readonly InventoryServer[]>(listed);
  const { waves: chosen } = resolveTargets(plan, set, waves, inventory);
  const asked = waves.flatMap((wave) => (chosen.get(wave.name) ?? []).map((target) => ({ wave: wave.name, target })));
  const bySite = new Map(
    await Promise.all(
      [...listed].map(async ([name, servers]) => {
        const wanted = asked.filter(({ target }) => target.site === name).map(({ target }) => target.id);
        return [name, await lookCloser(rooms, name, servers, wanted)] as const;
      }),
    ),
  );
  const targets = asked.flatMap(({ wave, target }): Target[] => {
    const server = bySite.get(target.site)?.servers.get(target.id);
    return server === undefined ? [] : [{ wave, target, server }];
  });

  const warnings: InspectionWarning[] = [];
  warnings.push(...guardLiveInstances(deed, targets, bySite));
  const doubts = targets.flatMap((one) => {
    const doubt = doubtOf(one.server, plan.readiness.maxLag);
    return doubt === undefined ? [] : [{ ...one, doubt }];
  });
  if (mode === 'drill' && doubts.length > 0) {
    const begun = await launchedByUs(rooms, deed, doubts);
    const fresh = doubts.filter(({ server }) => !begun.has(server.id));
    if (fresh.length > 0) throw notReady(fresh);
  }
  warnings.push(...doubts.map(({ wave, server, doubt }) => ({ wave, server: server.id, message: doubt.message })));

  const records = new Map<string, WaveServer[]>(waves.map((wave) => [wave.name, []]));
  for (const { wave, target, server } of targets) records.get(wave)?.push(waveServer(deed, target, server));
  return { waves: records, warnings };
}

/** The recovery instances of the wanted servers, and the jobs that launched them. */
async function lookCloser(
  rooms: Rooms,
  site: string,
  servers: readonly DrsSourceServer[],
  wanted: readonly string[],
): Promise<SiteInventory> {
  const { drs } = rooms.at(site).aws;
  const byId = new Map(servers.map((server) => [server.id, server]));
  const found = wanted.length === 0 ? [] : [...(await drs.describeRecoveryInstances({ sourceServerIds: wanted }))];
  const seen = new Set(found.map(({ id }) => id));
  const named = wanted.flatMap((id) => byId.get(id)?.recoveryInstanceId ?? []).filter((id) => !seen.has(id));
  if (named.length > 0) found.push(...(await drs.describeRecoveryInstances({ ids: named })));
  return { servers: byId, instances: found, jobs: await jobsBehind(drs, found) };
}

/**
 * Servers that a job of this execution works or has worked for. A drill that is resumed is not held back by what has happened to their
 * replication since: it must be able to end what it began.
 */
async function launchedByUs(rooms: Rooms, deed: DeedContext, targets: readonly Target[]): Promise<ReadonlySet<string>> {
  const sites = [...new Set(targets.map(({ target }) => target.site))];
  const since = deed.createdAt - CLOCK_MARGIN;
  const jobs = await Promise.all(sites.map((site) => rooms.at(site).aws.drs.describeJobsSince(since)));
  const own = jobs.flat().filter((job) => job.type === 'LAUNCH' && isTaggedBy(job, deed.execution));
  return new Set(own.flatMap(({ participants }) => participants.map(({ sourceServerId }) => sourceServerId)));
}

function guardLiveInstances(
  { mode, replaceLive, execution }: DeedContext,
  targets: readonly Target[],
  bySite: ReadonlyMap<string, SiteInventory>,
): readonly InspectionWarning[] {
  const live = targets.flatMap(({ wave, target, server }) => {
    const site = bySite.get(target.site);
    const instance = site === undefined ? undefined : liveInstanceOf(target.id, site.instances, site.jobs, execution);
    return instance === undefined ? [] : [{ wave, server, instance }];
  });
  const forbidden = live.filter(({ server }) => mode === 'drill' || !replaceLive.includes(server.id));
  if (forbidden.length > 0) {
    const named = forbidden.map(
      ({ server, instance }) =>
        `${labelOf(server)} has live recovery instance ${instance.id} (job ${instance.jobId ?? 'unknown'})`,
    );
    throw new RefusedError('live-recovery-instance', `launching again would destroy what is live: ${named.join('; ')}`, {
      next: LIVE_NEXT,
    });
  }
  return live.map(({ wave, server, instance }) => ({
    wave,
    server: server.id,
    message: `${labelOf(server)}: its live recovery instance ${instance.id} will be replaced, as asked for`,
  }));
}

function notReady(doubts: readonly { readonly doubt: Doubt }[]): RefusedError {
  return new RefusedError('not-ready', `not ready for a drill: ${doubts.map(({ doubt }) => doubt.message).join('; ')}`, {
    next: 'Mend the replication of these servers in the DRS console, or raise readiness.maxLag in the plan. A recovery is not held back by this.',
  });
}

export function labelOf({ id, name }: { readonly id: string; readonly name: string }): string {
  return name === id ? id : `${name} (${id})`;
}

function waveServer({ set }: DeedContext, target: TargetServer, server: DrsSourceServer): WaveServer {
  const site = set.sites.get(target.site);
  return {
    recoveryPoint: target.recoveryPoint,
    record: {
      id: server.id,
      name: server.name,
      site: target.site,
      account: site?.account ?? '',
      region: site?.region ?? '',
      group: target.group,
      criticality: target.criticality,
      status: 'pending',
      replicationState: server.replicationState,
      ...withoutUndefined({ lag: server.lag }),
    },
  };
}
