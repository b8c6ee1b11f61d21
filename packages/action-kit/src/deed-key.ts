import { UserError } from '@breakwater/core';
import type { GithubContext } from './github-context.ts';

/**
 * Run, job and step name one deed; a re-run of the job keeps it, so that it finds its own work. Throws `UserError` `usage` away from
 * GitHub, where nothing names it.
 */
export function deedKey({ repository, runId, job, step }: GithubContext, action: string): string {
  if (runId === undefined) {
    throw new UserError('usage', `${action}: away from GitHub "key" must be given`, {
      next: 'Correct the `with:` of the step; nothing was started.',
    });
  }
  return [repository, runId, job, step].filter((part) => part !== undefined).join('/');
}
