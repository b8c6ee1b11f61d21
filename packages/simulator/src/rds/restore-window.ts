import { type Cluster, type DbInstance, statusOf } from './state.ts';

const DAY = 86_400_000;
/** Logs are shipped about every five minutes: so far behind is the latest moment that can be restored. */
const BEHIND = 5 * 60_000;

/**
 * Moments that a database can be restored to, epoch milliseconds; none without automated backups, and none while it is being made. It
 * begins with the oldest backup that is kept.
 */
export function restoreWindow(
  database: Cluster | DbInstance,
  now: number,
): { readonly earliest: number; readonly latest: number } | undefined {
  const { backupRetentionDays: days, createdAt } = database;
  if (days === 0 || statusOf(database, now) === 'creating') return undefined;
  const begins = Math.max(createdAt, now - days * DAY);
  return { earliest: begins, latest: Math.max(begins, now - BEHIND) };
}
