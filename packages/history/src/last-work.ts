import { isFinal } from '@breakwater/core';
import { isObject } from './event-shape.ts';
import type { ExecutionHeader, StepRecord, WaveRecord } from './execution.ts';
import { CLEAN_UP_DATABASES } from './fold-steps.ts';

/**
 * What is still to do after the last wave, in words; `undefined` if nothing is. The plan's definition in the header says what it
 * wanted: a run that died between its last wave and its clean-up leaves instances behind, and must not read as a success.
 */
export function lastWorkDue(
  header: ExecutionHeader,
  steps: readonly StepRecord[],
  waves: readonly WaveRecord[],
): string | undefined {
  const open = steps.filter((step) => !isFinal(step.status));
  if (open.length > 0) return `all waves have ended; still going on: ${open.map(({ name }) => name).join(', ')}`;
  const plan = planOf(header);
  const done = new Set(steps.filter(({ kind }) => kind === 'finally-action').map(({ id }) => id)).size;
  const wanted = actionsWanted(header, plan);
  if (done < wanted) return `all waves have ended; ${wanted - done} of ${wanted} finally actions have not run yet`;
  if (!wantsCleanUp(header, plan)) return undefined;
  const launched = waves.some((wave) => wave.servers.some((server) => server.instanceId !== undefined));
  if (launched && !steps.some(({ id }) => id === 'clean-up')) {
    return 'all waves have ended; the instances of the drill are not cleaned up yet';
  }
  // A restore that was begun may have left a cluster that no record names.
  const restored = waves.some((wave) =>
    wave.steps.some((step) => step.kind === 'recover-database' && step.startedAt !== undefined),
  );
  if (restored && !steps.some(({ id }) => id === CLEAN_UP_DATABASES)) {
    return 'all waves have ended; the databases of the drill are not cleaned up yet';
  }
  return undefined;
}

/** The plan itself: the definition is its whole closure, or (in small records) the plan alone. */
function planOf(header: ExecutionHeader): Readonly<Record<string, unknown>> {
  const definition: Readonly<Record<string, unknown>> = header.plan.definition;
  const plan = definition['plan'];
  return isObject(plan) ? plan : definition;
}

function actionsWanted(header: ExecutionHeader, plan: Readonly<Record<string, unknown>>): number {
  const actions = plan['finally'];
  if (!Array.isArray(actions)) return 0;
  return actions.filter((action) => isObject(action) && (!Array.isArray(action['when']) || action['when'].includes(header.mode)))
    .length;
}

function wantsCleanUp(header: ExecutionHeader, plan: Readonly<Record<string, unknown>>): boolean {
  const drill = plan['drill'];
  return header.mode === 'drill' && isObject(drill) && drill['cleanUp'] === 'terminate';
}
