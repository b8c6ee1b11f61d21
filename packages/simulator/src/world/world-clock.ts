import { type Clock, VirtualClock } from '@breakwater/core';

/** The clock the world was given, which can be moved forward on request. */
export class WorldClock implements Clock {
  readonly #base: Clock;
  #offset = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#offset;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#base.sleep(ms, signal);
  }

  /**
   * Waits for work outside of the process without letting virtual time pass: a virtual clock cannot see it and would jump to the next
   * deadline.
   */
  async hold<T>(work: Promise<T>): Promise<T> {
    if (!(this.#base instanceof VirtualClock)) return await work;
    let open = true;
    const done = (): void => {
      open = false;
    };
    work.then(done, done);
    while (open) await this.#base.sleep(0);
    return await work;
  }

  /**
   * Moves forward by `ms`. A virtual clock is moved for everybody who shares it; a real or scaled one only here, so a client that
   * shares it will lag behind.
   */
  async advance(ms: number): Promise<void> {
    if (this.#base instanceof VirtualClock) await this.#base.sleep(ms);
    else this.#offset += ms;
  }
}
