import { join } from 'node:path';
import type { Verdict } from '@breakwater/core';
import { parseManifest } from './boundary.ts';
import { sha256 } from './chain.ts';
import { createFile, replaceFile, unwritable } from './durable-file.ts';
import type { ExecutionHeader } from './execution.ts';
import {
  type FoundEntry,
  isSealed,
  isSealedBy,
  LEDGER_FOLDER,
  type LedgerFact,
  newestOf,
  nextEntry,
  readLedger,
  sealsOf,
} from './ledger.ts';
import { makeFolder } from './make-folder.ts';
import { MANIFEST_FILE, type Manifest, manifestOf, manifestText, type SealFacts, sealsTheSame } from './manifest.ts';
import { filesUnder, readIfThere } from './record-source.ts';
import { sealedRecord } from './sealed-record.ts';
import type { Seal, StoreOptions } from './store.ts';

/** Which entries of a folder's ledger count: see `StoreOptions.inLedger`. */
type InLedger = StoreOptions['inLedger'];

/** The ledger of the history in a folder. */
export function readFolderLedger(root: string, counts: InLedger = () => true): readonly FoundEntry[] {
  const files = new Map<string, Uint8Array>();
  for (const { path, kind } of filesUnder(root, LEDGER_FOLDER)) {
    const content = kind === 'file' && path.endsWith('.json') ? readIfThere(join(root, path)) : undefined;
    const file = path.slice(LEDGER_FOLDER.length + 1);
    if (content !== undefined && counts(file)) files.set(file, content);
  }
  return readLedger(files);
}

/** Writes an entry into the ledger of the history in a folder. Throws `InternalError` `history-unwritable`. */
export function writeLedgerEntry(
  root: string,
  fact: LedgerFact,
  about: { readonly plan: string; readonly execution: string; readonly by: string; readonly at: number },
  counts?: InLedger,
): string {
  const entry = nextEntry(readFolderLedger(root, counts), fact, about);
  const path = join(root, LEDGER_FOLDER, entry.file);
  try {
    makeFolder(join(root, LEDGER_FOLDER));
    // Of the same name is only the same entry: the name holds its hash.
    createFile(path, entry.text);
  } catch (error) {
    throw unwritable(path, error);
  }
  return entry.sha256;
}

/** The files of an execution, by path from its folder. */
export function executionFiles(folder: string): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { path, kind } of filesUnder(folder, '')) {
    const content = kind === 'file' ? readIfThere(join(folder, path)) : undefined;
    if (content !== undefined) files.set(path, content);
  }
  return files;
}

/**
 * Seals an execution in a folder: writes its manifest, then the ledger's entry that names it. Sealed already, and nothing has changed
 * since: does nothing. Throws `InternalError` `history-unwritable`; a crash between the two is mended by the next seal.
 */
export function sealFolder(
  root: string,
  folder: string,
  header: ExecutionHeader,
  verdict: Verdict,
  facts: SealFacts,
  counts?: InLedger,
): Seal {
  const files = executionFiles(folder);
  const manifest = manifestOf(header, verdict, files, facts);
  const { name: plan } = header.plan;
  const old = files.get(MANIFEST_FILE);
  const known = old === undefined ? undefined : parseManifest(Buffer.from(old).toString('utf8'));
  const ledger = readFolderLedger(root, counts);
  const newest = newestOf(ledger, plan, header.id);
  if (old !== undefined && isManifest(known) && sealsTheSame(known, manifest) && isSealedBy(newest, sha256(old))) {
    return { manifest: sha256(old), entry: newest[0]?.sha256 ?? '' };
  }
  const text = manifestText(manifest);
  const path = join(folder, MANIFEST_FILE);
  try {
    replaceFile(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
  const hash = sha256(text);
  const entry = writeLedgerEntry(
    root,
    { kind: 'sealed', manifest: hash, verdict, record: sealedRecord(files, sealsOf(ledger, plan, header.id)) },
    { plan, execution: header.id, by: facts.by, at: facts.at },
    counts,
  );
  return { manifest: hash, entry };
}

/** Says in the ledger that a sealed execution is being run again; nothing if it is not sealed. Throws as `sealFolder`. */
export function reopenFolder(
  root: string,
  header: ExecutionHeader,
  { by, at }: { by: string; at: number },
  counts?: InLedger,
): void {
  const { name: plan } = header.plan;
  if (!isSealed(newestOf(readFolderLedger(root, counts), plan, header.id))) return;
  writeLedgerEntry(root, { kind: 'reopened' }, { plan, execution: header.id, by, at }, counts);
}

function isManifest(value: Manifest | string | undefined): value is Manifest {
  return typeof value === 'object';
}
