import type { Verdict } from '@breakwater/core';
import { parseLedgerEntry } from './boundary.ts';
import { sha256 } from './chain.ts';
import type { HeldLock } from './locks.ts';

/** The folder of the ledger in a history; no plan can have that name. */
export const LEDGER_FOLDER = '_ledger';

/**
 * What of an execution may only grow from a seal on, whoever seals it again: so that an old seal still speaks when its manifest was replaced.
 * Left out by versions that did not write it.
 */
export interface SealedRecord {
  /** SHA-256 of `execution.json` without its verdict, as `headerHash` has it. */
  readonly header: string;
  /** Of an earlier seal, if that named another header: two machines had begun this execution, and one's header stays; or it was altered. */
  readonly exchanged?: readonly string[];
  /** Every journal: how many bytes it had in whole lines, and their SHA-256. Paths are from the execution's folder. */
  readonly journals: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** What an entry of the ledger tells. */
export type LedgerFact =
  /** The execution was concluded and its manifest written. */
  | { readonly kind: 'sealed'; readonly manifest: string; readonly verdict: Verdict; readonly record?: SealedRecord }
  /** A sealed execution is being run again: until its next seal its journals may grow. */
  | { readonly kind: 'reopened' }
  /** Somebody took locks away from the execution. */
  | { readonly kind: 'unlocked'; readonly locks: readonly HeldLock[]; readonly why: string };

/**
 * One file of the ledger. Entries are tied together by hashes: each names those that nothing named before it (`after`), as a commit
 * names its parents. So writers need not agree on a number, an entry made without the network joins the others as it is, and what a
 * later entry names cannot be altered or removed without a trace.
 */
export type LedgerEntry = LedgerFact & {
  readonly schema: 'breakwater.ledger/1';
  /** ISO 8601, by the engine's clock. */
  readonly at: string;
  readonly by: string;
  readonly plan: string;
  readonly execution: string;
  /** SHA-256 of every entry that no entry named yet, in order; none: the first entry. */
  readonly after: readonly string[];
  /** SHA-256 of this execution's newest entries; left out: it had none. */
  readonly previous?: readonly string[];
};

/** An entry as found: its file and hash; `entry` is what is wrong when it cannot be read. */
export interface FoundEntry {
  /** Name of the file in the ledger's folder. */
  readonly file: string;
  readonly sha256: string;
  readonly entry: LedgerEntry | string;
}

/** Reads entries, by file name. Never throws. */
export function readLedger(files: ReadonlyMap<string, Uint8Array>): readonly FoundEntry[] {
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, content]) => ({
      file,
      sha256: sha256(content),
      entry: parseLedgerEntry(Buffer.from(content).toString('utf8')),
    }));
}

/** Hashes of the entries that no other entry names: what the next one comes after. */
export function headsOf(entries: readonly FoundEntry[]): readonly string[] {
  const named = new Set(entries.flatMap(({ entry }) => (typeof entry === 'string' ? [] : entry.after)));
  return entries
    .filter(({ sha256: hash, entry }) => typeof entry !== 'string' && !named.has(hash))
    .map(({ sha256: hash }) => hash)
    .sort();
}

/** The newest entries of one execution about its seal: usually one; several only if two processes wrote at the same time. */
export function newestOf(entries: readonly FoundEntry[], plan: string, execution: string): readonly FoundEntry[] {
  const own = entries.filter(
    ({ entry }) => typeof entry !== 'string' && entry.plan === plan && entry.execution === execution && entry.kind !== 'unlocked',
  );
  const named = new Set(own.flatMap(({ entry }) => (typeof entry === 'string' ? [] : (entry.previous ?? []))));
  return own.filter(({ sha256: hash }) => !named.has(hash));
}

/** Every seal of one execution, the oldest first as files are named. */
export function sealsOf(entries: readonly FoundEntry[], plan: string, execution: string): readonly FoundEntry[] {
  return entries.filter(
    ({ entry }) => typeof entry !== 'string' && entry.kind === 'sealed' && entry.plan === plan && entry.execution === execution,
  );
}

/** The next entry of a ledger: the name of its file in the ledger's folder, its text and its hash. Pure, so that it can be made again. */
export function nextEntry(
  entries: readonly FoundEntry[],
  fact: LedgerFact,
  about: { readonly plan: string; readonly execution: string; readonly by: string; readonly at: number },
): { readonly file: string; readonly text: string; readonly sha256: string } {
  const { plan, execution, by } = about;
  const at = new Date(about.at).toISOString();
  const previous = newestOf(entries, plan, execution)
    .map(({ sha256: hash }) => hash)
    .sort();
  const entry: LedgerEntry = {
    schema: 'breakwater.ledger/1',
    at,
    by,
    plan,
    execution,
    ...fact,
    after: headsOf(entries),
    ...(previous.length === 0 ? {} : { previous }),
  };
  const text = `${JSON.stringify(entry, undefined, 2)}\n`;
  const hash = sha256(text);
  return { file: entryFile(at, hash), text, sha256: hash };
}

/** The file name that belongs to an entry's time and hash. */
export function entryFile(at: string, hash: string): string {
  return `${at.replace(/[-:]|\.\d+/g, '')}-${hash.slice(0, 20)}.json`;
}

/** Whether the newest word of the ledger about an execution is that this manifest seals it. */
export function isSealedBy(newest: readonly FoundEntry[], manifest: string): boolean {
  return (
    newest.length > 0 &&
    newest.every(({ entry }) => typeof entry !== 'string' && entry.kind === 'sealed' && entry.manifest === manifest)
  );
}

/** Whether the ledger calls an execution sealed. */
export function isSealed(newest: readonly FoundEntry[]): boolean {
  return newest.some(({ entry }) => typeof entry !== 'string' && entry.kind === 'sealed');
}
