import { inOrder } from './finding.ts';
import type { Loaded } from './load.ts';
import type { Finding } from './model.ts';

/** Everything that is wrong with the loaded files, by file and line. Pure: asks neither AWS nor the clock. */
export function checkPlans(loaded: Loaded): readonly Finding[] {
  return inOrder(loaded.findings);
}
