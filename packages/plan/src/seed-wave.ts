import { mapping } from './boundary.ts';

/** A wave or action as plan files write it. */
export type YamlShape = Readonly<Record<string, unknown>>;

export interface TranslatedWave {
  readonly wave: YamlShape;
  /** Fields without a counterpart, as `UpdateTime`: named, so that nothing is lost in silence. */
  readonly dropped: readonly string[];
}

/**
 * Translates a wave as AWS DRS Orchestration and AWS drs-plan-automation write it (`WaveName`, `ProtectionGroupId`, `DependsOn`,
 * `PreWaveActions[].DocumentName` …) into the shape of a plan file, field by field. Names become legal names: what cannot stand in
 * one becomes a hyphen, and a name that had to change is kept as the description. Times are seconds there.
 *
 * Their waves without `DependsOn` run one after the other; write `dependsOn` where that order matters.
 */
export function fromSeedWave(wave: YamlShape): TranslatedWave {
  const dropped: string[] = [];
  const name = text(wave['WaveName']) ?? text(wave['Name']) ?? '';
  const result = compact({
    name: legalName(name),
    description: text(wave['Description']) ?? renamed(name),
    dependsOn: list(wave['DependsOn'])?.map((each) => legalName(String(each))),
    groups: groupsOf(wave).map(legalName),
    timeout: seconds(wave['MaxWaitTime']),
    preWaveActions: list(wave['PreWaveActions'])?.map((each, index) => action(each, `PreWaveActions[${index}]`, dropped)),
    postWaveActions: list(wave['PostWaveActions'])?.map((each, index) => action(each, `PostWaveActions[${index}]`, dropped)),
  });
  const known = [
    'WaveName',
    'Name',
    'Description',
    'DependsOn',
    'ProtectionGroupId',
    'ProtectionGroupIds',
    'KeyName',
    'KeyValue',
    'MaxWaitTime',
    'PreWaveActions',
    'PostWaveActions',
  ];
  return { wave: result, dropped: [...unknown(wave, known, ''), ...dropped] };
}

function action(value: unknown, place: string, dropped: string[]): YamlShape {
  const outer = mapping(value) ?? {};
  const start = mapping(outer['StartAutomationExecution']) ?? {};
  const name = text(outer['Name']) ?? '';
  const parameters = mapping(outer['Parameters']) ?? mapping(start['Parameters']);
  dropped.push(
    ...unknown(
      outer,
      ['Name', 'Description', 'DocumentName', 'DocumentVersion', 'Parameters', 'MaxWaitTime', 'StartAutomationExecution'],
      `${place}.`,
    ),
  );
  dropped.push(...unknown(start, ['DocumentName', 'DocumentVersion', 'Parameters'], `${place}.StartAutomationExecution.`));
  return compact({
    name: legalName(name),
    description: text(outer['Description']) ?? renamed(name),
    document: text(outer['DocumentName']) ?? text(start['DocumentName']),
    version: text(outer['DocumentVersion']) ?? text(start['DocumentVersion']),
    parameters: parameters === undefined || Object.keys(parameters).length === 0 ? undefined : parameters,
    maxWait: seconds(outer['MaxWaitTime']),
  });
}

/** A protection group by id, several, or the tag with which drs-plan-automation chooses servers, as a name for the group to write. */
function groupsOf(wave: YamlShape): readonly string[] {
  const ids = list(wave['ProtectionGroupIds'])?.map(String);
  if (ids !== undefined) return ids;
  const id = text(wave['ProtectionGroupId']);
  if (id !== undefined) return [id];
  const key = text(wave['KeyName']);
  const value = text(wave['KeyValue']);
  return key === undefined || value === undefined ? [] : [`${key}-${value}`];
}

/** `Database Tier` → `Database-Tier`: letters, digits, dots, hyphens and underscores, at most 64. */
function legalName(name: string): string {
  const legal = name.replace(/[^A-Za-z0-9._-]+(?:-+[^A-Za-z0-9._-]+)*/g, '-').replace(/^[._-]+/, '');
  return legal.slice(0, 64).replace(/[._-]+$/, '');
}

function renamed(name: string): string | undefined {
  return legalName(name) === name ? undefined : name;
}

function seconds(value: unknown): string | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? `${number}s` : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function unknown(value: YamlShape, known: readonly string[], prefix: string): readonly string[] {
  return Object.keys(value).flatMap((key) => (known.includes(key) ? [] : [`${prefix}${key}`]));
}

function compact(value: YamlShape): YamlShape {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}
