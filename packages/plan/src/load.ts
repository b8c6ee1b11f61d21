import type { Location } from '@breakwater/core';
import { type Draft, draft } from './draft.ts';
import { inOrder } from './finding.ts';
import type { DatabaseRecovery, Finding, Plan, PlanSet, ProtectionGroup, Site } from './model.ts';
import { type Kind, validate } from './schema.ts';
import { type Path, type PlanSource, readYaml } from './yaml-file.ts';

/** Plan files, read. Immutable; everything else in this package starts from here. */
export interface Loaded {
  /** The documents without any error of their own. */
  readonly set: PlanSet;
  /** What reading found: files, YAML, schema. `checkPlans` adds the rest. */
  readonly findings: readonly Finding[];
  /** Every document whose kind is known, sound or not, in the order of the files. */
  readonly documents: readonly Draft[];
  /** The files as they were given, for the rules that look at text. */
  readonly sources: readonly PlanSource[];
  /** Names of documents that could be referred to, in the files beside them too: for suggestions. */
  namesOf(kind: Kind): readonly string[];
  /** Where a document, or a value in it, stands; `undefined` if there is no such document. */
  locate(kind: Kind, name: string, path?: Path): Location | undefined;
}

/**
 * Reads plan files that are already in memory. Never throws: whatever is wrong with a text becomes a finding.
 *
 * `borrowable` are files that were not asked for but lie beside those that were: sites and protection groups are taken from them
 * when something refers to them, plans never.
 */
export function loadPlanSources(sources: readonly PlanSource[], borrowable: readonly PlanSource[] = []): Loaded {
  const asked = sources.map((source) => readSource(source, false));
  const beside = borrowable.map((source) => readSource(source, true));
  const own = asked.flatMap((file) => file.drafts);
  const candidates = beside.flatMap((file) => file.drafts);
  const reachable = [...own, ...candidates];
  const borrowed = borrow(own, candidates);
  const documents = [...own, ...borrowed];
  const ofAsked = asked.flatMap((file) => file.findings);
  const complete = missing(documents).length === 0;
  // What is wrong in a file that nobody named matters only where something is taken from it, or could have been.
  const ofBeside = beside.flatMap((file) => {
    const taken = file.drafts.filter((each) => borrowed.includes(each));
    return file.findings.filter(({ location }) => !complete || taken.some((each) => covers(each, location)));
  });
  const used = new Set(borrowed.map((each) => each.document.file));
  return {
    set: setOf(documents),
    findings: inOrder([...ofAsked, ...ofBeside]),
    documents,
    sources: [...sources, ...borrowable.filter(({ file }) => used.has(file))],
    namesOf: (kind) => reachable.flatMap((each) => (each.kind === kind && each.name !== '' ? [each.name] : [])),
    locate: (kind, name, path = []) =>
      documents.find((each) => each.kind === kind && each.name === name)?.document.locate(path.length === 0 ? ['name'] : path),
  };
}

function readSource(source: PlanSource, borrowed: boolean): { drafts: readonly Draft[]; findings: readonly Finding[] } {
  const { documents, findings } = readYaml(source);
  const ofSchema: (readonly Finding[])[] = [];
  const drafts = documents.flatMap((document) => {
    if (document.data === undefined) return [];
    const verdict = validate(document);
    ofSchema.push(verdict.findings);
    if (verdict.kind === undefined) return [];
    const sound = document.sound && verdict.findings.length === 0;
    return [draft({ document, kind: verdict.kind, bad: verdict.bad, sound, borrowed })];
  });
  return { drafts, findings: [...findings, ...ofSchema.flat()] };
}

/** Whether a place lies in a document. */
export function covers({ document }: Draft, { file, line }: Location): boolean {
  return document.file === file && line >= document.lines.first && line <= document.lines.last;
}

interface Reference {
  readonly kind: 'Site' | 'ProtectionGroup';
  readonly name: string;
}

/** What a document refers to by name. */
export function referencesOf(each: Draft): readonly Reference[] {
  const site = (name: string): Reference => ({ kind: 'Site', name });
  switch (each.kind) {
    case 'Site':
      return [];
    case 'ProtectionGroup':
      return [site(each.value.site)];
    case 'RecoveryPlan': {
      const waves = each.value.waves;
      const actions = [...waves.flatMap((wave) => [...wave.preWaveActions, ...wave.postWaveActions]), ...each.value.finally];
      return [
        ...waves.flatMap((wave) => wave.groups).map((name): Reference => ({ kind: 'ProtectionGroup', name })),
        ...actions.flatMap((action) => (action.site === undefined ? [] : [site(action.site)])),
        ...waves.flatMap((wave) => wave.databases ?? []).flatMap((database) => databaseSites(database).map(site)),
      ];
    }
  }
}

/** The sites that a database names: where it is restored, where its snapshot is, where a copy of that is kept, and where its name is. */
export function databaseSites({ site, source, archive, publish }: DatabaseRecovery): readonly string[] {
  const zone = publish?.dns?.site;
  const vault = archive?.kind === 'vault' ? archive.site : undefined;
  return [site, source, vault, zone].filter((name) => name !== undefined);
}

function missing(documents: readonly Draft[]): readonly Reference[] {
  const known = new Set(documents.map((each) => `${each.kind}/${each.name}`));
  return documents.flatMap(referencesOf).filter(({ kind, name }) => name !== '' && !known.has(`${kind}/${name}`));
}

/** Takes what is referred to, then what that refers to. */
function borrow(documents: readonly Draft[], candidates: readonly Draft[]): readonly Draft[] {
  let taken: readonly Draft[] = [];
  for (;;) {
    const wanted = new Set(missing([...documents, ...taken]).map(({ kind, name }) => `${kind}/${name}`));
    const found = candidates.filter((each) => wanted.has(`${each.kind}/${each.name}`));
    if (found.length === 0) return taken;
    taken = [...taken, ...found];
  }
}

function setOf(documents: readonly Draft[]): PlanSet {
  const sites = new Map<string, Site>();
  const groups = new Map<string, ProtectionGroup>();
  const plans = new Map<string, Plan>();
  for (const each of documents) {
    if (!each.sound) continue;
    if (each.kind === 'Site' && !sites.has(each.name)) sites.set(each.name, each.value);
    if (each.kind === 'ProtectionGroup' && !groups.has(each.name)) groups.set(each.name, each.value);
    if (each.kind === 'RecoveryPlan' && !plans.has(each.name)) plans.set(each.name, each.value);
  }
  return { sites, groups, plans };
}
