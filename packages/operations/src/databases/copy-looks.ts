import { clamp } from '../look-again.ts';

/** What was seen of a copy: when (epoch milliseconds), and how far it was (per cent). */
export interface ProgressSeen {
  readonly at: number;
  readonly percent: number;
}

const SOONEST = 3_000;
const LATEST = 60_000;

/** How near to the end, as a part of what is left, the next look is taken: late looks cost time, early ones calls. */
const APPROACH = 0.9;

/**
 * When to look at a copy again, milliseconds. A queued copy stays at 0 % for as long as AWS likes, hours even, and that is no failure;
 * from two readings that differ its end can be told, and each look then comes nearer to it.
 */
export function untilNextCopyLook(seen: readonly ProgressSeen[], startedAt: number, now: number): number {
  const moving = seen.filter(({ percent }) => percent > 0 && percent < 100);
  const first = moving[0];
  const last = moving.at(-1);
  if (first !== undefined && last !== undefined && last.percent > first.percent) {
    const left = ((100 - last.percent) * (last.at - first.at)) / (last.percent - first.percent) - (now - last.at);
    return clamp(left * APPROACH, SOONEST, LATEST);
  }
  return clamp((now - startedAt) * 0.1, 10_000, LATEST);
}
