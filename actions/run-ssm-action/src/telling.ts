import type { Status } from '@breakwater/core';
import type { JsonObject, Reason } from '@breakwater/history';
import type { Try } from './tries.ts';

/** How the action ended, in the words of its outputs. */
export interface Told {
  readonly status:
    | Extract<Status, 'succeeded' | 'succeeded-with-warnings' | 'failed' | 'timed-out' | 'cancelled'>
    | 'in-progress';
  readonly reason: Reason;
  readonly result: JsonObject | undefined;
  /** What AWS is still doing. */
  readonly goesOn: string | undefined;
}

const RESUME = 'Run the step again with the same inputs: it finds what was begun and goes on watching it.';

export function tell({ end, begun }: Pick<Try, 'end' | 'begun'>): Told {
  switch (end.end) {
    case 'finished': {
      const { advance } = end;
      const status = advance.state === 'failed' ? 'failed' : advance.status;
      const reason = advance.reason ?? { code: 'ok', message: 'done' };
      return { status, reason, result: advance.result, goesOn: undefined };
    }
    case 'timed-out': {
      const still = end.goesOn === undefined ? '' : `. ${end.goesOn}`;
      const message = `it did not end in time; last seen: ${end.note}${still}`;
      return { status: 'timed-out', reason: { code: 'timed-out', message, next: RESUME }, result: undefined, goesOn: end.goesOn };
    }
    case 'interrupted': {
      if (end.goesOn === undefined) {
        const reason: Reason = { code: 'interrupted', message: 'stopped on request; nothing goes on in AWS', next: RESUME };
        return { status: 'cancelled', reason, result: undefined, goesOn: undefined };
      }
      const reason: Reason = { code: 'interrupted', message: `stopped on request; ${end.goesOn}`, next: RESUME };
      return { status: 'in-progress', reason, result: undefined, goesOn: end.goesOn };
    }
    case 'lost': {
      const { code, message, next } = end.error;
      if (!begun) return { status: 'failed', reason: { code, message, next }, result: undefined, goesOn: undefined };
      const reason: Reason = { code, message: `${message}; what was begun goes on in AWS`, next: `${next} ${RESUME}` };
      return { status: 'in-progress', reason, result: undefined, goesOn: 'unknown: AWS could not be asked any more' };
    }
  }
}
