import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { POLICIES, type PolicyName, policyDocument, type Statement, statementsOf } from '@breakwater/operations';
import { Document, isScalar, Scalar, type ToStringOptions, visit } from 'yaml';

export const POLICY_NAMES: readonly PolicyName[] = Object.keys(POLICIES).filter((name): name is PolicyName =>
  Object.hasOwn(POLICIES, name),
);

export const TEMPLATES = ['github-oidc', 'recovery-account', 'source-account', 'snapshot-keys', 'event-dispatch'] as const;

/** A policy as its file has it: any account, names of any beginning. */
export function renderPolicy(name: PolicyName): string {
  return `${JSON.stringify(policyDocument(name), undefined, 2)}\n`;
}

const START = /^( *)# policy:start ([a-z-]+)(?: ([A-Za-z]+)=([A-Za-z]+))?$/;

/**
 * Fills the blocks of a template between `# policy:start <name>` and `# policy:end` with the statements of the policy. A third word
 * `SiteRoles=DrillSiteRoles` puts a parameter of the template, a list, in the place of a placeholder that is a whole resource.
 */
export function fillTemplate(text: string): string {
  const filled: string[] = [];
  let inside = false;
  for (const line of text.split('\n')) {
    const [start, indent = '', name, placeholder, parameter] = START.exec(line) ?? [];
    if (start !== undefined) {
      const policy = POLICY_NAMES.find((each) => each === name);
      if (policy === undefined) throw new Error(`no policy "${name}"`);
      const lists = placeholder === undefined || parameter === undefined ? {} : { [placeholder]: parameter };
      filled.push(line, ...renderStatements(policy, lists).map((each) => `${indent}${each}`));
      inside = true;
    } else if (/^ *# policy:end$/.test(line)) inside = false;
    if (start === undefined && !inside) filled.push(line);
  }
  if (inside) throw new Error('a policy:start without a policy:end');
  return filled.join('\n');
}

const STYLE: ToStringOptions = { lineWidth: 0, indentSeq: true };

/** `Version` and `Statement` as lines of YAML; ARNs with placeholders become `!Sub`. */
function renderStatements(name: PolicyName, lists: Readonly<Record<string, string>>): readonly string[] {
  const document = new Document({ Version: '2012-10-17', Statement: statementsOf(name).map(compact) });
  visit(document, {
    Scalar(_, node) {
      if (!isScalar(node) || typeof node.value !== 'string' || !node.value.includes('\u0024{')) return;
      const list = lists[node.value.slice(2, -1)];
      node.tag = list === undefined ? '!Sub' : '!Ref';
      if (list !== undefined) node.value = list;
    },
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === 'Version' && isScalar(pair.value)) pair.value.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString(STYLE).trimEnd().split('\n');
}

/** One value stands for itself, as people write it. */
function compact({ Sid, Effect, Action, Resource, Condition }: Statement): object {
  return { Sid, Effect, Action: one(Action), Resource: one(Resource), ...(Condition === undefined ? {} : { Condition }) };
}

function one(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] ?? values) : values;
}

/** Writes infrastructure/policies/*.json and the generated blocks of the templates. */
export async function writePolicies(root: string): Promise<void> {
  const folder = path.join(root, 'infrastructure');
  for (const name of POLICY_NAMES) await writeFile(path.join(folder, 'policies', `${name}.json`), renderPolicy(name));
  for (const name of TEMPLATES) {
    const file = path.join(folder, `${name}.yaml`);
    await writeFile(file, fillTemplate(await readFile(file, 'utf8')));
  }
}
