/**
 * The UTC calendar in whole numbers: each function numbers the periods of its kind without a gap, so that two moments lie in the same
 * period exactly if the numbers are equal, whatever month or year lies between them. Times are epoch milliseconds.
 */

export const DAY_MS = 86_400_000;

export const PERIODS = ['day', 'week', 'month', 'year'] as const;
export type Period = (typeof PERIODS)[number];

/** ECMAScript's last representable moment; beyond it there is no calendar. */
const LAST_MOMENT = 8.64e15;
/** `Date.UTC` takes years of two digits for those of the 20th century. No snapshot is nearly that old: such a time is a wrong one. */
const FIRST_MOMENT = Date.UTC(1000, 0, 1);

export function isMoment(time: number | undefined): time is number {
  return time !== undefined && time >= FIRST_MOMENT && time <= LAST_MOMENT;
}

/** Days since 1970-01-01. UTC days have 86,400 seconds in POSIX time: there are no leap seconds in it. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

/** ISO 8601 weeks, Monday to Sunday. 1970-01-01 was a Thursday, so the Monday of week 0 is three days before. */
function weekOf(time: number): number {
  return Math.floor((dayOf(time) + 3) / 7);
}

function monthOf(time: number): number {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

export function periodOf(period: Period, time: number): number {
  switch (period) {
    case 'day':
      return dayOf(time);
    case 'week':
      return weekOf(time);
    case 'month':
      return monthOf(time);
    case 'year':
      return new Date(time).getUTCFullYear();
  }
}

/** What people call the period of a moment: `2026-01-05`, `2026-W02`, `2026-01`, `2026`. */
export function periodName(period: Period, time: number): string {
  switch (period) {
    case 'day':
      return dayName(dayOf(time));
    case 'week':
      return weekName(weekOf(time));
    case 'month':
      return dayName(dayOf(time)).slice(0, -3);
    case 'year':
      return dayName(dayOf(time)).slice(0, -6);
  }
}

export function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, -14);
}

/** The year of an ISO week is that of its Thursday; week 1 has the year's first Thursday. */
function weekName(week: number): string {
  const thursday = new Date(week * 7 * DAY_MS);
  const firstOfYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const number = Math.floor((thursday.getTime() - firstOfYear) / (7 * DAY_MS)) + 1;
  return `${thursday.toISOString().slice(0, -20)}-W${String(number).padStart(2, '0')}`;
}

/** The same day of the month before, or that month's last day where it has no such day: 31 March is one month after 28 (29) February. */
export function monthBefore(day: number): number {
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const lastOfBefore = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return dayOf(Date.UTC(year, month - 1, Math.min(date.getUTCDate(), lastOfBefore)));
}

export function firstOfMonth(day: number): number {
  const date = new Date(day * DAY_MS);
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
}
