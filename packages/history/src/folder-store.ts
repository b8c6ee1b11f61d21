import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@breakwater/core';
import { errnoOf } from './boundary.ts';
import { createFile, unwritable } from './durable-file.ts';
import type { ExecutionHeader } from './execution.ts';
import { FolderExecution, HEADER_FILE, headerText, readHeader } from './folder-execution.ts';
import { makeFolder } from './make-folder.ts';
import { checkedName, nameProblem } from './names.ts';
import { writeLedgerEntry } from './seal-folder.ts';
import type { ExecutionHistory, HistoryStore, StoreOptions, Unlocking } from './store.ts';

/** The history in a folder: `<root>/<plan>/<execution id>/`. Nothing is created before the first `open`. */
export function folderStore(root: string, options: StoreOptions): HistoryStore {
  return new FolderStore(root, options);
}

class FolderStore implements HistoryStore {
  readonly #root: string;
  readonly #options: StoreOptions;

  constructor(root: string, options: StoreOptions) {
    this.#root = root;
    this.#options = options;
  }

  async open(header: ExecutionHeader): Promise<{ execution: ExecutionHistory; created: boolean }> {
    const plan = checkedName(header.plan.name, 'plan');
    const id = checkedName(header.id, 'execution id');
    const folder = join(this.#root, plan, id);
    if (readHeader(folder) === undefined) {
      const elsewhere = this.#plans().find((name) => name !== plan && readHeader(join(this.#root, name, id)) !== undefined);
      if (elsewhere !== undefined) throw mismatch(id, `it belongs to plan ${elsewhere}, not ${plan}`);
      if (this.#create(folder, header)) return { execution: new FolderExecution(folder, header, this.#options), created: true };
    }
    const existing = readHeader(folder);
    if (existing === undefined) throw unwritable(join(folder, HEADER_FILE), new Error('it vanished while it was being opened'));
    refuseOther(existing, header);
    return { execution: new FolderExecution(folder, existing, this.#options), created: false };
  }

  async find(id: string): Promise<ExecutionHistory | undefined> {
    if (nameProblem(id) !== undefined) return undefined;
    const places = this.#places().filter(({ name }) => name.startsWith(id));
    const exact = places.filter(({ name }) => name === id);
    const found = exact.length > 0 ? exact : places;
    if (found.length > 1) {
      const names = found.map(({ plan, name }) => `${plan}/${name}`);
      throw new UserError(
        'usage',
        `${found.length} executions fit ${id}: ${names.slice(0, 10).join(', ')}${found.length > 10 ? ', …' : ''}`,
        {
          next: 'Give more of the id.',
        },
      );
    }
    const [place] = found;
    const header = place === undefined ? undefined : readHeader(place.folder);
    return place === undefined || header === undefined ? undefined : new FolderExecution(place.folder, header, this.#options);
  }

  async list(): Promise<readonly ExecutionHeader[]> {
    const headers: ExecutionHeader[] = [];
    for (const { folder } of this.#places()) {
      try {
        const header = readHeader(folder);
        if (header !== undefined) headers.push(header);
      } catch {
        // Left out, by contract; `find` with its id says what is wrong.
      }
    }
    return headers.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  }

  async recordUnlocking({ execution, plan, locks, by, why }: Unlocking): Promise<void> {
    const { clock, inLedger } = this.#options;
    writeLedgerEntry(this.#root, { kind: 'unlocked', locks, why }, { plan, execution, by, at: clock.now() }, inLedger);
  }

  #create(folder: string, header: ExecutionHeader): boolean {
    const path = join(folder, HEADER_FILE);
    try {
      makeFolder(folder);
      return createFile(path, headerText(header));
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  #plans(): readonly string[] {
    return foldersIn(this.#root);
  }

  #places(): readonly { plan: string; name: string; folder: string }[] {
    return this.#plans().flatMap((plan) =>
      foldersIn(join(this.#root, plan)).map((name) => ({ plan, name, folder: join(this.#root, plan, name) })),
    );
  }
}

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && nameProblem(entry.name) === undefined)
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw new UserError(
      'file-unreadable',
      `cannot read the history in ${path}: ${error instanceof Error ? error.message : String(error)}`,
      {
        next: 'Correct the permissions of the history folder, or name another one.',
        cause: error,
      },
    );
  }
}

function mismatch(id: string, why: string): UserError {
  return new UserError('execution-mismatch', `execution ${id} cannot be resumed with this: ${why}`, {
    next: 'Give the plan and mode that it was started with, or leave the execution id out to start a new one.',
  });
}

function refuseOther(existing: ExecutionHeader, wanted: ExecutionHeader): void {
  const { id } = existing;
  if (existing.id !== wanted.id) throw mismatch(wanted.id, `its folder holds the record of execution ${existing.id}`);
  if (existing.plan.name !== wanted.plan.name)
    throw mismatch(id, `it belongs to plan ${existing.plan.name}, not ${wanted.plan.name}`);
  if (existing.mode !== wanted.mode) throw mismatch(id, `it is a ${existing.mode}, not a ${wanted.mode}`);
  if (existing.simulated !== wanted.simulated) {
    throw mismatch(
      id,
      existing.simulated ? 'it was run against the simulator, not AWS' : 'it was run against AWS, not the simulator',
    );
  }
  if (existing.plan.digest !== wanted.plan.digest) throw planChanged(existing, wanted);
}

function planChanged(existing: ExecutionHeader, wanted: ExecutionHeader): UserError {
  const { name } = existing.plan;
  const commits = existing.commit === undefined ? '' : ` (commit ${existing.commit})`;
  const now = wanted.commit === undefined ? '' : ` (commit ${wanted.commit})`;
  const look =
    existing.commit === undefined
      ? `To see what changed, compare plan.definition in its ${HEADER_FILE} with the plan files`
      : `To see what changed: git diff ${existing.commit}${wanted.commit === undefined ? '' : ` ${wanted.commit}`} -- <plan files>`;
  return new UserError(
    'plan-changed',
    `plan ${name} has changed since execution ${existing.id} was started: it was ${existing.plan.digest}${commits} and is ${wanted.plan.digest}${now}`,
    {
      next: `${look}. To go on with the old plan, ${existing.commit === undefined ? 'restore the old plan files' : `check out ${existing.commit}`} and run this execution again; to use the new plan, start a new execution without an execution id.`,
    },
  );
}
