import { readFileSync } from 'node:fs';
import { RefusedError } from '@breakwater/core';
import { fieldOf } from './boundary.ts';

/** Events that somebody without a right to write here can cause, or that carry what they wrote. */
const FROM_OUTSIDE = [
  'pull_request',
  'pull_request_target',
  'pull_request_review',
  'pull_request_review_comment',
  'workflow_run',
];

/**
 * Refuses what a stranger could have caused: a run for a pull request from a fork, or one that Dependabot opened, may check plans and
 * nothing else, whatever rights its workflow was given. What cannot be read counts as a stranger's. Throws `RefusedError` `run-untrusted`.
 *
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories
 */
export function demandTrustedRun(environment: Readonly<Record<string, string | undefined>>): void {
  const event = environment['GITHUB_EVENT_NAME'];
  const repository = environment['GITHUB_REPOSITORY'];
  if (event === undefined || !FROM_OUTSIDE.includes(event)) return;
  const head = headOf(event, environment['GITHUB_EVENT_PATH']);
  const stranger =
    environment['GITHUB_ACTOR'] === 'dependabot[bot]'
      ? 'Dependabot opened'
      : head === undefined || repository === undefined
        ? 'may come from a fork'
        : head.toLowerCase() === repository.toLowerCase()
          ? undefined
          : `comes from the fork ${head}`;
  if (stranger === undefined) return;
  throw new RefusedError('run-untrusted', `this run was caused by \`${event}\`, whose pull request ${stranger}`, {
    next: 'Let such runs do nothing but `breakwater check`; drill and recover by dispatch, schedule or push.',
  });
}

/** `owner/name` that the code of the event comes from. */
function headOf(event: string, file: string | undefined): string | undefined {
  const payload = readPayload(file);
  const head =
    event === 'workflow_run'
      ? fieldOf(payload, 'workflow_run', 'head_repository', 'full_name')
      : fieldOf(payload, 'pull_request', 'head', 'repo', 'full_name');
  return typeof head === 'string' && head !== '' ? head : undefined;
}

function readPayload(file: string | undefined): unknown {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
