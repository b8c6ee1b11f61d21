import type { Journal, JournalEvent, JournalLine, StepKind } from '@breakwater/history';

/** Told every line once it is durable. */
export type Observe = (line: JournalLine, stream: string) => void;

/** What the journal says of a step that an earlier run began. */
export interface StepPast {
  readonly attempt: number;
  /** The end of that attempt, if it had one. */
  readonly end: Extract<JournalLine, { readonly type: 'step-finished' }> | undefined;
  /** The lines of that attempt. */
  readonly lines: readonly JournalLine[];
}

/** A journal that tells an observer what it wrote, and can look back. */
export class Stream {
  readonly #journal: Journal;
  readonly #observe: Observe;

  constructor(journal: Journal, observe: Observe) {
    this.#journal = journal;
    this.#observe = observe;
  }

  async append(event: JournalEvent): Promise<void> {
    const line = await this.#journal.append(event);
    this.#observe(line, this.#journal.stream);
  }

  lines(): readonly JournalLine[] {
    return this.#journal.lines();
  }

  /** The newest attempt of a step, or `undefined` if it was never begun. */
  past(step: string): StepPast | undefined {
    const lines = this.#journal.lines().filter((line) => 'step' in line && line.step === step);
    const begun = lines.findLastIndex((line) => line.type === 'step-started');
    const start = lines[begun];
    if (start?.type !== 'step-started') return undefined;
    // A resumed step is announced again under the same number: its lines belong together.
    const first = lines.findIndex((line) => line.type === 'step-started' && line.attempt === start.attempt);
    const attempt = lines.slice(first);
    const end = attempt.findLast((line) => line.type === 'step-finished');
    return { attempt: start.attempt, end, lines: attempt };
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** A step as it is announced in the journal. */
export interface StepName {
  readonly id: string;
  readonly kind: StepKind;
  readonly name: string;
}
