import type { Clock } from '@breakwater/core';
import { type Operation, type OperationContext, type OperationEnd, Pacer, runOperation } from '@breakwater/engine';
import type { Json } from '@breakwater/history';

/** What AWS was asked to make, or what was found made earlier. */
export interface Made {
  readonly operation: string;
  readonly id: string;
  readonly adopted: boolean;
}

/** One try: how it ended, and what it made. */
export interface Try {
  readonly attempt: number;
  readonly end: OperationEnd;
  readonly made: readonly Made[];
  /** Something may have been begun in AWS. */
  readonly begun: boolean;
}

export interface TryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Patience with all tries together, milliseconds. */
  readonly maxWait: number;
  /** How many tries there may be: one for every attempt of the run. */
  readonly tries: number;
  readonly log: (line: string) => void;
  readonly made: (made: Made) => void;
}

/**
 * Runs the operation to its end. What an earlier process had begun under the same name is adopted; if it turns out to have failed then,
 * before this process came, the next try is made under the next number. What fails in this process is not tried again by it.
 */
export async function tryUntilDone(operation: () => Operation, options: TryOptions): Promise<Try> {
  const { clock } = options;
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt++) {
    const done = await tryOnce(operation(), attempt, startedAt + options.maxWait, options);
    const old = isOlder(done, startedAt);
    const failed = done.end.end === 'finished' && done.end.advance.state === 'failed';
    if (!(failed && old && attempt < options.tries)) return done;
    options.log(`what an earlier process had started has failed; starting it anew (try ${attempt + 1})`);
  }
}

/** The clocks of AWS and of this machine may differ by so much without anybody noticing. */
const CLOCK_SKEW = 10_000;

/**
 * Whether everything of this try was begun by an earlier process: it was found, or (SSM answers the same token with the same execution,
 * and does not say so) it had started before this process did.
 */
function isOlder({ made, end }: Try, startedAt: number): boolean {
  if (made.length === 0) return false;
  if (made.every((each) => each.adopted)) return true;
  const automations = end.end === 'finished' ? end.advance.result?.['automations'] : undefined;
  if (!Array.isArray(automations) || automations.length === 0) return false;
  return automations.every((each: Json) => {
    const at =
      typeof each === 'object' && each !== null && 'startedAt' in each ? Date.parse(String(each['startedAt'])) : Number.NaN;
    return at < startedAt - CLOCK_SKEW;
  });
}

async function tryOnce(operation: Operation, attempt: number, deadline: number, options: TryOptions): Promise<Try> {
  const { clock, signal, log } = options;
  const made: Made[] = [];
  let begun = false;
  const context: OperationContext = {
    clock,
    signal,
    attempt,
    earlier: [],
    async intent(name, key) {
      begun = true;
      log(`${name} is about to be sent (${key})`);
    },
    async change(change) {
      const { operation: name, id, adopted } = change;
      made.push({ operation: name, id, adopted });
      options.made({ operation: name, id, adopted });
      log(adopted ? `found ${id}, which an earlier process had started` : `${name}: ${id}`);
    },
    async progress(note) {
      log(note);
    },
    async warn(reason) {
      log(`warning: ${reason.message}`);
    },
  };
  const end = await runOperation(operation, context, { pacer: new Pacer(clock), deadline });
  return { attempt, end, made, begun: begun || made.length > 0 };
}
