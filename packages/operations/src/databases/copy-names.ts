import { createHash } from 'node:crypto';
import type { RdsSnapshot } from '@breakwater/aws';

/**
 * Names of copies, made only of what the source is, so that any process finds them and no run makes a second copy. RDS takes 63 letters,
 * digits and single hyphens, beginning with a letter; automated snapshots have colons, which a copy's name must not.
 */

const LONGEST = 63;
const HASH = 6;

/** When a moment is not known; sorts before every other. */
const UNDATED = '000000000000';

type Source = Pick<RdsSnapshot, 'arn' | 'database'>;

/** `<database>-<yyyymmddhhmm>-<hash>`, by the time at which the original was taken (epoch milliseconds). */
export function copyName(source: Source, takenAt: number | undefined): string {
  return compose(source.database, `-${stamp(takenAt)}-${hashOf([source.arn.toLowerCase()])}`);
}

/** A copy on the way: one for every destination, so that two copies of one snapshot to two places never take each other's away. */
export function wayName(
  role: 'transit' | 'relay',
  source: Source,
  takenAt: number | undefined,
  destination: { readonly account: string; readonly region: string },
): string {
  const hash = hashOf([source.arn.toLowerCase(), destination.account, destination.region]);
  return compose(source.database, `-${stamp(takenAt)}-${role}-${hash}`);
}

/** Whether a name is one of `wayName`: an event says no more of a snapshot. */
export function isWayName(name: string): boolean {
  return /-\d{12}-(transit|relay)-[0-9a-f]{6}$/.test(name);
}

/** UTC, to the minute. */
function stamp(at: number | undefined): string {
  return at === undefined ? UNDATED : new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 12);
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, HASH);
}

function compose(database: string, suffix: string): string {
  const legal = database
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const base = /^[a-z]/.test(legal) ? legal : `db-${legal}`;
  return `${base.slice(0, LONGEST - suffix.length).replace(/-+$/, '')}${suffix}`;
}
