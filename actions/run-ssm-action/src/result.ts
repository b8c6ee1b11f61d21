import type { MadeThing, Told } from '@breakwater/assembly';
import type { JsonObject, Reason } from '@breakwater/history';
import type { Action } from '@breakwater/plan';

/** The `result` output. Fields are added, never renamed. */
export interface SsmActionResult {
  readonly schema: 'breakwater.ssm-action/1';
  readonly status: Told['status'];
  readonly reason: Reason;
  readonly simulated: boolean;
  readonly key: string;
  /** Who asked for it. */
  readonly actor: string;
  readonly attempt: number;
  readonly document: string;
  readonly kind: Action['kind'];
  readonly site: { readonly name: string; readonly account: string; readonly region: string };
  readonly instances: readonly string[];
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** What is in AWS because of this deed: automation executions, commands. */
  readonly made: readonly MadeThing[];
  /** Outputs, failing step, and what else was found. */
  readonly result?: JsonObject;
  /** What AWS is still doing. */
  readonly goesOn?: string;
}
