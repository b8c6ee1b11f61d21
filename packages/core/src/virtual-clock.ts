import type { Clock } from './clock.ts';

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Event-loop turns without a new sleeper before time may move: promise chains of an SDK call need a few. */
const QUIET_TURNS = 3;

/**
 * A clock on which time passes only when everybody sleeps. It jumps to the earliest sleeper once the event loop has been quiet
 * for a few turns, so in-process work (promises, the simulator as request handler) always finishes first. Sleepers due at the
 * same moment wake together, in the order in which they lay down: with the same inputs a run is the same every time.
 *
 * Real input and output (sockets, child processes) is invisible to it: use a scaled clock there.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #sleepers: Sleeper[] = [];
  #ticking = false;

  constructor(startAt: number) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, ms),
        order: this.#order++,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
      this.#tick();
    });
  }

  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    let seen = this.#order;
    let quiet = 0;
    const turn = () => {
      if (this.#sleepers.length === 0) {
        this.#ticking = false;
        return;
      }
      quiet = this.#order === seen ? quiet + 1 : 0;
      seen = this.#order;
      if (quiet >= QUIET_TURNS) {
        quiet = 0;
        this.#wakeNext();
      }
      setImmediate(turn);
    };
    setImmediate(turn);
  }

  #wakeNext(): void {
    const at = Math.min(...this.#sleepers.map((sleeper) => sleeper.at));
    const due = this.#sleepers.filter((sleeper) => sleeper.at === at).sort((a, b) => a.order - b.order);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at !== at);
    this.#now = Math.max(this.#now, at);
    for (const sleeper of due) sleeper.wake();
  }
}
