import type { GithubContext } from './github-context.ts';

/** Inputs of every action that reads or writes the record. */
export const HISTORY_INPUTS = {
  history: {
    kind: 'text',
    default: '.breakwater/history',
    description: 'Folder that holds the record of every execution; with history-branch, the part of it on this runner.',
  },
  'history-branch': {
    kind: 'text',
    description:
      'Git branch that shares the record, as dr-history; made on first use. Needs contents: write. Empty: the folder alone.',
  },
  'history-remote': {
    kind: 'text',
    description: 'Repository of history-branch: a URL, or a path. Empty: the repository of this run.',
  },
} as const;

/** The branch that shares the record, by the inputs; `undefined`: none. */
export function historyBranch(
  inputs: {
    readonly 'history-branch': string | undefined;
    readonly 'history-remote': string | undefined;
    readonly token: string | undefined;
  },
  { serverUrl, repository }: Pick<GithubContext, 'serverUrl' | 'repository'>,
): { readonly name: string; readonly remote: string; readonly token?: string } | undefined {
  const name = inputs['history-branch'];
  if (name === undefined) return undefined;
  // Away from GitHub there is no repository of the run; the one of the working folder is what is meant.
  const own = repository === undefined ? 'origin' : `${serverUrl}/${repository}`;
  const { 'history-remote': remote = own, token } = inputs;
  return { name, remote, ...(token === undefined ? {} : { token }) };
}
