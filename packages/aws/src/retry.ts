import { createHash } from 'node:crypto';
import { BreakwaterError, CancelledError, type Clock } from '@breakwater/core';
import { classifiable, propertyOf } from './boundary.ts';
import { type CallContext, callLabel } from './call-context.ts';
import { holdStill } from './hold-still.ts';

/** A throttled describe must never fail a failover: so many tries, and so long after the first that failed, before a call gives up. */
export const MAX_ATTEMPTS = 10;
export const MAX_RETRY_TIME = 120_000;

/** AWS may ask for more than our own backoff; never longer than this. */
const LONGEST_RETRY_AFTER = 30_000;

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly call: CallContext;
  /** Makes the jitter of two processes differ, and that of one run the same each time it is played on a virtual clock. */
  readonly seed: string;
  /** Whether the error is one that a try with new credentials may cure. Asked at most once a call. */
  readonly renewed?: (error: unknown) => Promise<boolean>;
}

/**
 * Tries a call until it answers, with the SDK's own classification and backoff (`@smithy/core/retry`: full jitter over 50 ms, or
 * 1 s when throttled, doubled each time, 20 s at most), but slept on the given clock. Throws the last raw error.
 * A call with effect `once` is tried once, whatever happens. An abort ends the waiting, never a change half way.
 */
export async function retrying<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, call, seed, renewed } = options;
  let failing: number | undefined;
  let mayRenew = renewed !== undefined;
  for (let tries = 1; ; tries++) {
    if (call.effect === 'read' && signal?.aborted) throw stopped(call, signal);
    try {
      return await attempt();
    } catch (error) {
      if (call.effect === 'once' || error instanceof BreakwaterError) throw error;
      if (signal?.aborted) throw call.effect === 'read' ? stopped(call, signal) : error;
      if (mayRenew && renewed !== undefined && (await renewed(error))) {
        mayRenew = false;
        continue;
      }
      failing ??= clock.now();
      const kind = await holdStill(clock, classify(error));
      if (kind === 'final' || tries >= MAX_ATTEMPTS) throw error;
      const delay = Math.max(await backoff(kind, tries, jitter(seed, call, clock.now(), tries)), retryAfter(error));
      if (clock.now() + delay - failing > MAX_RETRY_TIME) throw error;
      try {
        await clock.sleep(delay, signal);
      } catch (reason) {
        if (!signal?.aborted) throw reason;
        throw call.effect === 'read' ? stopped(call, signal) : error;
      }
    }
  }
}

/** What a read becomes when the run is told to stop. */
export function stopped(call: CallContext, signal: AbortSignal): BreakwaterError {
  if (signal.reason instanceof BreakwaterError) return signal.reason;
  const why = typeof signal.reason === 'string' ? ` (${signal.reason})` : '';
  return new CancelledError('interrupted', `stopped${why} while asking ${callLabel(call)}`, {
    next: 'What AWS was doing goes on. Run the same execution again to resume.',
    cause: signal.reason,
  });
}

type Kind = 'throttling' | 'transient' | 'final';

async function classify(caught: unknown): Promise<Kind> {
  const sdk = await import('@smithy/core/retry');
  const error = classifiable<Parameters<typeof sdk.isThrottlingError>[0]>(caught);
  if (sdk.isThrottlingError(error)) return 'throttling';
  const status = error.$metadata?.httpStatusCode;
  if (status === undefined || status < 400 || status >= 500) {
    return sdk.isTransientError(error) || sdk.isServerError(error) ? 'transient' : 'final';
  }
  // The old generation says "clock skew corrected" of any error that came while the offset moved: believe it only of those
  // errors that skew can cause.
  if (sdk.isClockSkewError(error)) return sdk.isClockSkewCorrectedError(error) === true ? 'transient' : 'final';
  const { name, message } = error;
  const bare = { name, message, ...(error.$retryable === undefined ? {} : { $retryable: error.$retryable }) };
  return sdk.isTransientError(classifiable(bare)) ? 'transient' : 'final';
}

async function backoff(kind: 'throttling' | 'transient', tries: number, random: number): Promise<number> {
  const { MAXIMUM_RETRY_DELAY, Retry } = await import('@smithy/core/retry');
  const base = kind === 'throttling' ? Retry.throttlingDelay() : Retry.delay();
  return Math.floor(random * Math.min(base * 2 ** (tries - 1), MAXIMUM_RETRY_DELAY));
}

/** From 0 to 1, spread evenly over seeds, calls, moments and tries. */
function jitter(seed: string, call: CallContext, now: number, tries: number): number {
  const text = JSON.stringify([seed, callLabel(call), now, tries]);
  return createHash('sha1').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

/** The delay AWS asks for in `Retry-After` (seconds, or a date measured against the answer's own `Date`), in milliseconds. */
export function retryAfter(error: unknown): number {
  const headers = propertyOf(propertyOf(error, '$response'), 'headers');
  const wanted = headerOf(headers, 'retry-after');
  if (wanted === undefined) return 0;
  const seconds = Number(wanted);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(wanted) - Date.parse(headerOf(headers, 'date') ?? '');
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER) : 0;
}

function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  for (const [key, value] of Object.entries(headers))
    if (key.toLowerCase() === name && typeof value === 'string') return value.trim();
  return undefined;
}
