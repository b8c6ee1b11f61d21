import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PERMISSIONS } from '@breakwater/aws';
import { actionsOf, POLICIES } from '@breakwater/operations';
import { markdownTable } from 'markdown-table';
import { fillMarkers } from './action-files.ts';
import { POLICY_NAMES, TEMPLATES } from './policies.ts';

/** The table of policies of docs/permissions.md. */
export function renderPolicyTable(): string {
  const rows = POLICY_NAMES.map((name) => [
    `[\`${name}\`](../infrastructure/policies/${name}.json)`,
    `${POLICIES[name].lets}`,
    String(actionsOf(name).length),
  ]);
  return `\n${markdownTable([['Policy', 'Lets a role …', 'IAM actions'], ...rows], { align: ['l', 'l', 'r'] })}\n`;
}

/** What each method of a gateway needs; what DRS does in its caller's name is told apart on that page. */
export function renderMethodTable(): string {
  const rows = Object.entries(PERMISSIONS).flatMap(([gateway, methods]) =>
    Object.entries<readonly string[]>(methods).map(([method, actions]) => {
      const told = actions.filter((action) => gateway !== 'drs' || action.startsWith('drs:'));
      const more = told.length < actions.length ? ` and ${actions.length - told.length} of EC2, IAM and KMS (below)` : '';
      return [gateway, method, `${told.map((action) => `\`${action}\``).join(', ') || 'none'}${more}`];
    }),
  );
  return markdownTable([['gateway', 'method', 'IAM actions'], ...rows]);
}

/** Parameters of every template, for docs/infrastructure.md. */
export function renderTemplateTables(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(TEMPLATES.map((name) => [name, parameterTable(texts[name] ?? '')]));
}

/** Read line by line: the functions of CloudFormation are no plain YAML. */
function parameterTable(text: string): string {
  const section = (name: string) => new RegExp(`^${name}:\\n((?: .*\\n|\\n)*)`, 'm').exec(text)?.[1] ?? '';
  const rows = section('Parameters')
    .split(/^(?= {2}\w+:$)/m)
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const name = /^ {2}(\w+):/.exec(block)?.[1] ?? '';
      const folded = / {4}Description: >-\n((?: {6}.*\n)+)/.exec(block)?.[1]?.replaceAll(/\s+/g, ' ').trim();
      const plain = / {4}Description: (.+)/.exec(block)?.[1] ?? '';
      const value = / {4}Default: (.+)/.exec(block)?.[1]?.replace(/^""$/, '');
      const given = value === undefined ? 'required' : value === '' ? '' : `\`${value.replaceAll('"', '')}\``;
      const words = folded ?? plain.replaceAll(/^"|"$/g, '').replaceAll('\\"', '"');
      return [`\`${name}\``, given, words.replaceAll('|', '\\|').replaceAll('<', '&lt;')];
    });
  return `\n${markdownTable([['Parameter', 'Default', 'What it is'], ...rows])}\n`;
}

/** Fills the generated tables of the pages about permissions and infrastructure. */
export async function writePolicyDocs(root: string): Promise<void> {
  const permissions = path.join(root, 'docs', 'permissions.md');
  const tables = { policies: renderPolicyTable(), methods: renderMethodTable() };
  await writeFile(permissions, fillMarkers(await readFile(permissions, 'utf8'), tables));
  const texts = Object.fromEntries(
    await Promise.all(
      TEMPLATES.map(async (name) => [name, await readFile(path.join(root, 'infrastructure', `${name}.yaml`), 'utf8')] as const),
    ),
  );
  const infrastructure = path.join(root, 'docs', 'infrastructure.md');
  await writeFile(infrastructure, fillMarkers(await readFile(infrastructure, 'utf8'), renderTemplateTables(texts)));
}
