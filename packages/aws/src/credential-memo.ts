import { asBreakwaterError, type BreakwaterError, type Clock } from '@breakwater/core';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Epoch milliseconds; none: they never expire, as far as is known. */
  readonly expiresAt?: number;
}

/** A source of credentials that is cheap to ask before every request. */
export interface CredentialSource {
  get(): Promise<Credentials>;
  /** AWS says these have expired: resolves to whether other ones are there now. */
  renewed(used: Credentials): Promise<boolean>;
}

/** Credentials with less time left than this are renewed. */
export const RENEW_BEFORE = 5 * 60_000;
/** With less left than this the renewal is waited for; with more it goes on beside the work. */
const WAIT_BEFORE = 60_000;
/** After an early renewal, good or bad, what is there is used for so long before the next try. */
const RENEW_PAUSE = 30_000;

/**
 * Remembers credentials and renews them on the given clock; however many ask at once, one renewal runs. A renewal that fails while
 * the old credentials are still valid is told to `warn` and tried again later; it never breaks the run before they have expired.
 */
export class CredentialMemo implements CredentialSource {
  readonly #renew: () => Promise<Credentials>;
  readonly #clock: Clock;
  readonly #warn: (error: BreakwaterError) => void;
  #current: Credentials | undefined;
  #pending: Promise<Credentials> | undefined;
  #refreshing: Promise<Credentials> | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(options: { renew: () => Promise<Credentials>; clock: Clock; warn: (error: BreakwaterError) => void }) {
    this.#renew = options.renew;
    this.#clock = options.clock;
    this.#warn = options.warn;
  }

  async get(): Promise<Credentials> {
    const current = this.#current;
    const left = this.#left(current);
    if (current === undefined || left <= 0) return this.#renewal();
    if (left >= RENEW_BEFORE || this.#clock.now() < this.#notBefore) return current;
    const refresh = this.#refresh(current);
    if (left < WAIT_BEFORE) return refresh;
    // Who needs them later asks again; this one must not wait, nor fail for it.
    refresh.catch(() => undefined);
    return current;
  }

  async renewed(used: Credentials): Promise<boolean> {
    if (this.#current?.accessKeyId === used.accessKeyId) this.#current = undefined;
    const fresh = await this.get();
    return fresh.accessKeyId !== used.accessKeyId;
  }

  #left(credentials: Credentials | undefined): number {
    if (credentials === undefined) return Number.NEGATIVE_INFINITY;
    return (credentials.expiresAt ?? Number.POSITIVE_INFINITY) - this.#clock.now();
  }

  /** A renewal that falls back on what is still valid; told of once, however many asked. */
  #refresh(current: Credentials): Promise<Credentials> {
    this.#refreshing ??= this.#renewal()
      .catch((error: unknown) => {
        this.#warn(asBreakwaterError(error));
        if (this.#left(current) > 0) return current;
        throw error;
      })
      .finally(() => {
        // Also after a success: a source that hands out nearly expired ones is not asked at every call.
        this.#notBefore = this.#clock.now() + RENEW_PAUSE;
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  #renewal(): Promise<Credentials> {
    this.#pending ??= this.#renew()
      .then((fresh) => {
        this.#current = fresh;
        return fresh;
      })
      .finally(() => {
        this.#pending = undefined;
      });
    return this.#pending;
  }
}
