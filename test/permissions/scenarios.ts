import { asBreakwaterError } from '@breakwater/core';
import { CLUSTERS } from './cluster-scenarios.ts';
import { COPIES } from './copy-scenarios.ts';
import { type Estate, estate, type Holders, policies } from './estate.ts';
import { INSTANCES } from './instance-scenarios.ts';
import { KILLED } from './killed-scenarios.ts';
import { LOOKS } from './look-scenarios.ts';
import type { Scenario, Told } from './scenario.ts';
import { SERVERS } from './server-scenarios.ts';

export type { Scenario, Told } from './scenario.ts';

export function holdersOf({ holders }: Scenario): Holders {
  return Object.fromEntries(Object.entries(holders).map(([arn, names]) => [arn, policies(...names)]));
}

/** Runs a scenario in a new world where AWS enforces exactly these policies. */
export async function enact(scenario: Scenario, holders: Holders): Promise<Told & { readonly estate: Estate }> {
  const world = estate(holders);
  try {
    return { ...(await scenario.run(world)), estate: world };
  } catch (cause) {
    const { code, message, next } = asBreakwaterError(cause);
    return { status: `thrown: ${code}`, text: `${message}\n${next}`, estate: world };
  }
}

/** Every kind of deed that the acceptance tests play, each with exactly the policies that docs/permissions.md gives it. */
export const SCENARIOS: readonly Scenario[] = [...SERVERS, ...COPIES, ...CLUSTERS, ...INSTANCES, ...LOOKS, ...KILLED];
