/** The words for how far a thing is. A verdict is never better than its worst evidence. */

export const STATUSES = [
  'pending',
  'running',
  'waiting',
  'succeeded',
  'succeeded-with-warnings',
  'failed',
  'failed-ignored',
  'timed-out',
  'skipped',
  'cancelled',
] as const;

/** Status of a step, a server or a wave. `failed-ignored`: failed, and the plan said to go on. */
export type Status = (typeof STATUSES)[number];

export const VERDICTS = ['succeeded', 'degraded', 'failed', 'cancelled', 'in-progress'] as const;

/** Verdict of an execution. `degraded`: something optional failed or was skipped. `in-progress`: we stopped waiting, AWS goes on. */
export type Verdict = (typeof VERDICTS)[number];

export const MODES = ['drill', 'recovery'] as const;

/** A drill leaves production and its recovery instances alone; a recovery is the real failover. */
export type Mode = (typeof MODES)[number];

/** Whether nothing more will happen to a thing with this status. */
export function isFinal(status: Status): boolean {
  return status !== 'pending' && status !== 'running' && status !== 'waiting';
}

/** Whether what depends on a thing with this status may start. */
export function allowsDependents(status: Status): boolean {
  return status === 'succeeded' || status === 'succeeded-with-warnings' || status === 'failed-ignored';
}
