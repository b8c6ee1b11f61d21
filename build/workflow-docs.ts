import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { markdownTable } from 'markdown-table';
import { parse } from 'yaml';
import { fillMarkers } from './action-files.ts';

const PAGE = 'docs/workflows.md';

interface Called {
  readonly inputs?: Readonly<
    Record<string, { readonly description: string; readonly required?: boolean; readonly default?: unknown }>
  >;
  readonly outputs?: Readonly<Record<string, { readonly description: string }>>;
  readonly secrets?: Readonly<Record<string, { readonly description: string }>>;
}

/** The tables of docs/workflows.md, by the name of their markers: inputs, outputs and secrets of each reusable workflow. */
export async function renderWorkflowTables(root: string): Promise<Readonly<Record<string, string>>> {
  const files = globSync('.github/workflows/*.yml', { cwd: root }).sort();
  const tables = await Promise.all(
    files.map(async (file) => {
      const { on }: { on: { workflow_call?: Called } } = parse(await readFile(path.join(root, file), 'utf8'));
      return on.workflow_call === undefined ? [] : [[path.basename(file), tableOf(on.workflow_call)] as const];
    }),
  );
  return Object.fromEntries(tables.flat());
}

function tableOf({ inputs = {}, outputs = {}, secrets = {} }: Called): string {
  const rows = [
    ...Object.entries(inputs).map(([name, { description, required, default: value }]) => [
      `\`${name}\``,
      required ? 'required' : value === '' ? '' : `\`${String(value)}\``,
      description,
    ]),
    ...Object.entries(secrets).map(([name, { description }]) => [`\`${name}\``, 'secret', description]),
    ...Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, 'output', description]),
  ];
  return markdownTable([['Name', 'Default', 'What it is'], ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|'))));
}

/** Fills the tables of docs/workflows.md. */
export async function writeWorkflowDocs(root: string): Promise<void> {
  const page = path.join(root, PAGE);
  await writeFile(page, fillMarkers(await readFile(page, 'utf8'), await renderWorkflowTables(root)));
}
