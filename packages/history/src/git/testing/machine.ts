/** Bare repositories, machines and branches for the tests of the shared history. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Clock, scaledClock, systemClock } from '@breakwater/core';
import type { Reason } from '../../events.ts';
import { type GitStore, type GitStoreOptions, gitStore } from '../git-store.ts';
import { GitRemote } from '../remote.ts';

const NAME = 'dr-history';

export const ANN = { name: 'ann', email: 'ann@noreply.invalid' };

/** Pauses between tries a hundred times shorter: what takes seconds on a network takes milliseconds on a disk. */
export function quickPace(): Clock {
  return scaledClock({ anchorReal: 0, anchorClock: 0, speed: 100 });
}

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-branch-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export function bareRepository(root: string, name = 'origin.git'): string {
  const path = join(root, name);
  execFileSync('git', ['init', '--quiet', '--bare', path]);
  return path;
}

/** Runs git in a bare repository, for a look at what is there. */
export function gitIn(repository: string, ...words: readonly string[]): string {
  return execFileSync('git', ['--git-dir', repository, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What the branch holds at a path. */
export function onBranch(repository: string, path: string): string {
  return gitIn(repository, 'show', `${NAME}:${path}`);
}

export interface Machine {
  readonly store: GitStore;
  readonly root: string;
  readonly warnings: readonly Reason[];
}

/** A machine with a local folder of its own, whose history is on the branch. */
export async function machine(root: string, remote: string, more: Partial<GitStoreOptions> = {}): Promise<Machine> {
  const warnings: Reason[] = [];
  const clock = more.clock ?? systemClock;
  const store = gitStore({
    root,
    remote: await GitRemote.open({ folder: join(root, '.git-branch'), remote, clock, environment: process.env }),
    branch: NAME,
    owner: 'ann on laptop',
    author: ANN,
    committer: ANN,
    warn: (reason) => warnings.push(reason),
    pace: quickPace(),
    ...more,
    clock,
  });
  return { store, root, warnings };
}
