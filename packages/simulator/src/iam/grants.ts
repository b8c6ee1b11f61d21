import type { Principal } from '../world/identities.ts';
import { allowing, type Demand } from './evaluate.ts';

/** A permission that was used. */
export interface Grant {
  /** ARN of the role or user. */
  readonly holder: string;
  readonly action: string;
  /** Sids of the statements that allowed it, each enough by itself. */
  readonly statements: readonly string[];
}

/** Which statements of the policies were needed so far: for whoever wants to know that nothing in a policy is superfluous. */
export class Grants {
  readonly #seen = new Map<string, Grant>();

  add(principal: Principal, demand: Demand): void {
    if (principal.policies === undefined) return;
    const statements = allowing(principal.policies, demand).map(({ Sid = '' }) => Sid);
    const grant = { holder: principal.role?.arn ?? principal.arn, action: demand.action, statements };
    this.#seen.set(JSON.stringify(grant), grant);
  }

  get needed(): readonly Grant[] {
    return [...this.#seen.values()];
  }
}
