import { join } from 'node:path';
import { asBreakwaterError, type BreakwaterError, type Clock, holdStill, type Mode, RefusedError } from '@breakwater/core';
import { wholeLines } from '../chain.ts';
import { HEADER_FILE } from '../folder-execution.ts';
import { filesUnder, readIfThere } from '../record-source.ts';
import { ATTRIBUTES, ATTRIBUTES_FILE } from './attributes.ts';
import type { Branch, Change, Rewritten } from './branch.ts';
import { commitMessage, type Note, type Subject } from './commit-message.ts';
import { indexEntries, indexPages } from './index-page.ts';
import { asidesOf, isJournal } from './materialise.ts';
import { areTwo, mergeHeaders, standing } from './merge.ts';
import { readBlobs } from './objects.ts';
import { GATHER, pauseAfter, timeUp, tooSlow, type UplinkPatience } from './uplink-patience.ts';

/** What the rest of the process is told of the branch. */
export interface UplinkEvents {
  /** A recovery goes on without the branch. */
  readonly onLost: (reason: BreakwaterError) => void;
  /** What had gathered meanwhile is on the branch. */
  readonly onJoined: (commit: string) => void;
  readonly onRewritten: (rewritten: Rewritten) => void;
  /** A drill waits for the branch before it is stopped. */
  readonly onWaiting: (reason: BreakwaterError, patience: number) => void;
}

export interface UplinkOptions {
  readonly branch: Branch;
  /** The local history. */
  readonly root: string;
  /** A drill stops when the branch cannot be written; a recovery goes on. */
  readonly mode: Mode;
  /** Whose lines they are, for commit messages. */
  readonly about: Subject;
  /** Whether this process is writing that file: then nobody else may. */
  readonly isHeld: (path: string) => boolean;
  readonly clock: Clock;
  /** Real time, for pauses between tries. */
  readonly pace: Clock;
  readonly patience: UplinkPatience;
  readonly signal: AbortSignal | undefined;
  readonly events: UplinkEvents;
}

