/**
 * File operations that survive a crash, and that a second process cannot get between.
 *
 * All are synchronous on purpose. Nothing may happen in the cloud while an intent is on its way to the disk, and with a virtual clock
 * time passes whenever the event loop is quiet, which it is during asynchronous file operations: a run would not be the same twice.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InternalError } from '@breakwater/core';
import { errnoOf } from './boundary.ts';

/** Says that the history cannot be written, with the system's own reason. Nothing may be changed in the cloud after it. */
export function unwritable(path: string, cause: unknown): InternalError {
  const code = errnoOf(cause);
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EROFS: 'the file system is read-only',
    EACCES: 'permission denied',
    EPERM: 'the operation is not permitted',
    EIO: 'the disk reported an error',
    ENOTDIR: 'a part of the path is a file, not a folder',
  };
  const said = cause instanceof Error ? cause.message : String(cause);
  return new InternalError(
    'history-unwritable',
    `cannot write ${path}: ${reasons[code ?? ''] ?? said}${code ? ` (${code})` : ''}`,
    {
      next: 'Free space or correct the permissions of the history folder, or name another one, then run the same execution again: it resumes.',
      cause,
    },
  );
}

/** Makes the entries of a folder durable. Not every system can (Windows); there the file's own flush has to do. */
export function syncFolder(folder: string): void {
  let handle: number | undefined;
  try {
    handle = openSync(folder, 'r');
    fsyncSync(handle);
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function writeTemporary(path: string, content: string | Uint8Array): string {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    const handle = openSync(temporary, 'wx');
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return temporary;
}

/** Creates a file with its whole content at once; false if there is one already. Of two processes, one gets true. */
export function createFile(path: string, content: string): boolean {
  const temporary = writeTemporary(path, content);
  try {
    linkSync(temporary, path);
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST') return false;
    // File systems without hard links: still exclusive, but a reader might see it empty for a moment.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    return createPlainly(path, content);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
  return true;
}

function createPlainly(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', flush: true });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Replaces a file, or creates it: a reader sees the old content or the new, never a part. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = writeTemporary(path, content);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}
