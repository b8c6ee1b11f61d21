import { AwsError, allowsDependents, type BreakwaterError, type Clock, formatDuration, type Status } from '@breakwater/core';
import type { DatabaseFacts, DatabaseRecord, JsonObject, Reason, ServerRecord } from '@breakwater/history';
import type { Operation, OperationContext } from './operation.ts';
import type { Pacer } from './pacer.ts';
import { type OperationEnd, runOperation } from './run-operation.ts';
import type { StepName, Stream } from './stream.ts';

/** One operation with its place in the plan. */
export interface StepSpec extends StepName {
  /** How long it may take, milliseconds. A resumed step gets all of it again: whoever resumes has new patience. */
  readonly patience: number;
  /** Its failure is recorded and ignored, because the plan says to go on. */
  readonly ignoreFailure: boolean;
  /** The step whose work this one proves: once that has run again, an earlier proof proves nothing. */
  readonly proves?: string;
  /** The database that the step restores: it ends as the step does. */
  readonly database?: DatabaseRecord;
  /** Made when the step starts: what ran before it has then ended. */
  create(): Operation;
}

/** What a step needs around it. */
export interface StepSurroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly pacer: Pacer;
  readonly stream: Stream;
}

export type StepOutcome =
  | {
      readonly state: 'ended';
      readonly status: Status;
      readonly reason: Reason;
      readonly servers: readonly ServerRecord[];
      readonly database?: DatabaseRecord;
      readonly result?: JsonObject;
    }
  /** It has no end yet: we were told to stop, or cannot look any more. AWS goes on; the same execution resumes it. */
  | { readonly state: 'halted'; readonly note: string; readonly cause: BreakwaterError | undefined };

/** What an operation found out, whether it ended well or not. */
interface Found {
  readonly servers?: readonly ServerRecord[];
  readonly database?: DatabaseFacts;
  readonly result?: JsonObject;
}

const OK: Reason = { code: 'ok', message: 'done' };

/**
 * Runs one step to its end and journals it. A step that had already ended well in an earlier run is not run again; one that had
 * ended badly is tried anew under the next attempt number; one without an end is resumed under its number, so that it finds and
 * adopts what it had begun.
 *
 * Throws only what the journal throws (`history-unwritable`): without a record nothing more may be changed.
 */
export async function runStep(spec: StepSpec, around: StepSurroundings): Promise<StepOutcome> {
  const { clock, stream } = around;
  const past = stream.past(spec.id);
  if (past?.end !== undefined && allowsDependents(past.end.status) && !outdated(past.end.seq, spec, stream)) {
    const { status, reason, servers, databases, result } = past.end;
    const database = databases?.find(({ name }) => name === spec.database?.name);
    return {
      state: 'ended',
      status,
      reason,
      servers: servers ?? [],
      ...(database === undefined ? {} : { database }),
      ...(result === undefined ? {} : { result }),
    };
  }
  const attempt = past === undefined ? 1 : past.end === undefined ? past.attempt : past.attempt + 1;
  const deadline = clock.now() + spec.patience;
  await stream.append({ type: 'step-started', step: spec.id, kind: spec.kind, name: spec.name, attempt, deadline });

  const recorder = new Recorder(spec.id, attempt, around, past !== undefined && past.end === undefined ? past.lines : []);
  const end = await runOperation(spec.create(), recorder, { pacer: around.pacer, deadline });
  if (recorder.broken !== undefined) throw recorder.broken;
  return conclude(end, spec, recorder, stream);
}

function outdated(end: number, { proves }: StepSpec, stream: Stream): boolean {
  const proved = proves === undefined ? undefined : stream.past(proves)?.end;
  return proved !== undefined && proved.seq > end;
}

