import { asBreakwaterError, type Clock } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';

export type End = Exclude<Advance, { readonly state: 'waiting' }>;

export interface Drive {
  readonly end: End;
  /** What it waited for, look by look. */
  readonly notes: readonly string[];
  readonly looks: number;
}

const MOST_LOOKS = 5_000;

/**
 * Asks an operation until it ends, as the engine does: passing faults of AWS make it look again later. `patience` is how long it may
 * take, milliseconds; `onLook` is told each answer.
 */
export async function drive(
  operation: Operation,
  context: OperationContext,
  options: { readonly patience?: number; readonly onLook?: (advance: Advance, look: number) => void } = {},
): Promise<Drive> {
  const { clock } = context;
  const deadline = clock.now() + (options.patience ?? 6 * 3_600_000);
  const notes: string[] = [];
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const advance = await lookOnce(operation, context);
    options.onLook?.(advance, look);
    if (advance.state !== 'waiting') return { end: advance, notes, looks: look };
    if (notes.at(-1) !== advance.note) notes.push(advance.note);
    if (clock.now() >= deadline) throw new Error(`not done in time; last: ${advance.note}`);
    await sleep(clock, advance.lookAgainIn);
  }
  throw new Error(`still not done after ${MOST_LOOKS} looks: ${notes.slice(-3).join(' | ')}`);
}

async function lookOnce(operation: Operation, context: OperationContext): Promise<Advance> {
  try {
    return await operation.advance(context);
  } catch (cause) {
    const error = asBreakwaterError(cause);
    if (error.code !== 'throttled' && error.code !== 'aws-unavailable') throw cause;
    return { state: 'waiting', note: error.message, lookAgainIn: 2_000 };
  }
}

async function sleep(clock: Clock, ms: number): Promise<void> {
  if (ms > 0) await clock.sleep(ms);
}
