import type { GithubContext } from '@breakwater/action-kit';

/** GitHub does not let one run be run again more often. */
const MOST_ATTEMPTS = 1_000;

/**
 * A number that grows with every try of a deed whose key was given: run ids grow, and their attempts do. The attempt alone begins at 1
 * with each run, and what failed in an earlier run would count as decided for good.
 */
export function attemptOf({ runId, runAttempt }: Pick<GithubContext, 'runId' | 'runAttempt'>): number {
  const attempt = Number(runId) * MOST_ATTEMPTS + runAttempt;
  return Number.isSafeInteger(attempt) ? attempt : runAttempt;
}