async function conclude(end: OperationEnd, spec: StepSpec, recorder: Recorder, stream: Stream): Promise<StepOutcome> {
  const finish = async (status: Status, reason: Reason, found: Found = {}): Promise<StepOutcome> => {
    const { servers = [], result } = found;
    const told = spec.ignoreFailure && (status === 'failed' || status === 'timed-out') ? 'failed-ignored' : status;
    const database = spec.database === undefined ? undefined : { ...spec.database, ...found.database, status, reason };
    const extra = result === undefined ? {} : { result };
    await stream.append({
      type: 'step-finished',
      step: spec.id,
      status: told,
      reason,
      ...(servers.length > 0 ? { servers } : {}),
      ...(database === undefined ? {} : { databases: [database] }),
      ...extra,
    });
    return { state: 'ended', status: told, reason, servers, ...(database === undefined ? {} : { database }), ...extra };
  };

  switch (end.end) {
    case 'finished': {
      const { advance } = end;
      if (advance.state === 'failed') return finish('failed', advance.reason, advance);
      return finish(advance.status, advance.reason ?? OK, advance);
    }
    case 'timed-out': {
      const goesOn = end.goesOn === undefined ? '' : ` ${sentence(end.goesOn)}`;
      return finish('timed-out', {
        code: 'timed-out',
        message: `not done within ${formatDuration(spec.patience)}; last seen: ${end.note}.${goesOn}`,
        next: 'Look in the AWS console whether it still ends well, then run the same execution again: it adopts what was begun.',
      });
    }
    case 'interrupted':
      // Nothing goes on in AWS: the attempt is over, and a resume makes a new one. Otherwise it stays open, to be adopted.
      if (end.goesOn === undefined) {
        await finish('cancelled', { code: 'interrupted', message: 'stopped on request' });
      }
      return { state: 'halted', note: end.goesOn ?? `${spec.name} was stopped`, cause: undefined };
    case 'lost': {
      const { error } = end;
      const reason: Reason = { code: error.code, message: error.message, next: error.next };
      if (recorder.mayHaveBegun(error)) return { state: 'halted', note: `${spec.name}: ${error.message}`, cause: error };
      return finish('failed', reason);
    }
  }
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** The operation's hand on the journal. Remembers whether anything was begun, and whether the journal broke. */
class Recorder implements OperationContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly attempt: number;
  readonly earlier: OperationContext['earlier'];
  /** The journal's own failure, kept because an operation might swallow it. */
  broken: unknown;
  readonly #step: string;
  readonly #stream: Stream;
  #changed: boolean;
  /** Operation by key, of the intents announced. */
  readonly #intents = new Map<string, string>();

  constructor(step: string, attempt: number, { clock, signal, stream }: StepSurroundings, earlier: OperationContext['earlier']) {
    this.clock = clock;
    this.signal = signal;
    this.attempt = attempt;
    this.earlier = earlier;
    this.#changed = earlier.some((line) => line.type === 'change');
    for (const line of earlier) if (line.type === 'intent') this.#intents.set(line.key, line.operation);
    this.#step = step;
    this.#stream = stream;
  }

  /**
   * Whether something may exist in AWS because of this attempt, when `error` ended our watch. An intent whose call AWS refused
   * outright (no permission, say) began nothing.
   */
  mayHaveBegun(error: BreakwaterError): boolean {
    if (this.#changed) return true;
    const refused = error instanceof AwsError && !error.ambiguous ? `${error.call.service}:${error.call.operation}` : undefined;
    return [...this.#intents.values()].some((operation) => operation !== refused);
  }

  async intent(operation: string, key: string, detail: JsonObject): Promise<void> {
    await this.#append({ type: 'intent', step: this.#step, operation, key, detail });
    this.#intents.set(key, operation);
  }

  async change(change: Parameters<OperationContext['change']>[0]): Promise<void> {
    this.#changed = true;
    await this.#append({ type: 'change', step: this.#step, ...change, detail: change.detail ?? {} });
  }

  progress(note: string, options: { server?: string; detail?: JsonObject } = {}): Promise<void> {
    return this.#append({ type: 'progress', step: this.#step, note, ...options });
  }

  warn(reason: Reason, server?: string): Promise<void> {
    return this.#append({ type: 'warning', step: this.#step, reason, ...(server === undefined ? {} : { server }) });
  }

  async #append(event: Parameters<Stream['append']>[0]): Promise<void> {
    try {
      await this.#stream.append(event);
    } catch (error) {
      this.broken ??= error;
      throw error;
    }
  }
}
