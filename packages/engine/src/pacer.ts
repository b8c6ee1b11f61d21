import type { Clock } from '@breakwater/core';

interface Waiter {
  /** When it wants to look again. */
  readonly at: number;
  /** From when it may look, if somebody else looks anyway. */
  readonly from: number;
  readonly wake: () => void;
}

/** How much of a wait may be given up to look together with others. */
const SLACK = 0.1;

/**
 * Lets operations look at the cloud together. Each waits as long as it asked; when one wakes, all whose time has nearly come wake
 * in the same turn of the event loop, so that their describe calls can be batched into one request an account and Region.
 */
export class Pacer {
  readonly #clock: Clock;
  #waiters: Waiter[] = [];
  #rearm: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after `ms` milliseconds, or up to a tenth sooner; rejects with the signal's reason when it aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const at = this.#clock.now() + ms;
      const onAbort = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        this.#rearm?.abort();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        at,
        from: at - ms * SLACK,
        wake: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(waiter);
      if (this.#rearm === undefined) void this.#watch();
      else this.#rearm.abort();
    });
  }

  async #watch(): Promise<void> {
    while (this.#waiters.length > 0) {
      const rearm = new AbortController();
      this.#rearm = rearm;
      const next = Math.min(...this.#waiters.map((waiter) => waiter.at));
      // Aborted: somebody came or went, so the earliest moment may be another.
      await this.#clock.sleep(next - this.#clock.now(), rearm.signal).catch(() => undefined);
      const now = this.#clock.now();
      if (!this.#waiters.some((waiter) => waiter.at <= now)) continue;
      const due = this.#waiters.filter((waiter) => waiter.from <= now);
      this.#waiters = this.#waiters.filter((waiter) => waiter.from > now);
      for (const waiter of due) waiter.wake();
    }
    this.#rearm = undefined;
  }
}
