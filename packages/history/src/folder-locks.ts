import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, RefusedError, shellCommand } from '@breakwater/core';
import { errnoOf, parseLock } from './boundary.ts';
import { createFile, unwritable } from './durable-file.ts';
import { inOrder, lockName, lockPath, lockText, sameHand, sorted, unknownOwner } from './lock-names.ts';
import type { HeldLock, LockOwner, LockTarget, RecoveryLocks } from './locks.ts';
import { makeFolder } from './make-folder.ts';
import { filesUnder } from './record-source.ts';
import { lockStream, type StreamLock } from './stream-lock.ts';

export interface FolderLockOptions {
  readonly clock: Clock;
  /** Simulated AWS has locks of its own: a rehearsal never stands in the way of a recovery. */
  readonly simulated: boolean;
}

/** How long others may be busy with the locks, in steps of real time: each is at it for milliseconds. */
const TURNS = 2_000;
const TURN_MS = 5;

/**
 * Locks in the folder of a history: they keep executions apart that are run from it, on one machine or on several that share the disk.
 * All methods throw `InternalError` `history-unwritable` when the disk refuses.
 */
export function folderLocks(root: string, options: FolderLockOptions): RecoveryLocks {
  return new FolderLocks(root, options.simulated ? '.locks-simulated' : '.locks', options.clock);
}

class FolderLocks implements RecoveryLocks {
  readonly #folder: string;
  readonly #root: string;
  readonly #clock: Clock;

  constructor(root: string, folder: string, clock: Clock) {
    this.#root = root;
    this.#folder = join(root, folder);
    this.#clock = clock;
  }

  unlockCommand(execution: string): string {
    return shellCommand(['breakwater', 'unlock', execution, '--history', this.#root]);
  }

  async take(targets: readonly LockTarget[], owner: LockOwner): Promise<readonly HeldLock[]> {
    const wanted = inOrder(targets);
    if (wanted.length === 0) return [];
    return this.#alone(owner, () => {
      const found = wanted.map(({ path, target }) => ({ path, target, lock: this.#read(path) }));
      const others = found.flatMap(({ target, lock }) =>
        lock === undefined || lock.execution === owner.execution ? [] : [{ target, owner: lock }],
      );
      if (others.length > 0) return others;
      for (const { path, target, lock } of found) if (lock === undefined) this.#create(`held/${path}`, lockText(owner, [target]));
      return [];
    });
  }

  async held(): Promise<readonly HeldLock[]> {
    return sorted(this.#all());
  }

  async release(execution: string): Promise<void> {
    const own = this.#all().filter(({ owner }) => owner.execution === execution);
    for (const { target } of own) this.#remove(`held/${lockPath(target)}`);
    this.#remove(`wanted/${lockName(execution)}`);
  }

  async break(locks: readonly HeldLock[]): Promise<readonly HeldLock[]> {
    const [first] = locks;
    if (first === undefined) return [];
    return this.#alone(first.owner, () => {
      const changed: HeldLock[] = [];
      for (const { target, owner } of locks) {
        const now = this.#read(lockPath(target));
        if (now === undefined) continue;
        if (sameHand(now, owner)) this.#remove(`held/${lockPath(target)}`);
        else changed.push({ target, owner: now });
      }
      return changed;
    });
  }

  async want(execution: string, by: LockOwner): Promise<void> {
    // The first mark stands: whoever comes second wants the same.
    this.#create(`wanted/${lockName(execution)}`, lockText(by, []));
  }

  async wanted(execution: string): Promise<LockOwner | undefined> {
    const text = this.#text(`wanted/${lockName(execution)}`);
    return text === undefined ? undefined : (parseLock(text)?.owner ?? unknownOwner('a mark that cannot be read'));
  }

  /** One process at a time looks at the locks and changes them; whoever died at it is passed over. */
  #alone<T>(owner: LockOwner, act: () => T): T {
    const path = join(this.#folder, 'busy.lock');
    this.#makeFolder(this.#folder);
    let guard: StreamLock | undefined;
    for (let turn = 0; guard === undefined; turn += 1) {
      try {
        guard = lockStream({ path, execution: owner.execution, stream: 'locks', owner: owner.actor, clock: this.#clock });
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        if (turn < TURNS) {
          // Real time, without giving up the thread: a virtual clock must not run on meanwhile.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TURN_MS);
          continue;
        }
        throw new RefusedError('servers-locked', `the locks in ${this.#folder} are not to be had: ${error.message}`, {
          next: `Nobody needs them for longer than a moment. If that process is surely dead, remove ${path} and try again.`,
          cause: error,
        });
      }
    }
    try {
      return act();
    } finally {
      guard.release();
    }
  }

  #all(): readonly HeldLock[] {
    return filesUnder(this.#folder, 'held').flatMap(({ path }): HeldLock[] => {
      const text = this.#text(path.replace(/\.json$/, ''));
      if (text === undefined) return [];
      const lock = parseLock(text);
      const target = lock?.targets[0];
      if (lock !== undefined && target !== undefined) return [{ target, owner: lock.owner }];
      const [, account = '', region = '', kind = '', id = ''] = path.replace(/\.json$/, '').split('/');
      return [{ target: { account, region, kind: kind === 'database' ? 'database' : 'server', id }, owner: unknownOwner(path) }];
    });
  }

  #read(path: string): LockOwner | undefined {
    const text = this.#text(`held/${path}`);
    return text === undefined ? undefined : (parseLock(text)?.owner ?? unknownOwner(path));
  }

  #text(name: string): string | undefined {
    try {
      return readFileSync(this.#file(name), 'utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw unwritable(this.#file(name), error);
    }
  }

  #create(name: string, text: string): void {
    const path = this.#file(name);
    this.#makeFolder(dirname(path));
    try {
      createFile(path, text);
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  #remove(name: string): void {
    const path = this.#file(name);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  #makeFolder(path: string): void {
    try {
      makeFolder(path);
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  #file(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}
