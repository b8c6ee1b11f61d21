import { isFinal } from '@breakwater/core';
import { type JournalLine, STEP_KINDS, type StepKind } from './events.ts';
import type { ChangeRecord, DatabaseRecord, ServerRecord, StepAttempt, StepRecord } from './execution.ts';

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

/** The step in which a database is restored. */
export function databaseStep(name: string): string {
  return `database/${name}`;
}

/** The step in which a drill's clusters are deleted; its instances have `clean-up`. */
export const CLEAN_UP_DATABASES = 'clean-up-databases';

/** The steps, servers and databases of one stream (a wave, or `finally`), folded line by line. */
export class StepFold {
  readonly #stream: string;
  readonly #steps = new Map<string, StepState>();
  readonly #servers = new Map<string, { record: ServerRecord; at: number }>();
  readonly #databases = new Map<string, DatabaseRecord>();
  readonly problems: string[] = [];

  constructor(stream: string) {
    this.#stream = stream;
  }

  steps(): readonly StepRecord[] {
    // What is told of a step before it starts must not put it in front of those that come first.
    const order = ({ kind }: StepRecord) => STEP_KINDS.indexOf(kind);
    return [...this.#steps.values()].map(snapshotOf).sort((a, b) => order(a) - order(b));
  }

  servers(): readonly { record: ServerRecord; at: number }[] {
    return [...this.#servers.values()];
  }

  putServers(servers: readonly ServerRecord[], at: number): void {
    for (const record of servers) this.#servers.set(record.id, { record, at });
  }

  /** Databases as their steps stand: a restore that is tried again has not failed yet, one that was skipped is not open. */
  databases(): readonly DatabaseRecord[] {
    return [...this.#databases.values()].map((record) => {
      const step = this.#steps.get(databaseStep(record.name))?.record;
      if (step === undefined || (isFinal(step.status) && isFinal(record.status))) return record;
      const { reason: _, ...rest } = record;
      return { ...rest, status: step.status, ...(step.reason === undefined ? {} : { reason: step.reason }) };
    });
  }

  putDatabases(databases: readonly DatabaseRecord[]): void {
    for (const record of databases) this.#databases.set(record.name, record);
  }

  /** Takes in one line; lines that are not about a step are left alone. */
  apply(line: JournalLine, at: number): void {
    switch (line.type) {
      case 'step-started':
        this.#start(line, at);
        break;
      case 'intent': {
        const { operation, key, detail } = line;
        const step = this.#at(line.step);
        step.intents = [
          ...step.intents.filter((open) => !(open.key === key && open.operation === operation)),
          { operation, key, detail },
        ];
        break;
      }
      case 'change': {
        const { operation, key, id, adopted, site } = line;
        const step = this.#at(line.step);
        step.intents = step.intents.filter((open) => open.key !== key);
        // The same result seen again by a later process is no second change.
        if (!step.changes.some((known) => known.id === id && known.operation === operation)) {
          step.changes = [...step.changes, { operation, id, adopted, site, at }];
        }
        break;
      }
      case 'progress':
        this.#at(line.step).record.note = line.note;
        break;
      case 'warning': {
        const step = this.#at(line.step);
        step.warnings = [
          ...step.warnings,
          { reason: line.reason, ...(line.server === undefined ? {} : { server: line.server }) },
        ];
        break;
      }
      case 'step-finished': {
        const { record } = this.#at(line.step);
        record.status = line.status;
        record.reason = line.reason;
        record.endedAt = at;
        delete record.note;
        if (line.result !== undefined) record.result = line.result;
        if (line.servers !== undefined) this.putServers(line.servers, at);
        if (line.databases !== undefined) this.putDatabases(line.databases);
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

  /** The step with that id. Skipped steps are never started, and warnings may come before the start: neither may be lost. */
  #at(id: string): StepState {
    const known = this.#steps.get(id);
    if (known !== undefined) {
      known.snapshot = undefined;
      return known;
    }
    const { kind, name } = this.#likely(id);
    const unstarted = newStep({ id, kind, name, status: 'pending', attempt: 1 });
    this.#steps.set(id, unstarted);
    return unstarted;
  }

  /** Kind and name by the engine's ids: `recover`, `verify`, `pre/<action>`, `post/<action>`, `database/<name>`, `finally/<action>`, `clean-up`, … */
  #likely(id: string): { readonly kind: StepKind; readonly name: string } {
    const [stage, ...rest] = id.split('/');
    const name = rest.length > 0 ? rest.join('/') : id;
    if (stage === 'pre') return { kind: 'pre-wave-action', name };
    if (stage === 'post') return { kind: 'post-wave-action', name };
    if (stage === 'database') return { kind: 'recover-database', name };
    if (id === CLEAN_UP_DATABASES) return { kind: 'clean-up', name };
    const fallback = this.#stream === 'finally' ? 'finally-action' : 'recover';
    return { kind: STEP_KINDS.find((kind) => kind === id) ?? fallback, name };
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
