import { join, relative, sep } from 'node:path';
import type { JournalEvent, JournalLine } from '../events.ts';
import type { ExecutionHeader } from '../execution.ts';
import { HEADER_FILE } from '../folder-execution.ts';
import { MANIFEST_FILE, type SealFacts } from '../manifest.ts';
import { mendTails } from '../mend-tails.ts';
import { filesUnder } from '../record-source.ts';
import type { ExecutionHistory, Journal, Seal } from '../store.ts';
import { noteOf } from './commit-message.ts';
import type { Materialised } from './materialise.ts';
import type { Uplink } from './uplink.ts';

export interface GitExecutionParts {
  readonly local: ExecutionHistory;
  /** The local history. */
  readonly root: string;
  readonly uplink: Uplink;
  /** Paths, from the root, of journals that this process has open. */
  readonly held: Set<string>;
  /** Journals that were set aside when the execution was opened: told in the fresh ones. */
  readonly setAside: Materialised['setAside'];
  /** Has entries of the ledger written, and answers also with their paths from the root. */
  readonly writingLedger: <T>(write: () => Promise<T>) => Promise<readonly [T, readonly string[]]>;
  /** Pushes what is due, fetches, and brings the local folder up to the branch. Never throws for the network. */
  readonly refresh: () => Promise<readonly string[]>;
}

/** Lines that announce and change nothing: they go with whatever is pushed next. */
const QUIET: ReadonlySet<JournalEvent['type']> = new Set(['progress', 'warning']);

/** How often an execution is sealed again because others wrote at the same time. */
const MOST_SEALS = 5;

/** One execution on a branch: every line is on this disk first. */
export class GitExecution implements ExecutionHistory {
  readonly #parts: GitExecutionParts;
  #local: ExecutionHistory;
  /** What happened to the shared history before there was a journal to tell it. */
  #untold: JournalEvent[] = [];
  #run: GitJournal | undefined;

  constructor(parts: GitExecutionParts) {
    this.#parts = parts;
    this.#local = parts.local;
  }

  get header(): ExecutionHeader {
    return this.#local.header;
  }

  get place(): string {
    return this.#local.place;
  }

  /** The same execution, with the header that whoever created it first gave it. */
  adopt(local: ExecutionHistory): void {
    this.#local = local;
  }

  async journal(stream: string, damaged: 'refuse' | 'set-aside'): Promise<Journal> {
    const { uplink, held, setAside } = this.#parts;
    const path = this.#path(`${stream}.jsonl`);
    const inner = await this.#local.journal(stream, damaged);
    held.add(path);
    // Opening may have repaired it, or set it aside.
    const beside = filesUnder(this.#parts.root, path.slice(0, path.lastIndexOf('/'))).map((file) => file.path);
    uplink.touch([path, ...beside.filter((other) => other.startsWith(`${path.slice(0, -'.jsonl'.length)}.damaged-`))]);
    const journal = new GitJournal(inner, path, uplink, (closed) => {
      held.delete(path);
      if (this.#run === closed) this.#run = undefined;
    });
    for (const { path: of, damaged: name, sha256, problem } of setAside) {
      if (of === path) await journal.append({ type: 'journal-replaced', damaged: name, sha256, problem });
    }
    if (stream.startsWith('runs/')) {
      this.#run = journal;
      for (const event of this.#untold.splice(0)) await journal.append(event);
    }
    return journal;
  }

  /** Puts into the record what happened to the shared history, as soon as there is a journal of this run. */
  async tell(event: JournalEvent): Promise<void> {
    if (this.#run === undefined) this.#untold.push(event);
    else await this.#run.append(event);
  }

  async read(): Promise<{ streams: ReadonlyMap<string, readonly JournalLine[]>; problems: readonly string[] }> {
    const problems = await this.#parts.refresh();
    const found = await this.#local.read();
    return { streams: found.streams, problems: [...found.problems, ...problems] };
  }

  async conclude(verdict: NonNullable<ExecutionHeader['verdict']>): Promise<void> {
    const { uplink } = this.#parts;
    await this.#local.conclude(verdict);
    uplink.list();
    uplink.touch([this.#path(HEADER_FILE)], { text: `concluded: ${verdict.verdict}`, weight: 9 });
  }

  async writeFile(name: string, content: string): Promise<string> {
    const { uplink } = this.#parts;
    const place = await this.#local.writeFile(name, content);
    uplink.touch([this.#path(name)]);
    return place;
  }

  async seal(facts: SealFacts): Promise<Seal> {
    const { writingLedger, uplink, refresh } = this.#parts;
    const mended = await mendTails(this.#local);
    uplink.touch(mended.map((stream) => this.#path(`${stream}.jsonl`)));
    // Another job of the execution may have written its last lines, or sealed, meanwhile: then it is sealed again with them.
    for (let again = 0; ; again += 1) {
      const [seal, made] = await writingLedger(() => this.#local.seal(facts));
      if (made.length === 0) return seal;
      uplink.touch([...made, this.#path(MANIFEST_FILE)]);
      if (again === MOST_SEALS || uplink.lost !== undefined) return seal;
      await refresh();
    }
  }

  async reopen(by: string): Promise<void> {
    const [, made] = await this.#parts.writingLedger(() => this.#local.reopen(by));
    this.#parts.uplink.touch(made);
  }

  #path(name: string): string {
    return relative(this.#parts.root, join(this.place, name)).split(sep).join('/');
  }
}

class GitJournal implements Journal {
  readonly stream: string;
  readonly #inner: Journal;
  readonly #path: string;
  readonly #uplink: Uplink;
  readonly #onClose: (journal: GitJournal) => void;

  constructor(inner: Journal, path: string, uplink: Uplink, onClose: (journal: GitJournal) => void) {
    this.stream = inner.stream;
    this.#inner = inner;
    this.#path = path;
    this.#uplink = uplink;
    this.#onClose = onClose;
  }

  lines(): readonly JournalLine[] {
    return this.#inner.lines();
  }

  /** As of any journal; an `intent` is also on the branch then, unless a recovery had to go on without it. */
  async append(event: JournalEvent): Promise<JournalLine> {
    const line = await this.#inner.append(event);
    this.#uplink.touch([this.#path], noteOf(event, this.stream));
    if (event.type === 'intent') await this.#uplink.demand();
    else if (!QUIET.has(event.type)) this.#uplink.soon();
    return line;
  }

  async close(): Promise<void> {
    this.#onClose(this);
    await this.#inner.close();
  }
}
