import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, holdStill, RefusedError, UserError } from '@breakwater/core';
import { sha256 } from '../chain.ts';
import { createFile } from '../durable-file.ts';
import { demandHistory } from './is-history.ts';
import { lostBetween } from './lost.ts';
import { refContaining, resolveRef, type Signature, writeCommit } from './objects.ts';
import type { GitRemote, Patience } from './remote.ts';

export interface BranchOptions {
  readonly remote: GitRemote;
  /** As `dr-history`. */
  readonly name: string;
  readonly author: Signature;
  readonly committer: Signature;
  /** The engine's clock: commits carry its time. */
  readonly clock: Clock;
  /** Real time, for waiting between tries. */
  readonly pace: Clock;
}

/** What is to be committed upon a tip. */
export interface Change {
  /** New content by path; what is not named stays. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  readonly message: string;
}

/** The branch is not what it was: commits that were there are gone. */
export interface Rewritten {
  /** The tip that was there. */
  readonly was: string;
  /** The tip that is there now; `undefined`: the branch was deleted. */
  readonly now: string | undefined;
  /** Files whose recorded content is no longer there. */
  readonly lost: readonly string[];
}

/** A fetched tip, and whether what was seen before is in its past. */
interface Found {
  readonly tip: string | undefined;
  readonly continues: boolean;
}

/** How often a hook may say no before it is taken at its word. */
const DECLINES = 8;

/** Objects, each in a file of its own, that may gather before they are packed. */
const LOOSE_OBJECTS = 5_000;
/** Milliseconds; packing itself goes on in the background. */
const GC_TIMEOUT = 10_000;

/** Nobody loses this often to others: something else is wrong. */
const TRIES = 200;

/** Milliseconds. */
const SHORTEST_PAUSE = 30;
const LONGEST_PAUSE = 3_000;

/**
 * A branch that many write to. Commits are made upon the tip as fetched, and pushed only if that is still the tip: if anybody was faster,
 * or somebody rewrote the branch, nothing is pushed, and the change is made again upon what is there. Network errors are those of
 * `GitRemote`.
 */
export class Branch {
  readonly remote: GitRemote;
  readonly name: string;
  readonly #options: BranchOptions;
  readonly #ref: string;
  /** References of this process alone. */
  readonly #own: string;
  /** The tip as anybody on this machine last saw it. */
  readonly #seenRef: string;
  #tip: string | undefined;
  #seen: string | undefined;
  #looked = false;
  /** Something was lost: what was seen stays remembered, so that whoever comes next from this machine is told as well. */
  #suspicious = false;
  #tries = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BranchOptions) {
    this.remote = options.remote;
    this.name = checkedBranch(options.name);
    this.#options = options;
    this.#ref = `refs/heads/${this.name}`;
    this.#own = `refs/breakwater/process/${randomUUID()}`;
    this.#seenRef = `refs/breakwater/seen/${sha256(`${this.remote.url}\n${this.name}`).slice(0, 16)}`;
  }

  /** The newest commit that is known, perhaps from an earlier process; `undefined`: the branch does not exist, or was never seen. */
  get tip(): string | undefined {
    return this.#tip;
  }

  /** For people. */
  get place(): string {
    return `${this.remote.url}#${this.name}`;
  }

  /**
   * Fetches the tip. Answers with what is missing if the branch was rewritten since it was last seen from here. Throws `UserError` `usage` if
   * the branch holds something else than a history.
   */
  fetch(patience: Patience): Promise<Rewritten | undefined> {
    return this.#alone(() => this.#fetch(patience));
  }

