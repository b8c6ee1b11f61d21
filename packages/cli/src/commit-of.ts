import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const PATIENCE = 3_000;

/** URL of the remote `origin` in the working folder; `undefined` without git, or without one. */
export async function originUrl(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['remote', 'get-url', 'origin'], { timeout: PATIENCE });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The commit that holds the plan files as they are now; `undefined` outside git, without git, or if they were changed since: a
 * record must not name a commit that says something else.
 */
export async function commitOf(path: string): Promise<string | undefined> {
  try {
    const folder = (await stat(path)).isDirectory() ? path : dirname(path);
    const git = async (...words: string[]) => {
      const { stdout } = await promisify(execFile)('git', ['-C', folder, ...words], { timeout: PATIENCE });
      return stdout.trim();
    };
    const [head, changed] = await Promise.all([
      git('rev-parse', '--verify', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=all', '--', '.'),
    ]);
    return changed === '' ? head : undefined;
  } catch {
    return undefined;
  }
}
