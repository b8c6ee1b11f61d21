import { type Told, tellEnd } from '@breakwater/assembly';
import type { Try } from './tries.ts';

const RESUME = 'Run the step again with the same inputs: it finds what was begun and goes on watching it.';

export function tell(done: Pick<Try, 'end' | 'begun'>): Told {
  // An automation or a command is stopped with the step, unless AWS goes on all the same.
  return tellEnd(done, { resume: RESUME, stopsForGood: true });
}
