import type { Verdict } from '@breakwater/core';
import type { CommitSource } from './git-source.ts';
import { LEDGER_FOLDER } from './ledger.ts';
import type { RecordSource, SourceFile } from './record-source.ts';
import { verifyCommits } from './verify-commits.ts';
import { verifyExecution } from './verify-execution.ts';
import { verifyLedger } from './verify-ledger.ts';
import { verifyWitness } from './verify-witness.ts';

/** Something in a history that is not as it was written. */
export interface Finding {
  /** From the root of the history. */
  readonly file: string;
  /** Counted from 1, where a line can be named. */
  readonly line?: number;
  /** What is wrong, as a sentence without its end. */
  readonly message: string;
  /** What should be there, and what is: hashes, sizes, names. */
  readonly expected?: string;
  readonly found?: string;
}

/**
 * `sealed`: all is as its manifest says. `unsealed`: it has no end yet (it runs, waits or was left), so nothing vouches for its last
 * lines. `reopened`: it was sealed and is being run again: up to its seal all is as sealed. `broken`: see `findings`.
 */
export type SealState = 'sealed' | 'unsealed' | 'reopened' | 'broken';

export interface VerifiedExecution {
  readonly plan: string;
  readonly execution: string;
  readonly state: SealState;
  /** How many journal lines it has. */
  readonly records: number;
  readonly verdict?: Verdict;
  readonly findings: readonly Finding[];
  /** What is worth knowing and no damage. */
  readonly notes: readonly string[];
}

export interface Verification {
  readonly place: string;
  readonly sound: boolean;
  readonly executions: readonly VerifiedExecution[];
  /** What is wrong outside of executions: the ledger, foreign files. */
  readonly findings: readonly Finding[];
  readonly records: number;
  readonly ledger: {
    readonly entries: number;
    /** SHA-256 of the newest entries. Noted elsewhere, one of them proves later that nothing before it was written anew. */
    readonly heads: readonly string[];
  };
  /** Of a branch: how many commits were checked, and whether the repository holds the whole past. */
  readonly past?: { readonly commits: number; readonly shallow: boolean };
}

export interface VerifyOptions {
  /** Hashes of ledger entries (or their beginnings) that were noted outside of the history: they must still be in it. */
  readonly anchors?: readonly string[];
}

/** How many files are held in memory at once; an execution is never split. */
const FILES_AT_ONCE = 2_000;

/**
 * Checks a whole history without the network: every journal's chain, every sealed execution against its manifest, every manifest against
 * the ledger, and the ledger against itself; of a branch also that no commit took anything back, and that it
 * continues where it was last pushed. Never throws for damage. Throws what reading throws (`file-unreadable`).
 */
export async function verifyHistory(source: RecordSource | CommitSource, options: VerifyOptions = {}): Promise<Verification> {
  const files = await source.files();
  const foreign: Finding[] = [];
  const ledgerFiles: SourceFile[] = [];
  const executions = new Map<string, SourceFile[]>();
  for (const file of files) {
    const [plan = '', execution, ...rest] = file.path.split('/');
    if (plan === LEDGER_FOLDER) {
      if (file.kind === 'file') ledgerFiles.push(file);
      else foreign.push({ file: file.path, message: 'it is no regular file: a history holds no links' });
    } else if (execution !== undefined && rest.length > 0) {
      const key = `${plan}/${execution}`;
      executions.set(key, [...(executions.get(key) ?? []), file]);
    } else if (!isPage(file)) {
      foreign.push({ file: file.path, message: 'it does not belong to a history: somebody else put it here' });
    }
  }
  const ledger = verifyLedger(await source.read(ledgerFiles.map(({ path }) => path)), options.anchors ?? []);
  for (const key of ledger.executions.keys()) if (!executions.has(key)) executions.set(key, []);
  const verified: VerifiedExecution[] = [];
  const bundle: string[] = [];
  let held = 0;
  const flush = async () => {
    const wanted = bundle.flatMap((key) => (executions.get(key) ?? []).filter(({ kind }) => kind === 'file'));
    const contents = await source.read(wanted.map(({ path }) => path));
    for (const key of bundle) {
      const [plan = '', execution = ''] = key.split('/');
      const own = executions.get(key) ?? [];
      const newest = ledger.executions.get(key) ?? [];
      const seals = ledger.seals.get(key) ?? [];
      verified.push(verifyExecution({ plan, execution, files: own, contents, newest, seals }));
    }
    bundle.length = 0;
    held = 0;
  };
  for (const key of [...executions.keys()].sort()) {
    bundle.push(key);
    held += executions.get(key)?.length ?? 0;
    if (held >= FILES_AT_ONCE) await flush();
  }
  await flush();
  const past = isCommit(source) ? await verifyCommits(source) : undefined;
  const rewritten = isCommit(source) ? await verifyWitness(source) : [];
  const general = [...foreign, ...ledger.findings, ...(past?.findings ?? []), ...rewritten];
  return {
    place: source.place,
    sound: general.length === 0 && verified.every(({ state }) => state !== 'broken'),
    executions: verified,
    findings: general,
    records: verified.reduce((sum, { records }) => sum + records, 0),
    ledger: { entries: ledger.entries, heads: ledger.heads },
    ...(past === undefined ? {} : { past: { commits: past.commits, shallow: past.shallow } }),
  };
}

function isCommit(source: RecordSource | CommitSource): source is CommitSource {
  return 'commit' in source;
}

/** Pages that are written anew from the record, for people; nothing reads them. */
function isPage({ path, kind }: SourceFile): boolean {
  return kind === 'file' && /^(?:[^/]+\/)?(?:README|index)\.md$/.test(path);
}
