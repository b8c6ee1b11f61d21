import { type DeedEnd, type DeedOptions, runDeed } from '@breakwater/assembly';
import type { Operation } from '@breakwater/engine';
import type { Json } from '@breakwater/history';

/** One try: how it ended, and what it made. */
export interface Try extends DeedEnd {
  readonly attempt: number;
}

export interface TryOptions extends Omit<DeedOptions, 'attempt'> {
  /** How many tries there may be, with patience for all of them together: one for every attempt of the run. */
  readonly tries: number;
}

/**
 * Runs the operation to its end. What an earlier process had begun under the same name is adopted; if it turns out to have failed then,
 * before this process came, the next try is made under the next number. What fails in this process is not tried again by it.
 */
export async function tryUntilDone(operation: () => Operation, options: TryOptions): Promise<Try> {
  const { clock } = options;
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt++) {
    const maxWait = startedAt + options.maxWait - clock.now();
    const done = { attempt, ...(await runDeed(operation(), { ...options, attempt, maxWait })) };
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
