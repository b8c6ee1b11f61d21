import { heaviestAntichain } from '../antichain.ts';
import type { ProtectionGroup } from '../model.ts';
import { cyclesOf } from '../order.ts';
import { show } from '../schema.ts';
import { type Check, type CheckContext, itemPath, type PlanDraft, placeOf } from './context.ts';
import { groupsOf, listedServers } from './selection.ts';

/**
 * Quotas of an account and Region: https://docs.aws.amazon.com/drs/latest/userguide/drs-at-scale.html. None can be raised.
 */
export const DRS_QUOTAS = {
  jobs: { code: 'L-D88FAC3A', limit: 20 },
  serversInJobs: { code: 'L-05AFA8C6', limit: 500 },
  serversInJob: { code: 'L-B827C881', limit: 100 },
} as const;

/** The most servers a group can select; `undefined` if nothing says. */
function mostServers(group: ProtectionGroup): number | undefined {
  return listedServers(group)?.size ?? group.expect.max;
}

interface Load {
  /** Servers by site: each site has its own jobs, even where two sites are one place. */
  readonly servers: Map<string, number>;
}

/** For each account and Region, what each wave launches there at most. */
function loads(context: CheckContext, plan: PlanDraft): ReadonlyMap<string, ReadonlyMap<string, Load>> {
  const places = new Map<string, Map<string, Load>>();
  for (const { wave, group } of groupsOf(context, plan)) {
    const servers = mostServers(group.value) ?? 0;
    const place = placeOf(context, group.value.site);
    const waves = places.get(place) ?? new Map<string, Load>();
    const load = waves.get(wave.name) ?? { servers: new Map<string, number>() };
    load.servers.set(group.value.site, (load.servers.get(group.value.site) ?? 0) + servers);
    waves.set(wave.name, load);
    places.set(place, waves);
  }
  return places;
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((a, b) => a + b, 0);
}

const jobsFor = (servers: number) => Math.ceil(servers / DRS_QUOTAS.serversInJob.limit);

export const peaks: Check = (context) => {
  for (const plan of context.plans) {
    const { waves } = plan.value;
    const names = waves.map((wave) => wave.name);
    if (new Set(names).size < names.length || cyclesOf(plan.value).length > 0) continue;
    const after = waves.map((wave) => wave.dependsOn.map((name) => names.indexOf(name)).filter((index) => index >= 0));
    if (after.some((earlier, index) => earlier.includes(index))) continue;
    for (const [place, byWave] of loads(context, plan)) {
      const loadOf = (name: string) => byWave.get(name)?.servers.values() ?? [];
      const servers = names.map((name) => sum(loadOf(name)));
      const jobs = names.map((name) => sum([...loadOf(name)].map(jobsFor)));
      const peak = (weights: readonly number[]) =>
        heaviestAntichain(weights.map((weight, index) => ({ weight, after: after[index] ?? [] })));
      const next = 'Let some of these waves depend on others, or spread the servers over accounts or Regions.';
      const report = (rule: string, members: readonly number[], message: string) => {
        const first = waves[members[0] ?? 0];
        const listed = members.map((index) => show(names[index])).join(', ');
        const who = members.length === 1 ? `wave ${listed} needs` : `waves ${listed} may run at the same time and need`;
        context.report(rule, plan, first === undefined ? ['waves'] : [...plan.pathOf(first), 'name'], `${who} ${message}`, next);
      };
      const ofJobs = peak(jobs);
      if (ofJobs.weight > DRS_QUOTAS.jobs.limit) {
        const { limit, code } = DRS_QUOTAS.jobs;
        report('BW504', ofJobs.members, `${ofJobs.weight} DRS jobs in ${place}; the quota is ${limit} (${code})`);
      }
      const ofServers = peak(servers);
      if (ofServers.weight > DRS_QUOTAS.serversInJobs.limit) {
        const { limit, code } = DRS_QUOTAS.serversInJobs;
        report(
          'BW505',
          ofServers.members,
          `${ofServers.weight} servers in DRS jobs in ${place}; the quota is ${limit} (${code})`,
        );
      }
    }
  }
};

export const splitWaves: Check = (context) => {
  for (const plan of context.plans) {
    for (const [place, byWave] of loads(context, plan)) {
      for (const [name, { servers }] of byWave) {
        for (const [site, count] of servers) {
          if (jobsFor(count) <= 1) continue;
          const wave = plan.value.waves.find((each) => each.name === name);
          const path = wave === undefined ? ['waves'] : [...plan.pathOf(wave), 'name'];
          const { limit, code } = DRS_QUOTAS.serversInJob;
          const message = `wave ${show(name)} launches up to ${count} servers at site ${show(site)} (${place}) in ${jobsFor(count)} DRS jobs; a job holds ${limit} (${code})`;
          context.report(
            'BW506',
            plan,
            path,
            message,
            'Nothing to do; make waves of at most 100 servers if they must be one job.',
          );
        }
      }
    }
  }
};

export const unprovedPeaks: Check = (context) => {
  for (const plan of context.plans) {
    const unknown = groupsOf(context, plan).filter(({ group }) => !group.damaged([]) && mostServers(group.value) === undefined);
    const [first] = unknown;
    if (first === undefined) continue;
    const listed = unknown.map(({ group }) => show(group.name)).join(', ');
    const message = `nothing proves that plan ${show(plan.name)} keeps within DRS quotas: no expect.max for ${listed}`;
    const path = itemPath(plan, [...plan.pathOf(first.wave), 'groups'], first.group.name);
    context.report(
      'BW507',
      plan,
      path,
      message,
      'Write expect: {min: …, max: …} in these groups; it also guards against wrong tags.',
    );
  }
};
