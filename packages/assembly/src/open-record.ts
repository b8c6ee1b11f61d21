import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, UserError } from '@breakwater/core';
import { type CommitSource, folderSource, GitRemote, gitSource, localBranch, type RecordSource } from '@breakwater/history';
import type { HistoryBranch } from './open-history.ts';

export interface RecordPlace {
  readonly history: string;
  /** The branch; without a remote, as the repository of the working folder has it, without the network. */
  readonly branch?: Omit<HistoryBranch, 'remote'> & { readonly remote?: string };
}

export interface OpenRecord {
  readonly source: RecordSource | CommitSource;
  close(): void;
}

/**
 * Opens a whole history to be read and checked, and changes nothing there. Throws `UserError` `file-unreadable` if there is none, and
 * `RefusedError` `history-unreachable` or `history-rejected` for a remote that does not answer.
 */
export async function openRecord(
  { history, branch }: RecordPlace,
  clock: Clock,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OpenRecord> {
  if (branch === undefined) {
    if (statSync(history, { throwIfNoEntry: false })?.isDirectory() !== true) throw none(history);
    return { source: folderSource(history), close: () => undefined };
  }
  const { name, remote: address, token } = branch;
  if (address === undefined) {
    const found = await localBranch(name, { cwd: process.cwd(), clock, environment });
    if (found === undefined) throw none(`branch ${name} of the repository in this folder`);
    return { source: found, close: () => undefined };
  }
  // All of it, into a repository made for this alone: what was seen here before is not what is to be checked.
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-history-'));
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    const remote = await GitRemote.open({
      folder: join(folder, 'clone.git'),
      remote: address,
      clock,
      environment,
      ...(token === undefined ? {} : { token }),
    });
    const ref = 'refs/heads/history';
    const place = `${remote.url}#${name}`;
    if (!(await remote.fetch([`+refs/heads/${name}:${ref}`], { timeout: 600_000 }))) throw none(place);
    return { source: gitSource(remote.git, ref, place), close };
  } catch (error) {
    close();
    throw error;
  }
}

function none(place: string): UserError {
  return new UserError('file-unreadable', `there is no history in ${place}`, {
    next: 'Give its folder with --history, or its branch with --history-branch (and --history-remote).',
  });
}
