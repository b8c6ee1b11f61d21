import { formatDuration, type Status, type Verdict } from '@breakwater/core';
import type { Execution, StepKind } from '@breakwater/history';

const STATUS_WORDS: Readonly<Record<Status, string>> = {
  pending: 'not begun',
  running: 'running',
  waiting: 'waiting',
  succeeded: 'succeeded',
  'succeeded-with-warnings': 'succeeded with warnings',
  failed: 'failed',
  'failed-ignored': 'failed (ignored)',
  'timed-out': 'timed out',
  skipped: 'skipped',
  cancelled: 'cancelled',
};

/** A status for people; one that a later version added is shown as it is. */
export function statusWord(status: Status): string {
  return STATUS_WORDS[status] ?? status;
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  succeeded: 'succeeded',
  degraded: 'degraded',
  failed: 'failed',
  cancelled: 'cancelled',
  'in-progress': 'in progress',
};

export function verdictWord(verdict: Verdict): string {
  return VERDICT_WORDS[verdict] ?? verdict;
}

/** A moment in UTC to the second, as `2026-11-20 03:15:00`. */
export function moment(at: number | undefined): string {
  return at === undefined || Number.isNaN(at) ? '–' : new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** The time of day in UTC, as `03:15:00`. */
export function timeOfDay(at: number | undefined): string {
  return at === undefined ? '–' : moment(at).slice(11);
}

/** How long something took; an en dash while it is not known. */
export function took(from: number | undefined, to: number | undefined): string {
  return from === undefined || to === undefined ? '–' : formatDuration(to - from);
}

export function duration(ms: number | undefined): string {
  return ms === undefined ? '–' : formatDuration(ms);
}

/** As `1 server`, `3 servers`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

const KIND_WORDS: Readonly<Record<StepKind, string>> = {
  gate: 'approval: ',
  'pre-wave-action': 'before: ',
  recover: '',
  verify: '',
  'recover-database': '',
  'post-wave-action': 'after: ',
  'finally-action': 'finally: ',
  'clean-up': '',
};

/** A step for people: an action with when it runs; launch, proof and clean-up have names that say it. */
export function stepTitle({ kind, name }: { readonly kind: StepKind; readonly name: string }): string {
  return `${KIND_WORDS[kind] ?? ''}${name}`;
}

interface Answerable {
  readonly met?: boolean;
  readonly actual?: number;
  readonly objective: number;
  /** Databases with objectives of their own. */
  readonly databases?: readonly { readonly met?: boolean }[];
}

/** Whether an objective was met, and why not when its figure does not show it. */
export function objectiveAnswer({ verdict }: Execution, { met, actual, objective, databases = [] }: Answerable) {
  if (met === true) return 'met';
  if (met === undefined) return verdict === 'in-progress' ? 'not known yet' : 'not proved';
  if (actual !== undefined && actual > objective) return 'missed';
  if (databases.some((database) => database.met === false)) return 'not met: a database missed its own';
  return actual === undefined ? 'missed' : 'not met: not all was recovered';
}
