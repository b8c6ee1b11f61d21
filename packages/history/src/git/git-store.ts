import { asBreakwaterError, type BreakwaterError, type Clock, holdStill, RefusedError, systemClock } from '@breakwater/core';
import { parseHeader } from '../boundary.ts';
import type { JournalEvent, Reason } from '../events.ts';
import type { ExecutionHeader } from '../execution.ts';
import { HEADER_FILE, headerText } from '../folder-execution.ts';
import { folderStore } from '../folder-store.ts';
import { LEDGER_FOLDER } from '../ledger.ts';
import { checkedName, nameProblem } from '../names.ts';
import { filesUnder } from '../record-source.ts';
import type { ExecutionHistory, HistoryStore, StoreOptions, Unlocking } from '../store.ts';
import { Branch, type Rewritten } from './branch.ts';
import { GitExecution } from './git-execution.ts';
import { type Materialised, type MaterialiseOptions, materialise, materialiseLedger } from './materialise.ts';
import { listTree, readBlobs, type Signature } from './objects.ts';
import {
  goesOnAlone,
  isAboutRemote,
  joinedAgain,
  leftBehind,
  readsAlone,
  rewrittenReason,
  waitsForBranch,
  wentTwoWays,
} from './reasons.ts';
import type { GitRemote } from './remote.ts';
import { Uplink, type UplinkOptions } from './uplink.ts';
import { UPLINK_PATIENCE, type UplinkPatience } from './uplink-patience.ts';

export interface GitStoreOptions extends Omit<StoreOptions, 'inLedger'> {
  /** The local history: the durable journal, and what is left when the network is gone. */
  readonly root: string;
  readonly remote: GitRemote;
  /** Name of the branch, as `dr-history`; made on first use. */
  readonly branch: string;
  /** Who asks; in GitHub their login. */
  readonly author: Signature;
  readonly committer: Signature;
  /** Told what a person must know while things go on: a history that is gone, back, or was rewritten. */
  readonly warn: (reason: Reason) => void;
  /** Aborted: no more patience with the remote. */
  readonly signal?: AbortSignal;
  /** Real time, for pauses between tries; default: the machine's. */
  readonly pace?: Clock;
  readonly patience?: UplinkPatience;
}

/** A history on a branch. Close it last: the last lines are pushed then. */
export interface GitStore extends HistoryStore {
  /** Answers with why not everything is on the branch; `undefined`: it is. Never throws. */
  close(): Promise<Reason | undefined>;
}

/** How long a look at the branch may take, milliseconds of real time. */
const LOOK = { drill: 60_000, recovery: 20_000, read: 30_000 } as const;

/** Pauses between a drill's first looks, milliseconds: a server's hiccup is no reason to call it off. */
const LOOK_AGAIN: readonly number[] = [2_000, 5_000, 10_000];

/** Executions whose files are brought here when several fit a beginning of an id: enough to name them. */
const CANDIDATES = 12;

/**
 * A history on a git branch, with a folder on this machine as its journal. Every line is durable here before it goes there; a line that
 * announces a call is there before the call is made. A drill is refused when the branch cannot be reached (`history-unreachable`),
 * does not take our writing (`history-rejected`) or was rewritten (`history-rewritten`); a recovery goes on and says so.
 */
export function gitStore(options: GitStoreOptions): GitStore {
  return new BranchStore(options);
}

class BranchStore implements GitStore {
  readonly #options: GitStoreOptions;
  readonly #pace: Clock;
  readonly #branch: Branch;
  readonly #local: HistoryStore;
  readonly #uplinks: Uplink[] = [];
  /** Entries of the ledger that are on the branch or on their way to it: others in the local folder belong to what was never shared. */
  readonly #ledger = new Set<string>();
  #looked = false;

  constructor(options: GitStoreOptions) {
    const { remote, branch, author, committer, clock, owner, root } = options;
    this.#options = options;
    this.#pace = options.pace ?? systemClock;
    this.#branch = new Branch({ remote, name: branch, author, committer, clock, pace: this.#pace, warn: options.warn });
    this.#local = folderStore(root, { clock, owner, inLedger: (file) => this.#ledger.has(file) });
  }

