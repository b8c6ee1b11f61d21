import { mapping } from '../boundary.ts';
import type { Draft } from '../draft.ts';
import { finding } from '../finding.ts';
import type { Loaded } from '../load.ts';
import type { Action, Finding, Plan, Wave } from '../model.ts';
import type { Path } from '../yaml-file.ts';

export type SiteDraft = Extract<Draft, { kind: 'Site' }>;
export type GroupDraft = Extract<Draft, { kind: 'ProtectionGroup' }>;
export type PlanDraft = Extract<Draft, { kind: 'RecoveryPlan' }>;

/** What a check looks at, and where it puts what it finds. */
export interface CheckContext {
  readonly loaded: Loaded;
  readonly sites: readonly SiteDraft[];
  readonly groups: readonly GroupDraft[];
  readonly plans: readonly PlanDraft[];
  /** The first of that name; `undefined` if there is none. */
  site(name: string): SiteDraft | undefined;
  group(name: string): GroupDraft | undefined;
  /** Reports at a value of a document. */
  report(rule: string, at: Draft, path: Path, message: string, next: string): void;
  /** Adds a finding that stands in a text rather than at a value. */
  add(found: Finding): void;
  readonly findings: readonly Finding[];
}

export type Check = (context: CheckContext) => void;

export function contextOf(loaded: Loaded): CheckContext {
  const sites = loaded.documents.filter((each) => each.kind === 'Site');
  const groups = loaded.documents.filter((each) => each.kind === 'ProtectionGroup');
  const plans = loaded.documents.filter((each) => each.kind === 'RecoveryPlan');
  const siteByName = firstByName(sites);
  const groupByName = firstByName(groups);
  const findings: Finding[] = [];
  return {
    loaded,
    sites,
    groups,
    plans,
    site: (name) => siteByName.get(name),
    group: (name) => groupByName.get(name),
    report: (rule, at, path, message, next) => {
      findings.push(finding(rule, at.document.locate(path), message, next));
    },
    add: (found) => {
      findings.push(found);
    },
    findings,
  };
}

function firstByName<T extends Draft>(drafts: readonly T[]): ReadonlyMap<string, T> {
  return new Map([...drafts].reverse().map((each) => [each.name, each]));
}

/** The path of the n-th item of a list that has this value. */
export function itemPath(at: Draft, list: Path, value: string, nth = 0): Path {
  let found: unknown = at.document.data;
  for (const part of list) found = Array.isArray(found) ? found[Number(part)] : mapping(found)?.[String(part)];
  if (!Array.isArray(found)) return list;
  const indices = found.flatMap((each, index) => (each === value ? [index] : []));
  const index = indices[nth] ?? indices[0];
  return index === undefined ? list : [...list, index];
}

/** An action and where it stands. */
export interface PlacedAction {
  readonly action: Action;
  readonly stage: 'pre' | 'post' | 'finally';
  readonly wave: Wave | undefined;
}

export function actionsOf(plan: Plan): readonly PlacedAction[] {
  return [
    ...plan.waves.flatMap((wave) => [
      ...wave.preWaveActions.map((action): PlacedAction => ({ action, stage: 'pre', wave })),
      ...wave.postWaveActions.map((action): PlacedAction => ({ action, stage: 'post', wave })),
    ]),
    ...plan.finally.map((action): PlacedAction => ({ action, stage: 'finally', wave: undefined })),
  ];
}

/** Where an action of the wave runs unless it says otherwise; none if that is not known. */
export function homeOfWave(context: CheckContext, wave: Wave): string | undefined {
  return sitesOfWave(context, wave)[0] ?? wave.databases?.map(({ site }) => site).find((site) => site !== '');
}

/** The sites at which a wave recovers servers, as far as its groups are known. */
export function sitesOfWave(context: CheckContext, wave: Wave): readonly string[] {
  const names = wave.groups.flatMap((name) => context.group(name)?.value.site ?? []).filter((name) => name !== '');
  return [...new Set(names)];
}

/** Account and Region of a site, or its name while these are unknown: two sites may be one place. */
export function placeOf(context: CheckContext, site: string): string {
  const value = context.site(site)?.value;
  return value === undefined || value.account === '' || value.region === '' ? site : `${value.account}/${value.region}`;
}
