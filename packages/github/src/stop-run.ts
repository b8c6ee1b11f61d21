import type { GithubApi } from './api.ts';

/** What came of it: GitHub cancels the run, it was over already, or why it was not asked. */
export type Stopped = { readonly stopped: 'cancelling' | 'already-over' } | { readonly not: string };

/**
 * Cancels the workflow run of a page, as `https://github.com/example/webshop/actions/runs/7/attempts/1`: only of the repository that the
 * token is for, and never the run that asks. Needs `actions: write`. Throws as the API does.
 */
export async function stopRun(
  api: GithubApi,
  page: string | undefined,
  own: { readonly server: string; readonly run: string },
): Promise<Stopped> {
  if (page === undefined) return { not: 'it does not run in GitHub' };
  const found = runOfPage(page, own.server);
  if (found === undefined) return { not: `${page} is no run of ${own.server}` };
  if (found.repository.toLowerCase() !== api.repositoryName.toLowerCase()) {
    return { not: `it runs in ${found.repository}, where the token of this job has no right` };
  }
  if (found.run === own.run) return { not: 'it is this very run' };
  const answer = await api.cancelRun(found.run);
  return answer === undefined ? { not: `GitHub knows no run ${found.run}` } : { stopped: answer };
}

function runOfPage(page: string, server: string): { readonly repository: string; readonly run: string } | undefined {
  if (!URL.canParse(page) || !URL.canParse(server)) return undefined;
  const { origin, pathname } = new URL(page);
  if (origin !== new URL(server).origin) return undefined;
  const [, repository, run] = /^\/([\w.-]+\/[\w.-]+)\/actions\/runs\/(\d+)(?:\/.*)?$/.exec(pathname) ?? [];
  return repository === undefined || run === undefined ? undefined : { repository, run };
}
