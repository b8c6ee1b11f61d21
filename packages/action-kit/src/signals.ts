import type { Clock } from '@breakwater/core';
import type { Runner } from './runner.ts';

/**
 * A cancelled step gets SIGINT, 7.5 s later SIGTERM, 2.5 s later it is killed. What has to be written must be written before:
 * https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
 */
const GRACE = 5_000;

/** Exit codes that shells give a process ended by a signal. */
const EXIT_CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 };

export interface Interruption {
  /** Aborts at the first signal; the reason is the signal's name. */
  readonly signal: AbortSignal;
}

interface Hooks {
  /** Real time: a grace period is promised by the runner, not by the clock of a rehearsal. */
  readonly clock: Clock;
  /** The work did not stop in time. Must write what the next step needs, and nothing slow. */
  readonly onTimeUp: () => void;
}

/**
 * The first SIGINT or SIGTERM aborts the work, which then has 5 s to write its marker; a second one ends the process at once.
 * Nothing is cleaned up in AWS here: there is no time for it. The same execution run again finds everything.
 */
export function listenForSignals(runner: Runner, { clock, onTimeUp }: Hooks): Interruption {
  const controller = new AbortController();
  runner.onSignal((name) => {
    if (controller.signal.aborted) return runner.exit(EXIT_CODES[name] ?? 1);
    controller.abort(name);
    void clock.sleep(GRACE).then(onTimeUp);
  });
  return { signal: controller.signal };
}
