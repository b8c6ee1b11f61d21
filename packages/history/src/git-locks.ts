import { randomUUID } from 'node:crypto';
import { type Clock, RefusedError, shellCommand } from '@breakwater/core';
import { parseLock } from './boundary.ts';
import { readBlobs, writeCommit } from './git/objects.ts';
import type { GitRemote, RefUpdate } from './git/remote.ts';
import { inOrder, lockName, lockPath, lockText, sameHand, sorted, unknownOwner } from './lock-names.ts';
import type { HeldLock, LockOwner, LockTarget, RecoveryLocks } from './locks.ts';

export interface GitLockOptions {
  readonly clock: Clock;
  /** Simulated AWS has locks of its own: a rehearsal never stands in the way of a recovery. */
  readonly simulated: boolean;
  /** The history branch beside which they are kept, for the command that a person is told; default: the usual one. */
  readonly branch?: string;
  /** How long one exchange with the remote may take, milliseconds of real time; default: a minute. A recovery has less patience. */
  readonly timeout?: number;
}

const LOCK_FILE = 'lock.json';
/** How often a change is tried again when others were faster. */
const TRIES = 12;
const UNREADABLE_AFTER = 3;

/** A reference of the remote, and what its lock says. */
interface SeenLock {
  readonly ref: string;
  readonly commit: string;
  readonly path: string;
  readonly target: LockTarget;
  readonly owner: LockOwner;
}

/**
 * Locks as references of a git remote, one a target, each naming a commit that holds its owner. A reference is made only if there is
 * none, all of them in one atomic push; so whatever repositories and machines share the remote, one gets them. Every method throws
 * `RefusedError` `history-unreachable` or `history-rejected`, as the remote does.
 */
export function gitLocks(remote: GitRemote, options: GitLockOptions): RecoveryLocks {
  return new GitLocks(remote, options);
}

class GitLocks implements RecoveryLocks {
  readonly #remote: GitRemote;
  readonly #clock: Clock;
  readonly #patience: { readonly timeout: number };
  readonly #locks: string;
  readonly #wanted: string;
  readonly #branch: readonly string[];

  constructor(remote: GitRemote, { clock, simulated, timeout = 60_000, branch }: GitLockOptions) {
    this.#branch = branch === undefined ? [] : ['--history-branch', branch];
    this.#patience = { timeout };
    this.#remote = remote;
    this.#clock = clock;
    const base = simulated ? 'refs/breakwater/simulated' : 'refs/breakwater';
    this.#locks = `${base}/locks/`;
    this.#wanted = `${base}/wanted/`;
  }

