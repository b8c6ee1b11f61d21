import { InternalError, type ReasonCode, UserError } from '@breakwater/core';
import type {
  InventoryServer,
  Plan,
  PlanSet,
  ProtectionGroup,
  RecoveryPoint,
  Selector,
  TargetServer,
  Targets,
  Wave,
} from './model.ts';
import { didYouMean } from './suggest.ts';

/** The servers that DRS knows at each site, by the site's name. */
export type Inventory = ReadonlyMap<string, readonly InventoryServer[]>;

/** Whether a server matches a selector: one of the listed ids, or all tags, names and values exactly as written. */
export function matches(selector: Selector, server: InventoryServer): boolean {
  if (selector.kind === 'servers') return selector.servers.includes(server.id);
  return Object.entries(selector.tags).every(([key, value]) => Object.hasOwn(server.tags, key) && server.tags[key] === value);
}

/** What each selection problem is called, the gravest first: the error takes the code of the gravest. */
const GRAVITY: readonly ReasonCode[] = ['selection-conflict', 'server-unknown', 'selection-empty', 'selection-unexpected'];

interface Problem {
  readonly code: ReasonCode;
  readonly message: string;
  readonly next: string;
}

/**
 * What the waves mean today: their servers by the live inventory, in the order of the groups, then of the ids.
 *
 * The inventory must hold every site of the groups of these waves. Servers that other waves of the plan select too are looked for
 * at the sites that it holds: recovering one server in two waves would destroy what the first one launched, so that is a conflict
 * even when only one of the waves was asked for. A pinned recovery point must belong to a server of its wave.
 *
 * Throws `UserError` naming every offender: `selection-conflict`, `server-unknown`, `selection-empty` or `selection-unexpected`.
 */
export function resolveTargets(plan: Plan, set: PlanSet, waves: readonly Wave[], inventory: Inventory): Targets {
  const asked = new Set(waves.map(({ name }) => name));
  const problems: Problem[] = [];
  const targets = new Map<string, readonly TargetServer[]>();
  const claims = new Map<string, { readonly server: string; readonly by: { readonly wave: string; readonly group: string }[] }>();
  for (const wave of plan.waves) {
    const servers: TargetServer[] = [];
    for (const name of wave.groups) {
      const group = groupOf(set, name);
      const known = inventory.get(group.site);
      if (known === undefined) {
        if (!asked.has(wave.name)) continue;
        throw new InternalError('internal', `no inventory of site "${group.site}"`, { next: 'Report this fault of Breakwater.' });
      }
      const chosen = known.filter(
        (server) => matches(group.select, server) && !group.exclude.some((each) => matches(each, server)),
      );
      if (asked.has(wave.name)) problems.push(...groupProblems(wave, group, chosen, known));
      for (const server of [...chosen].sort(byId)) {
        const claim = claims.get(placeOf(set, group, server.id)) ?? { server: server.id, by: [] };
        claim.by.push({ wave: wave.name, group: name });
        claims.set(placeOf(set, group, server.id), claim);
        servers.push(target(wave, group, server));
      }
    }
    if (!asked.has(wave.name)) continue;
    if (servers.length === 0 && (wave.databases ?? []).length === 0) problems.push(nothingToRecover(wave));
    problems.push(...idlePins(wave, servers));
    targets.set(wave.name, servers);
  }
  for (const { server, by } of claims.values()) {
    if (by.length > 1 && by.some(({ wave }) => asked.has(wave))) problems.push(conflict(server, by));
  }
  if (problems.length > 0) throw refusal(plan, problems);
  return { waves: targets };
}

function groupOf(set: PlanSet, name: string): ProtectionGroup {
  const group = set.groups.get(name);
  if (group !== undefined) return group;
  throw new UserError('plan-invalid', `there is no protection group "${name}"`, {
    next: didYouMean(name, set.groups.keys(), 'protection group'),
  });
}

/** Two sites may be one place: the same account and Region with other roles. */
function placeOf(set: PlanSet, group: ProtectionGroup, server: string): string {
  const site = set.sites.get(group.site);
  return site === undefined ? `${group.site}/${server}` : `${site.account}/${site.region}/${server}`;
}

