import type { Operation } from '@breakwater/engine';

/** The operation up to its first real wait: what could be started is started, and whoever asks again later goes on. */
export function handOver(operation: Operation): Operation {
  return {
    async advance(context) {
      const advance = await operation.advance(context);
      if (advance.state !== 'waiting' || advance.lookAgainIn <= 0) return advance;
      const goesOn = await operation.abandon?.(context);
      return {
        state: 'done',
        status: 'succeeded-with-warnings',
        reason: {
          code: 'in-progress',
          message: goesOn ?? `not started yet: ${advance.note}`,
          next: 'Run the same again, with the same inputs: it finds what was begun and goes on.',
        },
      };
    },
  };
}
