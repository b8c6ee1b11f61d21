import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, InternalError, UserError } from '@breakwater/core';
import { errnoOf, parseLine } from './boundary.ts';
import { encodeLine, readStream, type StreamIdentity, type StreamProblem, sha256 } from './chain.ts';
import { syncFolder, unwritable } from './durable-file.ts';
import type { JournalEvent, JournalLine } from './events.ts';
import type { Journal } from './store.ts';
import type { StreamLock } from './stream-lock.ts';

export interface JournalFile {
  /** Path of the `.jsonl` file. Its folder exists. */
  readonly path: string;
  readonly identity: StreamIdentity;
  readonly clock: Clock;
  readonly damaged: 'refuse' | 'set-aside';
}

interface Found {
  readonly lines: readonly JournalLine[];
  readonly head: string;
  readonly size: number;
  /** What to tell in the journal before anything else. */
  readonly notice: JournalEvent | undefined;
}

/**
 * Opens a journal under a lock that the caller took; the journal releases it when it is closed, this function if it throws.
 * Errors: see `ExecutionHistory.journal`.
 */
export function openJournal(file: JournalFile, lock: StreamLock): Journal {
  try {
    const found = examine(file);
    const journal = new FileJournal(file, lock, found);
    try {
      if (found.notice !== undefined) journal.write(found.notice);
      if (lock.takenOverFrom !== undefined) journal.write({ type: 'lock-taken-over', from: lock.takenOverFrom });
    } catch (error) {
      journal.dispose();
      throw error;
    }
    return journal;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Reads what is there and leaves a file that ends in a whole line, or none. */
function examine(file: JournalFile): Found {
  const bytes = readOrNothing(file.path);
  const reading = readStream(bytes, file.identity);
  const broken = reading.problems.find(({ kind }) => kind !== 'torn');
  if (broken !== undefined) return setAside(file, bytes, broken);
  const torn = bytes.subarray(reading.soundBytes);
  try {
    if (torn.length > 0) cutBack(file.path, reading.soundBytes);
    if (reading.newlineMissing) endLine(file.path);
  } catch (error) {
    throw unwritable(file.path, error);
  }
  return {
    lines: reading.lines,
    head: reading.head,
    size: reading.soundBytes + (reading.newlineMissing ? 1 : 0),
    notice:
      torn.length === 0 ? undefined : { type: 'tail-repaired', bytes: torn.length, sha256: sha256(torn), torn: asText(torn) },
  };
}

function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw unwritable(path, error);
  }
}

/** Bytes as they are if they are text, else as base64 with a mark in front. */
function asText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) && !text.startsWith('base64:') ? text : `base64:${bytes.toString('base64')}`;
}

function setAside(file: JournalFile, bytes: Buffer, problem: StreamProblem): Found {
  const told = `line ${problem.line}: ${problem.message}`;
  if (file.damaged === 'refuse') {
    throw new UserError('history-corrupt', `${file.path} was damaged or altered at ${told}`, {
      next: 'Restore the file from the history branch or a backup. To go on without it, ask for damaged journals to be set aside: AWS is asked what was done already, and the damaged file is kept.',
      location: { file: file.path, line: problem.line, column: 1 },
    });
  }
  try {
    const damaged = moveAway(file.path);
    const notice: JournalEvent = { type: 'journal-replaced', damaged, sha256: sha256(bytes), problem: told };
    return { lines: [], head: readStream('', file.identity).head, size: 0, notice };
  } catch (error) {
    throw unwritable(file.path, error);
  }
}

/** Renames a journal to the next free `…damaged-<n>.jsonl`, never over another; returns the new name without its folder. */
export function moveAway(path: string): string {
  const base = path.slice(0, -'.jsonl'.length);
  for (let n = 1; ; n += 1) {
    const target = `${base}.damaged-${n}.jsonl`;
    try {
      linkSync(path, target);
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') continue;
      throw error;
    }
    rmSync(path);
    syncFolder(dirname(path));
    return target.slice(dirname(path).length + 1);
  }
}

