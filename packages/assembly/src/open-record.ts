import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, RefusedError, UserError } from '@breakwater/core';
import {
  type CommitSource,
  checkedBranch,
  folderSource,
  GitRemote,
  gitSource,
  localBranch,
  type RecordSource,
  witnessFolder,
  witnessIn,
  witnessRef,
} from '@breakwater/history';
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
 * Opens a whole history to be read and checked, and changes nothing there. Throws `UserError` `file-unreadable` if there is none and `usage` for a
 * branch's name that is none, and `RefusedError` `history-unreachable` or `history-rejected` for a remote that does not answer, and `history-rewritten` for a branch that was
 * deleted there.
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
  checkedBranch(name);
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
    const witnesses = `${witnessFolder(name)}/*`;
    if (!(await remote.fetch([`+refs/heads/${name}:${ref}`, `+${witnesses}:${witnesses}`], { timeout: 600_000 }))) {
      const left = witnessRef(name);
      throw (await remote.refs([left])).has(left) ? deleted(place, left) : none(place);
    }
    return { source: gitSource(remote.git, ref, place, await witnessIn(remote.git, name)), close };
  } catch (error) {
    close();
    throw error;
  }
}

function deleted(place: string, witness: string): RefusedError {
  return new RefusedError('history-rewritten', `the history on ${place} was deleted; ${witness} still holds what was there`, {
    next: 'Find out who did it, and put it back: breakwater history push --rewritten restore, with the same branch and remote.',
  });
}

function none(place: string): UserError {
  return new UserError('file-unreadable', `there is no history in ${place}`, {
    next: 'Give its folder with --history, or its branch with --history-branch (and --history-remote).',
  });
}
