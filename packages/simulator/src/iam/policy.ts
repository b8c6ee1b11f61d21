import { UserError } from '@breakwater/core';
import { CONDITION_OPERATORS } from './conditions.ts';

type Many = string | readonly string[];

/** One statement of an identity policy, as JSON has it. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: Many;
  readonly NotAction?: Many;
  readonly Resource?: Many;
  readonly NotResource?: Many;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Many>>>>;
}

/** An identity policy: what is attached to a user or a role. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

export function many(value: Many | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

export function statementsOf({ Statement }: PolicyDocument): readonly PolicyStatement[] {
  return 'Effect' in Statement ? [Statement] : Statement;
}

/**
 * Refuses what the simulator would not enforce as AWS does: an unknown condition operator, a statement without action or resource. A
 * policy that is only half understood would prove nothing. Throws `UserError` `scenario-invalid`.
 */
export function checkPolicy(policy: PolicyDocument, owner: string): PolicyDocument {
  const problems = statementsOf(policy).flatMap((statement, index) => {
    const name = `${owner}: statement ${statement.Sid ?? index}`;
    const found: string[] = [];
    if ((statement.Action === undefined) === (statement.NotAction === undefined)) {
      found.push(`${name} needs either Action or NotAction`);
    }
    if ((statement.Resource === undefined) === (statement.NotResource === undefined)) {
      found.push(`${name} needs either Resource or NotResource`);
    }
    for (const operator of Object.keys(statement.Condition ?? {})) {
      if (!CONDITION_OPERATORS.test(operator))
        found.push(`${name}: the simulator does not know the condition operator ${operator}`);
    }
    return found;
  });
  if (problems.length === 0) return policy;
  throw new UserError('scenario-invalid', `a policy cannot be enforced:\n  ${problems.join('\n  ')}`, {
    next: 'Correct the policy; docs/simulator.md says what the simulator understands.',
  });
}
