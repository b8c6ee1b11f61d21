import type { Git } from './git/git.ts';
import { readBlobs } from './git/objects.ts';
import { isPassing, type RecordSource, type SourceFile } from './record-source.ts';

/** A commit to be read, and how it is called for people. */
export interface CommitSource extends RecordSource {
  readonly git: Git;
  readonly commit: string;
}

/** The history in the tree of a commit. Nothing is fetched: what it reads must be in the repository. */
export function gitSource(git: Git, commit: string, place: string): CommitSource {
  const blobs = new Map<string, string>();
  return {
    git,
    commit,
    place,
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
