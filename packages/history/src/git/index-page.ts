import { formatDuration } from '@breakwater/core';
import { parseHeader } from '../boundary.ts';
import type { ExecutionHeader } from '../execution.ts';
import { HEADER_FILE } from '../folder-execution.ts';
import type { Git } from './git.ts';
import { listTree, readBlobs } from './objects.ts';

export const INDEX_FILE = 'README.md';

/** The first line of the page at the root, by which a branch is known as a history. */
export const INDEX_TITLE = '# Recovery history';

/** Rows of the page at the root; older executions are on the page of their plan. */
const SHOWN = 100;

/** What a list of executions shows of one. */
export interface IndexEntry {
  readonly plan: string;
  readonly id: string;
  readonly header: ExecutionHeader;
  readonly hasReport: boolean;
}

/** Headers that were read already, by the id of their blob: they do not change. */
const known = new Map<string, ExecutionHeader | string>();

/** Every execution of a commit, with what is about to be committed upon it. Headers that cannot be read are left out. */
export async function indexEntries(
  git: Git,
  tip: string | undefined,
  changed: ReadonlyMap<string, string | Uint8Array>,
): Promise<readonly IndexEntry[]> {
  const files = tip === undefined ? [] : await listTree(git, tip);
  const headers = files.filter(({ path }) => isHeader(path) && !changed.has(path));
  const unread = headers.filter(({ blob }) => !known.has(blob));
  const contents = await readBlobs(
    git,
    unread.map(({ blob }) => blob),
  );
  for (const [at, { blob }] of unread.entries()) known.set(blob, parseHeader(contents[at]?.toString('utf8') ?? ''));
  const paths = new Set([...files.map(({ path }) => path), ...changed.keys()]);
  const read = [
    ...headers.map(({ path, blob }) => ({ path, header: known.get(blob) })),
    ...[...changed]
      .filter(([path]) => isHeader(path))
      .map(([path, content]) => ({ path, header: parseHeader(Buffer.from(content).toString('utf8')) })),
  ];
  return read.flatMap(({ path, header }) => {
    const [plan = '', id = ''] = path.split('/');
    if (header === undefined || typeof header === 'string') return [];
    return [{ plan, id, header, hasReport: paths.has(`${plan}/${id}/report.md`) }];
  });
}

/** The pages that list executions, newest first: the root's, and those of the plans named. A pure function of the entries. */
export function indexPages(entries: readonly IndexEntry[], plans: readonly string[]): ReadonlyMap<string, string> {
  const sorted = [...entries].sort((a, b) => b.header.createdAt - a.header.createdAt || (a.id < b.id ? 1 : -1));
  const pages = new Map([[INDEX_FILE, rootPage(sorted)]]);
  for (const plan of plans)
    pages.set(
      `${plan}/${INDEX_FILE}`,
      planPage(
        plan,
        sorted.filter((entry) => entry.plan === plan),
      ),
    );
  return pages;
}

function isHeader(path: string): boolean {
  return path.split('/').length === 3 && path.endsWith(`/${HEADER_FILE}`);
}

const INTRODUCTION = `Breakwater keeps its record of drills and recoveries here. Do not edit it: every journal line carries the hash of the
one before, and a change shows. \`breakwater history verify\` checks all of it; this page is written anew with every execution.`;

function rootPage(entries: readonly IndexEntry[]): string {
  const plans = [...new Set(entries.map(({ plan }) => plan))].sort();
  const older = entries.length > SHOWN ? [``, `${entries.length - SHOWN} older executions are on the pages of their plans.`] : [];
  return lines(
    INDEX_TITLE,
    '',
    INTRODUCTION,
    '',
    plans.length === 0
      ? 'No execution yet.'
      : `Plans: ${plans.map((plan) => `[${text(plan)}](${link(plan, INDEX_FILE)})`).join(', ')}`,
    '',
    ...table(entries.slice(0, SHOWN), (entry) => link(entry.plan, entry.id)),
    ...older,
  );
}

function planPage(plan: string, entries: readonly IndexEntry[]): string {
  return lines(
    `# ${text(plan)}`,
    '',
    `Every drill and recovery of this plan, newest first. [All plans](../${INDEX_FILE})`,
    '',
    ...table(entries, (entry) => link(entry.id)),
  );
}

function table(entries: readonly IndexEntry[], place: (entry: IndexEntry) => string): readonly string[] {
  if (entries.length === 0) return [];
  return [
    '| Execution | Verdict | Mode | Plan | Actor | Started (UTC) | Recovery time | Data loss |',
    '| --------- | ------- | ---- | ---- | ----- | ------------- | ------------- | --------- |',
    ...entries.map((entry) => row(entry, place(entry))),
  ];
}

function row({ plan, id, header, hasReport }: IndexEntry, place: string): string {
  const { verdict, mode, simulated, actor, createdAt } = header;
  const cells = [
    `[${text(id)}](${place}${hasReport ? '/report.md' : ''})`,
    verdict === undefined ? 'in progress' : verdict.verdict,
    simulated ? `${mode}, simulated` : mode,
    text(plan),
    text(actor),
    new Date(createdAt).toISOString().slice(0, 16).replace('T', ' '),
    verdict?.rto === undefined ? '' : formatDuration(verdict.rto),
    verdict?.rpo === undefined ? '' : formatDuration(verdict.rpo),
  ];
  return `| ${cells.join(' | ')} |`;
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n').trimEnd()}\n`;
}

function link(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/').replaceAll('(', '%28').replaceAll(')', '%29');
}

/** Names of people and plans as words of a Markdown table, and nothing else. */
function text(value: string): string {
  return value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replaceAll(/[\\`*_[\]{}<>()#+!|~&@]/g, (sign) => `\\${sign}`);
}
