import { entryFile, type FoundEntry, headsOf, LEDGER_FOLDER, newestOf, readLedger, sealsOf } from './ledger.ts';
import type { Finding } from './verify.ts';

/** What the ledger says, and what is wrong with it. */
export interface VerifiedLedger {
  /** How many entries it has. */
  readonly entries: number;
  readonly heads: readonly string[];
  /** The newest entries about the seal of each execution, by `<plan>/<execution>`. */
  readonly executions: ReadonlyMap<string, readonly FoundEntry[]>;
  /** Every seal of each execution, the oldest first. */
  readonly seals: ReadonlyMap<string, readonly FoundEntry[]>;
  readonly findings: readonly Finding[];
}

/**
 * Checks the ledger against itself: every entry has the hash that its name carries, and everything that an entry names as before it is
 * there. `files`: by path from the root of the history. `anchors`: hashes, or beginnings of them, that must be among its entries.
 */
export function verifyLedger(files: ReadonlyMap<string, Uint8Array>, anchors: readonly string[]): VerifiedLedger {
  const findings: Finding[] = [];
  const found = readLedger(new Map([...files].map(([path, content]) => [path.slice(LEDGER_FOLDER.length + 1), content])));
  const sound = found.filter((entry) => {
    const problem = entryProblem(entry);
    if (problem !== undefined) findings.push(problem);
    return problem === undefined;
  });
  const known = new Set(sound.map(({ sha256 }) => sha256));
  // An altered entry is told once, not again by each that names it.
  const altered = found
    .filter(({ sha256 }) => !known.has(sha256))
    .map(({ file }) => /-([0-9a-f]{20})\.json$/.exec(file)?.[1] ?? file);
  const told = new Set<string>();
  for (const { file, entry } of sound) {
    if (typeof entry === 'string') continue;
    for (const hash of [...entry.after, ...(entry.previous ?? [])]) {
      if (known.has(hash) || told.has(hash) || altered.some((start) => hash.startsWith(start))) continue;
      told.add(hash);
      findings.push({
        file: `${LEDGER_FOLDER}/${file}`,
        message: 'an entry that this one was written after is missing from the ledger',
        expected: `an entry with the hash ${hash}`,
        found: 'none',
      });
    }
  }
  for (const anchor of anchors) {
    if (sound.some(({ sha256 }) => sha256.startsWith(anchor))) continue;
    findings.push({
      file: LEDGER_FOLDER,
      message: 'the entry that was noted elsewhere is not in the ledger: the history was cut off or written anew',
      expected: `an entry with the hash ${anchor}`,
      found: 'none',
    });
  }
  const keys = new Map<string, FoundEntry[]>();
  for (const one of sound) {
    if (typeof one.entry === 'string') continue;
    const key = `${one.entry.plan}/${one.entry.execution}`;
    keys.set(key, [...(keys.get(key) ?? []), one]);
  }
  const executions = new Map<string, readonly FoundEntry[]>();
  const seals = new Map<string, readonly FoundEntry[]>();
  for (const [key, entries] of keys) {
    const [plan = '', execution = ''] = key.split('/');
    const newest = newestOf(entries, plan, execution);
    if (newest.length > 0) executions.set(key, newest);
    seals.set(key, sealsOf(entries, plan, execution));
  }
  return { entries: found.length, heads: headsOf(sound), executions, seals, findings };
}

function entryProblem({ file, sha256, entry }: FoundEntry): Finding | undefined {
  const path = `${LEDGER_FOLDER}/${file}`;
  if (typeof entry === 'string') {
    return { file: path, message: `it is no entry of a ledger: ${entry}`, found: sha256 };
  }
  const named = entryFile(entry.at, sha256);
  if (named === file) return undefined;
  return { file: path, message: 'it was altered or renamed: its name does not fit its content', expected: file, found: named };
}
