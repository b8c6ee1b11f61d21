import { formatDuration } from '@breakwater/core';
import { isMoment } from './calendar.ts';
import type { Snapshot } from './decide.ts';

/** How old the newest good copy of a database is. Times in epoch milliseconds, durations in milliseconds. */
export interface Freshness {
  readonly database: string;
  /** `undefined`: there is no good copy. */
  readonly newest: { readonly id: string; readonly time: number } | undefined;
  /** Of the data, not of the copy: what would be lost if the source were gone now. Never negative. */
  readonly age: number | undefined;
  /** What the database allows; `undefined`: it has no objective and is only reported. */
  readonly rpo: number | undefined;
  /** There is an objective, and no good copy is as young as it asks. */
  readonly stale: boolean;
  readonly words: string;
}

/** The clocks of AWS and of a runner differ by seconds. What lies further ahead is a wrong time, and proves nothing of how fresh a copy is. */
const CLOCKS_DIFFER = 5 * 60_000;

/** Only what is ours, `available` and of a believable time is a good copy: the same snapshots that retention counts. */
export function freshnessOf(
  database: string,
  copies: readonly Snapshot[],
  { now, rpo }: { readonly now: number; readonly rpo: number | undefined },
): Freshness {
  let newest: { readonly id: string; readonly time: number } | undefined;
  let ahead = 0;
  for (const { id, time, status, owned } of copies) {
    if (!owned || status !== 'available' || !isMoment(time)) continue;
    if (time > now + CLOCKS_DIFFER) ahead += 1;
    else if (newest === undefined || time > newest.time) newest = { id, time };
  }
  const age = newest === undefined ? undefined : Math.max(0, now - newest.time);
  const stale = rpo !== undefined && (age === undefined || age > rpo);
  const said = [
    age === undefined ? 'there is no good copy' : `${formatDuration(age)} old`,
    ...(stale && age !== undefined ? [`${formatDuration(rpo)} allowed`] : []),
    ...(ahead > 0 ? [`not counted: ${ahead} whose time is still to come`] : []),
  ];
  return { database, newest, age, rpo, stale, words: said.join('; ') };
}
