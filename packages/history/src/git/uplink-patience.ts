/** How long the carrying of lines to the branch waits, gathers and pauses, and what is said when it was too long. */
import { type Mode, RefusedError } from '@breakwater/core';

/** How long is waited for the remote: milliseconds of real time. */
export interface UplinkPatience {
  /** How long a drill tries before a change; then it stops. */
  readonly drill: number;
  /** How long a recovery waits: once, then it goes on without the branch, and waits no more until that is back. */
  readonly recovery: number;
  /** How long the last push of a process may take. */
  readonly last: number;
  /** One exchange with the remote. */
  readonly exchange: Readonly<Record<Mode, number>>;
}

export const UPLINK_PATIENCE: UplinkPatience = {
  drill: 120_000,
  recovery: 20_000,
  last: 30_000,
  exchange: { drill: 60_000, recovery: 20_000 },
};

/**
 * What announces no call gathers this long. GitHub asks for no more than six pushes a minute to one repository.
 * https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits
 */
export const GATHER = 10_000;
const BACKOFF = [2_000, 5_000, 10_000, 20_000, 40_000, 60_000, 120_000, 300_000] as const;

export function timeUp(ms: number): Promise<'late'> {
  return new Promise((resolve) => {
    AbortSignal.timeout(ms).addEventListener('abort', () => resolve('late'), { once: true });
  });
}

export function pauseAfter(failures: number): number {
  return BACKOFF[Math.min(failures, BACKOFF.length - 1)] ?? 0;
}

export function tooSlow(place: string, patience: number): RefusedError {
  return new RefusedError('history-unreachable', `the history on ${place} did not take our lines within ${patience / 1000} s`, {
    next: 'The record is whole on this machine. Join it later with `breakwater history push`.',
  });
}