/**
 * Carries one execution's local files to the branch. One push is under way at a time; everything that gathers meanwhile goes with the next.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #closing = new AbortController();
  #dirty = new Set<string>();
  #notes: Note[] = [];
  #listed = false;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #working: Promise<void> | undefined;
  #waiting: AbortController | undefined;
  #lost: BreakwaterError | undefined;
  /** The branch was out of reach for a time: what it then holds of our journals may have been written by others in good faith. */
  #wasLost = false;
  /** Our journals and the branch's went on in two ways: nothing of ours can be pushed any more. */
  #apart = false;
  /** Ends the common writing: whatever is to be recorded from now on is refused. */
  #fatal: BreakwaterError | undefined;
  /** Why the last push failed. */
  #failure: BreakwaterError | undefined;
  #failures = 0;
  #lastPush = Number.NEGATIVE_INFINITY;
  /** What the branch holds of our files at a commit of ours, so that it need not be read again. */
  #pushed: { readonly commit: string | undefined; readonly files: ReadonlyMap<string, Uint8Array> } = {
    commit: undefined,
    files: new Map(),
  };

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** Why the branch is not written at present; `undefined`: it is. */
  get lost(): BreakwaterError | undefined {
    return this.#lost;
  }

  /** Whether something is not on the branch yet. */
  get pending(): boolean {
    return this.#dirty.size > 0 || this.#current !== undefined;
  }

  /** Says that local files have changed. They go with the next push. Throws what ended the common writing for good. */
  touch(paths: readonly string[], note?: Note): void {
    if (this.#fatal !== undefined) throw this.#fatal;
    for (const path of paths) this.#dirty.add(path);
    if (note !== undefined) this.#notes.push(note);
  }

  /** Has the pages that list executions written anew with the next push. */
  list(): void {
    this.#listed = true;
  }

  /** Sees to it that what was touched is pushed before long, without waiting for it. */
  soon(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /**
   * Resolves when everything touched so far is on the branch. In a recovery also when it cannot be, after a bounded time; from then on at
   * once. In a drill it throws then: `history-unreachable`, `history-rejected`, `history-rewritten`. In both it throws
   * `execution-locked` when somebody else writes our journals.
   */
  async demand(): Promise<void> {
    if (this.#fatal !== undefined) throw this.#fatal;
    if (this.#options.mode === 'drill') return this.#insist();
    if (this.#lost !== undefined) return this.soon();
    await this.#within(this.#options.patience.recovery);
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** The branch cannot be used: said before anything was pushed. */
  lose(reason: BreakwaterError): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    this.#wasLost = true;
    this.#options.events.onLost(reason);
    // From now on the pauses are those between tries.
    this.#waiting?.abort();
    this.soon();
  }

  /** The branch was rewritten; seen while nothing was being pushed. Throws in a drill, which ends there. */
  rewritten(rewritten: Rewritten): void {
    try {
      this.#options.events.onRewritten(rewritten);
    } catch (cause) {
      this.#fatal = asBreakwaterError(cause);
      throw cause;
    }
  }

  /** The last push. Answers with why not everything is on the branch; `undefined`: it is. Never throws. */
  async close(): Promise<BreakwaterError | undefined> {
    this.#closing.abort();
    if (this.pending && this.#fatal === undefined && !this.#apart) await this.#pushLast();
    return this.#fatal ?? (this.pending ? (this.#lost ?? this.#failure) : undefined);
  }

  /** Tries again as long as it may help; a branch that was lost already, or a run that was told to stop, gets one more try. */
  async #pushLast(): Promise<void> {
    const { pace, clock, signal, patience, branch } = this.#options;
    let over = false;
    const trying = async () => {
      for (let tries = 0; !over; tries += 1) {
        try {
          return await this.flush();
        } catch (cause) {
          const hopeless = asBreakwaterError(cause).code !== 'history-unreachable' || this.#lost !== undefined;
          if (hopeless || signal?.aborted) return undefined;
          await pace.sleep(pauseAfter(tries));
        }
      }
      return undefined;
    };
    const late = await holdStill(clock, Promise.race([trying(), timeUp(patience.last)]));
    over = true;
    if (late !== undefined) this.#failure ??= tooSlow(branch.place, patience.last);
  }

  async #insist(): Promise<void> {
    const { pace, clock, signal, patience } = this.#options;
    let failing: number | undefined;
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.flush();
      } catch (cause) {
        const error = asBreakwaterError(cause);
        failing ??= pace.now();
        const late = pace.now() - failing + pauseAfter(tries) > patience.drill;
        if (error.code !== 'history-unreachable' || late || signal?.aborted) throw error;
        if (tries === 0) this.#options.events.onWaiting(error, patience.drill);
        await holdStill(clock, pace.sleep(pauseAfter(tries), signal)).catch(() => undefined);
      }
    }
  }

  /** Waits for a push, but no longer than that; what fails or is late is told, and tried again in the background. */
  async #within(patience: number): Promise<void> {
    const { mode, clock } = this.#options;
    const flushed = this.flush().then(
      () => 'done' as const,
      (cause) => asBreakwaterError(cause),
    );
    const first = await holdStill(clock, Promise.race([flushed, timeUp(patience)]));
    if (first === 'done') return;
    const reason = first === 'late' ? tooSlow(this.#options.branch.place, patience) : first;
    this.#failure = reason;
    if (mode === 'recovery' && this.#fatal === undefined) this.lose(reason);
  }

  /** Pushes everything touched until now; many who ask at the same time share one push. */
  flush(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    const before = this.#current ?? Promise.resolve();
    const next = before
      .catch(() => undefined)
      .then(() => {
        this.#current = next;
        this.#next = undefined;
        return this.#push();
      })
      .finally(() => {
        if (this.#current === next) this.#current = undefined;
      });
    this.#next = next;
    return next;
  }

  async #work(): Promise<void> {
    const { pace } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted && !this.#apart && this.#fatal === undefined && (this.#dirty.size > 0 || this.#lost !== undefined)) {
      const wait = this.#failures === 0 ? this.#lastPush + GATHER - pace.now() : pauseAfter(this.#failures - 1);
      try {
        this.#waiting = new AbortController();
        await pace.sleep(Math.max(0, Number.isFinite(wait) ? wait : 0), AbortSignal.any([signal, this.#waiting.signal]));
        await this.flush();
      } catch {
        // Told by whoever must have it; here it is tried again, later each time.
      }
    }
  }

  async #push(): Promise<void> {
    if (this.#fatal !== undefined) throw this.#fatal;
    if (this.#apart && this.#lost !== undefined) throw this.#lost;
    const { branch, mode, events, patience } = this.#options;
    const taken = { dirty: this.#dirty, notes: this.#notes, listed: this.#listed };
    this.#dirty = new Set();
    this.#notes = [];
    this.#listed = false;
    let written: ReadonlyMap<string, Uint8Array> = new Map();
    this.#lastPush = this.#options.pace.now();
    try {
      const build = async (tip: string | undefined): Promise<Change | undefined> => {
        const made = await this.#changes(tip, taken);
        written = made.known;
        return made.change;
      };
      // A rewritten branch ends a drill here: `onRewritten` throws for it.
      await branch.update(build, { timeout: patience.exchange[mode], onRewritten: events.onRewritten });
    } catch (cause) {
      for (const path of taken.dirty) this.#dirty.add(path);
      this.#notes = [...taken.notes, ...this.#notes];
      this.#listed ||= taken.listed;
      this.#failures += 1;
      const error = asBreakwaterError(cause);
      if (error.code === 'execution-locked') this.#parted(error);
      if (error.code === 'history-rewritten') this.#fatal = error;
      this.#failure = error;
      throw error;
    }
    this.#failures = 0;
    this.#failure = undefined;
    // Only what this commit was made of: other files of ours may have been changed by others in between.
    this.#pushed = { commit: branch.tip, files: written };
    if (this.#lost !== undefined) {
      this.#lost = undefined;
      events.onJoined(branch.tip ?? '');
    }
  }

  /**
   * Somebody else has written our journals. Two live processes of one execution: ours ends. But a recovery that had to go on alone for a
   * time is not stopped by what it finds afterwards; its record is joined by hand.
   */
  #parted(error: BreakwaterError): void {
    if (this.#options.mode === 'recovery' && this.#wasLost) {
      this.#apart = true;
      this.#lost = error;
    } else this.#fatal = error;
  }

  async #changes(
    tip: string | undefined,
    { dirty, notes, listed }: { readonly dirty: ReadonlySet<string>; readonly notes: readonly Note[]; readonly listed: boolean },
  ): Promise<{ readonly change: Change | undefined; readonly known: ReadonlyMap<string, Uint8Array> }> {
    const { root, branch, about, isHeld } = this.#options;
    const paths = [...dirty];
    const theirs = await this.#onBranch(tip, paths);
    const files = new Map<string, string | Uint8Array>();
    const known = new Map<string, Uint8Array>();
    for (const [at, path] of paths.entries()) {
      const own = readIfThere(join(root, path));
      const there = theirs[at];
      if (own === undefined) continue;
      if (path.endsWith(`/${HEADER_FILE}`) && there !== undefined && areTwo(own, there)) throw otherExecution(path, branch.place);
      const content = path.endsWith(`/${HEADER_FILE}`)
        ? Buffer.from(mergeHeaders(own, there))
        : isJournal(path)
          ? wholeLines(own)
          : Buffer.from(own);
      if (there !== undefined && content.equals(there)) {
        known.set(path, content);
        continue;
      }
      if (isJournal(path)) {
        const stand = standing(own, there, this.#asides(path));
        if (stand === 'same' || (stand === 'behind' && !isHeld(path))) continue;
        if (stand !== 'ahead') throw otherWriter(path, branch.place);
      }
      files.set(path, content);
      known.set(path, content);
    }
    if (listed) {
      const pages = new Map([
        [ATTRIBUTES_FILE, ATTRIBUTES],
        ...indexPages(await indexEntries(branch.remote.git, tip, files), plansOf(paths)),
      ]);
      const names = [...pages.keys()];
      const old =
        tip === undefined
          ? []
          : await readBlobs(
              branch.remote.git,
              names.map((name) => `${tip}:${name}`),
            );
      for (const [at, name] of names.entries()) {
        const page = pages.get(name) ?? '';
        if (old[at]?.toString('utf8') !== page) files.set(name, page);
      }
    }
    return { change: files.size === 0 ? undefined : { files, message: commitMessage(about, notes) }, known };
  }

  async #onBranch(tip: string | undefined, paths: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (tip === undefined) return [];
    const { commit, files } = this.#pushed;
    if (tip === commit && paths.every((path) => files.has(path))) return paths.map((path) => files.get(path));
    return readBlobs(
      this.#options.branch.remote.git,
      paths.map((path) => `${tip}:${path}`),
    );
  }

  #asides(path: string): readonly Uint8Array[] {
    const { root } = this.#options;
    const beside = new Map<string, Uint8Array>();
    for (const { path: other } of filesUnder(root, path.slice(0, path.lastIndexOf('/')))) {
      const content = other.includes('.damaged-') ? readIfThere(join(root, other)) : undefined;
      if (content !== undefined) beside.set(other, content);
    }
    return asidesOf(path, beside);
  }
}

/** The plans whose executions are among the paths. */
function plansOf(paths: readonly string[]): readonly string[] {
  const plans = paths.filter((path) => path.endsWith(`/${HEADER_FILE}`)).map((path) => path.slice(0, path.indexOf('/')));
  return [...new Set(plans)].sort();
}

function otherExecution(path: string, place: string): RefusedError {
  return new RefusedError('execution-locked', `${path} on ${place} is of another execution that was given the same id`, {
    next: 'Share this record on another branch with `breakwater history push`; start new executions without an execution id.',
  });
}

function otherWriter(path: string, place: string): RefusedError {
  return new RefusedError('execution-locked', `another process writes ${path} on ${place} at the same time`, {
    next: 'Let one of the two go on, or stop both, then run the same execution again: it adopts what was begun.',
  });
}
