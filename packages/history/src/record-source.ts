import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@breakwater/core';
import { errnoOf } from './boundary.ts';

/** A file of a history, as it lies there. */
export interface SourceFile {
  /** From the root of the history, with `/` between its parts. */
  readonly path: string;
  /** `other`: a link, a submodule, a device: nothing that a history holds. */
  readonly kind: 'file' | 'other';
}

/** A whole history to be read and not changed: a folder, or the tree of a branch. */
export interface RecordSource {
  /** Where it lies, for people. */
  readonly place: string;
  /** Every file that belongs to the record; what only a running process needs (locks, half-written files) is left out. */
  files(): Promise<readonly SourceFile[]>;
  /** The contents of files that `files` named, by path. A file that vanished since is left out. */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** Whether a file is kept for a running process only: hidden files, locks, and the guards under which locks are taken over. */
export function isPassing(name: string): boolean {
  return name.startsWith('.') || name.endsWith('.lock') || name.endsWith('.lock.takeover');
}

/** The history in a folder. Throws `UserError` `file-unreadable` when it cannot be read; a missing folder is an empty history. */
export function folderSource(root: string): RecordSource {
  return {
    place: root,
    files: async () => filesUnder(root, ''),
    read: async (paths) => {
      const contents = new Map<string, Uint8Array>();
      for (const path of paths) {
        const content = readIfThere(join(root, path));
        if (content !== undefined) contents.set(path, content);
      }
      return contents;
    },
  };
}

/** Every file under a folder of the history, by path from `root`, in the order of their names. */
export function filesUnder(root: string, folder: string): readonly SourceFile[] {
  const found: SourceFile[] = [];
  for (const entry of entriesOf(join(root, folder)).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isPassing(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...filesUnder(root, path));
    else found.push({ path, kind: entry.isFile() ? 'file' : 'other' });
  }
  return found;
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw unreadable(path, error);
  }
}

/** `undefined` if there is no such file. */
export function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): UserError {
  return new UserError('file-unreadable', `cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    next: 'Correct the permissions of the history, or name another one.',
    cause,
  });
}
