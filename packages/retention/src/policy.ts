import type { Period } from './calendar.ts';

/** One reason to keep snapshots. A snapshot goes only if no rule keeps it. */
export type KeepRule =
  /** Every snapshot up to so many times 24 hours old. The only rule that depends on the present time. */
  | { readonly kind: 'days'; readonly days: number }
  /** The newest so many. */
  | { readonly kind: 'count'; readonly count: number }
  /** The newest of each of the last so many periods that have a snapshot. Periods without one do not use up the number. */
  | { readonly kind: 'each'; readonly period: Period; readonly count: number }
  /** The newest of each day since then; `month-before` includes that day. Both are reckoned from the newest snapshot. */
  | { readonly kind: 'days-since'; readonly since: 'month-before' | 'month-start' };

/** A policy that decides, or one that keeps everything and says why. */
export type RetentionPolicy =
  | { readonly kind: 'rules'; readonly name: string; readonly rules: readonly KeepRule[]; readonly minimumKept: number }
  | { readonly kind: 'keep-all'; readonly name: string; readonly because: 'ignored' | 'unknown' };

/** At least the newest copy stays, whatever a policy says. */
export const DEFAULT_MINIMUM_KEPT = 1;

const each = (period: Period, count: number): KeepRule => ({ kind: 'each', period, count });

/**
 * Grandfather, father, son. Five weeks, because four do not always reach back to the month before: the promise is "the weeklies for a
 * month".
 */
const STANDARD = [each('day', 7), each('week', 5), each('month', 12), each('year', 7)];

/**
 * The presets. DRACO's names mean what DRACO's documentation and code promise, with its calendar mistakes mended. Where the two
 * differ (`test`: the latest three in code, five days in the documentation), both are kept.
 */
const PRESETS = {
  test: [{ kind: 'count', count: 3 }, each('day', 5)],
  weekly: [each('day', 7)],
  fortnightly: [each('day', 14)],
  biweekly: [each('week', 2)],
  semimonthly: [each('day', 14), each('week', 4)],
  monthly: [{ kind: 'days-since', since: 'month-before' }],
  currentmonth: [{ kind: 'days-since', since: 'month-start' }],
  standard: STANDARD,
  extreme: STANDARD,
} as const satisfies Record<string, readonly KeepRule[]>;

/** DRACO's word for databases whose snapshots are not its business. */
const IGNORE = 'ignore';

/** All names that `presetPolicy` knows. */
export const PRESET_NAMES: readonly string[] = [...Object.keys(PRESETS), IGNORE];

export function isPresetName(name: string): boolean {
  return PRESET_NAMES.includes(normal(name));
}

/**
 * The policy of that name; capitals and white space around it do not matter. A name that is not known gives a policy that keeps
 * everything and says so: a typing error must not delete a backup.
 */
export function presetPolicy(name: string): RetentionPolicy {
  const known = normal(name);
  if (known === IGNORE) return { kind: 'keep-all', name: known, because: 'ignored' };
  const rules = isRuled(known) ? PRESETS[known] : undefined;
  if (rules === undefined) return { kind: 'keep-all', name, because: 'unknown' };
  return { kind: 'rules', name: known, rules, minimumKept: DEFAULT_MINIMUM_KEPT };
}

function isRuled(name: string): name is keyof typeof PRESETS {
  return Object.hasOwn(PRESETS, name);
}

function normal(name: string): string {
  return name.trim().toLowerCase();
}
