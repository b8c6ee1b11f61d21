import { readFileSync } from 'node:fs';
import { RefusedError } from '@breakwater/core';
import { fieldOf } from './boundary.ts';

/** Events that somebody without a right to write here can cause, or that carry what they wrote: trusted if the code is of this repository. */
const FROM_OUTSIDE = [
  'pull_request',
  'pull_request_target',
  'pull_request_review',
  'pull_request_review_comment',
  'workflow_run',
];

/** Events that anybody who can see a public repository can cause; nothing in them tells who may write here. */
const BY_ANYBODY = ['issue_comment', 'issues', 'discussion', 'discussion_comment', 'fork', 'watch', 'gollum'];

const DEPENDABOT = 'dependabot[bot]';

/**
 * Refuses what a stranger could have caused: a run for a pull request from a fork, for one that Dependabot opened, or for a comment may check
 * plans and nothing else, whatever rights its workflow was given. What cannot be read counts as a stranger's. Throws `RefusedError`
 * `run-untrusted`.
 *
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories
 */
export function demandTrustedRun(environment: Readonly<Record<string, string | undefined>>): void {
  const event = environment['GITHUB_EVENT_NAME'];
  if (event === undefined) return;
  const payload = readPayload(environment['GITHUB_EVENT_PATH']);
  const first = event === 'workflow_run' ? textOf(payload, 'workflow_run', 'event') : event;
  if (first !== undefined && BY_ANYBODY.includes(first)) throw untrusted(`\`${first}\`, which anybody may cause`);
  if (!FROM_OUTSIDE.includes(event)) return;
  const why = strangerIn(event, payload, environment);
  if (why !== undefined) throw untrusted(`\`${event}\`, whose pull request ${why}`);
}

function strangerIn(
  event: string,
  payload: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const repository = environment['GITHUB_REPOSITORY'];
  // Whatever a person does to its pull request makes a run of that person, with the code that Dependabot chose.
  const author =
    event === 'workflow_run'
      ? textOf(payload, 'workflow_run', 'actor', 'login')
      : textOf(payload, 'pull_request', 'user', 'login');
  if (environment['GITHUB_ACTOR'] === DEPENDABOT || author === DEPENDABOT) return 'Dependabot opened';
  const head =
    event === 'workflow_run'
      ? textOf(payload, 'workflow_run', 'head_repository', 'full_name')
      : textOf(payload, 'pull_request', 'head', 'repo', 'full_name');
  if (head === undefined || repository === undefined) return 'may come from a fork';
  return head.toLowerCase() === repository.toLowerCase() ? undefined : `comes from the fork ${head}`;
}

function untrusted(cause: string): RefusedError {
  return new RefusedError('run-untrusted', `this run was caused by ${cause}`, {
    next: 'Let such runs do nothing but `breakwater check`; drill and recover by dispatch, schedule or push.',
  });
}

function textOf(payload: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldOf(payload, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function readPayload(file: string | undefined): unknown {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
