import type { Status } from '@breakwater/core';
import type { OperationEnd } from '@breakwater/engine';
import type { JsonObject, Reason } from '@breakwater/history';

/** How a deed outside any plan ended, in the words of an action's outputs. */
export interface Told {
  readonly status:
    | Extract<Status, 'succeeded' | 'succeeded-with-warnings' | 'failed' | 'timed-out' | 'cancelled'>
    | 'in-progress';
  readonly reason: Reason;
  readonly result: JsonObject | undefined;
  /** What AWS is still doing. */
  readonly goesOn: string | undefined;
}

/** What only the action knows of its deed. */
export interface Telling {
  /** How to take it up again. */
  readonly resume: string;
  /** What a good end without words of its own is called. */
  readonly done?: string;
  /** Nothing goes on once it was stopped, though it had been begun: stopping it ended it. */
  readonly stopsForGood?: true;
}

/**
 * Tells an end. What did not end is never told as an end: what was begun, and cannot be watched any more, is in progress. So is what was
 * handed over, whatever the operation calls it.
 */
export function tellEnd(
  { end, begun }: { readonly end: OperationEnd; readonly begun: boolean },
  { resume, done = 'done', stopsForGood }: Telling,
): Told {
  switch (end.end) {
    case 'finished': {
      const { advance } = end;
      const { result, reason = { code: 'ok', message: done } } = advance;
      if (reason.code === 'in-progress') return { status: 'in-progress', reason, result, goesOn: reason.message };
      return { status: advance.state === 'failed' ? 'failed' : advance.status, reason, result, goesOn: undefined };
    }
    case 'timed-out': {
      const { goesOn } = end;
      const message = `it did not end in time; last seen: ${end.note}${goesOn === undefined ? '' : `. ${goesOn}`}`;
      return { status: 'timed-out', reason: { code: 'timed-out', message, next: resume }, result: undefined, goesOn };
    }
    case 'interrupted': {
      const { goesOn } = end;
      const left = begun && stopsForGood !== true ? 'what was begun goes on in AWS' : undefined;
      const nothing = stopsForGood === true ? 'nothing goes on in AWS' : 'nothing was begun in AWS';
      const message = `stopped on request; ${goesOn ?? left ?? nothing}`;
      const status = (goesOn ?? left) === undefined ? 'cancelled' : 'in-progress';
      return { status, reason: { code: 'interrupted', message, next: resume }, result: undefined, goesOn };
    }
    case 'lost': {
      const { code, message, next } = end.error;
      if (!begun) return { status: 'failed', reason: { code, message, next }, result: undefined, goesOn: undefined };
      const reason: Reason = { code, message: `${message}; what was begun goes on in AWS`, next: `${next} ${resume}` };
      return { status: 'in-progress', reason, result: undefined, goesOn: 'unknown: AWS could not be asked any more' };
    }
  }
}