function cutBack(path: string, size: number): void {
  const handle = openSync(path, 'r+');
  try {
    ftruncateSync(handle, size);
    fdatasyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function endLine(path: string): void {
  const handle = openSync(path, 'a');
  try {
    writeSync(handle, '\n');
    fdatasyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Lines that are written at once but not flushed on their own: the next flushed line of the stream takes them along. A dying process
 * loses none of them; a dying machine loses what AWS's own job log still tells. Flushing each of thousands would hold up the recovery.
 */
const RETOLD: ReadonlySet<JournalEvent['type']> = new Set(['progress', 'warning']);

class FileJournal implements Journal {
  readonly stream: string;
  readonly #file: JournalFile;
  readonly #lock: StreamLock;
  readonly #lines: JournalLine[];
  readonly #handle: number;
  readonly #inode: number;
  #head: string;
  #size: number;
  #refusal: InternalError | undefined;
  #open = true;

  constructor(file: JournalFile, lock: StreamLock, found: Found) {
    this.stream = file.identity.stream;
    this.#file = file;
    this.#lock = lock;
    this.#lines = [...found.lines];
    this.#head = found.head;
    this.#size = found.size;
    try {
      this.#handle = openSync(file.path, 'a');
      this.#inode = fstatSync(this.#handle).ino;
      syncFolder(dirname(file.path));
    } catch (error) {
      throw unwritable(file.path, error);
    }
  }

  lines(): readonly JournalLine[] {
    return this.#lines;
  }

  async append(event: JournalEvent): Promise<JournalLine> {
    return this.write(event);
  }

  async close(): Promise<void> {
    this.dispose();
  }

  dispose(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#handle);
    this.#lock.release();
  }

  /** One write call a line, and a flush unless AWS would tell it again; afterwards the line is kept, or the journal refuses. */
  write(event: JournalEvent): JournalLine {
    const { path, clock } = this.#file;
    if (!this.#open) {
      throw new InternalError('history-unwritable', `${path} is closed`, { next: 'Run the same execution again: it resumes.' });
    }
    if (this.#refusal !== undefined) throw this.#refusal;
    const position = { seq: (this.#lines.at(-1)?.seq ?? -1) + 1, at: new Date(clock.now()).toISOString(), prev: this.#head };
    const text = encodeLine(event, position);
    const parsed = parseLine(text);
    if (parsed.line === undefined) {
      throw new InternalError('internal', `an event of type ${event.type} cannot be journalled: ${parsed.problem}`, {
        next: 'This is a fault of Breakwater. Run the same execution again to resume, and report it.',
      });
    }
    const bytes = Buffer.from(`${text}\n`);
    try {
      this.#proveAlone();
      const written = writeSync(this.#handle, bytes);
      if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`);
      if (!RETOLD.has(event.type)) fdatasyncSync(this.#handle);
    } catch (error) {
      this.#refusal = error instanceof InternalError ? error : this.#cutBackAfter(error);
      throw this.#refusal;
    }
    this.#size += bytes.length;
    this.#head = sha256(bytes.subarray(0, -1));
    this.#lines.push(parsed.line);
    return parsed.line;
  }

  /** The file at the path is still the one that is open, and nobody else wrote to it: a lock can be removed by hand. */
  #proveAlone(): void {
    const now = statSync(this.#file.path);
    if (now.ino === this.#inode && now.size === this.#size) return;
    throw new InternalError('history-unwritable', `${this.#file.path} was changed by somebody else while this run holds it`, {
      next: 'Make sure that no other run of this execution is going on, then run the same execution again: it resumes.',
    });
  }

  /** After a failed write a part of the line may be in the file: it is cut off if the disk lets us, else found when next opened. */
  #cutBackAfter(cause: unknown): InternalError {
    try {
      ftruncateSync(this.#handle, this.#size);
    } catch {
      // The torn line stays, and is repaired at the next opening.
    }
    return unwritable(this.#file.path, cause);
  }
}
