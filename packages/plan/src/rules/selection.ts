import type { ProtectionGroup, Selector, Wave } from '../model.ts';
import { show } from '../schema.ts';
import { type Check, type CheckContext, type GroupDraft, itemPath, type PlanDraft, placeOf } from './context.ts';

type Tags = Readonly<Record<string, string>>;

/** Whether no server can have all of both: they give one tag two values. */
function contradict(a: Tags, b: Tags): boolean {
  return Object.entries(a).some(([key, value]) => Object.hasOwn(b, key) && b[key] !== value);
}

/** Whether every server with tags `a` has tags `b`: `b` asks for nothing more. */
function implies(a: Tags, b: Tags): boolean {
  return Object.entries(b).every(([key, value]) => Object.hasOwn(a, key) && a[key] === value);
}

const listed = new WeakMap<ProtectionGroup, ReadonlySet<string>>();

/** The listed servers of a group that no listed exclusion takes away; `undefined` for a group that selects by tags. */
export function listedServers(group: ProtectionGroup): ReadonlySet<string> | undefined {
  if (group.select.kind === 'tags') return undefined;
  let servers = listed.get(group);
  if (servers === undefined) {
    const excluded = new Set(group.exclude.flatMap((each) => (each.kind === 'servers' ? each.servers : [])));
    servers = new Set(group.select.servers.filter((server) => !excluded.has(server)));
    listed.set(group, servers);
  }
  return servers;
}

/** Whether a group provably selects nothing. */
function selectsNothing(group: GroupDraft): boolean {
  if (group.damaged(['select']) || group.damaged(['exclude'])) return false;
  const { select, exclude } = group.value;
  if (select.kind === 'servers') return listedServers(group.value)?.size === 0;
  return exclude.some((each) => each.kind === 'tags' && implies(select.tags, each.tags));
}

/** Whether a wave provably has nothing to recover. */
export function recoversNothing(context: CheckContext, plan: PlanDraft, wave: Wave): boolean {
  if (plan.damaged([...plan.pathOf(wave), 'groups']) || (wave.databases ?? []).length > 0) return false;
  return wave.groups.every((name) => {
    const group = context.group(name);
    return group !== undefined && selectsNothing(group);
  });
}

export const wavesWithNothing: Check = (context) => {
  for (const plan of context.plans) {
    for (const wave of plan.value.waves) {
      if (!recoversNothing(context, plan, wave)) continue;
      const why = wave.groups.length === 0 ? 'it has no groups and no databases' : 'its groups exclude every server they select';
      const message = `the wave ${show(wave.name)} has nothing to recover: ${why}`;
      context.report(
        'BW401',
        plan,
        [...plan.pathOf(wave), 'groups'],
        message,
        'Name a protection group that selects servers, or a database.',
      );
    }
  }
};

export const groupsUsedTwice: Check = (context) => {
  for (const plan of context.plans) {
    const first = new Map<string, Wave>();
    for (const wave of plan.value.waves) {
      for (const [index, name] of wave.groups.entries()) {
        const earlier = first.get(name);
        if (earlier === undefined) {
          first.set(name, wave);
          continue;
        }
        const nth = wave.groups.slice(0, index).filter((each) => each === name).length;
        const path = itemPath(plan, [...plan.pathOf(wave), 'groups'], name, nth);
        const where = earlier === wave ? 'twice in this wave' : `in wave ${show(earlier.name)} already`;
        const next = 'Keep it in one wave: launching a server again destroys what was launched before.';
        context.report('BW402', plan, path, `the group ${show(name)} is ${where}`, next);
      }
    }
  }
};

export const listedTwice: Check = (context) => {
  for (const group of context.groups) {
    if (group.value.select.kind !== 'servers') continue;
    const seen = new Set<string>();
    const repeated = new Set<string>();
    for (const server of group.value.select.servers) (seen.has(server) ? repeated : seen).add(server);
    for (const server of repeated) {
      const path = itemPath(group, ['select', 'servers'], server, 1);
      context.report('BW403', group, path, `the server ${server} stands in this list twice`, 'Remove one.');
    }
  }
};

export const serversInTwoGroups: Check = (context) => {
  for (const plan of context.plans) {
    const first = new Map<string, { readonly group: string; readonly wave: string }>();
    for (const { wave, group } of groupsOf(context, plan)) {
      for (const server of listedServers(group.value) ?? []) {
        const key = `${placeOf(context, group.value.site)}/${server}`;
        const earlier = first.get(key);
        if (earlier === undefined) {
          first.set(key, { group: group.name, wave: wave.name });
          continue;
        }
        const claims = `${show(earlier.group)} (wave ${show(earlier.wave)}) and ${show(group.name)} (wave ${show(wave.name)})`;
        const message = `plan ${show(plan.name)} selects the server ${server} twice: in groups ${claims}`;
        const next = 'Keep it in one group: launching a server again destroys what was launched before.';
        context.report('BW403', group, itemPath(group, ['select', 'servers'], server), message, next);
      }
    }
  }
};

/** The known groups of a plan's waves, each once; a group that is named twice is another rule's matter. */
export function groupsOf(context: CheckContext, plan: PlanDraft): readonly { readonly wave: Wave; readonly group: GroupDraft }[] {
  const seen = new Set<string>();
  return plan.value.waves.flatMap((wave) =>
    wave.groups.flatMap((name) => {
      const group = context.group(name);
      if (group === undefined || seen.has(name)) return [];
      seen.add(name);
      return [{ wave, group }];
    }),
  );
}

