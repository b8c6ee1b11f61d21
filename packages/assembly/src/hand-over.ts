import type { Operation } from '@breakwater/engine';
import type { JsonObject } from '@breakwater/history';

/** What the operation knows better than its waits tell. */
export interface HandOver {
  /** Whether the wait of the last look may be left to AWS. Without it: every wait that is one. */
  readonly mayBeLeft?: () => boolean;
  /** What there is to tell already. */
  readonly soFar?: () => JsonObject;
}

/** The operation up to its first real wait: what could be started is started, and whoever asks again later goes on. */
export function handOver(operation: Operation, { mayBeLeft, soFar }: HandOver = {}): Operation {
  return {
    async advance(context) {
      const advance = await operation.advance(context);
      if (advance.state !== 'waiting') return advance;
      if (mayBeLeft === undefined ? advance.lookAgainIn <= 0 : !mayBeLeft()) return advance;
      const goesOn = await operation.abandon?.(context);
      return {
        state: 'done',
        status: 'succeeded-with-warnings',
        reason: {
          code: 'in-progress',
          message: goesOn ?? `not started yet: ${advance.note}`,
          next: 'Run the same again, with the same inputs: it finds what was begun and goes on.',
        },
        ...(soFar === undefined ? {} : { result: soFar() }),
      };
    },
    ...(operation.abandon === undefined ? {} : { abandon: operation.abandon.bind(operation) }),
  };
}
