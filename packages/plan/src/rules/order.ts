import type { Wave } from '../model.ts';
import { cyclesOf } from '../order.ts';
import { show } from '../schema.ts';
import { type Check, itemPath, type PlanDraft } from './context.ts';
import { recoversNothing } from './selection.ts';

export const cycles: Check = (context) => {
  for (const plan of context.plans) {
    for (const cycle of cyclesOf(plan.value)) {
      const [first = '', second = first] = cycle;
      const wave = plan.value.waves.find(({ name }) => name === first);
      const path = wave === undefined ? ['waves'] : itemPath(plan, [...plan.pathOf(wave), 'dependsOn'], second);
      const message = `the waves wait for each other: ${[...cycle, first].join(' → ')}`;
      context.report(
        'BW301',
        plan,
        path,
        message,
        'Remove one of these dependencies; the first wave of a plan depends on nothing.',
      );
    }
  }
};

export const selfDependencies: Check = (context) => {
  for (const plan of context.plans) {
    for (const wave of plan.value.waves) {
      if (wave.name === '' || !wave.dependsOn.includes(wave.name)) continue;
      const path = itemPath(plan, [...plan.pathOf(wave), 'dependsOn'], wave.name);
      context.report('BW302', plan, path, `the wave ${show(wave.name)} depends on itself`, 'Remove the name from its dependsOn.');
    }
  }
};

export const repeatedDependencies: Check = (context) => {
  for (const plan of context.plans) {
    for (const wave of plan.value.waves) {
      for (const name of new Set(wave.dependsOn.filter((each, index) => wave.dependsOn.indexOf(each) !== index))) {
        const path = itemPath(plan, [...plan.pathOf(wave), 'dependsOn'], name, 1);
        context.report('BW303', plan, path, `the dependency ${show(name)} stands here twice`, 'Remove one.');
      }
    }
  }
};

/** What waits for a wave that can never succeed can never start: it would be skipped in every run. */
export const dependenciesNeverMet: Check = (context) => {
  for (const plan of context.plans) {
    const stuck = new Map<string, string>();
    for (const cycle of cyclesOf(plan.value)) for (const name of cycle) stuck.set(name, 'it is part of a circle');
    for (const wave of plan.value.waves) {
      if (wave.dependsOn.includes(wave.name)) stuck.set(wave.name, 'it depends on itself');
      else if (recoversNothing(context, plan, wave)) stuck.set(wave.name, 'it has nothing to recover');
    }
    if (stuck.size === 0) continue;
    for (const wave of plan.value.waves) {
      if (stuck.has(wave.name)) continue;
      const chain = chainTo(plan, wave, new Set(stuck.keys()));
      const [, next, ...rest] = chain;
      const last = rest.at(-1) ?? next;
      if (next === undefined || last === undefined) continue;
      const path = itemPath(plan, [...plan.pathOf(wave), 'dependsOn'], next);
      const through = rest.length === 0 ? '' : ` (${chain.join(' → ')})`;
      const message = `the wave ${show(wave.name)} can never start: it waits for ${show(last)}${through}, and ${stuck.get(last)}`;
      context.report('BW304', plan, path, message, `Correct the wave ${show(last)}, or remove the dependency.`);
    }
  }
};

/** The shortest way along dependencies from a wave to one of some waves; empty if there is none. */
function chainTo(plan: PlanDraft, from: Wave, goals: ReadonlySet<string>): readonly string[] {
  const byName = new Map(plan.value.waves.map((wave) => [wave.name, wave]));
  const seen = new Set([from.name]);
  let chains: (readonly string[])[] = [[from.name]];
  while (chains.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const chain of chains) {
      for (const next of byName.get(chain.at(-1) ?? '')?.dependsOn ?? []) {
        if (goals.has(next)) return [...chain, next];
        if (seen.has(next)) continue;
        seen.add(next);
        longer.push([...chain, next]);
      }
    }
    chains = longer;
  }
  return [];
}