function byId(a: InventoryServer, b: InventoryServer): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function target(wave: Wave, group: ProtectionGroup, server: InventoryServer): TargetServer {
  return {
    id: server.id,
    site: group.site,
    group: group.name,
    criticality: wave.servers.find((rule) => matches(rule.match, server))?.criticality ?? 'critical',
    recoveryPoint: recoveryPointOf(wave.recoveryPoint, server.id),
  };
}

function recoveryPointOf(point: RecoveryPoint, server: string): RecoveryPoint {
  if (point.kind !== 'pinned') return point;
  const snapshot = Object.hasOwn(point.snapshots, server) ? point.snapshots[server] : undefined;
  return snapshot === undefined ? { kind: 'latest' } : { kind: 'pinned', snapshots: { [server]: snapshot } };
}

function groupProblems(
  wave: Wave,
  group: ProtectionGroup,
  chosen: readonly InventoryServer[],
  known: readonly InventoryServer[],
): readonly Problem[] {
  const problems: Problem[] = [];
  const place = `wave "${wave.name}", group "${group.name}"`;
  if (group.select.kind === 'servers') {
    const ids = new Set(known.map(({ id }) => id));
    const excluded = (id: string) => group.exclude.some((each) => each.kind === 'servers' && each.servers.includes(id));
    const unknown = group.select.servers.filter((id) => !ids.has(id) && !excluded(id));
    if (unknown.length > 0) {
      const message = `${place}: DRS at site "${group.site}" does not know ${unknown.join(', ')}`;
      problems.push({ code: 'server-unknown', message, next: 'Correct or remove the ids, or add the servers to DRS there.' });
    }
  }
  const { min = 1, max = Number.POSITIVE_INFINITY } = group.expect;
  if (chosen.length === 0 && min > 0) {
    const message = `${place}: ${described(group.select)} selects no server at site "${group.site}"`;
    problems.push({
      code: 'selection-empty',
      message,
      next: 'Correct the tags, of the group or of the servers; expect: {min: 0} allows an empty group.',
    });
  } else if (chosen.length < min || chosen.length > max) {
    const expected = max === min ? `${min}` : max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`;
    const message = `${place}: ${chosen.length} servers selected, ${expected} expected`;
    problems.push({ code: 'selection-unexpected', message, next: 'Find the missing or surplus servers, or correct expect.' });
  }
  return problems;
}

function described(selector: Selector): string {
  if (selector.kind === 'servers') return 'the list of servers';
  return `tags ${Object.entries(selector.tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(' and ')}`;
}

function nothingToRecover(wave: Wave): Problem {
  return {
    code: 'selection-empty',
    message: `wave "${wave.name}": there is nothing to recover`,
    next: 'Correct the groups of the wave, or take the wave out of the plan.',
  };
}

/** A pin that fits no server is a misspelt one: the server meant would come back with the latest data, which may be the damaged ones. */
function idlePins(wave: Wave, servers: readonly TargetServer[]): readonly Problem[] {
  if (wave.recoveryPoint.kind !== 'pinned') return [];
  const ids = new Set(servers.map(({ id }) => id));
  const idle = Object.keys(wave.recoveryPoint.snapshots).filter((id) => !ids.has(id));
  if (idle.length === 0) return [];
  const message = `wave "${wave.name}": a recovery point is pinned for ${idle.join(', ')}, which the wave does not recover`;
  return [{ code: 'server-unknown', message, next: 'Correct the server ids under recoveryPoint.pinned, or remove them.' }];
}

function conflict(server: string, by: readonly { readonly wave: string; readonly group: string }[]): Problem {
  const claims = by.map(({ wave, group }) => `group "${group}" of wave "${wave}"`).join(' and ');
  return {
    code: 'selection-conflict',
    message: `server ${server} is selected by ${claims}`,
    next: 'Make tags or exclusions so that each server is in one group of one wave: a second launch destroys the first.',
  };
}

function refusal(plan: Plan, problems: readonly Problem[]): UserError {
  const code = GRAVITY.find((each) => problems.some((problem) => problem.code === each)) ?? 'selection-unexpected';
  const messages = [...new Set(problems.map(({ message }) => message))];
  const head = messages.length === 1 ? `plan "${plan.name}"` : `plan "${plan.name}": ${messages.length} problems`;
  const next = [...new Set(problems.map((problem) => problem.next))].join(' ');
  return new UserError(code, `${head}: ${messages.join('; ')}`, { next });
}
