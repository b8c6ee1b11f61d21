import { clamp } from '../look-again.ts';

/** What was seen of a copy: when (epoch milliseconds), and how far it was (per cent). */
export interface ProgressSeen {
  readonly at: number;
  readonly percent: number;
}

const SOONEST = 2_000;
/** While a copy is queued, and while it moves. */
const LATEST = { queued: 60_000, moving: 180_000 } as const;

/** What is left is known only as well as the per cent that were seen to pass; so much of it is always kept back. */
const RESERVE = 0.07;

/**
 * When to look at a copy again, milliseconds. A queued copy stays at 0 % for as long as AWS likes, hours even, and that is no failure;
 * from two readings that differ its end can be told, and each look then comes nearer to it.
 */
export function untilNextCopyLook(seen: readonly ProgressSeen[], startedAt: number, now: number): number {
  const moving = seen.filter(({ percent }) => percent > 0 && percent < 100);
  const first = moving[0];
  const last = moving.at(-1);
  if (first !== undefined && last !== undefined && last.percent > first.percent) {
    const passed = last.percent - first.percent;
    const left = ((100 - last.percent) * (last.at - first.at)) / passed - (now - last.at);
    return clamp(left * (1 - Math.max(RESERVE, 1 / (passed + 1))), SOONEST, LATEST.moving);
  }
  return clamp((now - startedAt) * 0.1, 15_000, LATEST.queued);
}
