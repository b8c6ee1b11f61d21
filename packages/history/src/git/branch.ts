import { randomUUID } from 'node:crypto';
import { asBreakwaterError, type Clock, holdStill, RefusedError, UserError } from '@breakwater/core';
import { sha256 } from '../chain.ts';
import type { Reason } from '../events.ts';
import { demandHistory } from './is-history.ts';
import { Lookout } from './look.ts';
import { lostBetween } from './lost.ts';
import { resolveRef, type Signature, writeCommit } from './objects.ts';
import { putTogetherAnew, unwitnessed } from './reasons.ts';
import type { GitRemote, Patience, PushResult } from './remote.ts';
import { WITNESS_NAME, witnessRef } from './witness.ts';

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
  /** Told what a person must know and nothing is stopped for. */
  readonly warn: (reason: Reason) => void;
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
  /** Told by the witness on the remote, which keeps what was there; else only this machine knows. */
  readonly witnessed: boolean;
}

/** How often a hook may say no before it is taken at its word. */
const DECLINES = 8;
/** How often it may say no to the witness before that is left out. */
const WITNESS_DECLINES = 3;

/** Objects, each in a file of its own, that may gather before they are packed. */
const LOOSE_OBJECTS = 5_000;
/** Milliseconds; packing itself goes on in the background. */
const GC_TIMEOUT = 10_000;

/** Nobody loses this often to others: something else is wrong. */
const TRIES = 200;
/** How often a reference of the remote may be locked while nothing of the branch moves: somebody who writes it needs milliseconds. */
const LOCKED = 12;

/** Milliseconds. */
const SHORTEST_PAUSE = 30;
const LONGEST_PAUSE = 3_000;

