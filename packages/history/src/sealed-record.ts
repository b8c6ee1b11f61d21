import { parseHeader } from './boundary.ts';
import { sha256, wholeLines } from './chain.ts';
import type { FoundEntry, SealedRecord } from './ledger.ts';

const HEADER_FILE = 'execution.json';

/**
 * What the ledger keeps of an execution beside the hash of its manifest. `files`: by path from its folder; `before`: its seals until
 * now. Where `execution.json` is not the one that was sealed before, the new seal says so.
 */
export function sealedRecord(files: ReadonlyMap<string, Uint8Array>, before: readonly FoundEntry[]): SealedRecord {
  const header = headerHash(files.get(HEADER_FILE));
  const exchanged = before.flatMap(({ entry }) => recordOf(entry)?.header ?? []).filter((hash) => hash !== header);
  const journals = [...files]
    .filter(([path]) => path.endsWith('.jsonl'))
    .map(([path, content]) => ({ path, whole: wholeLines(content) }))
    .filter(({ whole }) => whole.length > 0)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, whole }) => ({ path, bytes: whole.length, sha256: sha256(whole) }));
  return { header, ...(exchanged.length === 0 ? {} : { exchanged: [...new Set(exchanged)].sort() }), journals };
}

/** What a seal keeps; `undefined` of other entries, and of seals of earlier versions. */
export function recordOf(entry: FoundEntry['entry']): SealedRecord | undefined {
  return typeof entry !== 'string' && entry.kind === 'sealed' ? entry.record : undefined;
}

/** SHA-256 of `execution.json` without its verdict, which alone may change; of one that cannot be read, of all its bytes. */
export function headerHash(content: Uint8Array | undefined): string {
  const text = Buffer.from(content ?? []).toString('utf8');
  const header = parseHeader(text);
  if (typeof header === 'string') return sha256(text);
  const { verdict: _, ...rest } = header;
  return sha256(JSON.stringify(rest));
}
