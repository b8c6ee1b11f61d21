import type { Clock } from './clock.ts';
import { VirtualClock } from './virtual-clock.ts';

/**
 * Awaits work that a virtual clock cannot see: loading a module, reading a file, a child process. Without this, time would run on while
 * the disk is busy, and a simulated run would differ from one machine to the next. On any other clock it just awaits.
 * Never wrap work that itself sleeps on the clock: it would wait for ever.
 */
export async function holdStill<T>(clock: Clock, work: Promise<T>): Promise<T> {
  if (!(clock instanceof VirtualClock)) return work;
  let pending = true;
  const settle = () => {
    pending = false;
  };
  work.then(settle, settle);
  // A sleeper due at this very moment is always the next to wake, so no later one can.
  while (pending) await clock.sleep(0);
  return work;
}