  unlockCommand(execution: string): string {
    return shellCommand(['breakwater', 'unlock', execution, ...this.#branch, '--history-remote', this.#remote.url]);
  }

  async take(targets: readonly LockTarget[], owner: LockOwner): Promise<readonly HeldLock[]> {
    const wanted = inOrder(targets).map(({ path, target }) => ({ ref: `${this.#locks}${path}`, target }));
    if (wanted.length === 0) return [];
    let commit: string | undefined;
    for (let turn = 0; turn < TRIES; turn += 1) {
      const seen = new Map((await this.#seen()).map((lock) => [lock.ref, lock]));
      const others = wanted.flatMap(({ ref, target }): HeldLock[] => {
        const lock = seen.get(ref);
        return lock === undefined || lock.owner.execution === owner.execution ? [] : [{ target, owner: lock.owner }];
      });
      if (others.length > 0) return others;
      const missing = wanted.filter(({ ref }) => !seen.has(ref));
      if (missing.length === 0) return [];
      commit ??= await this.#commit(owner, targets, `lock ${wanted.length} for ${owner.execution}`);
      if (await this.#push(missing.map(({ ref }) => ({ ref, to: commit, expected: 'absent' })))) return [];
      await this.#pause(turn);
    }
    throw tooManyTurns(this.#remote.url);
  }

  async held(): Promise<readonly HeldLock[]> {
    return sorted((await this.#seen()).map(({ target, owner }) => ({ target, owner })));
  }

  async release(execution: string): Promise<void> {
    for (let turn = 0; turn < TRIES; turn += 1) {
      const own = (await this.#seen()).filter(({ owner }) => owner.execution === execution);
      const mark = `${this.#wanted}${lockName(execution)}`;
      const marked = (await this.#remote.refs([mark], this.#patience)).get(mark);
      const updates: RefUpdate[] = own.map(({ ref, commit }) => ({ ref, to: undefined, expected: commit }));
      if (marked !== undefined) updates.push({ ref: mark, to: undefined, expected: marked });
      if (updates.length === 0 || (await this.#push(updates))) return;
      await this.#pause(turn);
    }
    throw tooManyTurns(this.#remote.url);
  }

  async break(locks: readonly HeldLock[]): Promise<readonly HeldLock[]> {
    const wanted = new Map(locks.map((lock) => [lockPath(lock.target), lock]));
    for (let turn = 0; turn < TRIES; turn += 1) {
      const seen = (await this.#seen()).filter(({ path }) => wanted.has(path));
      const [same, changed] = [true, false].map((kept) =>
        seen.filter(({ path, owner }) => sameHand(owner, wanted.get(path)?.owner ?? unknownOwner(path)) === kept),
      );
      const updates = (same ?? []).map(({ ref, commit }) => ({ ref, to: undefined, expected: commit }));
      if (updates.length === 0 || (await this.#push(updates))) {
        return (changed ?? []).map(({ target, owner }) => ({ target, owner }));
      }
      await this.#pause(turn);
    }
    throw tooManyTurns(this.#remote.url);
  }

  async want(execution: string, by: LockOwner): Promise<void> {
    const commit = await this.#commit(by, [], `${by.execution} wants ${execution} away`);
    // Refused only if somebody else has marked it: then it is wanted already.
    await this.#push([{ ref: `${this.#wanted}${lockName(execution)}`, to: commit, expected: 'absent' }]);
  }

  async wanted(execution: string): Promise<LockOwner | undefined> {
    const ref = `${this.#wanted}${lockName(execution)}`;
    const [found] = await this.#look(ref);
    return found === undefined
      ? undefined
      : ((found.text === undefined ? undefined : parseLock(found.text)?.owner) ?? unknownOwner(ref));
  }

  /** Every lock on the remote. */
  async #seen(): Promise<readonly SeenLock[]> {
    const found = await this.#look(`${this.#locks}*`);
    return found.filter(({ ref }) => ref.startsWith(this.#locks)).map(({ ref, commit, text }) => this.#lockOf(ref, commit, text));
  }

  /** References of the remote and what they hold. One that changes between two looks is looked for again: it is never guessed at. */
  async #look(
    pattern: string,
  ): Promise<readonly { readonly ref: string; readonly commit: string; readonly text: string | undefined }[]> {
    for (let turn = 0; ; turn += 1) {
      const refs = [...(await this.#remote.refs([pattern], this.#patience))].map(([ref, commit]) => ({ ref, commit }));
      const texts = await this.#texts(refs);
      const whole = refs.every((_, at) => texts[at] !== undefined);
      // What cannot be read after some looks is there and is none of ours.
      if (whole || turn >= UNREADABLE_AFTER) return refs.map(({ ref, commit }, at) => ({ ref, commit, text: texts[at] }));
      await this.#pause(turn);
    }
  }

  #lockOf(ref: string, commit: string, text: string | undefined): SeenLock {
    const path = ref.slice(this.#locks.length);
    const lock = text === undefined ? undefined : parseLock(text);
    const target = lock?.targets.find((one) => lockPath(one) === path);
    if (lock !== undefined && target !== undefined) return { ref, commit, path, target, owner: lock.owner };
    const [account = '', region = '', kind = '', id = ''] = path.split('/');
    const named: LockTarget = { account, region, kind: kind === 'database' ? 'database' : 'server', id };
    return { ref, commit, path, target: named, owner: unknownOwner(ref) };
  }

  /** What the commits hold, fetching those that are not here yet. */
  async #texts(refs: readonly { ref: string; commit: string }[]): Promise<readonly (string | undefined)[]> {
    const { git } = this.#remote;
    const look = async () =>
      readBlobs(
        git,
        refs.map(({ commit }) => `${commit}:${LOCK_FILE}`),
      );
    let found = await look();
    const missing = new Map(refs.filter((_, at) => found[at] === undefined).map(({ ref, commit }) => [commit, ref]));
    if (missing.size > 0) {
      // Without a local reference: two processes would be in each other's way there. Nothing is fetched if one of them is gone.
      await this.#remote.fetch([...missing.values()], this.#patience);
      found = await look();
    }
    return found.map((content) => content?.toString('utf8'));
  }

  async #commit(owner: LockOwner, targets: readonly LockTarget[], message: string): Promise<string> {
    return writeCommit(this.#remote.git, {
      parent: undefined,
      files: new Map([[LOCK_FILE, lockText(owner, targets)]]),
      message: `${message}\n`,
      // Nobody's address: the name of a person on a laptop must not pass for a user of the platform.
      author: { name: owner.actor, email: 'locks@noreply.invalid' },
      at: this.#clock.now(),
      ref: `refs/breakwater/own/${randomUUID()}`,
    });
  }

  /**
   * True: done, all of it. After an answer that was lost it is looked whether it was done; if that cannot be seen either, the error of
   * the push stands.
   */
  async #push(updates: readonly RefUpdate[]): Promise<boolean> {
    try {
      const result = await this.#remote.push(updates, this.#patience);
      if (result.state !== 'declined') return result.state === 'pushed';
      throw new RefusedError('history-rejected', `${this.#remote.url} does not take locks: ${result.said}`, {
        next: 'Let references under refs/breakwater/ be written there: a hook or a rule of that repository refuses them.',
      });
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== 'history-unreachable') throw error;
      const now = await this.#remote
        .refs(
          updates.map(({ ref }) => ref),
          this.#patience,
        )
        .catch(() => undefined);
      if (now !== undefined && updates.every(({ ref, to }) => now.get(ref) === to)) return true;
      throw error;
    }
  }

  async #pause(turn: number): Promise<void> {
    await this.#clock.sleep(50 * (turn + 1));
  }
}

function tooManyTurns(url: string): RefusedError {
  return new RefusedError('history-unreachable', `the locks on ${url} change faster than they can be taken`, {
    next: 'Run the same execution again in a moment.',
  });
}
