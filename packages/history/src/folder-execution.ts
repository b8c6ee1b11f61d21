import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InternalError, UserError } from '@breakwater/core';
import { errnoOf, parseHeader } from './boundary.ts';
import { readStream, type StreamIdentity } from './chain.ts';
import { replaceFile, unwritable } from './durable-file.ts';
import type { JournalLine } from './events.ts';
import type { ExecutionHeader } from './execution.ts';
import { openJournal } from './file-journal.ts';
import { makeFolder } from './make-folder.ts';
import { MANIFEST_FILE, type SealFacts } from './manifest.ts';
import { mendTails } from './mend-tails.ts';
import { checkedName, checkedStream, isSetAside, setAsideProblem } from './names.ts';
import { reopenFolder, sealFolder } from './seal-folder.ts';
import type { ExecutionHistory, Journal, Seal, StoreOptions } from './store.ts';
import { lockStream } from './stream-lock.ts';

export const HEADER_FILE = 'execution.json';

/** Reads an execution's header; `undefined` if there is none. Throws `UserError` `history-corrupt` if it cannot be understood. */
export function readHeader(folder: string): ExecutionHeader | undefined {
  const path = join(folder, HEADER_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw new UserError('file-unreadable', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      next: 'Correct the permissions of the history folder, or name another one.',
      cause: error,
    });
  }
  const header = parseHeader(text);
  if (typeof header !== 'string') return header;
  throw new UserError('history-corrupt', `${path} was damaged or altered: ${header}`, {
    next: 'Restore the file from the history branch or a backup. To recover without it, start a new execution: its own guards keep live servers safe.',
    location: { file: path, line: 1, column: 1 },
  });
}

export function headerText(header: ExecutionHeader): string {
  return `${JSON.stringify(header, undefined, 2)}\n`;
}

/** Why a journal was set aside, as the one that took its place tells. Its name comes before in the order of names, so it was read by then. */
function toldIn(streams: ReadonlyMap<string, readonly JournalLine[]>, damaged: string, folder: string): string | undefined {
  const stream = `${folder === '' ? '' : `${folder}/`}${damaged.replace(/\.damaged-[0-9]+\.jsonl$/, '')}`;
  for (const line of streams.get(stream) ?? []) {
    if (line.type === 'journal-replaced' && line.damaged === damaged) return setAsideProblem(stream, damaged, line.problem);
  }
  return undefined;
}

/** One execution in a folder of its own. */
export class FolderExecution implements ExecutionHistory {
  readonly place: string;
  readonly #options: StoreOptions;
  #header: ExecutionHeader;

  constructor(folder: string, header: ExecutionHeader, options: StoreOptions) {
    this.place = folder;
    this.#header = header;
    this.#options = options;
  }

  get header(): ExecutionHeader {
    return this.#header;
  }

  async journal(stream: string, damaged: 'refuse' | 'set-aside'): Promise<Journal> {
    const { clock, owner } = this.#options;
    const base = join(this.place, checkedStream(stream));
    try {
      makeFolder(dirname(base));
    } catch (error) {
      throw unwritable(dirname(base), error);
    }
    const lock = lockStream({ path: `${base}.lock`, execution: this.#header.id, stream, owner, clock });
    return openJournal({ path: `${base}.jsonl`, identity: this.#identity(stream), clock, damaged }, lock);
  }

  async read(): Promise<{ streams: ReadonlyMap<string, readonly JournalLine[]>; problems: readonly string[] }> {
    const streams = new Map<string, readonly JournalLine[]>();
    const problems: string[] = [];
    for (const folder of ['', 'runs', 'waves']) {
      for (const name of this.#journalNames(folder, problems)) {
        const stream = folder === '' ? name : `${folder}/${name}`;
        const file = `${stream}.jsonl`;
        if (isSetAside(name)) {
          const told = toldIn(streams, `${name}.jsonl`, folder);
          problems.push(told ?? `${file} was found damaged and set aside`);
          continue;
        }
        try {
          const reading = readStream(readFileSync(join(this.place, file)), this.#identity(checkedStream(stream)));
          streams.set(stream, reading.lines);
          problems.push(...reading.problems.map(({ line, message }) => `${file} line ${line}: ${message}`));
        } catch (error) {
          problems.push(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }
    return { streams, problems };
  }

  async conclude(verdict: NonNullable<ExecutionHeader['verdict']>): Promise<void> {
    const path = join(this.place, HEADER_FILE);
    const header = { ...this.#header, verdict };
    try {
      replaceFile(path, headerText(header));
    } catch (error) {
      throw unwritable(path, error);
    }
    this.#header = header;
  }

  async writeFile(name: string, content: string): Promise<string> {
    const path = join(this.place, checkedName(name, 'file'));
    if (name === HEADER_FILE || name === MANIFEST_FILE || name.endsWith('.jsonl') || name.endsWith('.lock')) {
      throw new UserError('usage', `${name} is kept by the history itself`, { next: 'Choose another file name.' });
    }
    try {
      replaceFile(path, content);
    } catch (error) {
      throw unwritable(path, error);
    }
    return path;
  }

  async seal(facts: SealFacts): Promise<Seal> {
    const { verdict } = this.#header;
    if (verdict === undefined) {
      throw new InternalError('internal', `execution ${this.#header.id} has no verdict to be sealed`, {
        next: 'This is a fault of Breakwater: report it. The record itself is whole.',
      });
    }
    await mendTails(this);
    return sealFolder(this.#root(), this.place, this.#header, verdict.verdict, facts, this.#options.inLedger);
  }

  async reopen(by: string): Promise<void> {
    reopenFolder(this.#root(), this.#header, { by, at: this.#options.clock.now() }, this.#options.inLedger);
  }

  /** The folder of the whole history. */
  #root(): string {
    return dirname(dirname(this.place));
  }

  #identity(stream: string): StreamIdentity {
    return { execution: this.#header.id, stream, planDigest: this.#header.plan.digest };
  }

  #journalNames(folder: string, problems: string[]): readonly string[] {
    try {
      return readdirSync(join(this.place, folder))
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => name.slice(0, -'.jsonl'.length))
        .sort();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') problems.push(`${folder || 'the execution'} cannot be listed: ${String(error)}`);
      return [];
    }
  }
}
