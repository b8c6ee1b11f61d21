import type { PushRequest, PushSurroundings } from '@breakwater/assembly';
import { systemClock, UserError } from '@breakwater/core';
import type { Joined, JoinedExecution } from '@breakwater/history';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { historyToken } from './history-token.ts';
import type { HistoryPushCommand } from './requests.ts';

export interface HistoryPushParts {
  readonly terminal: Terminal;
  readonly actor: string;
  pushHistory(request: PushRequest, surroundings: PushSurroundings): Promise<Joined>;
}

/**
 * `breakwater history push`: one line an execution that was joined, then where. Throws `UserError` `execution-unknown` if there was none to join
 * and nothing to repair, and what `pushHistory` throws.
 */
export async function historyPush(
  { history, branch, keepBoth, rewritten }: HistoryPushCommand,
  { terminal, actor, pushHistory }: HistoryPushParts,
): Promise<ExitCode> {
  const { stdout, stderr, env } = terminal;
  const { place, commit, executions } = await pushHistory(
    {
      history,
      branch: { ...branch, ...historyToken(env) },
      diverged: keepBoth ? 'keep-both' : 'refuse',
      ...(rewritten === undefined ? {} : { rewritten }),
      actor,
      onGithub: false,
    },
    {
      clock: systemClock,
      environment: env,
      warn: ({ code, message }) => stderr.write(`breakwater: ${printable(message)} [${code}]\n`),
    },
  );
  const moved = executions.filter(({ state }) => state !== 'known');
  for (const execution of moved) stdout.write(`${printable(lineOf(execution))}\n`);
  const known = executions.length - moved.length;
  if (known > 0) stdout.write(`${known} ${known === 1 ? 'execution was' : 'executions were'} there already\n`);
  if (commit !== undefined) stdout.write(`${printable(place)} is at ${commit.slice(0, 12)}\n`);
  // A script that joins the record of a night from the wrong folder must not read this as a success.
  if (executions.length === 0 && rewritten === undefined) {
    throw new UserError('execution-unknown', `${history} holds no execution, so none was joined`, {
      next: 'Give the folder of the record with --history: it lies where the run was started.',
    });
  }
  return EXIT_CODES.fine;
}

function lineOf({ plan, id, state, keptBoth }: JoinedExecution): string {
  const both =
    keptBoth.length === 0 ? '' : `, both kept of ${keptBoth.map((path) => path.slice(`${plan}/${id}/`.length)).join(', ')}`;
  return `${plan}/${id} ${state}${both}`;
}
