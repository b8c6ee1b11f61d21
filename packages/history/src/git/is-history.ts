import { RefusedError } from '@breakwater/core';
import { HEADER_FILE } from '../folder-execution.ts';
import { LEDGER_FOLDER } from '../ledger.ts';
import type { Git } from './git.ts';
import { INDEX_FILE, INDEX_TITLE } from './index-page.ts';
import { listTree, readBlobs } from './objects.ts';

/**
 * Refuses a branch that holds something else: a page of ours would take the place of a project's own, and the project would lie in the
 * history. Throws `RefusedError` `history-rejected`: a drill is stopped, a recovery goes on without the branch.
 */
export async function demandHistory(git: Git, commit: string, place: string): Promise<void> {
  const [page] = await readBlobs(git, [`${commit}:${INDEX_FILE}`]);
  if (page?.toString('utf8').startsWith(INDEX_TITLE)) return;
  const files = await listTree(git, commit);
  const isOurs = (path: string) => path.startsWith(`${LEDGER_FOLDER}/`) || new RegExp(`^[^/]+/[^/]+/${HEADER_FILE}$`).test(path);
  if (page === undefined && (files.length === 0 || files.some(({ path }) => isOurs(path)))) return;
  throw new RefusedError('history-rejected', `${place} is no history: it holds ${files.length} files of something else`, {
    next: 'Name a branch that nothing else uses, as dr-history; it is made on first use. If it was the history until somebody forced this there: delete that branch on the remote, then `breakwater history push --rewritten restore`.',
  });
}
