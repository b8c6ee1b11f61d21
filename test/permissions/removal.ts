import type { PolicyName } from '@breakwater/operations';
import type { Grant, PolicyDocument } from '@breakwater/simulator';
import type { Holders } from './estate.ts';
import { enact, holdersOf, type Scenario, type Told } from './scenarios.ts';

/** One permission of one policy: an action in one of its statements. */
export interface Permission {
  readonly policy: PolicyName;
  readonly statement: string;
  readonly action: string;
}

/** How a scenario ended with all its policies, and which permissions of them it used. */
export interface Played {
  readonly scenario: Scenario;
  readonly told: Told;
  readonly used: readonly Grant[];
  /** Milliseconds of this machine. */
  readonly took: number;
}

export function labelOf({ policy, statement, action }: Permission): string {
  return `${policy}/${statement} ${action}`;
}

export async function play(scenario: Scenario): Promise<Played> {
  const began = performance.now();
  const { estate, ...told } = await enact(scenario, holdersOf(scenario));
  return { scenario, told, used: estate.world.grants, took: performance.now() - began };
}

/** Uses of a permission in a run that no other statement of the same policy would have allowed. */
export function usesOf({ policy, statement, action }: Permission, { used }: Played): readonly Grant[] {
  const name = `${policy}/${statement}`;
  return used.filter(
    (grant) =>
      grant.action === action &&
      grant.statements.includes(name) &&
      grant.statements.every((other) => other === name || !other.startsWith(`${policy}/`)),
  );
}

/** Plays a scenario without a permission. Where another policy of the same role grants it too, it is taken from that as well. */
export async function playWithout(permission: Permission, played: Played): Promise<Told> {
  const uses = usesOf(permission, played);
  const names = new Set(uses.flatMap(({ statements }) => statements));
  const holders = new Set(uses.map(({ holder }) => holder));
  const full = holdersOf(played.scenario);
  const less: Holders = Object.fromEntries(
    Object.entries(full).map(([holder, documents]) => [
      holder,
      holders.has(holder) ? documents.map((document) => without(document, names, permission.action)) : documents,
    ]),
  );
  return enact(played.scenario, less);
}

function without(document: PolicyDocument, names: ReadonlySet<string>, action: string): PolicyDocument {
  const statements = 'Effect' in document.Statement ? [document.Statement] : document.Statement;
  return {
    ...document,
    Statement: statements.map((statement) => {
      if (!names.has(statement.Sid ?? '')) return statement;
      const actions = typeof statement.Action === 'string' ? [statement.Action] : (statement.Action ?? []);
      return { ...statement, Action: actions.filter((each) => each !== action) };
    }),
  };
}

/** Whether a text names an IAM action, in full or by a pattern that ends with `*`. */
export function names(text: string, action: string): boolean {
  return [...text.matchAll(/\b[a-z][a-z0-9-]*:[A-Z][A-Za-z0-9]*\*?/g)].some(([found]) =>
    found.endsWith('*') ? action.startsWith(found.slice(0, -1)) : found === action,
  );
}
