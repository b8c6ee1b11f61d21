import type { Draft } from '../draft.ts';
import { databaseSites } from '../load.ts';
import type { Action } from '../model.ts';
import { show } from '../schema.ts';
import { didYouMean } from '../suggest.ts';
import { actionsOf, type Check, type CheckContext, itemPath, type PlanDraft } from './context.ts';
import { databasesOf } from './databases.ts';

export const duplicateDocuments: Check = (context) => {
  const first = new Map<string, Draft>();
  for (const each of context.loaded.documents) {
    if (each.name === '') continue;
    const key = `${each.kind}/${each.name.toLowerCase()}`;
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, each);
      continue;
    }
    const at = earlier.document.locate(['name']);
    const message = `there is a ${each.kind} ${show(each.name)} already, in ${at.file} line ${at.line}`;
    context.report('BW201', each, ['name'], message, 'Rename one of the two, or remove it.');
  }
};

export const duplicateWaves: Check = (context) => {
  for (const plan of context.plans) {
    const first = new Map<string, string>();
    for (const wave of plan.value.waves) {
      if (wave.name === '') continue;
      const earlier = first.get(wave.name.toLowerCase());
      if (earlier === undefined) first.set(wave.name.toLowerCase(), wave.name);
      else {
        const message = `the plan has a wave ${show(earlier)} already`;
        context.report('BW202', plan, [...plan.pathOf(wave), 'name'], message, 'Rename one of the two, and what depends on it.');
      }
    }
  }
};

export const duplicateActions: Check = (context) => {
  for (const plan of context.plans) {
    const lists = [...plan.value.waves.flatMap((wave) => [wave.preWaveActions, wave.postWaveActions]), plan.value.finally];
    for (const list of lists) repeated(context, plan, list);
  }
};

function repeated(context: CheckContext, plan: PlanDraft, list: readonly Action[]): void {
  const seen = new Set<string>();
  for (const action of list) {
    if (action.name !== '' && seen.has(action.name)) {
      const message = `the list has an action ${show(action.name)} already`;
      context.report('BW203', plan, [...plan.pathOf(action), 'name'], message, 'Rename one of the two.');
    }
    seen.add(action.name);
  }
}

export const unknownSites: Check = (context) => {
  const known = context.loaded.namesOf('Site');
  const look = (at: Draft, path: readonly (string | number)[], name: string) => {
    if (name === '' || context.site(name) !== undefined) return;
    context.report('BW204', at, path, `there is no site ${show(name)}`, didYouMean(name, known, 'site'));
  };
  for (const group of context.groups) look(group, ['site'], group.value.site);
  for (const plan of context.plans) {
    for (const { action } of actionsOf(plan.value)) look(plan, [...plan.pathOf(action), 'site'], action.site ?? '');
    for (const { database } of databasesOf(plan.value)) {
      look(plan, [...plan.pathOf(database), 'site'], database.site);
      look(plan, [...plan.pathOf(database), 'source'], database.source ?? '');
      const { archive, publish } = database;
      look(plan, [...plan.pathOf(database), 'publish', 'dns', 'site'], publish?.dns?.site ?? '');
      if (archive?.kind === 'vault') look(plan, [...plan.pathOf(database), 'archive', 'vault', 'site'], archive.site);
    }
  }
};

export const unknownGroups: Check = (context) => {
  const known = context.loaded.namesOf('ProtectionGroup');
  for (const plan of context.plans) {
    for (const wave of plan.value.waves) {
      for (const name of new Set(wave.groups)) {
        if (context.group(name) !== undefined) continue;
        const path = itemPath(plan, [...plan.pathOf(wave), 'groups'], name);
        context.report(
          'BW205',
          plan,
          path,
          `there is no protection group ${show(name)}`,
          didYouMean(name, known, 'protection group'),
        );
      }
    }
  }
};

export const unknownWaves: Check = (context) => {
  for (const plan of context.plans) {
    const known = plan.value.waves.map((wave) => wave.name).filter((name) => name !== '');
    for (const wave of plan.value.waves) {
      for (const name of new Set(wave.dependsOn)) {
        if (known.includes(name)) continue;
        const path = itemPath(plan, [...plan.pathOf(wave), 'dependsOn'], name);
        const others = known.filter((each) => each !== wave.name);
        context.report('BW206', plan, path, `the plan has no wave ${show(name)}`, didYouMean(name, others, 'other wave'));
      }
    }
  }
};

export const unusedDocuments: Check = (context) => {
  if (context.plans.length === 0) return;
  const groups = new Set(context.plans.flatMap((plan) => plan.value.waves.flatMap((wave) => wave.groups)));
  const sites = new Set([
    ...context.groups.map((group) => group.value.site),
    ...context.plans.flatMap((plan) => actionsOf(plan.value).flatMap(({ action }) => action.site ?? [])),
    ...context.plans.flatMap((plan) => databasesOf(plan.value).flatMap(({ database }) => databaseSites(database))),
  ]);
  for (const group of context.groups) {
    if (group.borrowed || group.name === '' || groups.has(group.name)) continue;
    const message = `no plan in these files recovers the group ${show(group.name)}`;
    context.report('BW207', group, ['name'], message, 'Add it to a wave, or remove it.');
  }
  for (const site of context.sites) {
    if (site.borrowed || site.name === '' || sites.has(site.name)) continue;
    context.report('BW207', site, ['name'], `nothing in these files uses the site ${show(site.name)}`, 'Use it, or remove it.');
  }
};