export const overlappingTags: Check = (context) => {
  for (const plan of context.plans) {
    const tagged = groupsOf(context, plan).filter(
      ({ group }) => group.value.select.kind === 'tags' && !group.damaged(['select']),
    );
    for (const [index, { group }] of tagged.entries()) {
      for (const { group: earlier } of tagged.slice(0, index)) {
        if (placeOf(context, group.value.site) !== placeOf(context, earlier.value.site)) continue;
        const inner = within(group.value, earlier.value) ? group : within(earlier.value, group.value) ? earlier : undefined;
        if (inner === undefined) continue;
        const outer = inner === group ? earlier : group;
        const message = `every server of group ${show(inner.name)} is in group ${show(outer.name)} too, in plan ${show(plan.name)}`;
        const next = 'Add a tag that tells them apart, or an exclusion. A run refuses to start when a server is selected twice.';
        context.report('BW404', group, ['select', 'tags'], message, next);
      }
    }
  }
};

/** Whether every server that `a` selects is provably selected by `b` too. */
function within(a: ProtectionGroup, b: ProtectionGroup): boolean {
  const { select } = a;
  if (select.kind !== 'tags' || b.select.kind !== 'tags' || !implies(select.tags, b.select.tags)) return false;
  return [...a.exclude, ...b.exclude].every((each) => each.kind === 'tags' && contradict(each.tags, select.tags));
}

export const idleExclusions: Check = (context) => {
  for (const group of context.groups) {
    if (group.damaged(['select'])) continue;
    const { select, exclude } = group.value;
    for (const each of exclude) {
      const path = group.pathOf(each);
      if (each.kind === 'tags' && select.kind === 'tags' && contradict(each.tags, select.tags)) {
        const message = 'the exclusion can never match: the group selects another value of the same tag';
        context.report('BW405', group, [...path, 'tags'], message, 'Correct the tags, or remove the exclusion.');
      }
      if (each.kind === 'servers' && select.kind === 'servers') {
        for (const server of each.servers.filter((id) => !select.servers.includes(id))) {
          const message = `the group does not select the server ${server} in the first place`;
          context.report('BW405', group, itemPath(group, [...path, 'servers'], server), message, 'Remove it, or correct the id.');
        }
      }
    }
  }
};

export const groupsWithNothing: Check = (context) => {
  for (const group of context.groups) {
    if (!selectsNothing(group)) continue;
    const message = `the group ${show(group.name)} excludes every server that it selects`;
    context.report('BW406', group, ['exclude'], message, 'Exclude fewer servers, or remove the group.');
  }
};

export const impossibleExpectations: Check = (context) => {
  for (const group of context.groups) {
    if (group.damaged(['expect'])) continue;
    const { min, max } = group.value.expect;
    if (min !== undefined && max !== undefined && min > max) {
      context.report('BW407', group, ['expect'], `min (${min}) is above max (${max})`, 'Correct one of the two.');
      continue;
    }
    const count = group.damaged(['select']) ? undefined : listedServers(group.value)?.size;
    if (count === undefined || count === 0) continue;
    const tags = group.value.exclude.some((each) => each.kind === 'tags');
    if ((min !== undefined && count < min) || (max !== undefined && count > max && !tags)) {
      const message = `the group lists ${count} servers, which is not what it expects`;
      context.report('BW407', group, ['expect'], message, `Correct expect, or the list. ${count} would fit.`);
    }
  }
};

export const idleServerRules: Check = (context) => {
  for (const plan of context.plans) {
    for (const wave of plan.value.waves) {
      const groups = wave.groups.map((name) => context.group(name));
      for (const [index, rule] of wave.servers.entries()) {
        const path = [...plan.pathOf(rule), 'match'];
        const shadow = wave.servers.slice(0, index).some((earlier) => alwaysMatches(earlier.match, rule.match));
        if (shadow) {
          context.report(
            'BW408',
            plan,
            path,
            'an earlier rule matches all these servers first',
            'Put the more special rule first.',
          );
        } else if (groups.length > 0 && groups.every((group) => group !== undefined && neverMatches(rule.match, group))) {
          const message = `the rule matches no server of the wave ${show(wave.name)}`;
          context.report('BW408', plan, path, message, 'Name servers or tags of the groups of the wave.');
        }
      }
    }
  }
};

/** Whether `a` matches every server that `b` matches. */
function alwaysMatches(a: Selector, b: Selector): boolean {
  if (a.kind === 'tags') return b.kind === 'tags' && implies(b.tags, a.tags);
  return b.kind === 'servers' && b.servers.length > 0 && b.servers.every((server) => a.servers.includes(server));
}

/** Whether a rule provably matches no server of a group. */
function neverMatches(rule: Selector, group: GroupDraft): boolean {
  if (group.damaged(['select'])) return false;
  const { select } = group.value;
  if (rule.kind === 'tags') return select.kind === 'tags' && contradict(rule.tags, select.tags);
  const servers = listedServers(group.value);
  return servers !== undefined && rule.servers.length > 0 && !rule.servers.some((server) => servers.has(server));
}

export const idlePins: Check = (context) => {
  for (const plan of context.plans) {
    for (const wave of plan.value.waves) {
      if (wave.recoveryPoint.kind !== 'pinned') continue;
      const lists = wave.groups.map((name) => {
        const group = context.group(name);
        return group === undefined || group.damaged(['select']) ? undefined : listedServers(group.value);
      });
      if (lists.includes(undefined)) continue;
      const servers = new Set(lists.flatMap((list) => [...(list ?? [])]));
      for (const server of Object.keys(wave.recoveryPoint.snapshots).filter((id) => !servers.has(id))) {
        const path = [...plan.pathOf(wave.recoveryPoint), 'pinned', server];
        const message = `the wave ${show(wave.name)} does not recover the server ${server}`;
        context.report('BW409', plan, path, message, 'Remove the pin, or correct the id.');
      }
    }
  }
};
