import { asBreakwaterError, type BreakwaterError, HAND_OVER } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from './operation.ts';
import type { Pacer } from './pacer.ts';

export type Finished = Exclude<Advance, { readonly state: 'waiting' }>;

/** How the loop around an operation ended. */
export type OperationEnd =
  | { readonly end: 'finished'; readonly advance: Finished }
  /** The deadline passed. `goesOn` says what AWS is still doing. */
  | { readonly end: 'timed-out'; readonly note: string; readonly goesOn: string | undefined }
  /** We were told to stop, or to hand over. */
  | { readonly end: 'interrupted'; readonly goesOn: string | undefined }
  /** We could not look or could not record any more; what was begun in AWS goes on. */
  | { readonly end: 'lost'; readonly error: BreakwaterError };

/** Looks at once in a row without any pause; more is taken for an operation that spins. */
const MAX_EAGER_LOOKS = 200;
/** How long stopping things in AWS may take once we were told to stop: the platform kills us soon after. */
const ABANDON_PATIENCE = 3_000;

/**
 * Asks an operation until it is finished, its deadline (epoch milliseconds) has passed, or `context.signal` aborts. Passing faults
 * of AWS (throttling, 5xx, network) only make it look again later: a throttled describe never fails a failover. At least one look
 * is taken even when the deadline has already passed, so that a late resume sees what has ended meanwhile.
 */
export async function runOperation(
  operation: Operation,
  context: OperationContext,
  { pacer, deadline }: { readonly pacer: Pacer; readonly deadline: number },
): Promise<OperationEnd> {
  const { clock, signal } = context;
  let faults = 0;
  let eager = 0;
  let seen = 'not looked at yet';
  for (;;) {
    if (signal.aborted) {
      // Whoever goes on adopts what runs in AWS: nothing is stopped.
      return { end: 'interrupted', goesOn: signal.reason === HAND_OVER ? seen : await abandon(operation, context) };
    }
    let look: Advance;
    try {
      look = await operation.advance(context);
      faults = 0;
    } catch (cause) {
      if (signal.aborted) continue;
      const error = asBreakwaterError(cause);
      if (error.code !== 'throttled' && error.code !== 'aws-unavailable') return { end: 'lost', error };
      look = { state: 'waiting', note: error.message, lookAgainIn: Math.min(30_000, 2_000 * 2 ** faults) };
      faults += 1;
    }
    if (look.state !== 'waiting') return { end: 'finished', advance: look };
    seen = look.note;
    const left = deadline - clock.now();
    if (left <= 0) return { end: 'timed-out', note: look.note, goesOn: await abandon(operation, context) };
    eager = look.lookAgainIn <= 0 ? eager + 1 : 0;
    const pause = eager > MAX_EAGER_LOOKS ? 1_000 : look.lookAgainIn;
    if (pause > 0) await pacer.wait(Math.min(pause, left), signal).catch(() => undefined);
  }
}

async function abandon(operation: Operation, context: OperationContext): Promise<string | undefined> {
  if (operation.abandon === undefined) return undefined;
  const tooLong = new AbortController();
  try {
    return await Promise.race([
      operation.abandon(context),
      context.clock.sleep(ABANDON_PATIENCE, tooLong.signal).then(() => 'AWS did not answer when asked to stop; it may go on'),
    ]);
  } catch (cause) {
    return `could not be stopped: ${asBreakwaterError(cause).message}`;
  } finally {
    tooLong.abort();
  }
}
