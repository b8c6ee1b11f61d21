import type { Snapshot } from './decide.ts';

/**
 * For the tests: which restore points a policy owes at a moment, worked out apart from the deciding code, from text dates and from the whole
 * history, deleted snapshots included.
 */

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** What is owed, in words of the calendar: one restore point in each of the last so many periods that ever had one. */
export interface Owed {
  readonly day?: number;
  readonly week?: number;
  readonly month?: number;
  readonly year?: number;
  /** Each of the newest so many, itself. */
  readonly newest?: number;
  /** So many in all, if there ever were as many. */
  readonly least?: number;
  /** Each not older than so many days, itself. */
  readonly days?: number;
  /** One for each day since, reckoned from the newest. */
  readonly since?: 'month-before' | 'month-start';
}

/** What each preset owes, as docs/retention.md tells it. */
export const OWED: Readonly<Record<string, Owed>> = {
  test: { newest: 3, day: 5 },
  weekly: { day: 7 },
  fortnightly: { day: 14 },
  biweekly: { week: 2 },
  semimonthly: { day: 14, week: 4 },
  monthly: { since: 'month-before' },
  currentmonth: { since: 'month-start' },
  standard: { day: 7, week: 5, month: 12, year: 7 },
  extreme: { day: 7, week: 5, month: 12, year: 7 },
};

const KINDS = ['day', 'week', 'month', 'year'] as const;
type Kind = (typeof KINDS)[number];
type Names = Readonly<Record<Kind, string>>;

interface Known {
  readonly id: string;
  readonly time: number;
  readonly names: Names;
}

/** All good copies there ever were, and what of them is owed. */
export class History {
  readonly #known: Known[] = [];
  readonly #names = new Map<string, Names>();
  readonly #ever: Readonly<Record<Kind, string[]>> = { day: [], week: [], month: [], year: [] };

  /** Times may come out of order: a copy arrives when it is done. */
  add({ id, time = 0 }: Snapshot): void {
    const names = namesOf(time);
    this.#names.set(id, names);
    insert(this.#known, { id, time, names }, (a, b) => a.time - b.time || (a.id < b.id ? 1 : -1));
    for (const kind of KINDS) {
      if (!this.#ever[kind].includes(names[kind])) insert(this.#ever[kind], names[kind], (a, b) => (a < b ? -1 : 1));
    }
  }

  /** What is owed at `now` and missing among `left`: empty if every promise is kept. */
  missing(owed: Owed, left: readonly Snapshot[], now: number): readonly string[] {
    const ids = new Set(left.map(({ id }) => id));
    const names = left.map(({ id }) => this.#names.get(id));
    const periods = (kind: Kind, wanted: readonly string[]) => {
      const there = new Set(names.map((each) => each?.[kind]));
      return wanted.filter((name) => !there.has(name)).map((name) => `a snapshot of ${name}`);
    };
    const newest = this.#known.at(-1);
    const since = newest === undefined || owed.since === undefined ? undefined : sinceOf(newest.names.day, owed.since);
    const themselves = (wanted: readonly Known[]) => wanted.filter(({ id }) => !ids.has(id)).map(({ id }) => `snapshot ${id}`);
    const least = Math.min(owed.least ?? 1, this.#known.length);
    return [
      ...(left.length < least ? [`${least - left.length} of the least ${least}`] : []),
      ...KINDS.flatMap((kind) => periods(kind, last(this.#ever[kind], owed[kind] ?? 0))),
      ...(since === undefined ? [] : periods('day', [...takeBack(this.#ever.day, (name) => name >= since)])),
      ...themselves(last(this.#known, Math.max(owed.newest ?? 0, 1))),
      ...themselves([...takeBack(this.#known, ({ time }) => now - time <= (owed.days ?? -1) * DAY)]),
    ];
  }
}

function last<T>(list: readonly T[], count: number): readonly T[] {
  return list.slice(Math.max(0, list.length - count));
}

function* takeBack<T>(list: readonly T[], wanted: (each: T) => boolean): Generator<T> {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const each = list[index];
    if (each === undefined || !wanted(each)) return;
    yield each;
  }
}

function insert<T>(list: T[], item: T, order: (a: T, b: T) => number): void {
  let index = list.length;
  for (let before = list[index - 1]; before !== undefined && order(before, item) > 0; before = list[index - 1]) index -= 1;
  list.splice(index, 0, item);
}

function namesOf(time: number): Names {
  const text = new Date(time).toISOString();
  return { day: text.slice(0, 10), week: weekName(time), month: text.slice(0, 7), year: text.slice(0, 4) };
}

/** By ISO 8601's definition: walk to the week's Thursday, count the Thursdays of its year up to it. */
function weekName(time: number): string {
  const thursday = new Date(time);
  while (thursday.getUTCDay() !== 4)
    thursday.setTime(thursday.getTime() + ([0, 5, 6].includes(thursday.getUTCDay()) ? -DAY : DAY));
  const year = thursday.getUTCFullYear();
  let number = 0;
  for (const each = new Date(thursday); each.getUTCFullYear() === year; each.setTime(each.getTime() - 7 * DAY)) number += 1;
  return `${year}-W${String(number).padStart(2, '0')}`;
}

function sinceOf(day: string, since: 'month-before' | 'month-start'): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  if (since === 'month-start') return `${day.slice(0, 8)}01`;
  const [y, m] = month === 1 ? [year - 1, 12] : [year, month - 1];
  const leap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  const lasts = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return `${y}-${String(m).padStart(2, '0')}-${String(Math.min(date, lasts[m - 1] ?? 31)).padStart(2, '0')}`;
}
