import { RefusedError } from '@breakwater/core';
import { type GitResult, howKilled } from './git.ts';

/** What kept a remote from doing what was asked. */
export type RemoteTrouble = 'unreachable' | 'permission' | 'protected' | 'too-large';

/** Refused by a rule of the branch; GitHub, GitLab and Gitea in their words. https://docs.github.com/en/code-security/secret-scanning */
const PROTECTED =
  /GH00[36]|GH013|protected branch|repository rule violations|cannot force-push to this|not allowed to (?:force )?push code to protected/i;

const TOO_LARGE = /GH001|exceeds GitHub's file size limit|pack exceeds maximum allowed size/i;

/** Known to the remote, but not allowed, or not known well enough. A private repository looks like a missing one to strangers. */
const PERMISSION =
  /returned error: 40[13]|Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission (?:to \S+ )?denied|Write access to repository not granted|Repository not found|repository '[^']*' not found|access denied|not authorized|Host key verification failed|unable to update url base from redirection/i;

/** Judges a failed command by its English words; what is not known counts as unreachable, which is the one that may pass. */
export function troubleOf({ code, stderr }: GitResult): RemoteTrouble {
  if (code === undefined) return 'unreachable';
  if (PROTECTED.test(stderr)) return 'protected';
  if (TOO_LARGE.test(stderr)) return 'too-large';
  if (PERMISSION.test(stderr)) return 'permission';
  return 'unreachable';
}

/** The error for it: `history-unreachable`, or `history-rejected` for what will not pass by itself. */
export function remoteError(trouble: RemoteTrouble, what: string, url: string, said: string): RefusedError {
  const heard = said === '' ? '' : `: ${said}`;
  switch (trouble) {
    case 'unreachable':
      return new RefusedError('history-unreachable', `the history on ${url} cannot be reached (${what})${heard}`, {
        next: 'Check the network, the address and the status of the git server, then run the same execution again.',
      });
    case 'permission':
      return new RefusedError('history-rejected', `${url} does not let us ${what}${heard}`, {
        next: 'In a workflow give the job `permissions: contents: write`; elsewhere use a token or key that may write to that repository.',
      });
    case 'protected':
      return new RefusedError('history-rejected', `a protection rule of ${url} does not let us ${what}${heard}`, {
        next: 'Let the history branch be written by the workflow (exempt it from the ruleset or branch protection), or name another branch.',
      });
    case 'too-large':
      return new RefusedError('history-rejected', `${url} does not take files of that size${heard}`, {
        next: 'Use another repository for the history, or raise the limit.',
      });
  }
}

/** What git and the remote said that matters to people: one line, the most telling ones first. */
export function saidBy(result: GitResult): string {
  const killed = howKilled(result);
  if (killed !== undefined) return killed;
  const lines = result.stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' && !/^(?:To |hint:|remote:\s*$|Please make sure|and the repository exists|error: failed to push)/.test(line),
    );
  const telling = lines.filter((line) => /error|fatal|denied|rejected|GH0|declined/i.test(line));
  return (telling.length > 0 ? telling : lines).slice(0, 3).join('; ').slice(0, 400);
}
