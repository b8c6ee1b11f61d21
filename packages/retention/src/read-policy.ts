import { UserError } from '@breakwater/core';
import { parseDocument } from 'yaml';
import type { Period } from './calendar.ts';
import { DEFAULT_MINIMUM_KEPT, type KeepRule, presetPolicy, type RetentionPolicy } from './policy.ts';

/** The tag by which a database chooses its policy. DRACO's, so that tagged databases need no change. */
export const LIFECYCLE_TAG = 'Draco_Lifecycle';

const TIERS = [
  ['daily', 'day'],
  ['weekly', 'week'],
  ['monthly', 'month'],
  ['yearly', 'year'],
] as const satisfies readonly (readonly [string, Period])[];

const EXAMPLE = '{ days: 14, gfs: { daily: 7, weekly: 5, monthly: 12, yearly: 7 }, minimumKept: 3 }';

/** Above this, somebody meant something else; 100 years of hourly snapshots fit. */
const MOST = 1_000_000;

/**
 * A policy from a value as it stands in a file or an input: a preset's name, or `{days?, count?, gfs?: {daily?, weekly?, monthly?,
 * yearly?}, minimumKept?}` with at least one rule. `what` names the value in messages. Throws `UserError` `usage`.
 */
export function readPolicy(value: unknown, what = 'the retention policy'): RetentionPolicy {
  if (typeof value === 'string') return presetPolicy(value);
  const fields = readFields(value, what, ['days', 'count', 'gfs', 'minimumKept']);
  const rules: KeepRule[] = [];
  const days = readCount(fields.get('days'), `days of ${what}`, 1);
  if (days !== undefined) rules.push({ kind: 'days', days });
  const count = readCount(fields.get('count'), `count of ${what}`, 1);
  if (count !== undefined) rules.push({ kind: 'count', count });
  if (fields.has('gfs')) rules.push(...readTiers(fields.get('gfs'), `gfs of ${what}`));
  const minimumKept = readCount(fields.get('minimumKept'), `minimumKept of ${what}`, 1) ?? DEFAULT_MINIMUM_KEPT;
  if (rules.length === 0) throw wrong(`${what} keeps nothing: it needs days, count or a tier of gfs above 0`);
  return { kind: 'rules', name: what, rules, minimumKept };
}

/**
 * A tier that is 0 or absent is off: its snapshots are not special then, and stay as long as a lower tier keeps them. The last snapshot of
 * a year is also the last of a month, a week and a day.
 */
function readTiers(value: unknown, what: string): readonly KeepRule[] {
  const fields = readFields(
    value,
    what,
    TIERS.map(([name]) => name),
  );
  return TIERS.flatMap(([name, period]) => {
    const count = readCount(fields.get(name), `${name} of ${what}`, 0) ?? 0;
    return count === 0 ? [] : [{ kind: 'each' as const, period, count }];
  });
}

/** As `readPolicy`, from YAML or JSON text. */
export function parsePolicy(text: string, what: string): RetentionPolicy {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) throw wrong(`${what} is not YAML or JSON: ${firstLine(error.message)}`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw wrong(`${what} is not YAML or JSON: ${firstLine(cause instanceof Error ? cause.message : String(cause))}`);
  }
  return readPolicy(value, what);
}

/**
 * The policy that a database's (or its newest snapshot's) tags choose; `undefined` if they choose none. A value that is not known gives a
 * policy that keeps everything.
 */
export function policyFromTags(tags: Readonly<Record<string, string>>): RetentionPolicy | undefined {
  const value = Object.hasOwn(tags, LIFECYCLE_TAG) ? tags[LIFECYCLE_TAG] : undefined;
  return value === undefined || value.trim() === '' ? undefined : presetPolicy(value);
}

function readFields(value: unknown, what: string, legal: readonly string[]): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(`${what} must be an object with ${legal.join(', ')}, not ${shown(value)}`);
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const name of fields.keys()) {
    if (!legal.includes(name)) throw wrong(`${what} has no field ${JSON.stringify(name)}; legal: ${legal.join(', ')}`);
  }
  return fields;
}

function readCount(value: unknown, what: string, least: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > MOST) {
    throw wrong(`${what} must be a whole number from ${least} to ${MOST}, not ${shown(value)}`);
  }
  return value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/:$/, '') ?? '';
}

function wrong(message: string): UserError {
  return new UserError('usage', message, { next: `Nothing was decided, nothing deleted. A policy looks like ${EXAMPLE}.` });
}
