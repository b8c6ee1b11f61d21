import { spawnSync } from 'node:child_process';
import type { Clock } from '@breakwater/core';
import { checkedBranch } from './git/branch.ts';
import { gitEnvironment } from './git/environment.ts';
import { Git } from './git/git.ts';
import { readBlobs, resolveRef } from './git/objects.ts';
import { witnessRef } from './git/witness.ts';
import { isPassing, type RecordSource, type SourceFile } from './record-source.ts';

/** A commit to be read, and how it is called for people. */
export interface CommitSource extends RecordSource {
  readonly git: Git;
  readonly commit: string;
  /** Where the branch was when it was last pushed, as a second reference has it. */
  readonly witness?: { readonly ref: string; readonly commit: string };
}

/** The history in the tree of a commit. Nothing is fetched: what it reads must be in the repository. */
export function gitSource(git: Git, commit: string, place: string, witness?: CommitSource['witness']): CommitSource {
  const blobs = new Map<string, string>();
  return {
    git,
    commit,
    place,
    ...(witness === undefined ? {} : { witness }),
    files: async () => {
      const { stdout } = await git.local(['ls-tree', '-r', '-z', '--full-tree', commit]);
      const files: SourceFile[] = [];
      for (const entry of stdout.toString('utf8').split('\0')) {
        const [, mode = '', type = '', blob = '', path = ''] = /^(\d+) (\S+) ([0-9a-f]+)\t(.*)$/s.exec(entry) ?? [];
        if (path === '' || path.split('/').some(isPassing)) continue;
        const kind = type === 'blob' && mode !== '120000' ? 'file' : 'other';
        if (kind === 'file') blobs.set(path, blob);
        files.push({ path, kind });
      }
      return files.sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    read: async (paths) => {
      const known = paths.filter((path) => blobs.has(path));
      const contents = await readBlobs(
        git,
        known.map((path) => blobs.get(path) ?? ''),
      );
      return new Map(
        known.flatMap((path, at): [string, Uint8Array][] => {
          const content = contents[at];
          return content === undefined ? [] : [[path, content]];
        }),
      );
    },
  };
}

/** The witness of a branch, if that repository has it: the one that is written to does, a clone only if it was fetched. */
export async function witnessIn(git: Git, branch: string): Promise<CommitSource['witness']> {
  const ref = witnessRef(branch);
  const commit = await resolveRef(git, ref);
  return commit === undefined ? undefined : { ref, commit };
}

export interface LocalOptions {
  /** A folder of the repository's working tree, or the bare repository itself. */
  readonly cwd: string;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The history on a branch as a repository on this machine has it: its own branch, or the one that was last fetched from `origin` where that
 * continues it: somebody who looked at the branch once has an old one of their own. `undefined` if there is no repository or no such branch. Throws `UserError` `usage` for a name that is none.
 */
export async function localBranch(name: string, { cwd, clock, environment }: LocalOptions): Promise<CommitSource | undefined> {
  checkedBranch(name);
  const found = spawnSync('git', ['rev-parse', '--path-format=absolute', '--git-common-dir'], {
    cwd,
    env: gitEnvironment(environment, undefined),
    encoding: 'utf8',
  });
  const folder = found.status === 0 ? found.stdout.trim() : '';
  if (folder === '') return undefined;
  const git = await Git.open({ folder, clock, environment });
  const refs = [`refs/heads/${name}`, `refs/remotes/origin/${name}`] as const;
  const [own, fetched] = await Promise.all(refs.map((ref) => resolveRef(git, ref)));
  const isOld =
    own !== undefined && fetched !== undefined && (await git.run(['merge-base', '--is-ancestor', own, fetched])).code === 0;
  const [commit, ref] = own === undefined || isOld ? [fetched, refs[1]] : [own, refs[0]];
  return commit === undefined ? undefined : gitSource(git, commit, `${ref} of ${folder}`, await witnessIn(git, name));
}
