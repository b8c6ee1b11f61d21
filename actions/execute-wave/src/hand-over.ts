import { type Clock, HAND_OVER } from '@breakwater/core';

/** A hosted job ends after 6 hours: https://docs.github.com/actions/reference/limits. Checkout came before us, the record after us. */
const HOSTED_PATIENCE = (5 * 60 + 40) * 60_000;

export interface Watch {
  /** Aborts when the step is cancelled, or when its time is over; the reason is then `HAND_OVER`. */
  readonly signal: AbortSignal;
  end(): void;
}

/** How long the step may run, milliseconds, never longer than a hosted job lives; `undefined`: for as long as it takes. */
export function patienceOf(
  maxRun: number | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): number | undefined {
  if (environment['RUNNER_ENVIRONMENT'] !== 'github-hosted') return maxRun;
  return Math.min(maxRun ?? HOSTED_PATIENCE, HOSTED_PATIENCE);
}

/** Watches the time of the step, by real time: the platform's limit does not run faster in a rehearsal. */
export function watch(patience: number | undefined, clock: Clock, cancelled: AbortSignal): Watch {
  const stop = new AbortController();
  const over = new AbortController();
  const forward = () => stop.abort(cancelled.reason);
  if (cancelled.aborted) forward();
  else cancelled.addEventListener('abort', forward, { once: true });
  if (patience !== undefined) {
    clock.sleep(patience, over.signal).then(
      () => stop.abort(HAND_OVER),
      () => undefined,
    );
  }
  return {
    signal: stop.signal,
    end() {
      cancelled.removeEventListener('abort', forward);
      over.abort();
    },
  };
}
