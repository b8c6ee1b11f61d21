import { type ConditionContext, holds, like, substitute } from './conditions.ts';
import { many, type PolicyDocument, type PolicyStatement, statementsOf } from './policy.ts';

/** One question to IAM: may this principal do this to that. An API call may ask several. */
export interface Demand {
  /** `rds:CopyDBClusterSnapshot` */
  readonly action: string;
  /** ARN, or `*` where the service knows no resource for the action. */
  readonly resource: string;
  readonly context: ConditionContext;
}

/** `implicit`: no statement allows it. `explicit`: one denies it. */
export type Decision = 'allowed' | 'implicit' | 'explicit';

/** A deny wins over every allow; without an allow it is refused. */
export function decide(policies: readonly PolicyDocument[], demand: Demand): Decision {
  const fitting = policies.flatMap(statementsOf).filter((statement) => applies(statement, demand));
  if (fitting.some(({ Effect }) => Effect === 'Deny')) return 'explicit';
  return fitting.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'implicit';
}

/** The statements that allow it, each enough by itself. */
export function allowing(policies: readonly PolicyDocument[], demand: Demand): readonly PolicyStatement[] {
  return policies.flatMap(statementsOf).filter((statement) => statement.Effect === 'Allow' && applies(statement, demand));
}

function applies(statement: PolicyStatement, { action, resource, context }: Demand): boolean {
  const acts = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => like(pattern.toLowerCase(), action.toLowerCase()));
  const concerns = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => {
      const text = substitute(pattern, context);
      return text !== undefined && like(text, resource);
    });
  if (statement.Action === undefined ? acts(many(statement.NotAction)) : !acts(many(statement.Action))) return false;
  if (statement.Resource === undefined ? concerns(many(statement.NotResource)) : !concerns(many(statement.Resource)))
    return false;
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(operator, key, many(values), context)),
  );
}

/** Condition keys for the tags that a request carries. */
export function requestTags(tags: Readonly<Record<string, string>>): ConditionContext {
  const keys = Object.keys(tags);
  if (keys.length === 0) return {};
  const values = Object.entries(tags).map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, value] as const);
  return { ...Object.fromEntries(values), 'aws:tagkeys': keys };
}

/** Condition keys for the tags of the thing that is asked for. */
export function resourceTags(tags: Readonly<Record<string, string>>): ConditionContext {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:resourcetag/${key.toLowerCase()}`, value],
      [`ec2:resourcetag/${key.toLowerCase()}`, value],
    ]),
  );
}
