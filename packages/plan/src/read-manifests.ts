import { promises as fs } from 'node:fs';
import path from 'node:path';
import { mapping } from './boundary.ts';
import { sourceOf } from './database-source.ts';
import { finding } from './finding.ts';
import type { Loaded } from './load.ts';
import type { DatabaseRecovery, Finding } from './model.ts';
import { databasesOf } from './rules/databases.ts';
import { show } from './schema.ts';
import { LARGEST_FILE } from './yaml-file.ts';

/** What `breakwater capture` writes. Whoever restores reads it field by field; here it is told from any other JSON. */
const MANIFESTS = { cluster: 'breakwater.cluster-manifest/1', instance: 'breakwater.instance-manifest/1' } as const;

export interface ReadManifests {
  readonly manifests: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  readonly findings: readonly Finding[];
}

/** Reads the manifests that plans name, each relative to the file of its plan. Never throws: what cannot be read is a finding. */
export async function readManifests(loaded: Loaded): Promise<ReadManifests> {
  const manifests = new Map<string, ReadonlyMap<string, unknown>>();
  const findings: Finding[] = [];
  for (const plan of loaded.documents) {
    if (plan.kind !== 'RecoveryPlan' || plan.borrowed) continue;
    const contents = new Map<string, unknown>();
    for (const { database } of databasesOf(plan.value)) {
      if (database.manifest === undefined) continue;
      const file = path.join(path.dirname(plan.document.file), database.manifest);
      const read = await readManifest(file, database);
      if (read.problem === undefined) contents.set(database.manifest, read.content);
      else {
        const at = plan.document.locate([...plan.pathOf(database), 'manifest']);
        const next =
          'Correct the path, which is relative to this file, or run breakwater capture again. Without the line, the live source is asked.';
        findings.push(finding('BW809', at, `${file}: ${read.problem}`, next));
      }
    }
    if (contents.size > 0) manifests.set(plan.name, contents);
  }
  return { manifests, findings };
}

type Reading = { readonly content: unknown; readonly problem?: undefined } | { readonly problem: string };

async function readManifest(file: string, database: DatabaseRecovery): Promise<Reading> {
  let text: string;
  try {
    const stat = await fs.stat(file);
    if (!stat.isFile()) return { problem: 'this is not a regular file' };
    if (stat.size > LARGEST_FILE) return { problem: 'it is larger than 1 MiB' };
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { problem: code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : 'it cannot be read' };
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { problem: 'it is not JSON' };
  }
  const top = mapping(content);
  const { kind, id } = sourceOf(database);
  if (top?.['schema'] !== MANIFESTS[kind]) return { problem: `its schema is not ${MANIFESTS[kind]}` };
  const captured = mapping(top[kind])?.['id'];
  if (typeof captured !== 'string' || captured.toLowerCase() !== id.toLowerCase()) {
    return { problem: `it was captured of the ${kind} ${show(captured)}, not of ${show(id)}` };
  }
  return { content };
}
