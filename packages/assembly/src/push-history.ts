import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@breakwater/core';
import { GitRemote, type Joined, joinHistory, type Reason } from '@breakwater/history';
import { type HistoryBranch, signatures } from './open-history.ts';
import { TOOL } from './version.ts';

export interface PushRequest {
  /** The folder whose executions are to be on the branch. */
  readonly history: string;
  readonly branch: HistoryBranch;
  /** What to do with journals that went on in two places: see `JoinOptions`. */
  readonly diverged: 'refuse' | 'keep-both';
  /** What to do with a branch that lost what was on it; default: refuse it. */
  readonly rewritten?: 'refuse' | 'restore' | 'accept';
  readonly actor: string;
  readonly onGithub: boolean;
}

export interface PushSurroundings {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly warn: (reason: Reason) => void;
}

/** Joins a local history with a branch. Errors: those of `joinHistory` and `GitRemote.open`. */
export async function pushHistory(request: PushRequest, { clock, environment, warn }: PushSurroundings): Promise<Joined> {
  const { history, branch, diverged, rewritten = 'refuse', actor, onGithub } = request;
  const { remote: address, name, token } = branch;
  const folder = join(history, '.git-branch');
  const remote = await GitRemote.open({ folder, remote: address, clock, environment, ...(token === undefined ? {} : { token }) });
  const owner = `${actor} on ${hostname()}`;
  return joinHistory({
    root: history,
    remote,
    branch: name,
    clock,
    owner,
    warn,
    diverged,
    rewritten,
    facts: { tool: TOOL, by: actor },
    ...signatures(actor, onGithub),
  });
}
