import type { Door, Outcome } from '@breakwater/action-kit';
import { checkExecutionId, executionIdOfRun, type LoadedPlan } from '@breakwater/assembly';
import { RefusedError, UserError } from '@breakwater/core';
import { planDigest, topologicalOrder } from '@breakwater/plan';
import type { definition } from './definition.ts';
import { type Beginning, summaryOf } from './summary.ts';

/** What the action needs besides its door. */
export interface Parts {
  readonly loadPlan: (
    files: readonly string[],
    name: string | undefined,
    waves: readonly string[],
  ) => Promise<Pick<LoadedPlan, 'set' | 'plan'>>;
}

/** Everything that can be refused before a job is given credentials, and what all jobs of the run must agree on. */
export async function prepare(door: Door<typeof definition>, { loadPlan }: Parts): Promise<Outcome> {
  const { inputs, outputs, github, log } = door;
  const { mode, confirmation, reason } = inputs;
  const { set, plan } = await loadPlan(inputs['plan-files'], inputs.plan, []);
  demandConfirmation(plan.name, mode, confirmation);
  const gated = plan.waves.filter(({ gate }) => gate?.when.includes(mode)).map(({ name }) => name);
  if (inputs.gates === 'refused' && gated.length > 0) throw gatesInTheWay(plan.name, gated);
  const beginning: Beginning = {
    plan: plan.name,
    mode,
    execution: executionOf(door, plan.name),
    digest: planDigest(set, plan.name),
    waves: topologicalOrder(plan),
    gates: gated,
    actor: github.actor,
    ...(reason === undefined ? {} : { reason }),
    ...(github.commit === undefined ? {} : { commit: github.commit }),
  };
  const { execution, digest, waves } = beginning;
  outputs.set('plan', plan.name);
  outputs.set('mode', mode);
  outputs.set('plan-digest', digest);
  outputs.set('execution-id', execution);
  outputs.setList('waves', waves);
  outputs.setList('gates', gated);
  log.info(`${mode} of ${plan.name}, execution ${execution}, plan digest ${digest}`);
  if (inputs.summary) await door.summarise(summaryOf(beginning));
  const result = { schema: 'breakwater.prepare/1', plan: plan.name, mode, execution, digest, waves, gates: gated };
  return { status: 'succeeded', reason: 'ok', result: JSON.stringify(result) };
}

/** A real failover is asked for by somebody who says of what. A drill needs no confirmation, and one that is given does no harm. */
function demandConfirmation(plan: string, mode: 'drill' | 'recovery', confirmation: string | undefined): void {
  if (mode === 'drill' || confirmation === plan) return;
  const typed = confirmation === undefined ? 'nothing was typed' : 'something else was typed';
  throw new RefusedError('usage', `a recovery of plan "${plan}" must be confirmed with its name, and ${typed}`, {
    next: `Start it again and type ${plan} as confirmation; or choose the mode drill.`,
  });
}

function executionOf({ inputs, github }: Door<typeof definition>, plan: string): string {
  const given = inputs['execution-id'];
  if (given !== undefined) return checkExecutionId(given);
  if (github.runId !== undefined) return executionIdOfRun(plan, inputs.mode, github.runId);
  throw new UserError('usage', 'there is no workflow run to name the execution after', {
    next: 'Give an `execution-id`; this action belongs into a workflow.',
  });
}

function gatesInTheWay(plan: string, gated: readonly string[]): RefusedError {
  const list = gated.join(', ');
  return new RefusedError('gate-closed', `plan "${plan}" has a gate before ${list}, which nobody could open in a single job`, {
    next: `Run its own workflow instead: \`breakwater compile\` writes it, with one job a wave and the gates between them.`,
  });
}
