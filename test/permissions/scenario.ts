import type { PolicyName } from '@breakwater/operations';
import { type Estate, RECOVERY_ROLE, RUNNER, SOURCE_ROLE } from './estate.ts';

/** How a deed ended, and everything that the person in front of it was told. */
export interface Told {
  readonly status: string;
  readonly text: string;
}

export interface Scenario {
  readonly name: string;
  /** Policies of the roles, by their ARN. */
  readonly holders: Readonly<Record<string, readonly PolicyName[]>>;
  /** How it ends with all of them. */
  readonly status: string;
  /** What it lacks does not show: another deed of it makes up for that. */
  readonly wholeOnly?: true;
  run(estate: Estate): Promise<Told>;
}

export const at = (...names: readonly PolicyName[]) => ({ [RUNNER]: ['assume-sites' as const], [RECOVERY_ROLE]: names });
export const both = (source: readonly PolicyName[], recovery: readonly PolicyName[]) => ({
  [RUNNER]: ['assume-sites' as const],
  [SOURCE_ROLE]: source,
  [RECOVERY_ROLE]: recovery,
});
