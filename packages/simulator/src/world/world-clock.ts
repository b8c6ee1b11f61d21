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
   * Moves forward by `ms`. A virtual clock is moved for everybody who shares it; a real or scaled one only here, so a client that
   * shares it will lag behind.
   */
  async advance(ms: number): Promise<void> {
    if (this.#base instanceof VirtualClock) await this.#base.sleep(ms);
    else this.#offset += ms;
  }
}
