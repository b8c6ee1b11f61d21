/**
 * When to look again. AWS tells nobody when it is done, so every look too late is added to the recovery time, and every look too many
 * is a call that may be throttled in the night when everybody fails over. The intervals follow the recorded drill (a job of two Linux
 * servers: 533 s, of which 278 s after LAUNCH_START); they are proportions of what has passed, so that a job of forty minutes is not
 * asked a thousand times. All are milliseconds.
 */

/** Nothing to see for minutes: snapshots and conversion. */
export const PREPARING = 15_000;
/** After an answer that may have been lost, and while somebody else's work is in the way. */
export const UNSURE = 5_000;
export const BLOCKED = 10_000;

/** When after LAUNCH_START the launch is likely to end. */
const WINDOW = { from: 200_000, to: 350_000, every: 3_000 } as const;

export type JobPhase =
  /** Snapshots and conversion. */
  | { readonly kind: 'preparing' }
  /** The last server began to launch `since` ago. */
  | { readonly kind: 'launching'; readonly since: number }
  /** Every server has come to an end `since` ago; the job itself follows within seconds. */
  | { readonly kind: 'ending'; readonly since: number };

/** When to look at a running DRS job again; `age` is how long ago it was created. */
export function untilNextJobLook(phase: JobPhase, age: number): number {
  switch (phase.kind) {
    case 'preparing':
      return PREPARING;
    case 'launching': {
      if (phase.since >= WINDOW.from && phase.since < WINDOW.to) return WINDOW.every;
      if (phase.since >= WINDOW.to) return clamp(0.01 * age, WINDOW.every, PREPARING);
      // Not past the moment from which the end is near.
      return clamp(Math.min(0.03 * age, WINDOW.from - phase.since), 2_000, PREPARING);
    }
    case 'ending':
      return phase.since < 30_000 ? 1_000 : 5_000;
  }
}

/** How old the last reading of a job's log may become; a log of a hundred servers has many pages. */
export function untilNextLogReading(servers: number): number {
  return clamp(servers * 2_000, 25_000, 60_000);
}

/** While instances pass their status checks (2 to 6 minutes) or agents come online (1 to 5); `elapsed` since we began to ask. */
export function untilNextHealthLook(elapsed: number): number {
  if (elapsed < 60_000) return 5_000;
  if (elapsed < 360_000) return 3_000;
  return clamp(0.01 * elapsed, 3_000, 15_000);
}

/** For automations and commands, which are seconds or hours long: closely at first, then a twentieth of what has passed. */
export function untilNextActionLook(elapsed: number): number {
  return clamp(0.05 * elapsed, elapsed < 5_000 ? 500 : 1_000, 10_000);
}

/** While a human is asked for approval inside an automation. */
export function untilNextApprovalLook(elapsed: number): number {
  return clamp(0.05 * elapsed, 1_000, 15_000);
}

/** After the nth refusal in a row because of throttling, counted from 0. */
export function afterThrottling(refusals: number): number {
  return Math.min(30_000, 2_000 * 2 ** refusals);
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
