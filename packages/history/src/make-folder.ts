import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './boundary.ts';

/**
 * Makes a folder and those above it, as far as they are missing. Throws what the file system says. One by one, because Node's own
 * recursive mkdir never returns where a file system answers ENOENT to every mkdir, as /proc does (seen with Node 24.21).
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || exists(parent)) throw error;
    makeFolder(parent);
    makeFolder(path);
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
