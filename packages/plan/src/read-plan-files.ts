import { type Dirent, promises as fs } from 'node:fs';
import path from 'node:path';
import type { Location } from '@breakwater/core';
import { finding, inOrder } from './finding.ts';
import { type Loaded, loadPlanSources } from './load.ts';
import type { Finding } from './model.ts';
import { readManifests } from './read-manifests.ts';
import { LARGEST_FILE, notText, type PlanSource, tooLarge } from './yaml-file.ts';

/** Folders that never hold plans. `simulation` holds simulator scenarios. */
const PASSED_OVER: ReadonlySet<string> = new Set(['simulation', 'node_modules']);

/**
 * Reads plan files and folders. A folder is read with all its `.yaml` and `.yml` files, at any depth, but for folders named
 * `simulation` (simulator scenarios), `node_modules` and those that start with a dot. Naming a single file reads that file; the
 * sites and protection groups it refers to may also stand in other plan files of the same folder. Plans are only taken from what
 * was named. Manifests that a plan names are read too.
 *
 * Never throws for what it finds on the disk: each file that cannot be read is one finding.
 */
export async function readPlanFiles(paths: readonly string[]): Promise<Loaded> {
  const findings: Finding[] = [];
  const named = new Map<string, string>();
  const beside = new Map<string, string>();
  for (const each of paths) {
    const here: Location = { file: each, line: 1, column: 1 };
    try {
      const stat = await fs.stat(each);
      if (stat.isDirectory()) {
        const files = await walk(each);
        if (files.length === 0) findings.push(noPlans(here));
        for (const file of files) named.set(path.resolve(file), file);
      } else {
        named.set(path.resolve(each), each);
        for (const file of await plansIn(path.dirname(each))) beside.set(path.resolve(file), file);
      }
    } catch (error) {
      findings.push(unreadable(here, error));
    }
  }
  const sources = await readAll(named.values(), findings);
  const neighbours = [...beside].filter(([absolute]) => !named.has(absolute)).map(([, file]) => file);
  const loaded = loadPlanSources(sources, await readAll(neighbours, []));
  const { manifests, findings: ofManifests } = await readManifests(loaded);
  return {
    ...loaded,
    set: manifests.size === 0 ? loaded.set : { ...loaded.set, manifests },
    findings: inOrder([...findings, ...loaded.findings, ...ofManifests]),
  };
}

async function readAll(files: Iterable<string>, findings: Finding[]): Promise<readonly PlanSource[]> {
  const sources: PlanSource[] = [];
  for (const file of files) {
    const result = await readOne(file);
    if ('text' in result) sources.push(result);
    else findings.push(result);
  }
  return sources;
}

async function readOne(file: string): Promise<PlanSource | Finding> {
  const here: Location = { file, line: 1, column: 1 };
  try {
    const stat = await fs.stat(file);
    if (!stat.isFile()) return finding('BW101', here, 'this is not a regular file', 'Name a plan file, or a folder of them.');
    if (stat.size > LARGEST_FILE) return tooLarge(here, stat.size);
    return decode(file, await fs.readFile(file));
  } catch (error) {
    return unreadable(here, error);
  }
}

function decode(file: string, bytes: Uint8Array): PlanSource | Finding {
  const here: Location = { file, line: 1, column: 1 };
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return notText(here, 'it is UTF-16');
  if (bytes.includes(0)) return notText(here, 'it is a binary file');
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return notText(here, 'it has bytes that are not UTF-8');
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
};

function unreadable(here: Location, error: unknown): Finding {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return finding('BW101', here, `cannot read it: ${reason}`, 'Correct the path, or the permissions of the file.');
}

function noPlans(here: Location): Finding {
  const next = 'Name a folder with .yaml or .yml files. Folders named simulation are passed over.';
  return finding('BW101', here, 'the folder holds no plan file', next);
}

async function walk(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await sorted(folder)) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !PASSED_OVER.has(entry.name)) files.push(...(await walk(full)));
    } else if (isPlanFile(entry)) files.push(full);
  }
  return files;
}

async function plansIn(folder: string): Promise<readonly string[]> {
  if (PASSED_OVER.has(path.basename(path.resolve(folder)))) return [];
  try {
    return (await sorted(folder))
      .filter((entry) => !entry.isDirectory() && isPlanFile(entry))
      .map((entry) => path.join(folder, entry.name));
  } catch {
    // The file itself may be readable where its folder cannot be listed; then there is nothing to borrow.
    return [];
  }
}

function isPlanFile({ name }: Dirent): boolean {
  return /\.ya?ml$/i.test(name) && !name.startsWith('.');
}

async function sorted(folder: string): Promise<readonly Dirent[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
