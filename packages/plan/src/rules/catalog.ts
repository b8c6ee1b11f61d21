import type { Severity } from '../model.ts';
import { AWS_VALUES } from './catalog/aws-values.ts';
import { DATABASES } from './catalog/databases.ts';
import { FILES } from './catalog/files.ts';
import { NAMES } from './catalog/names.ts';
import { ORDER } from './catalog/order.ts';
import { SECRETS } from './catalog/secrets.ts';
import { SELECTION } from './catalog/selection.ts';
import { TIME_AND_QUOTAS } from './catalog/time-and-quotas.ts';
import { WORKFLOWS } from './catalog/workflows.ts';

/** A kind of finding. Its id is stable: suppressions, dashboards and documents point to it. */
export interface Rule {
  /** `BW` and three digits; the first digit is the group. */
  readonly id: string;
  /** A short name for people, kebab-case. */
  readonly name: string;
  readonly severity: Severity;
  /** Whether a run refuses to start on it. Findings about wisdom never stop a recovery. */
  readonly blocksRun: boolean;
  /** What is wrong when it is found. */
  readonly wrong: string;
  /** What is legal instead. */
  readonly legal: string;
}

export const RULE_GROUPS: Readonly<Record<string, string>> = {
  '1': 'Files, YAML and schema',
  '2': 'Names and references',
  '3': 'Order of the waves',
  '4': 'Selection of servers',
  '5': 'Time and quotas',
  '6': 'Values that AWS takes',
  '7': 'Secrets',
  '8': 'Databases',
  '9': 'Workflows of GitHub',
};

const ROWS = [
  ...FILES,
  ...NAMES,
  ...ORDER,
  ...SELECTION,
  ...TIME_AND_QUOTAS,
  ...AWS_VALUES,
  ...SECRETS,
  ...DATABASES,
  ...WORKFLOWS,
];

/** Every rule, in the order of the ids. */
export const RULES: readonly Rule[] = ROWS.map(([id, name, severity, blocks, wrong, legal]) => ({
  id,
  name,
  severity,
  blocksRun: blocks === 'blocks',
  wrong,
  legal,
}));

const BY_ID: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.id, rule]));

/** The rule of that id. An unknown id is a fault of ours and throws `RangeError`. */
export function ruleOf(id: string): Rule {
  const rule = BY_ID.get(id);
  if (rule === undefined) throw new RangeError(`no rule ${id}`);
  return rule;
}
