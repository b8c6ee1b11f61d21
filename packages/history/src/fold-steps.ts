import { isFinal } from '@breakwater/core';
import { type JournalLine, STEP_KINDS, type StepKind } from './events.ts';
import type { ChangeRecord, ServerRecord, StepAttempt, StepRecord } from './execution.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenIntent = StepRecord['openIntents'][number];

interface StepState {
  readonly record: Mutable<Omit<StepRecord, 'changes' | 'openIntents' | 'warnings' | 'previous'>>;
  changes: ChangeRecord[];
  intents: OpenIntent[];
  warnings: StepRecord['warnings'][number][];
  readonly previous: StepAttempt[];
  snapshot: StepRecord | undefined;
}

/** The steps and servers of one stream (a wave, or `finally`), folded line by line. */
export class StepFold {
  readonly #stream: string;
  readonly #steps = new Map<string, StepState>();
  readonly #servers = new Map<string, { record: ServerRecord; at: number }>();
  readonly problems: string[] = [];

  constructor(stream: string) {
    this.#stream = stream;
  }

  steps(): readonly StepRecord[] {
    return [...this.#steps.values()].map(snapshotOf);
  }

  servers(): readonly { record: ServerRecord; at: number }[] {
    return [...this.#servers.values()];
  }

  putServers(servers: readonly ServerRecord[], at: number): void {
    for (const record of servers) this.#servers.set(record.id, { record, at });
  }

  /** Takes in one line; lines that are not about a step are left alone. */
  apply(line: JournalLine, at: number): void {
    switch (line.type) {
      case 'step-started':
        this.#start(line, at);
        break;
      case 'intent': {
        const { operation, key, detail } = line;
        const step = this.#at(line.step, line);
        step.intents = [
          ...step.intents.filter((open) => !(open.key === key && open.operation === operation)),
          { operation, key, detail },
        ];
        break;
      }
      case 'change': {
        const { operation, key, id, adopted, site } = line;
        const step = this.#at(line.step, line);
        step.intents = step.intents.filter((open) => open.key !== key);
        // The same result seen again by a later process is no second change.
        if (!step.changes.some((known) => known.id === id && known.operation === operation)) {
          step.changes = [...step.changes, { operation, id, adopted, site, at }];
        }
        break;
      }
      case 'progress':
        this.#at(line.step, line).record.note = line.note;
        break;
      case 'warning': {
        const step = this.#at(line.step, line);
        step.warnings = [
          ...step.warnings,
          { reason: line.reason, ...(line.server === undefined ? {} : { server: line.server }) },
        ];
        break;
      }
      case 'step-finished': {
        const { record } = this.#at(line.step, undefined);
        record.status = line.status;
        record.reason = line.reason;
        record.endedAt = at;
        delete record.note;
        if (line.result !== undefined) record.result = line.result;
        if (line.servers !== undefined) this.putServers(line.servers, at);
        break;
      }
    }
  }

  #start(line: Extract<JournalLine, { type: 'step-started' }>, at: number): void {
    const { step: id, kind, name, attempt, deadline } = line;
    const running = kind === 'gate' ? 'waiting' : 'running';
    const known = this.#steps.get(id);
    if (known === undefined) {
      this.#steps.set(id, newStep({ id, kind, name, status: running, attempt, startedAt: at, deadline }));
      return;
    }
    if (attempt < known.record.attempt) {
      this.problems.push(`${this.#stream}: step ${id} goes back from attempt ${known.record.attempt} to ${attempt}`);
      return;
    }
    known.snapshot = undefined;
    const { record } = known;
    if (attempt > record.attempt) {
      known.previous.push(attemptOf(known));
      known.changes = [];
      known.intents = [];
      known.warnings = [];
      delete record.result;
      record.startedAt = at;
    }
    Object.assign(record, { kind, name, attempt, deadline, status: running, startedAt: record.startedAt ?? at });
    delete record.endedAt;
    delete record.reason;
    delete record.note;
  }

  /** The step with that id. What is told of a step that nobody started (its journal was replaced, or it was skipped) is kept all the same. */
  #at(id: string, line: JournalLine | undefined): StepState {
    const known = this.#steps.get(id);
    if (known !== undefined) {
      known.snapshot = undefined;
      return known;
    }
    if (line !== undefined)
      this.problems.push(`${this.#stream} line ${line.seq + 1}: ${line.type} of step ${id}, which was never started`);
    const kind = STEP_KINDS.find((one) => id === one || id.startsWith(`${one}:`) || id.startsWith(`${one}/`));
    const unstarted = newStep({ id, kind: kind ?? this.#likelyKind(), name: id, status: 'running', attempt: 1 });
    this.#steps.set(id, unstarted);
    return unstarted;
  }

  #likelyKind(): StepKind {
    return this.#stream === 'finally' ? 'finally-action' : 'recover';
  }
}

function newStep(record: StepState['record']): StepState {
  return { record, changes: [], intents: [], warnings: [], previous: [], snapshot: undefined };
}

function snapshotOf(state: StepState): StepRecord {
  state.snapshot ??= {
    ...state.record,
    changes: state.changes,
    openIntents: state.intents,
    warnings: state.warnings,
    ...(state.previous.length === 0 ? {} : { previous: [...state.previous] }),
  };
  return state.snapshot;
}

function attemptOf({ record, changes, intents, warnings }: StepState): StepAttempt {
  const { attempt, status, startedAt, endedAt, reason } = record;
  return {
    attempt,
    // A try that was given up for a new one did not go on: its process died before it could say so.
    status: isFinal(status) ? status : 'cancelled',
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(reason === undefined ? {} : { reason }),
    changes,
    openIntents: intents,
    warnings,
  };
}