  async #fetch(patience: Patience): Promise<Rewritten | undefined> {
    const { git } = this.remote;
    if (!this.#looked) {
      this.#seen = await resolveRef(git, this.#seenRef);
      this.#tip = this.#seen;
      this.#looked = true;
    }
    const before = this.#tip;
    const found = before === undefined ? await this.#fetchFirst(patience) : await this.#fetchMore(patience, before);
    if (found.tip !== undefined && !found.continues) await demandHistory(git, found.tip, this.place);
    this.#tip = found.tip;
    if (before === undefined) {
      await this.#remember();
      return undefined;
    }
    if (found.continues) return undefined;
    const lost = await lostBetween(git, before, found.tip);
    if (lost.length === 0) return undefined;
    this.#suspicious = true;
    return { was: before, now: found.tip, lost };
  }

  /**
   * Commits what `build` makes of the tip, and pushes it; again upon the new tip as long as others are faster. `build` answers with
   * `undefined` when the tip holds everything already. Throws `history-rejected` when a hook keeps saying no, and what `build` throws.
   */
  update(
    build: (tip: string | undefined) => Promise<Change | undefined>,
    patience: Patience & { readonly onRewritten: (rewritten: Rewritten) => void },
  ): Promise<void> {
    return this.#alone(() => this.#update(build, patience));
  }

  async #update(
    build: (tip: string | undefined) => Promise<Change | undefined>,
    patience: Patience & { readonly onRewritten: (rewritten: Rewritten) => void },
  ): Promise<void> {
    const { author, committer, clock } = this.#options;
    let declines = 0;
    for (let tries = 1; ; tries += 1) {
      const change = await build(this.#tip);
      if (change === undefined) return;
      const { files, message } = change;
      const to = await writeCommit(this.remote.git, {
        parent: this.#tip,
        files,
        message,
        author,
        committer,
        at: clock.now(),
        ref: `${this.#own}/next`,
      });
      // Nothing is overwritten: the new commit continues the one that is expected there. Anything else there is looked at first.
      const result = await this.remote.push([{ ref: this.#ref, to, expected: this.#tip ?? 'absent' }], patience);
      if (result.state === 'pushed') {
        this.#tip = to;
        return;
      }
      if (result.state === 'declined') declines += 1;
      if (result.state === 'declined' && declines >= DECLINES) throw declined(this.place, result.said);
      if (tries >= TRIES) throw declined(this.place, 'others kept writing at the same time');
      await this.#pause(tries);
      const rewritten = await this.#fetch(patience);
      if (rewritten !== undefined) patience.onRewritten(rewritten);
    }
  }

  /** Forgets what only this process needed. */
  async close(): Promise<void> {
    if (!this.#looked) return;
    await this.#remember();
    const { git } = this.remote;
    await git.run(['update-ref', '--stdin'], { input: `delete ${this.#own}/next\ndelete ${this.#own}/tip\n` });
    // On a machine that keeps its folder: once in some hundred runs git packs what has gathered. It goes on by itself.
    await git.run(['-c', `gc.auto=${LOOSE_OBJECTS}`, 'gc', '--auto', '--quiet'], { timeout: GC_TIMEOUT });
  }

  /** One after the other: two at once in this process would be in each other's way in its references. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #fetchMore(patience: Patience, before: string | undefined): Promise<Found> {
    const { remote } = this;
    const own = `${this.#own}/tip`;
    if (!(await remote.fetch([`+${this.#ref}:${own}`], patience))) return { tip: undefined, continues: false };
    const tip = before === undefined ? undefined : await refContaining(remote.git, own, before);
    return tip === undefined ? { tip: await resolveRef(remote.git, own), continues: false } : { tip, continues: true };
  }

  /**
   * The first look: only the newest commit, for the past may be long. It goes through a repository made for it, because git marks
   * where the past was cut off in a file that two processes must not write at once, nor one leave locked when it is killed.
   */
  async #fetchFirst(patience: Patience): Promise<Found> {
    const { remote } = this;
    const { git } = remote;
    const cut = join(git.folder, 'shallow');
    if (existsSync(cut)) return this.#fetchMore(patience, undefined);
    const aside = join(git.folder, `first-${randomUUID()}`);
    const environment = { GIT_DIR: aside, GIT_OBJECT_DIRECTORY: join(git.folder, 'objects') };
    try {
      await git.local(['init', '--quiet', '--bare', '--template=', aside], { environment });
      const there = await remote.fetch([`+${this.#ref}:refs/heads/tip`], { ...patience, depth: 1, environment });
      if (!there) return { tip: undefined, continues: false };
      const { stdout } = await git.local(['rev-parse', '--verify', 'refs/heads/tip'], { environment });
      const marks = join(aside, 'shallow');
      if (existsSync(marks) && !createFile(cut, readFileSync(marks, 'utf8'))) return this.#fetchMore(patience, undefined);
      const tip = stdout.toString('utf8').trim();
      await git.local(['update-ref', `${this.#own}/tip`, tip]);
      return { tip, continues: false };
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }

  async #remember(): Promise<void> {
    if (this.#tip === undefined || this.#tip === this.#seen || this.#suspicious) return;
    // Another process may be at it; what it remembers is as good.
    const { code } = await this.remote.git.run(['update-ref', this.#seenRef, this.#tip]);
    if (code === 0) this.#seen = this.#tip;
  }

  /** Longer after each try, and not the same for two processes, or they would meet again and again. */
  #pause(tries: number): Promise<void> {
    const { clock, pace } = this.#options;
    const longest = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** Math.min(tries, 10));
    this.#tries += 1;
    const share = Number.parseInt(sha256(`${this.#own} ${this.#tries}`).slice(0, 8), 16) / 0xffffffff;
    return holdStill(clock, pace.sleep(longest * share));
  }
}

function declined(place: string, said: string): RefusedError {
  return new RefusedError('history-rejected', `${place} does not take the history: ${said}`, {
    next: 'Ask who keeps that repository which hook or rule refuses, or name another branch.',
  });
}

/** Returns a branch's name if git and everybody's shell can live with it; throws `UserError` `usage` if not. */
export function checkedBranch(name: string): string {
  const sound =
    /^[A-Za-z0-9_][A-Za-z0-9._/+-]*$/.test(name) && !/\.\.|\/\/|\/\.|\.lock(?:\/|$)|[./]$/.test(name) && name.length <= 200;
  if (sound && name !== 'HEAD') return name;
  throw new UserError('usage', `${JSON.stringify(name.slice(0, 80))} is no name for a history branch`, {
    next: 'Use letters, digits, hyphens, dots and slashes, as dr-history.',
  });
}