  async open(header: ExecutionHeader): Promise<{ execution: ExecutionHistory; created: boolean }> {
    const plan = checkedName(header.plan.name, 'plan');
    const id = checkedName(header.id, 'execution id');
    const drill = header.mode === 'drill';
    const { lost, rewritten } = drill ? await this.#lookForDrill() : await this.#lookForRecovery();
    this.#looked = true;
    const held = new Set<string>();
    const found = await this.#bring(plan, id, drill ? 'refuse' : 'set-aside', held);
    const opened = await this.#local.open(header);
    const { execution, uplink } = this.#wrap(opened.execution, found.setAside, held);
    if (lost !== undefined) uplink.lose(lost);
    if (rewritten !== undefined) uplink.rewritten(rewritten);
    const ahead = this.#branch.tip === undefined ? this.#files(`${plan}/${id}`) : found.ahead;
    if (opened.created || ahead.includes(`${plan}/${id}/${HEADER_FILE}`)) uplink.list();
    uplink.touch(opened.created ? this.#files(`${plan}/${id}`) : ahead, {
      text: opened.created ? 'opened' : 'brought here',
      weight: 0,
    });
    if (uplink.pending) await uplink.demand();
    if (!opened.created || uplink.lost !== undefined) return { execution, created: opened.created };
    // Of two that create the same execution at once, the first one's header is everybody's.
    await this.#bring(plan, id, 'keep', held);
    const again = await this.#local.open(header);
    const first = headerText(again.execution.header) === headerText(opened.execution.header);
    if (!first) execution.adopt(again.execution);
    return { execution, created: first };
  }

  async find(id: string): Promise<ExecutionHistory | undefined> {
    if (nameProblem(id) !== undefined) return undefined;
    await this.#look();
    const fitting = (await this.#onBranch()).filter((place) => place.id.startsWith(id));
    const exact = fitting.filter((place) => place.id === id);
    for (const place of (exact.length > 0 ? exact : fitting).slice(0, CANDIDATES)) {
      const { diverged } = await this.#bring(place.plan, place.id, 'keep', new Set());
      for (const path of diverged) this.#options.warn(wentTwoWays(path, this.#branch));
    }
    const local = await this.#local.find(id);
    return local === undefined ? undefined : this.#wrap(local, [], new Set()).execution;
  }

  async list(): Promise<readonly ExecutionHeader[]> {
    await this.#look();
    const headers = new Map((await this.#local.list()).map((header) => [`${header.plan.name}/${header.id}`, header]));
    const blobs = (await this.#onBranch()).map(({ blob }) => blob);
    for (const content of await readBlobs(this.#branch.remote.git, blobs)) {
      const header = parseHeader(content?.toString('utf8') ?? '');
      if (typeof header !== 'string') headers.set(`${header.plan.name}/${header.id}`, header);
    }
    return [...headers.values()].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  }

  async recordUnlocking(unlocking: Unlocking): Promise<void> {
    const rewritten = await this.#branch.fetch({ timeout: LOOK.read });
    if (rewritten !== undefined) this.#options.warn(rewrittenReason(rewritten, this.#branch));
    await this.#bringLedger();
    const { plan, execution, by } = unlocking;
    const [, made] = await this.#writingLedger(() => this.#local.recordUnlocking(unlocking));
    const uplink = this.#uplink({ mode: 'drill', about: { plan, what: execution }, held: new Set(), tell: () => undefined });
    uplink.list();
    uplink.touch(made, { text: `locks taken away by ${by}`, weight: 9 });
    await uplink.demand();
  }

  async close(): Promise<Reason | undefined> {
    const ends = await Promise.all(this.#uplinks.map((uplink) => uplink.close()));
    await this.#branch.close().catch(() => undefined);
    const end = ends.find((error) => error !== undefined);
    return end === undefined ? undefined : leftBehind(end, this.#branch);
  }

  /** Throws what keeps a drill from starting. */
  async #lookForDrill(): Promise<{ readonly lost?: undefined; readonly rewritten?: undefined }> {
    const { clock, signal, warn } = this.#options;
    for (let tries = 0; ; tries += 1) {
      try {
        await this.#branch.fetch({ timeout: LOOK.drill });
        const { rewritten } = this.#branch;
        if (rewritten !== undefined) throw this.#refusal(rewritten);
        return {};
      } catch (cause) {
        const error = asBreakwaterError(cause);
        const pause = LOOK_AGAIN[tries];
        if (error.code !== 'history-unreachable' || pause === undefined || signal?.aborted) throw error;
        if (tries === 0)
          warn(
            waitsForBranch(
              error,
              LOOK_AGAIN.reduce((sum, ms) => sum + ms, 0),
            ),
          );
        await holdStill(clock, this.#pace.sleep(pause, signal)).catch(() => undefined);
      }
    }
  }

  async #lookForRecovery(): Promise<{ readonly lost?: BreakwaterError | undefined; readonly rewritten?: Rewritten | undefined }> {
    try {
      return { rewritten: await this.#branch.fetch({ timeout: LOOK.recovery }) };
    } catch (cause) {
      const error = asBreakwaterError(cause);
      if (!isAboutRemote(error)) throw error;
      return { lost: error };
    }
  }

  /** For those who only read: the branch if it can be reached, else what is here. */
  async #look(): Promise<void> {
    if (this.#looked) return;
    const { warn } = this.#options;
    try {
      const rewritten = await this.#branch.fetch({ timeout: LOOK.read });
      if (rewritten !== undefined) warn(rewrittenReason(rewritten, this.#branch));
    } catch (cause) {
      const error = asBreakwaterError(cause);
      if (!isAboutRemote(error)) throw error;
      warn(readsAlone(error));
    }
    this.#looked = true;
  }

  #wrap(
    local: ExecutionHistory,
    setAside: Materialised['setAside'],
    held: Set<string>,
  ): { readonly execution: GitExecution; readonly uplink: Uplink } {
    const { plan, id, mode } = local.header;
    const made: { execution?: GitExecution } = {};
    const tell = (event: JournalEvent) => void made.execution?.tell(event).catch(() => undefined);
    const uplink = this.#uplink({ mode, about: { plan: plan.name, what: `${mode} ${id}` }, held, tell });
    const { root } = this.#options;
    const execution = new GitExecution({
      local,
      root,
      uplink,
      held,
      setAside,
      refresh: () => this.#refresh(plan.name, id, uplink, held),
      writingLedger: (write) => this.#writingLedger(write),
    });
    made.execution = execution;
    return { execution, uplink };
  }

  #uplink({
    mode,
    about,
    held,
    tell,
  }: Pick<UplinkOptions, 'mode' | 'about'> & {
    readonly held: ReadonlySet<string>;
    readonly tell: (event: JournalEvent) => void;
  }): Uplink {
    const { root, clock, signal, warn, patience = UPLINK_PATIENCE } = this.#options;
    const branch = this.#branch;
    const uplink = new Uplink({
      branch,
      root,
      mode,
      about,
      isHeld: (path) => held.has(path),
      clock,
      pace: this.#pace,
      patience,
      signal,
      events: {
        onWaiting: (error, patience) => warn(waitsForBranch(error, patience)),
        onLost: (error) => {
          const reason = goesOnAlone(error, branch);
          warn(reason);
          tell({ type: 'history-unreachable', reason });
        },
        onJoined: (commit) => {
          warn(joinedAgain(branch));
          tell({ type: 'history-joined', place: branch.place, commit });
        },
        onRewritten: (rewritten) => {
          if (mode === 'drill') throw this.#refusal(rewritten);
          const reason = rewrittenReason(rewritten, branch);
          warn(reason);
          tell({ type: 'history-rewritten', reason, was: rewritten.was, lost: rewritten.lost });
        },
      },
    });
    this.#uplinks.push(uplink);
    return uplink;
  }

  /** Pushes what is due and brings here what others wrote. A successful push proves that its parent was the newest commit. */
  async #refresh(plan: string, id: string, uplink: Uplink, held: ReadonlySet<string>): Promise<readonly string[]> {
    if (uplink.lost !== undefined) return [];
    try {
      if (uplink.pending) await uplink.demand();
      else {
        const rewritten = await this.#branch.fetch({ timeout: LOOK.recovery });
        if (rewritten !== undefined) uplink.rewritten(rewritten);
      }
      const { diverged } = await this.#bring(plan, id, 'keep', held);
      return diverged.map((path) => wentTwoWays(path, this.#branch).message);
    } catch (cause) {
      const error = asBreakwaterError(cause);
      if (!isAboutRemote(error)) throw error;
      return [];
    }
  }

  async #bring(
    plan: string,
    id: string,
    diverged: MaterialiseOptions['diverged'],
    held: ReadonlySet<string>,
  ): Promise<Materialised> {
    const { tip, remote, place } = this.#branch;
    const { root, clock, owner } = this.#options;
    if (tip === undefined) return { ahead: [], diverged: [], setAside: [], onBranch: false };
    const isHeld = (path: string) => held.has(path);
    const common = { git: remote.git, tip, root, isHeld, clock, owner, place };
    // The same id under another plan: the folder store has to see it to refuse it.
    for (const other of await this.#onBranch()) {
      if (other.id === id && other.plan !== plan)
        await materialise({ ...common, folder: `${other.plan}/${id}`, diverged: 'keep' });
    }
    const brought = await materialise({ ...common, folder: `${plan}/${id}`, diverged });
    // Not before it is known to be this execution of which the branch's ledger speaks.
    await this.#bringLedger();
    return brought;
  }

  async #bringLedger(): Promise<void> {
    const { tip, remote } = this.#branch;
    if (tip === undefined) return;
    for (const file of await materialiseLedger({ git: remote.git, tip, root: this.#options.root })) this.#ledger.add(file);
  }

  async #writingLedger<T>(write: () => Promise<T>): Promise<readonly [T, readonly string[]]> {
    const before = new Set(this.#files(LEDGER_FOLDER));
    const result = await write();
    const made = this.#files(LEDGER_FOLDER).filter((path) => !before.has(path));
    for (const path of made) this.#ledger.add(path.slice(LEDGER_FOLDER.length + 1));
    return [result, made];
  }

  /** Executions of the branch as last fetched. */
  async #onBranch(): Promise<readonly { readonly plan: string; readonly id: string; readonly blob: string }[]> {
    const { tip, remote } = this.#branch;
    if (tip === undefined) return [];
    return (await listTree(remote.git, tip)).flatMap(({ path, blob }) => {
      const [plan = '', id = '', file, ...rest] = path.split('/');
      const sound = file === HEADER_FILE && rest.length === 0 && nameProblem(plan) === undefined && nameProblem(id) === undefined;
      return sound ? [{ plan, id, blob }] : [];
    });
  }

  #files(folder: string): readonly string[] {
    return filesUnder(this.#options.root, folder)
      .filter(({ kind }) => kind === 'file')
      .map(({ path }) => path);
  }

  #refusal(rewritten: Rewritten): RefusedError {
    const { code, message, next = '' } = rewrittenReason(rewritten, this.#branch);
    return new RefusedError(code, message, { next });
  }
}
