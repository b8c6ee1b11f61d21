import { BreakwaterError, type ReasonCode, type Verdict } from '@breakwater/core';

/**
 * What `breakwater` answers to the shell; docs/cli.md has the table.
 * `0` fine. `1` the answer is bad: a failed or unfinished run, errors in a plan, a refusal, a fault of AWS.
 * `2` the command line is wrong: it cannot be understood, or it names a thing that does not exist. `3` a fault of ours.
 * `130`: stopped at once by a second Ctrl-C.
 */
export const EXIT_CODES = { fine: 0, bad: 1, usage: 2, ours: 3, stoppedAtOnce: 130 } as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** Reasons that say that the command line itself is wrong. */
const USAGE_REASONS: ReadonlySet<ReasonCode> = new Set([
  'usage',
  'file-unreadable',
  'plan-unknown',
  'wave-unknown',
  'execution-unknown',
]);

/** The exit code of a run that ended with a verdict. `degraded` is fine: all that was critical was done. */
export function exitCodeOfVerdict(verdict: Verdict): ExitCode {
  return verdict === 'succeeded' || verdict === 'degraded' ? EXIT_CODES.fine : EXIT_CODES.bad;
}

/** The exit code for a caught value; what is not of the error family is ours. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (!(error instanceof BreakwaterError) || error.kind === 'internal') return EXIT_CODES.ours;
  return USAGE_REASONS.has(error.code) ? EXIT_CODES.usage : EXIT_CODES.bad;
}
