import type { Clock } from '@breakwater/core';
import type { OperationContext } from '@breakwater/engine';
import type { JournalEvent, JournalLine } from '@breakwater/history';

/** When a process dies around a journal entry: with the entry lost, or with the entry written. */
export interface Crash {
  readonly entry: number;
  readonly when: 'before' | 'after';
}

export class Crashed extends Error {}

/** A journal of one step in memory. It outlives the processes that write it, and can make them die. */
export class StepJournal {
  readonly lines: JournalLine[] = [];
  /** Entries asked for, lost ones included. */
  entries = 0;
  crash: Crash | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What a new process gets: all that was journalled so far is earlier. */
  context(attempt = 1, earlier: readonly JournalLine[] = [...this.lines]): OperationContext {
    const step = 'step';
    return {
      clock: this.#clock,
      signal: new AbortController().signal,
      attempt,
      earlier,
      intent: (operation, key, detail) => this.#append({ type: 'intent', step, operation, key, detail }),
      change: (change) => this.#append({ type: 'change', step, ...change, detail: change.detail ?? {} }),
      progress: (note, options = {}) => this.#append({ type: 'progress', step, note, ...options }),
      warn: (reason, server) => this.#append({ type: 'warning', step, reason, ...(server === undefined ? {} : { server }) }),
    };
  }

  of<T extends JournalLine['type']>(type: T): Extract<JournalLine, { type: T }>[] {
    return this.lines.filter((line): line is Extract<JournalLine, { type: T }> => line.type === type);
  }

  warnings(): string[] {
    return this.of('warning').map(({ reason }) => reason.message);
  }

  notes(server?: string): string[] {
    return this.of('progress')
      .filter((line) => server === undefined || line.server === server)
      .map(({ note }) => note);
  }

  async #append(event: JournalEvent): Promise<void> {
    this.entries += 1;
    const dies = this.crash?.entry === this.entries ? this.crash.when : undefined;
    if (dies === 'before') throw new Crashed(`before entry ${this.entries}`);
    const at = new Date(this.#clock.now()).toISOString();
    this.lines.push({ ...event, v: 1, seq: this.lines.length, at, prev: '' });
    if (dies === 'after') throw new Crashed(`after entry ${this.entries}`);
  }
}
