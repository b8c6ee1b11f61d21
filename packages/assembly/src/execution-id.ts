import { randomBytes } from 'node:crypto';
import { type Mode, UserError } from '@breakwater/core';

/** What an execution id may look like: it becomes a folder name and an AWS tag value, and people type it. */
const PATTERN = /^[a-z0-9][a-z0-9-]{1,98}[a-z0-9]$/;

/** A new execution id: plan, mode and moment for people, four random digits so that two at the same second stay apart. */
export function newExecutionId(plan: string, mode: Mode, now: number): string {
  const moment = new Date(now)
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .toLowerCase();
  return `${slug(plan)}-${mode}-${moment}-${randomBytes(2).toString('hex')}`;
}

/**
 * The execution of a workflow run: every job of it, and every re-run, means the same one. Two calls for one plan and mode within a run
 * are one execution too.
 */
export function executionIdOfRun(plan: string, mode: Mode, run: string): string {
  return checkExecutionId(`${slug(plan)}-${mode}-gh-${run}`);
}

function slug(plan: string): string {
  return plan
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
}

/** The id as given, or `UserError` `usage` if it could not be one. */
export function checkExecutionId(id: string): string {
  if (PATTERN.test(id)) return id;
  throw new UserError('usage', `"${id.slice(0, 120)}" is not an execution id`, {
    next: 'Use 3 to 100 lower-case letters, digits and hyphens, beginning and ending with a letter or digit; or leave it out for a new one.',
  });
}
