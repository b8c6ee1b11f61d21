import { parseDuration } from '@breakwater/core';
import { mapping } from './boundary.ts';
import { databases } from './draft-databases.ts';
import type { Action, Gate, Plan, ProtectionGroup, RecoveryPoint, Selector, ServerRule, Site, Wave } from './model.ts';
import { type Kind, pointerOf } from './schema.ts';
import type { Path, YamlDocument } from './yaml-file.ts';

/** The values that stand for what a plan does not say. The published schema names the same. */
export const DEFAULTS = {
  criticality: 'critical',
  kind: 'automation',
  maxWait: 10 * 60_000,
  onFailure: 'stop',
  actionWhen: ['drill', 'recovery'],
  target: 'none',
  targetParameter: 'InstanceIds',
  gateWhen: ['recovery'],
  timeout: 60 * 60_000,
  cleanUp: 'terminate',
  snapshotTypes: ['automated', 'manual'],
  strategy: 'new',
  connection: 'data-api',
  databaseTimeout: 60 * 60_000,
  dnsTtl: 60,
} as const;

/**
 * A document as the model sees it. Where the schema found a value wrong, the value is left out or defaulted, so that the other
 * rules can still look at the rest; `sound` is false then, and a draft that is not sound never runs.
 */
export type Draft = {
  readonly name: string;
  readonly document: YamlDocument;
  readonly sound: boolean;
  /** Read only because something refers to it: nobody asked for it to be checked. */
  readonly borrowed: boolean;
  /** Where a part of the value stands in the document. */
  pathOf(part: object): Path;
  /** Whether the schema found this value, or one inside it, wrong or missing. */
  damaged(path: Path): boolean;
} & (
  | { readonly kind: 'Site'; readonly value: Site }
  | { readonly kind: 'ProtectionGroup'; readonly value: ProtectionGroup }
  | { readonly kind: 'RecoveryPlan'; readonly value: Plan }
);

export interface DraftInput {
  readonly document: YamlDocument;
  readonly kind: Kind;
  readonly bad: ReadonlySet<string>;
  readonly sound: boolean;
  readonly borrowed: boolean;
}

/** Builds the model's value from a document that the schema has looked at. */
export function draft({ document, kind, bad, sound, borrowed }: DraftInput): Draft {
  const reader = new Reader(document, bad);
  let damage: ReadonlySet<string> | undefined;
  const common = {
    name: reader.text(['name']) ?? '',
    document,
    sound,
    borrowed,
    pathOf: (part: object) => reader.paths.get(part) ?? [],
    damaged: (path: Path) => {
      damage ??= new Set([...bad].flatMap(withParents));
      return damage.has(pointerOf(path));
    },
  };
  switch (kind) {
    case 'Site':
      return { ...common, kind, value: site(reader) };
    case 'ProtectionGroup':
      return { ...common, kind, value: group(reader) };
    case 'RecoveryPlan':
      return { ...common, kind, value: plan(reader) };
  }
}

