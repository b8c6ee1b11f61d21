import { formatDuration } from '@breakwater/core';
import { mapping } from './boundary.ts';
import { planDefinition } from './digest.ts';
import type { PlanSet } from './model.ts';

/** A value of a plan, or of a group or site it uses, that is not what it was. */
export interface ValueChange {
  /** As `waves.database.timeout`: items of a list go by their name. */
  readonly path: string;
  /** As a person would write it; none: it was not there. */
  readonly before?: string;
  /** None: it is gone. */
  readonly after?: string;
}

export interface PlanChange {
  readonly plan: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Empty for a plan that was added or removed. */
  readonly changes: readonly ValueChange[];
}

/**
 * What a change of plan files means: each plan whose digest would differ, and which of its values do. Comments, formatting, the order of
 * keys and the distribution over files mean nothing. Secrets are not shown.
 */
export function comparePlans(before: PlanSet, after: PlanSet): readonly PlanChange[] {
  const names = [...new Set([...before.plans.keys(), ...after.plans.keys()])].sort();
  return names.flatMap((plan): readonly PlanChange[] => {
    if (!before.plans.has(plan)) return [{ plan, kind: 'added', changes: [] }];
    if (!after.plans.has(plan)) return [{ plan, kind: 'removed', changes: [] }];
    const changes = differences('', definitionOf(before, plan), definitionOf(after, plan));
    return changes.length === 0 ? [] : [{ plan, kind: 'changed', changes }];
  });
}

/** The plan's own values at the top, what it uses beside them. */
function definitionOf(set: PlanSet, name: string): unknown {
  const { plan, groups, sites, manifests } = planDefinition(set, name);
  return { ...mapping(plan), groups, sites, ...(manifests === undefined ? {} : { manifests }) };
}

function differences(path: string, before: unknown, after: unknown): readonly ValueChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const inner = childrenOf(before);
  const outer = childrenOf(after);
  if (inner === undefined || outer === undefined) return [change(path, before, after)];
  const keys = [...new Set([...inner.keys(), ...outer.keys()])];
  const changes = keys.flatMap((key) => differences(path === '' ? key : `${path}.${key}`, inner.get(key), outer.get(key)));
  const order = [...inner.keys()].filter((key) => outer.has(key));
  const now = [...outer.keys()].filter((key) => inner.has(key));
  if (Array.isArray(before) && order.join('\n') !== now.join('\n')) {
    return [...changes, { path: `${path} (order)`, before: order.join(', '), after: now.join(', ') }];
  }
  return changes;
}

/** The values of a mapping, or of a list of named things, by key; `undefined` for anything else. */
function childrenOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(value)) {
    const map = mapping(value);
    return map === undefined ? undefined : new Map(Object.entries(map).filter(([, each]) => each !== undefined));
  }
  const names = value.map((each) => mapping(each)?.['name']);
  const named = names.filter((name) => typeof name === 'string');
  if (value.length === 0 || new Set(named).size < value.length) return undefined;
  return new Map(value.map((each, index) => [String(names[index]), each]));
}

/** Keys whose numbers are milliseconds. */
const DURATIONS = new Set(['timeout', 'maxWait', 'rto', 'rpo', 'maxLag', 'maxAge']);

function change(path: string, before: unknown, after: unknown): ValueChange {
  const key = path.slice(path.lastIndexOf('.') + 1);
  return {
    path,
    ...(before === undefined ? {} : { before: shown(key, before) }),
    ...(after === undefined ? {} : { after: shown(key, after) }),
  };
}

function shown(key: string, value: unknown): string {
  if (typeof value === 'number') return DURATIONS.has(key) ? formatDuration(value) : String(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
