import type { BreakwaterError, Mode } from '@breakwater/core';
import { CLEAN_UP_DATABASES, type DatabaseRecord, type ServerRecord } from '@breakwater/history';
import type { Plan } from '@breakwater/plan';
import type { Deeds } from './deeds.ts';
import { runStep, type StepSpec, type StepSurroundings } from './run-step.ts';
import { actionStep } from './wave-steps.ts';

/** How long ending a drill may take: a TERMINATE job or the deletion of a cluster is minutes, and queues behind others. */
export const CLEAN_UP_PATIENCE = 30 * 60_000;

export interface ConcludeRequest {
  readonly plan: Plan;
  readonly mode: Mode;
  /** Every server that any wave set out to recover: also one whose launch timed out may have an instance by now. */
  readonly servers: readonly ServerRecord[];
  /** Every database whose restore any wave began. */
  readonly databases: readonly DatabaseRecord[];
  readonly deeds: Deeds;
  /** What drills left whose locks this recovery had to break. */
  readonly leftovers: readonly StepSpec[];
}

/**
 * The work that runs whatever failed before: the plan's finally actions, then the drill's clean-up. A failure among them is
 * recorded and does not keep the rest from running. Returns the halt if one has no end yet. The leftovers of other drills come last: they must
 * never hold up a recovery.
 */
export async function conclude(
  { plan, mode, servers, databases, deeds, leftovers }: ConcludeRequest,
  around: StepSurroundings,
): Promise<{ readonly state: 'halted'; readonly note: string; readonly cause: BreakwaterError | undefined } | undefined> {
  const launched = servers.filter((server) => server.instanceId !== undefined);
  const specs: StepSpec[] = plan.finally
    .filter((action) => action.when.includes(mode))
    .map((action) => actionStep(action, 'finally', 'finally-action', () => deeds.act(action, 'finally', undefined, launched)));
  const cleanUp = mode === 'drill' && plan.drill.cleanUp === 'terminate';
  if (cleanUp && (servers.length > 0 || databases.length === 0)) {
    specs.push({
      id: 'clean-up',
      kind: 'clean-up',
      name: 'terminate the drill instances',
      patience: CLEAN_UP_PATIENCE,
      ignoreFailure: false,
      create: () => deeds.cleanUp(servers),
    });
  }
  if (cleanUp && databases.length > 0) {
    specs.push({
      id: CLEAN_UP_DATABASES,
      kind: 'clean-up',
      name: 'delete the databases of the drill',
      patience: CLEAN_UP_PATIENCE,
      ignoreFailure: false,
      create: () => deeds.cleanUpDatabases(databases),
    });
  }
  for (const spec of [...specs, ...leftovers]) {
    const outcome = await runStep(spec, around);
    if (outcome.state === 'halted') return outcome;
  }
  return undefined;
}
