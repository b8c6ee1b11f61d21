import { hostname } from 'node:os';
import { join } from 'node:path';
import { asBreakwaterError, type Clock, type Mode } from '@breakwater/core';
import {
  folderLocks,
  folderStore,
  GitRemote,
  type GitStore,
  gitLocks,
  gitStore,
  type HistoryStore,
  type Reason,
  type RecoveryLocks,
  type Signature,
  storeAlone,
} from '@breakwater/history';

/** A git branch that executions of many places write their history to. */
export interface HistoryBranch {
  /** URL, or a path; or the name of a remote of the repository in the working folder. */
  readonly remote: string;
  /** As `dr-history`. */
  readonly name: string;
  /** For HTTPS; never written to a file, an argument or a log. */
  readonly token?: string;
}

/** Where a history is kept. */
export interface HistoryPlace {
  /** The folder; with a branch, the local part of it. */
  readonly history: string;
  readonly branch?: HistoryBranch;
}

export interface HistorySurroundings {
  readonly clock: Clock;
  /** Who opens it: a GitHub login, or a local user. */
  readonly actor: string;
  /** True in a workflow of GitHub: the actor is a login there, and the writer is its bot. */
  readonly onGithub: boolean;
  /** Rehearsals have locks of their own. */
  readonly simulated: boolean;
  /** What is done with it; `read`: nothing that a missing branch must keep from. */
  readonly purpose: Mode | 'read';
  readonly warn: (reason: Reason) => void;
  readonly signal?: AbortSignal;
  /** Of the process; git needs it to reach a remote. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface OpenHistory {
  readonly store: HistoryStore;
  /** Kept where the history is shared: on the branch's remote, or in the folder. */
  readonly locks: RecoveryLocks;
  /** For people. */
  readonly place: string;
  /** Call it last: what is left is pushed. Answers with why not everything is on the branch. Never throws. */
  close(): Promise<Reason | undefined>;
}

/**
 * Opens the history in a folder, or on a branch with that folder as its journal. Throws `UserError` `usage` for an address or a name
 * that is none, and for a drill `RefusedError` `history-unreachable` when there is no git to reach the branch with; a recovery goes on
 * with the folder then, and its record says so.
 */
export async function openHistory(place: HistoryPlace, surroundings: HistorySurroundings): Promise<OpenHistory> {
  const { history, branch } = place;
  const { clock, actor, simulated, purpose, warn, signal, onGithub, environment } = surroundings;
  const owner = `${actor} on ${hostname()}`;
  const inFolder = () => folderLocks(history, { clock, simulated });
  if (branch === undefined) {
    return { store: folderStore(history, { clock, owner }), locks: inFolder(), place: history, close: async () => undefined };
  }
  const shared = (store: GitStore, locks: RecoveryLocks, where: string): OpenHistory => ({
    store,
    locks,
    place: where,
    close: () => store.close(),
  });
  try {
    const { remote: address, name, token } = branch;
    const folder = join(history, '.git-branch');
    const remote = await GitRemote.open({
      folder,
      remote: address,
      clock,
      environment,
      ...(token === undefined ? {} : { token }),
    });
    const store = gitStore({
      root: history,
      remote,
      branch: name,
      clock,
      owner,
      warn,
      ...signatures(actor, onGithub),
      ...(signal === undefined ? {} : { signal }),
    });
    return shared(
      store,
      gitLocks(remote, { clock, simulated, timeout: LOCK_PATIENCE[purpose], branch: name }),
      `${remote.url}#${name}`,
    );
  } catch (cause) {
    const error = asBreakwaterError(cause);
    if (error.code !== 'history-unreachable' || purpose === 'drill') throw error;
    return shared(storeAlone(folderStore(history, { clock, owner }), error, warn), inFolder(), history);
  }
}

/** How long one exchange about locks may take, milliseconds: a recovery goes on without them. */
const LOCK_PATIENCE = { drill: 60_000, recovery: 15_000, read: 30_000 } as const;

/** Who the commits are by. Addresses that nobody has: a name on a laptop must not pass for the GitHub user of that name. */
export function signatures(actor: string, onGithub: boolean): { readonly author: Signature; readonly committer: Signature } {
  const host = onGithub ? 'users.noreply.github.com' : 'noreply.invalid';
  const local = actor.replaceAll(/[^A-Za-z0-9._[\]-]+/g, '-') || 'unknown';
  return {
    author: { name: actor, email: local === 'github-actions[bot]' ? BOT.email : `${local}@${host}` },
    committer: onGithub ? BOT : { name: 'Breakwater', email: 'breakwater@noreply.invalid' },
  };
}

const BOT: Signature = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };
