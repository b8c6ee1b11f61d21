import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { asBreakwaterError, type Clock, UserError } from '@breakwater/core';
import { parseLine } from '../boundary.ts';
import { sha256, wholeLines } from '../chain.ts';
import { createFile, replaceFile, unwritable } from '../durable-file.ts';
import { moveAway } from '../file-journal.ts';
import { HEADER_FILE } from '../folder-execution.ts';
import { LEDGER_FOLDER } from '../ledger.ts';
import { makeFolder } from '../make-folder.ts';
import { isUnwritten } from '../manifest.ts';
import { isSetAside, nameProblem } from '../names.ts';
import { filesUnder, isPassing, readIfThere } from '../record-source.ts';
import { lockStream } from '../stream-lock.ts';
import type { Git } from './git.ts';
import { areTwo, mergeHeaders, standing } from './merge.ts';
import { listTree, readBlobs } from './objects.ts';

export interface MaterialiseOptions {
  readonly git: Git;
  readonly tip: string;
  /** The local history. */
  readonly root: string;
  /** As `webshop/webshop-drill-1`. */
  readonly folder: string;
  /**
   * For a journal that went on in two places: `refuse` (throw), `set-aside` (the one that was written to last stays, the other is kept
   * beside it under another name), `keep` (leave the local one as it is).
   */
  readonly diverged: 'refuse' | 'set-aside' | 'keep';
  /** Whether this process is writing that file: it is left alone. */
  readonly isHeld: (path: string) => boolean;
  readonly clock: Clock;
  readonly owner: string;
  /** Of the branch, for people. */
  readonly place: string;
}

/** What became of an execution's local files. Paths are from the root of the history. */
export interface Materialised {
  /** Whether the branch knows the execution. */
  readonly onBranch: boolean;
  /** Local files that the branch lacks, or that hold more than it does. */
  readonly ahead: readonly string[];
  /** Journals that went on in two places and were left as they are. */
  readonly diverged: readonly string[];
  readonly setAside: readonly {
    readonly path: string;
    readonly damaged: string;
    readonly sha256: string;
    readonly problem: string;
  }[];
}

/**
 * Brings an execution's local folder up to what the branch has. Nothing that only the local folder has is lost. Throws `UserError`
 * `execution-mismatch` when the branch holds another execution of that id, `history-corrupt` when a journal went on in two places and that is to be refused, and `InternalError` `history-unwritable`.
 */
export async function materialise(options: MaterialiseOptions): Promise<Materialised> {
  const { git, tip, root, folder } = options;
  const local = new Map<string, Uint8Array>();
  for (const { path, kind } of filesUnder(root, folder)) {
    const content = kind === 'file' ? readIfThere(join(root, path)) : undefined;
    if (content !== undefined) local.set(path, content);
  }
  const tree = (await listTree(git, tip, [folder])).filter(({ path }) => isSafe(path, folder));
  const changed = tree.filter(({ path, blob }) => {
    const own = local.get(path);
    return own === undefined || blobId(own) !== blob;
  });
  const contents = await readBlobs(
    git,
    changed.map(({ blob }) => blob),
  );
  const first = changed.findIndex(({ path }) => path === `${folder}/${HEADER_FILE}`);
  const [ownHeader, theirHeader] = [local.get(`${folder}/${HEADER_FILE}`), contents[first]];
  if (ownHeader !== undefined && theirHeader !== undefined && areTwo(ownHeader, theirHeader)) {
    throw twoOfOneId(folder, options.place);
  }
  const inTree = new Set(tree.map(({ path }) => path));
  const ahead = [...local].filter(([path, content]) => !inTree.has(path) && !isUnwritten(path, content)).map(([path]) => path);
  const diverged: string[] = [];
  const setAside: Materialised['setAside'][number][] = [];
  const rest: { readonly path: string; readonly theirs: Buffer }[] = [];
  for (const [at, { path }] of changed.entries()) {
    const theirs = contents[at];
    if (theirs === undefined || options.isHeld(path)) continue;
    const own = local.get(path);
    if (own === undefined) put(root, path, theirs);
    else if (path === `${folder}/${HEADER_FILE}`) {
      const merged = mergeHeaders(own, theirs);
      if (merged !== Buffer.from(own).toString('utf8')) put(root, path, merged);
      if (merged !== theirs.toString('utf8')) ahead.push(path);
    } else if (isJournal(path)) {
      const stand = standing(own, theirs, asidesOf(path, local));
      if (stand === 'ahead') ahead.push(path);
      else if (stand === 'behind') catchUp(options, path, theirs);
      else if (stand === 'diverged') {
        const problem = `${path} went on in two places: here it holds other lines than on ${options.place}`;
        if (options.diverged === 'refuse') throw divergence(problem, join(root, path));
        if (options.diverged === 'keep') diverged.push(path);
        else if (isLater(own, theirs)) {
          const damaged = putAside(root, path, theirs);
          setAside.push({ path, damaged, sha256: sha256(theirs), problem });
          ahead.push(path);
        } else {
          const damaged = takeTheirs(options, path, theirs);
          if (damaged !== undefined) setAside.push({ path, damaged, sha256: sha256(own), problem });
        }
      }
    } else rest.push({ path, theirs });
  }
  // Pages are written from the journals: those of whoever has more of these are the newer ones.
  const newer = ahead.some(isJournal);
  for (const { path, theirs } of rest) {
    if (newer || isJournalFile(path)) ahead.push(path);
    else put(root, path, theirs);
  }
  const aside = setAside.map(({ path, damaged }) => `${dirname(path)}/${damaged}`);
  return { ahead: [...ahead, ...aside], diverged, setAside, onBranch: inTree.has(`${folder}/${HEADER_FILE}`) };
}

/**
 * Brings the ledger's entries of the branch into the local folder, and answers with their names. They are never altered, so it is only
 * those that are missing.
 */
export async function materialiseLedger({
  git,
  tip,
  root,
}: Pick<MaterialiseOptions, 'git' | 'tip' | 'root'>): Promise<readonly string[]> {
  const local = new Set(filesUnder(root, LEDGER_FOLDER).map(({ path }) => path));
  const entries = (await listTree(git, tip, [LEDGER_FOLDER])).filter(({ path }) => isSafe(path, LEDGER_FOLDER));
  const missing = entries.filter(({ path }) => !local.has(path));
  const contents = await readBlobs(
    git,
    missing.map(({ blob }) => blob),
  );
  for (const [at, { path }] of missing.entries()) {
    const content = contents[at];
    if (content === undefined) continue;
    try {
      makeFolder(dirname(join(root, path)));
      createFile(join(root, path), content.toString('utf8'));
    } catch (error) {
      throw unwritable(join(root, path), error);
    }
  }
  return entries.map(({ path }) => path.slice(LEDGER_FOLDER.length + 1));
}

/** A journal that is written to, not one that was set aside. */
export function isJournal(path: string): boolean {
  return isJournalFile(path) && !isSetAside(path.slice(0, -'.jsonl'.length));
}

function isJournalFile(path: string): boolean {
  return path.endsWith('.jsonl');
}

/** The journals of the same stream that were set aside. */
export function asidesOf(path: string, files: ReadonlyMap<string, Uint8Array>): readonly Uint8Array[] {
  const beginning = `${path.slice(0, -'.jsonl'.length)}.damaged-`;
  return [...files].filter(([other]) => other.startsWith(beginning) && other.endsWith('.jsonl')).map(([, content]) => content);
}

/** Whoever can push to the branch names its files: none may lead out of the folder, or be one that only a process keeps. */
function isSafe(path: string, folder: string): boolean {
  const named = path.split('/').every((part) => nameProblem(part) === undefined);
  return named && path.startsWith(`${folder}/`) && !isPassing(path.slice(path.lastIndexOf('/') + 1));
}

function put(root: string, path: string, content: string | Buffer): void {
  const target = join(root, path);
  try {
    makeFolder(dirname(target));
    replaceFile(target, content);
  } catch (error) {
    throw unwritable(target, error);
  }
}

/** Replaces a journal that is behind, unless a process of this machine writes it just now: then that one knows more. */
function catchUp(options: MaterialiseOptions, path: string, theirs: Buffer): void {
  withLock(options, path, () => put(options.root, path, theirs));
}

/** Whether the last line of a journal is younger than that of another. */
function isLater(own: Uint8Array, theirs: Uint8Array): boolean {
  const [mine, other] = [own, theirs].map((journal) => {
    const last = wholeLines(journal).toString('utf8').trimEnd().split('\n').at(-1) ?? '';
    return parseLine(last).line?.at ?? '';
  });
  return (mine ?? '') > (other ?? '');
}

/** Keeps the branch's journal beside the local one, under the next free name. */
function putAside(root: string, path: string, theirs: Buffer): string {
  const base = path.slice(0, -'.jsonl'.length);
  for (let n = 1; ; n += 1) {
    const name = `${base}.damaged-${n}.jsonl`;
    try {
      if (createFile(join(root, name), theirs.toString('utf8'))) return name.slice(name.lastIndexOf('/') + 1);
    } catch (error) {
      throw unwritable(join(root, name), error);
    }
  }
}

function takeTheirs(options: MaterialiseOptions, path: string, theirs: Buffer): string | undefined {
  let damaged: string | undefined;
  withLock(options, path, () => {
    try {
      damaged = moveAway(join(options.root, path));
    } catch (error) {
      throw unwritable(join(options.root, path), error);
    }
    put(options.root, path, theirs);
  });
  return damaged;
}

function withLock({ root, folder, clock, owner }: MaterialiseOptions, path: string, work: () => void): void {
  const base = join(root, path.slice(0, -'.jsonl'.length));
  const stream = path.slice(folder.length + 1, -'.jsonl'.length);
  const execution = folder.slice(folder.lastIndexOf('/') + 1);
  try {
    const lock = lockStream({ path: `${base}.lock`, execution, stream, owner, clock });
    try {
      work();
    } finally {
      lock.release();
    }
  } catch (error) {
    if (asBreakwaterError(error).code !== 'execution-locked') throw error;
  }
}

/** The id that git gives a content, in a repository of the usual kind. */
function blobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** Two executions of one id: `folder` is that of both. */
export function twoOfOneId(folder: string, place: string): UserError {
  const message = `${folder} here and on ${place} are two executions of one id: their plan, its digest or their mode differ`;
  return new UserError('execution-mismatch', message, {
    next: 'Nothing was changed. They cannot lie in one history: share this folder on another branch, or move that execution out of it; start new ones without an execution id.',
  });
}

function divergence(problem: string, file: string): UserError {
  return new UserError('history-corrupt', problem, {
    next: `Both may be true: two processes ran this execution at once, or one without the network. Compare them, then rename ${file} (as to …damaged-1.jsonl) and run again: the branch's is taken, yours is kept beside it.`,
    location: { file, line: 1, column: 1 },
  });
}
