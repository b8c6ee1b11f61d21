import { UserError } from '@breakwater/core';
import type { Plan, Wave } from './model.ts';
import { didYouMean } from './suggest.ts';

/** What these functions need of a plan; so they also work on one that is being checked. */
type Waves = { readonly waves: readonly { readonly name: string; readonly dependsOn: readonly string[] }[] };

/** The waves that a wave waits for directly, each once, in the plan's order. Names the plan does not have are left out. */
export function dependenciesOf(plan: Waves, wave: string): readonly string[] {
  const wanted = new Set(plan.waves.find(({ name }) => name === wave)?.dependsOn ?? []);
  return plan.waves.flatMap(({ name }) => (wanted.has(name) ? [name] : []));
}

/** All waves that a wave waits for, directly or through others, in the plan's order. */
export function upstreamOf(plan: Waves, wave: string): readonly string[] {
  return reach(plan, wave, new Map(plan.waves.map(({ name, dependsOn }) => [name, dependsOn])));
}

/** All waves that wait for a wave, directly or through others, in the plan's order. */
export function downstreamOf(plan: Waves, wave: string): readonly string[] {
  const dependants = new Map<string, string[]>(plan.waves.map(({ name }) => [name, []]));
  for (const { name, dependsOn } of plan.waves) for (const each of dependsOn) dependants.get(each)?.push(name);
  return reach(plan, wave, dependants);
}

function reach(plan: Waves, from: string, next: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const seen = new Set<string>();
  const open = [...(next.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name) || !next.has(name)) continue;
    seen.add(name);
    for (const each of next.get(name) ?? []) open.push(each);
  }
  return plan.waves.flatMap(({ name }) => (seen.has(name) ? [name] : []));
}

/**
 * The names of the waves so that each stands after those it depends on; otherwise in the plan's order. Waves in a circle, and what
 * waits for them, are left out: `cyclesOf` names them.
 */
export function topologicalOrder(plan: Waves): readonly string[] {
  const known = new Set(plan.waves.map(({ name }) => name));
  const order = new Set<string>();
  for (let before = -1; order.size > before; ) {
    before = order.size;
    for (const { name, dependsOn } of plan.waves) {
      if (!order.has(name) && dependsOn.every((each) => order.has(each) || !known.has(each))) order.add(name);
    }
  }
  return [...order];
}

/**
 * The circles of a plan, one for each knot of waves that wait for each other: the shortest one through the wave that stands first.
 * `['a', 'b']` means that a waits for b and b for a. A wave that depends on itself is not listed.
 */
export function cyclesOf(plan: Waves): readonly (readonly string[])[] {
  const ordered = new Set(topologicalOrder(plan));
  const knotted = new Set<string>();
  const cycles: (readonly string[])[] = [];
  for (const { name } of plan.waves) {
    if (ordered.has(name) || knotted.has(name)) continue;
    const cycle = shortestCycle(plan, name);
    if (cycle === undefined) continue;
    const behind = new Set(downstreamOf(plan, name));
    for (const each of upstreamOf(plan, name)) if (behind.has(each)) knotted.add(each);
    cycles.push(cycle);
  }
  return cycles;
}

function shortestCycle(plan: Waves, start: string): readonly string[] | undefined {
  let paths: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  while (paths.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const path of paths) {
      for (const next of dependenciesOf(plan, path.at(-1) ?? start)) {
        if (next === start && path.length > 1) return path;
        if (next === start || seen.has(next)) continue;
        seen.add(next);
        longer.push([...path, next]);
      }
    }
    paths = longer;
  }
  return undefined;
}

/**
 * The waves of those names, in the plan's order; all waves if no name is given.
 * Throws `UserError` `wave-unknown`, naming every unknown one.
 */
export function selectWaves(plan: Plan, names: readonly string[]): readonly Wave[] {
  if (names.length === 0) return plan.waves;
  const all = plan.waves.map(({ name }) => name);
  const unknown = [...new Set(names)].filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    const listed = unknown.map((name) => `"${name}"`).join(', ');
    throw new UserError('wave-unknown', `plan "${plan.name}" has no wave ${listed}`, {
      next: didYouMean(unknown[0] ?? '', all, 'wave'),
    });
  }
  return plan.waves.filter(({ name }) => names.includes(name));
}
