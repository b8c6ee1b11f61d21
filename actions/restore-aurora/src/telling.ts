import type { DeedEnd } from '@breakwater/assembly';
import type { Status } from '@breakwater/core';
import type { JsonObject, Reason } from '@breakwater/history';

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

const RESUME = 'Run the step again with the same inputs and key: it finds what was begun and goes on.';

export function tell({ end, begun }: Pick<DeedEnd, 'end' | 'begun'>): Told {
  switch (end.end) {
    case 'finished': {
      const { advance } = end;
      const status = advance.state === 'failed' ? 'failed' : advance.status;
      if (advance.reason?.code === 'in-progress') {
        const { reason, result } = advance;
        return { status: 'in-progress', reason, result, goesOn: reason.message };
      }
      return { status, reason: advance.reason ?? { code: 'ok', message: 'done' }, result: advance.result, goesOn: undefined };
    }
    case 'timed-out': {
      const still = end.goesOn === undefined ? '' : `. ${end.goesOn}`;
      const reason: Reason = {
        code: 'timed-out',
        message: `it did not end in time; last seen: ${end.note}${still}`,
        next: RESUME,
      };
      return { status: 'timed-out', reason, result: undefined, goesOn: end.goesOn };
    }
    case 'interrupted': {
      const { goesOn } = end;
      const message = `stopped on request; ${goesOn ?? (begun ? 'what was begun goes on in AWS' : 'nothing was begun in AWS')}`;
      return {
        status: begun || goesOn !== undefined ? 'in-progress' : 'cancelled',
        reason: { code: 'interrupted', message, next: RESUME },
        result: undefined,
        goesOn,
      };
    }
    case 'lost': {
      const { code, message, next } = end.error;
      if (!begun) return { status: 'failed', reason: { code, message, next }, result: undefined, goesOn: undefined };
      const reason: Reason = { code, message: `${message}; what was begun goes on in AWS`, next: `${next} ${RESUME}` };
      return { status: 'in-progress', reason, result: undefined, goesOn: 'unknown: AWS could not be asked any more' };
    }
  }
}
