import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ActionDefinition } from '@breakwater/action-kit';
import { REASON_CODES } from '@breakwater/core';
import { actionsOf } from '@breakwater/operations';
import { markdownTable } from 'markdown-table';
import { stringify } from 'yaml';
import { ACTION_FACTS } from './action-facts.ts';
import { ACTIONS } from './actions.ts';
import { POLICY_NAMES } from './policies.ts';

const NOTE = ' Generated from src/definition.ts by `npm run build`.\n';

/** The action.yml of an action, made from its registry. */
export function renderActionYml(definition: ActionDefinition): string {
  const inputs = Object.entries(definition.inputs).map(([name, input]) => [
    name,
    {
      description: input.description,
      required: input.required ?? false,
      ...(input.default === undefined ? {} : { default: input.default }),
    },
  ]);
  const outputs = Object.entries(definition.outputs).map(([name, { description }]) => [name, { description }]);
  const metadata = {
    name: definition.title,
    description: definition.description,
    author: 'Breakwater',
    branding: definition.branding,
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(outputs),
    runs: { using: 'node24', main: `../../dist/${definition.name}.js` },
  };
  return `#${NOTE}${stringify(metadata, { lineWidth: 0 })}`;
}

/** The README's tables, by the name of their markers. */
export function renderTables(definition: ActionDefinition): Readonly<Record<string, string>> {
  const inputs = Object.entries(definition.inputs).map(([name, input]) => {
    const given = input.required ? 'required' : input.default === undefined ? '' : `\`${input.default}\``;
    const kind = input.kind === 'choice' ? input.of.map((each) => `\`${each}\``).join(' or ') : input.kind;
    return [`\`${name}\``, kind, given, input.description];
  });
  const outputs = Object.entries(definition.outputs).map(([name, { description }]) => [`\`${name}\``, description]);
  const codes = ACTION_FACTS[definition.name]?.failures ?? [];
  return {
    permissions: renderPermissions(definition.name),
    inputs: table(['Input', 'Kind', 'Default', 'What it is'], inputs),
    outputs: table(['Output', 'What it is'], outputs),
    failures: `${table(
      ['Code', 'What happened'],
      codes.map((code) => [`\`${code}\``, REASON_CODES[code]]),
    )}\n\n[docs/reason-codes.md](../../docs/reason-codes.md) says what to do about each.`,
  };
}

/** The policies of the action with what they are for, then the sum of their IAM actions, a line a service. */
function renderPermissions(action: string): string {
  const entries = Object.entries(ACTION_FACTS[action]?.policies ?? {});
  if (entries.length === 0) return 'No IAM actions: this action calls no AWS.';
  const names = entries.flatMap(([name]) => POLICY_NAMES.filter((each) => each === name));
  const needed = [...new Set(names.flatMap((name) => actionsOf(name)))].sort();
  const byService = Map.groupBy(needed, (permission) => permission.split(':')[0] ?? '');
  const lines = [...byService].map(([, permissions]) => `- ${permissions.map((each) => `\`${each}\``).join(', ')}`);
  const rows = entries.map(([name, when]) => [`[\`${name}\`](../../infrastructure/policies/${name}.json)`, when]);
  const details = `<details><summary>${needed.length} IAM actions in all</summary>\n\n${lines.join('\n')}\n\n</details>`;
  return `\n${table(['Policy', 'Needed for'], rows)}\n\n${details}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|'))));
}

/** Puts each table between its markers, `<!-- name:start -->` and `<!-- name:end -->`. Throws when a marker is missing. */
export function fillMarkers(text: string, tables: Readonly<Record<string, string>>): string {
  let filled = text;
  for (const [name, table] of Object.entries(tables)) {
    const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
    const [from, to] = [filled.indexOf(start), filled.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`no markers ${start} … ${end}`);
    filled = `${filled.slice(0, from + start.length)}\n${table}\n${filled.slice(to)}`;
  }
  return filled;
}

/** Writes every action.yml and the tables of every README, from the registries. */
export async function writeActionFiles(root: string): Promise<void> {
  for (const definition of ACTIONS) {
    const folder = path.join(root, 'actions', definition.name);
    await writeFile(path.join(folder, 'action.yml'), renderActionYml(definition));
    const readme = path.join(folder, 'README.md');
    if (existsSync(readme)) await writeFile(readme, fillMarkers(await readFile(readme, 'utf8'), renderTables(definition)));
  }
}
