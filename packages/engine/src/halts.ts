import { type BreakwaterError, HAND_OVER, type Status } from '@breakwater/core';
import type { Reason } from '@breakwater/history';
import type { WaveOutcome } from './run-wave.ts';

/** Why a run ended without an end of the execution. */
export interface Halt {
  readonly reason: Reason;
}

/** How a wave came out of a run. */
export type WaveEnd =
  | { readonly state: 'ended'; readonly status: Status }
  | Extract<WaveOutcome, { readonly state: 'halted' }>
  | { readonly state: 'gate-closed'; readonly reason: Reason }
  /** Not begun, because something before it has no end yet. */
  | { readonly state: 'not-reached' };

const RESUME = 'Run the same execution again to resume: it adopts what was begun.';

export function haltOf(
  end: WaveEnd | { readonly state: 'halted'; readonly note: string; readonly cause: BreakwaterError | undefined },
): Halt | undefined {
  if (end.state === 'gate-closed') return { reason: end.reason };
  if (end.state !== 'halted') return undefined;
  if (end.cause === undefined) return { reason: { code: 'interrupted', message: end.note, next: RESUME } };
  return { reason: { code: end.cause.code, message: end.note, next: `${end.cause.next} ${RESUME}` } };
}

/** Why a run stops that was told to, by the cause it was told. */
export function whyStopped(cause: string): Reason {
  if (cause === HAND_OVER) {
    return {
      code: 'handed-over',
      message: 'the time of this job is over; what AWS was doing goes on',
      next: 'The next job goes on with the same execution; without one, run the same execution again.',
    };
  }
  return { code: 'interrupted', message: `stopped by ${cause}; what AWS was doing goes on`, next: RESUME };
}