/** `/a/b` → `/a/b`, `/a` and the whole. */
function withParents(pointer: string): readonly string[] {
  const parts = pointer.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Reads values of the expected type; what is wrong, by the schema or by type, reads as absent. */
export class Reader {
  readonly paths = new WeakMap<object, Path>();
  readonly #document: YamlDocument;
  readonly #bad: ReadonlySet<string>;

  constructor(document: YamlDocument, bad: ReadonlySet<string>) {
    this.#document = document;
    this.#bad = bad;
  }

  at(path: Path): unknown {
    let value: unknown = this.#document.data;
    for (const part of path) {
      value = Array.isArray(value) ? value[Number(part)] : own(mapping(value), String(part));
    }
    return this.#bad.has(pointerOf(path)) ? undefined : value;
  }

  text(path: Path): string | undefined {
    const value = this.at(path);
    return typeof value === 'string' ? value : undefined;
  }

  /** A text or a number or a truth value, as its author wrote it. */
  scalar(path: Path): string | undefined {
    const value = this.at(path);
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return this.#document.written(path) ?? String(value);
    return typeof value === 'boolean' ? String(value) : undefined;
  }

  flag(path: Path): boolean | undefined {
    const value = this.at(path);
    return typeof value === 'boolean' ? value : undefined;
  }

  number(path: Path): number | undefined {
    const value = this.at(path);
    return typeof value === 'number' ? value : undefined;
  }

  duration(path: Path): number | undefined {
    const text = this.text(path);
    return text === undefined ? undefined : parseDuration(text);
  }

  oneOf<T extends string>(path: Path, legal: readonly T[]): T | undefined {
    const text = this.text(path);
    return legal.find((each) => each === text);
  }

  /** The indices of a list, or none. */
  items(path: Path): readonly Path[] {
    const value = this.at(path);
    return Array.isArray(value) ? value.map((_, index) => [...path, index]) : [];
  }

  keys(path: Path): readonly string[] {
    return Object.keys(mapping(this.at(path)) ?? {});
  }

  /** A mapping of texts, or `undefined` if there is none. */
  textMap(path: Path): Readonly<Record<string, string>> | undefined {
    if (mapping(this.at(path)) === undefined) return undefined;
    const entries = this.keys(path).flatMap((key) => {
      const value = this.text([...path, key]);
      return value === undefined ? [] : [[key, value] as const];
    });
    return Object.fromEntries(entries);
  }

  texts(path: Path): readonly string[] {
    return this.items(path).flatMap((item) => this.text(item) ?? []);
  }

  keep<T extends object>(path: Path, part: T): T {
    this.paths.set(part, path);
    return part;
  }
}

function own(map: Readonly<Record<string, unknown>> | undefined, key: string): unknown {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

function site(reader: Reader): Site {
  const roleArn = reader.text(['roleArn']);
  const drillRoleArn = reader.text(['drillRoleArn']);
  const externalId = reader.text(['externalId']);
  return {
    name: reader.text(['name']) ?? '',
    account: reader.text(['account']) ?? '',
    region: reader.text(['region']) ?? '',
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(drillRoleArn === undefined ? {} : { drillRoleArn }),
    ...(externalId === undefined ? {} : { externalId }),
  };
}

function group(reader: Reader): ProtectionGroup {
  const min = reader.number(['expect', 'min']);
  const max = reader.number(['expect', 'max']);
  return {
    name: reader.text(['name']) ?? '',
    site: reader.text(['site']) ?? '',
    select: selector(reader, ['select']) ?? { kind: 'servers', servers: [] },
    exclude: reader.items(['exclude']).flatMap((path) => selector(reader, path) ?? []),
    expect: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
  };
}

function selector(reader: Reader, path: Path): Selector | undefined {
  if (mapping(reader.at(path)) === undefined) return undefined;
  if (reader.at([...path, 'tags']) !== undefined) {
    return reader.keep<Selector>(path, { kind: 'tags', tags: reader.textMap([...path, 'tags']) ?? {} });
  }
  return reader.keep<Selector>(path, { kind: 'servers', servers: reader.texts([...path, 'servers']) });
}

const MODES = ['drill', 'recovery'] as const;

function plan(reader: Reader): Plan {
  const description = reader.text(['description']);
  const rpo = reader.duration(['objectives', 'rpo']) ?? Number.POSITIVE_INFINITY;
  return {
    name: reader.text(['name']) ?? '',
    ...(description === undefined ? {} : { description }),
    owner: reader.text(['owner']) ?? '',
    tier: reader.number(['tier']) ?? 0,
    objectives: { rto: reader.duration(['objectives', 'rto']) ?? Number.POSITIVE_INFINITY, rpo },
    readiness: { maxLag: reader.duration(['readiness', 'maxLag']) ?? rpo },
    drill: drillSettings(reader),
    ...environments(reader),
    waves: reader.items(['waves']).map((path) => wave(reader, path)),
    finally: actions(reader, ['finally']),
  };
}

function drillSettings(reader: Reader): Plan['drill'] {
  const schedule = reader.text(['drill', 'schedule']);
  const timezone = reader.text(['drill', 'timezone']);
  return {
    cleanUp: reader.oneOf(['drill', 'cleanUp'], ['terminate', 'keep']) ?? DEFAULTS.cleanUp,
    ...(schedule === undefined ? {} : { schedule }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

function environments(reader: Reader): Pick<Plan, 'environments'> {
  const drill = reader.text(['environments', 'drill']);
  const recovery = reader.text(['environments', 'recovery']);
  if (drill === undefined && recovery === undefined) return {};
  return { environments: { ...(drill === undefined ? {} : { drill }), ...(recovery === undefined ? {} : { recovery }) } };
}

function wave(reader: Reader, path: Path): Wave {
  const description = reader.text([...path, 'description']);
  const gated = gate(reader, [...path, 'gate']);
  const restored = databases(reader, [...path, 'databases']);
  return reader.keep(path, {
    name: reader.text([...path, 'name']) ?? '',
    ...(description === undefined ? {} : { description }),
    dependsOn: reader.texts([...path, 'dependsOn']),
    groups: reader.texts([...path, 'groups']),
    servers: reader.items([...path, 'servers']).flatMap((item) => serverRule(reader, item) ?? []),
    recoveryPoint: recoveryPoint(reader, [...path, 'recoveryPoint']),
    ...(restored.length === 0 ? {} : { databases: restored }),
    preWaveActions: actions(reader, [...path, 'preWaveActions']),
    postWaveActions: actions(reader, [...path, 'postWaveActions']),
    ...(gated === undefined ? {} : { gate: gated }),
    timeout: reader.duration([...path, 'timeout']) ?? DEFAULTS.timeout,
  });
}

function serverRule(reader: Reader, path: Path): ServerRule | undefined {
  const match = selector(reader, [...path, 'match']);
  if (match === undefined) return undefined;
  const criticality = reader.oneOf([...path, 'criticality'], ['critical', 'optional']) ?? DEFAULTS.criticality;
  return reader.keep(path, { match, criticality });
}

function recoveryPoint(reader: Reader, path: Path): RecoveryPoint {
  const before = reader.text([...path, 'before']);
  if (before !== undefined) return reader.keep(path, { kind: 'before', time: Date.parse(before) });
  const pinned = [...path, 'pinned'];
  if (mapping(reader.at(pinned)) === undefined) return { kind: 'latest' };
  const entries = reader.keys(pinned).flatMap((server) => {
    const snapshot = reader.text([...pinned, server]);
    return snapshot === undefined ? [] : [[server, snapshot] as const];
  });
  return reader.keep(path, { kind: 'pinned', snapshots: Object.fromEntries(entries) });
}

function gate(reader: Reader, path: Path): Gate | undefined {
  if (mapping(reader.at(path)) === undefined) return undefined;
  const description = reader.text([...path, 'description']);
  const environment = reader.text([...path, 'environment']);
  const chained = reader.texts([...path, 'environments']);
  return reader.keep(path, {
    ...(description === undefined ? {} : { description }),
    ...(environment === undefined ? {} : { environment }),
    ...(chained.length === 0 ? {} : { environments: chained }),
    when: modes(reader, [...path, 'when']) ?? DEFAULTS.gateWhen,
  });
}

function modes(reader: Reader, path: Path): Action['when'] | undefined {
  const written = reader.texts(path);
  const known = MODES.filter((mode) => written.includes(mode));
  return known.length === 0 ? undefined : known;
}

function actions(reader: Reader, path: Path): readonly Action[] {
  return reader.items(path).map((item) => action(reader, item));
}

function action(reader: Reader, path: Path): Action {
  const description = reader.text([...path, 'description']);
  const number = reader.number([...path, 'version']);
  const version = number === undefined ? reader.text([...path, 'version']) : String(number);
  const where = reader.text([...path, 'site']);
  const parameters = reader.keys([...path, 'parameters']).map((key) => {
    const at = [...path, 'parameters', key];
    const items = reader.items(at);
    const values = items.length > 0 ? items.flatMap((item) => reader.scalar(item) ?? []) : (reader.scalar(at) ?? []);
    return [key, typeof values === 'string' ? [values] : values] as const;
  });
  return reader.keep(path, {
    name: reader.text([...path, 'name']) ?? '',
    ...(description === undefined ? {} : { description }),
    kind: reader.oneOf([...path, 'kind'], ['automation', 'command']) ?? DEFAULTS.kind,
    document: reader.text([...path, 'document']) ?? '',
    ...(version === undefined ? {} : { version }),
    parameters: Object.fromEntries(parameters),
    maxWait: reader.duration([...path, 'maxWait']) ?? DEFAULTS.maxWait,
    onFailure: reader.oneOf([...path, 'onFailure'], ['stop', 'continue']) ?? DEFAULTS.onFailure,
    when: modes(reader, [...path, 'when']) ?? DEFAULTS.actionWhen,
    target: reader.oneOf([...path, 'target'], ['none', 'recovered-instances']) ?? DEFAULTS.target,
    targetParameter: reader.text([...path, 'targetParameter']) ?? DEFAULTS.targetParameter,
    ...(where === undefined ? {} : { site: where }),
  });
}
