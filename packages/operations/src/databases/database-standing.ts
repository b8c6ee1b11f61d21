import type { LiveDatabase } from './live-database.ts';

/**
 * What the statuses of RDS mean to whoever waits. They are open: one that we do not know counts as underway, so that we neither act on it
 * nor take it for success. The waiters of the SDK know only some of the failures, and run into their timeouts.
 */
export type StandingWord = 'available' | 'underway' | 'failed';

const FAILED = [
  /^failed$/,
  /-failed$/,
  /^incompatible-/,
  /^inaccessible-encryption-credentials/,
  /^insufficient-capacity$/,
  /^storage-full$/,
  /^restore-error$/,
  /^deleting$/,
  /^stopp(ed|ing)$/,
];

export function clusterStanding(status: string): StandingWord {
  if (status === 'available') return 'available';
  return FAILED.some((pattern) => pattern.test(status)) ? 'failed' : 'underway';
}

/** In which an instance serves: after a resize, and while a restored disk is still being filled from S3, which takes hours. */
const SERVING: ReadonlySet<string> = new Set(['available', 'storage-optimization', 'storage-initialization']);

export function instanceStanding(status: string): StandingWord {
  if (SERVING.has(status)) return 'available';
  return FAILED.some((pattern) => pattern.test(status)) ? 'failed' : 'underway';
}

/** Of a cluster, or of an instance of its own. */
export function databaseStanding({ kind, status }: Pick<LiveDatabase, 'kind' | 'status'>): StandingWord {
  return kind === 'cluster' ? clusterStanding(status) : instanceStanding(status);
}

/**
 * When to look again, milliseconds; a password takes seconds, clusters and instances from 5 to 30 minutes, and nothing tells how far they
 * are: what is noticed late is a small part of what was waited for. `elapsed` since it was begun.
 */
export function untilNextDatabaseLook(elapsed: number): number {
  return Math.round(Math.min(5_000, Math.max(2_000, 0.006 * elapsed)));
}
