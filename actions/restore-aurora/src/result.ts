import type { MadeThing, Told } from '@breakwater/assembly';
import type { JsonObject, Reason } from '@breakwater/history';

/** The `result` output. Fields are added, never renamed. */
export interface RestoreAuroraResult {
  readonly schema: 'breakwater.restore-aurora/1';
  readonly status: Told['status'];
  readonly reason: Reason;
  readonly simulated: boolean;
  readonly operation: 'restore' | 'delete-old' | 'clean-up' | 'clean-up-expired';
  readonly mode: 'drill' | 'recovery';
  readonly key: string;
  /** Who asked for it. */
  readonly actor: string;
  readonly attempt: number;
  readonly site: { readonly name: string; readonly account: string; readonly region: string };
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** What is in AWS because of this deed. */
  readonly made: readonly MadeThing[];
  readonly warnings: readonly string[];
  /** Cluster, endpoint, snapshot, checks: how far it got. */
  readonly result?: JsonObject;
  /** What AWS is still doing. */
  readonly goesOn?: string;
}
