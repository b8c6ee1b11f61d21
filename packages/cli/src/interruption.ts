import type { Clock } from '@breakwater/core';

/** The part of `process` that tells of signals and ends it. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
}

/** Ctrl-C, `kill`, and a terminal that was closed: an SSH session that breaks off must not lose the marker. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long the work may take to write its marker, in real time. */
const GRACE = 4_500;

export interface InterruptionHooks {
  /** Real time: whoever presses Ctrl-C does not wait on the clock of a rehearsal. */
  readonly clock: Clock;
  /** Told once, at the first signal. */
  readonly onFirst: (signal: NodeJS.Signals) => void;
  /** The work did not stop in time; the process ends with this code next. */
  readonly onTimeUp: () => number;
  /** A second signal; the process ends with this code next. */
  readonly onSecond: () => number;
}

export interface Interruption {
  /** Aborts at the first signal, with its name as the reason. */
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  dispose(): void;
}

/**
 * The first signal asks the work to stop, which then has 4.5 s to write down where it is; a second one ends the process at once.
 * Nothing is cleaned up in AWS here: the same execution, run again, finds everything.
 */
export function listenForSignals(source: SignalSource, hooks: InterruptionHooks): Interruption {
  const controller = new AbortController();
  const over = new AbortController();
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (controller.signal.aborted) {
        source.exit(hooks.onSecond());
        return;
      }
      hooks.onFirst(name);
      controller.abort(name);
      hooks.clock.sleep(GRACE, over.signal).then(
        () => source.exit(hooks.onTimeUp()),
        () => undefined,
      );
    };
    source.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    dispose: () => {
      over.abort('done');
      for (const { name, listener } of listeners) source.off(name, listener);
    },
  };
}
