import type { Mode, Verdict } from '@breakwater/core';
import { sha256 } from './chain.ts';
import type { ExecutionHeader } from './execution.ts';

export const MANIFEST_FILE = 'manifest.json';

/** One file of an execution, as it was when the execution was sealed. */
export interface ManifestFile {
  /** From the execution's folder, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the whole file, in hex. */
  readonly sha256: string;
  /** Journals only: how many lines, and the SHA-256 of the last one without its newline. */
  readonly lines?: number;
  readonly head?: string;
}

/** `manifest.json`: what an execution consisted of when it was concluded. It lists every file but itself. */
export interface Manifest {
  readonly schema: 'breakwater.manifest/1';
  readonly execution: string;
  readonly plan: { readonly name: string; readonly digest: string };
  readonly mode: Mode;
  readonly simulated: boolean;
  readonly verdict: Verdict;
  /** The tool that sealed it. */
  readonly tool: string;
  /** ISO 8601, by the engine's clock. */
  readonly sealedAt: string;
  /** SHA-256 of the manifest that this one replaced, if the execution had been sealed before. */
  readonly previous?: string;
  /** In the order of their paths. */
  readonly files: readonly ManifestFile[];
}

/** What a seal says beside the hashes. */
export interface SealFacts {
  readonly tool: string;
  /** Who ran the execution when it was sealed. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The manifest of an execution as it lies there now. `files`: path from its folder, and content; the old manifest is passed over. */
export function manifestOf(
  header: ExecutionHeader,
  verdict: Verdict,
  files: ReadonlyMap<string, Uint8Array>,
  facts: SealFacts,
): Manifest {
  const old = files.get(MANIFEST_FILE);
  return {
    schema: 'breakwater.manifest/1',
    execution: header.id,
    plan: { name: header.plan.name, digest: header.plan.digest },
    mode: header.mode,
    simulated: header.simulated,
    verdict,
    tool: facts.tool,
    sealedAt: new Date(facts.at).toISOString(),
    ...(old === undefined ? {} : { previous: sha256(old) }),
    files: [...files]
      .filter(([path, content]) => path !== MANIFEST_FILE && !isUnwritten(path, content))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, content]) => manifestFile(path, content)),
  };
}

/** Whether a file is a journal that was opened and never written: it says nothing, and is not shared. */
export function isUnwritten(path: string, content: Uint8Array): boolean {
  return path.endsWith('.jsonl') && content.length === 0;
}

export function manifestFile(path: string, content: Uint8Array): ManifestFile {
  const file = { path, bytes: content.length, sha256: sha256(content) };
  return path.endsWith('.jsonl') ? { ...file, ...endOf(content) } : file;
}

/** How many lines a journal has, and the hash of the last one. */
function endOf(content: Uint8Array): { lines: number; head: string } {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  let lines = bytes.length === 0 ? 0 : 1;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < end; at = bytes.indexOf(0x0a, at + 1)) lines += 1;
  const begin = end === 0 ? 0 : bytes.lastIndexOf(0x0a, end - 1) + 1;
  return { lines, head: sha256(bytes.subarray(begin, end)) };
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** Whether two manifests say the same of the same files; when and by what they were written does not count. */
export function sealsTheSame(a: Manifest, b: Manifest): boolean {
  const said = ({ execution, plan, verdict, files }: Manifest) => JSON.stringify([execution, plan, verdict, files]);
  return said(a) === said(b);
}
