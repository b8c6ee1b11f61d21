/**
 * Time as a dependency. Nothing in Breakwater calls `Date.now()` or `setTimeout` for behaviour: it asks a `Clock`, so that a
 * four-hour failover can be played in a second, and the same way each time.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, on this clock. */
  now(): number;
  /**
   * Resolves when `ms` milliseconds have passed on this clock; rejects with `signal.reason` as soon as `signal` aborts.
   * A zero or negative `ms` resolves on a later turn of the event loop.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = scaledClock({ anchorReal: 0, anchorClock: 0, speed: 1 });

/** How a scaled clock reads: at real time `anchorReal` it shows `anchorClock`, and from there it runs `speed` times as fast. */
export interface ClockScale {
  /** Epoch milliseconds on the machine's clock. */
  readonly anchorReal: number;
  /** Epoch milliseconds on the scaled clock at that moment. */
  readonly anchorClock: number;
  /** Seconds on the scaled clock for each real second; greater than 0. */
  readonly speed: number;
}

/** A real clock that runs `speed` times as fast, for rehearsals against the simulator. */
export function scaledClock({ anchorReal, anchorClock, speed }: ClockScale): Clock {
  if (!(speed > 0)) throw new RangeError(`speed must be greater than 0, not ${speed}`);
  return {
    now: () => Math.round(anchorClock + (Date.now() - anchorReal) * speed),
    sleep: (ms, signal) => sleepReal(ms / speed, signal),
  };
}

/** setTimeout overflows to 1 ms above this; longer waits are slept in parts. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

async function sleepReal(ms: number, signal?: AbortSignal): Promise<void> {
  let left = Math.max(0, ms);
  do {
    const part = Math.min(left, LONGEST_TIMEOUT);
    await new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, part);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    left -= part;
  } while (left > 0);
}
