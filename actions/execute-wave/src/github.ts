import type { Door } from '@breakwater/action-kit';
import { TOOL } from '@breakwater/assembly';
import type { Clock } from '@breakwater/core';
import { type GithubApi, githubApi } from '@breakwater/github';
import type { definition } from './definition.ts';

/** The workflow run that this step is a part of. */
export interface OwnRun {
  readonly repository: string;
  readonly id: string;
}

/** `undefined` away from GitHub: no approvals are kept there, and no runs. */
export function ownRun({ github }: Door<typeof definition>): OwnRun | undefined {
  const { onGithub, repository, runId } = github;
  return !onGithub || repository === undefined || runId === undefined ? undefined : { repository, id: runId };
}

/** GitHub's API for the repository of this run. */
export function apiOf(
  { github, signal }: Door<typeof definition>,
  { repository }: OwnRun,
  token: string,
  clock: Clock,
): GithubApi {
  return githubApi(repository, { url: github.apiUrl, token, clock, signal, userAgent: TOOL });
}