/**
 * A branch that many write to. Commits are made upon the tip as fetched, and pushed only if that is still the tip: if anybody was faster,
 * or somebody rewrote the branch, nothing is pushed, and the change is made again upon what is there. Each push moves the branch's witness
 * with it; one that was left behind by a rewritten branch stays where it is until everything lost is back, or a person accepts the loss.
 * Network errors are those of `GitRemote`.
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
  readonly #lookout: Lookout;
  /** Where the remote's witness was last seen. */
  #witness: string | undefined;
  /**
   * Commits that hold what the branch has lost. As long as there are any, what was seen stays remembered here and the witness stays on
   * the remote, so that whoever comes next is told as well.
   */
  #missed: readonly string[] = [];
  #rewritten: Rewritten | undefined;
  /** The witness was told of where it is: once is enough. */
  #told: string | undefined;
  /** How often the remote said no to the witness; `alone`: it does not take it. */
  #witnessDeclines: number | 'alone' = 0;
  #tries = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BranchOptions) {
    this.remote = options.remote;
    this.name = checkedBranch(options.name);
    this.#options = options;
    this.#ref = `refs/heads/${this.name}`;
    this.#own = `refs/breakwater/process/${randomUUID()}`;
    this.#seenRef = `refs/breakwater/seen/${sha256(`${this.remote.url}\n${this.name}`).slice(0, 16)}`;
    const { clock, pace } = options;
    this.#lookout = new Lookout(this.remote, this.name, this.#own, (ms) => holdStill(clock, pace.sleep(ms)));
  }

  /** The newest commit that is known, perhaps from an earlier process; `undefined`: the branch does not exist, or was never seen. */
  get tip(): string | undefined {
    return this.#tip;
  }

  /** Something that had been on the branch is not there, and nobody has put it back or accepted that. */
  get rewritten(): Rewritten | undefined {
    return this.#missed.length === 0 ? undefined : this.#rewritten;
  }

  /** For people. */
  get place(): string {
    return `${this.remote.url}#${this.name}`;
  }

  /**
   * Fetches the tip. Answers with what is missing if the branch was rewritten since it was last seen from here. Throws
   * `RefusedError` `history-rejected` if the branch holds something else than a history.
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
    const { tip, witness, continues, agrees } = await this.#lookout.look(before, patience);
    if (tip !== undefined && !continues) await demandHistory(git, tip, this.place);
    this.#tip = tip;
    this.#witness = witness;
    const suspects = new Set([
      ...(agrees || witness === undefined || witness === this.#told ? [] : [witness]),
      ...(continues || before === undefined ? [] : [before]),
    ]);
    const losses: { readonly was: string; readonly lost: readonly string[] }[] = [];
    for (const was of suspects) losses.push({ was, lost: await lostBetween(git, was, tip) });
    if (!agrees) this.#told = witness;
    const missed = losses.filter(({ lost }) => lost.length > 0);
    const [first] = missed;
    if (first !== undefined) {
      this.#missed = [...new Set([...this.#missed, ...missed.map(({ was }) => was)])];
      const lost = [...new Set(missed.flatMap((one) => one.lost))].sort();
      this.#rewritten = { was: first.was, now: tip, lost, witnessed: first.was === witness };
      return this.#rewritten;
    }
    if (suspects.size > 0 && !agrees) this.#options.warn(putTogetherAnew(this));
    if (before === undefined) await this.#remember();
    return undefined;
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

  /**
   * Takes the branch as it is now, whatever was lost: by a commit that changes nothing and says so, and with which the witness moves on.
   * Errors: those of `update`.
   */
  accept(message: string, patience: Patience): Promise<void> {
    return this.#alone(async () => {
      this.#missed = [];
      const change = { files: new Map(), message };
      const onRewritten = ({ was }: Rewritten) => {
        throw declined(this.place, `it was rewritten again meanwhile and lost ${was.slice(0, 12)}`);
      };
      await this.#update(async () => change, { ...patience, onRewritten });
    });
  }

  async #update(
    build: (tip: string | undefined) => Promise<Change | undefined>,
    patience: Patience & { readonly onRewritten: (rewritten: Rewritten) => void },
  ): Promise<void> {
    const { author, committer, clock } = this.#options;
    let declines = 0;
    let locked = 0;
    for (let tries = 1; ; tries += 1) {
      const change = await build(this.#tip);
      if (change === undefined) return;
      const { files, message } = change;
      const request = {
        parent: this.#tip,
        files,
        message,
        author,
        committer,
        at: clock.now(),
        ref: `${this.#own}/next`,
      };
      let to = await writeCommit(this.remote.git, request);
      const isWhole = await this.#holdsAgain(to);
      const [first, ...others] = this.#missed;
      // With what was lost, the commits that told it come back.
      if (isWhole && first !== undefined) {
        const parents = this.#tip === undefined ? { parent: first, merged: others } : { merged: this.#missed };
        to = await writeCommit(this.remote.git, { ...request, ...parents });
      }
      const result = await this.#push(to, isWhole, patience);
      if (result.state === 'pushed') {
        this.#tip = to;
        if (isWhole) this.#missed = [];
        return;
      }
      if (result.state === 'declined') declines += 1;
      if (result.state === 'declined' && declines >= DECLINES) throw declined(this.place, result.said);
      if (tries >= TRIES) throw declined(this.place, 'others kept writing at the same time');
      await this.#pause(tries);
      const before = this.#tip;
      const rewritten = await this.#fetch(patience);
      const isHeld = result.state === 'moved' && result.locked !== undefined && this.#tip === before;
      locked = isHeld ? locked + 1 : 0;
      if (locked >= LOCKED) throw lockedThere(this.place, (result.state === 'moved' && result.locked) || '');
      if (rewritten !== undefined) patience.onRewritten(rewritten);
    }
  }

  /** Whether everything that was lost is in that commit. */
  async #holdsAgain(commit: string): Promise<boolean> {
    for (const was of this.#missed) {
      if ((await lostBetween(this.remote.git, was, commit)).length > 0) return false;
    }
    return true;
  }

  /**
   * Moves the branch and its witness together, or neither. Nothing is overwritten: the commit continues the one that is expected on the branch;
   * anything else there, or in the witness, is looked at first. Where the remote does not take the witness, the branch goes alone.
   */
  async #push(to: string, withWitness: boolean, patience: Patience): Promise<PushResult> {
    const branch = { ref: this.#ref, to, expected: this.#tip ?? 'absent' };
    if (!withWitness || this.#witnessDeclines === 'alone') return this.remote.push([branch], patience);
    const witness = { ref: witnessRef(this.name), to, expected: this.#witness ?? 'absent' };
    let said: string;
    try {
      const result = await this.remote.push([branch, witness], patience);
      if (result.state === 'pushed') {
        this.#witness = to;
        this.#witnessDeclines = 0;
      }
      if (result.state !== 'declined' || !result.refs.includes(witness.ref)) return result;
      this.#witnessDeclines += 1;
      if (this.#witnessDeclines < WITNESS_DECLINES) return result;
      said = result.said;
    } catch (cause) {
      const error = asBreakwaterError(cause);
      if (error.code !== 'history-rejected') throw error;
      said = error.message;
    }
    const alone = await this.remote.push([branch], patience);
    if (alone.state === 'pushed') {
      this.#witnessDeclines = 'alone';
      this.#options.warn(unwitnessed(this, witness.ref, said));
    }
    return alone;
  }

  /** Forgets what only this process needed. */
  async close(): Promise<void> {
    if (!this.#looked) return;
    await this.#remember();
    const { git } = this.remote;
    await git.run(['update-ref', '--stdin'], {
      input: ['next', 'tip', `witness/${WITNESS_NAME}`].map((name) => `delete ${this.#own}/${name}\n`).join(''),
    });
    // On a machine that keeps its folder: once in some hundred runs git packs what has gathered. It goes on by itself.
    await git.run(['-c', `gc.auto=${LOOSE_OBJECTS}`, 'gc', '--auto', '--quiet'], { timeout: GC_TIMEOUT });
  }

  /** One after the other: two at once in this process would be in each other's way in its references. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #remember(): Promise<void> {
    if (this.#tip === undefined || this.#tip === this.#seen || this.#missed.length > 0) return;
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

function lockedThere(place: string, said: string): RefusedError {
  return new RefusedError('history-rejected', `${place} does not take the history: ${said}`, {
    next: 'If no git process works in that repository, one was killed there and left this lock: remove that file.',
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
