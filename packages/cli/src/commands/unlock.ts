import type { HistoryPlace, HistorySurroundings, OpenHistory } from '@breakwater/assembly';
import { type Clock, RefusedError, UserError } from '@breakwater/core';
import type { HeldLock, LockOwner } from '@breakwater/history';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { historyToken } from './history-token.ts';
import type { UnlockCommand } from './requests.ts';
import { unlockCommand } from './resume-command.ts';

export interface UnlockParts {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** True when AWS is simulated here: rehearsals have locks of their own. */
  readonly simulated: boolean;
  readonly actor: string;
  readonly openHistory: (place: HistoryPlace, surroundings: HistorySurroundings) => Promise<OpenHistory>;
  /** Asks a person; none: nobody can be asked here. */
  readonly ask?: (question: string) => Promise<string>;
}

const SHOWN = 8;

/**
 * `breakwater unlock`: lists who holds what, or takes its locks away from one execution, after a confirmation, and writes into the ledger
 * who did it. Bad if a lock changed hands meanwhile. Throws `UserError` `execution-unknown`, `RefusedError` `usage` without a
 * confirmation, and what opening a history throws.
 */
export async function unlock(command: UnlockCommand, parts: UnlockParts): Promise<ExitCode> {
  const { terminal, clock, simulated, actor } = parts;
  const { execution: wanted, yes, history, branch } = command;
  const say = (text: string) => terminal.stderr.write(text);
  const place = branch === undefined ? { history } : { history, branch: { ...branch, ...historyToken(terminal.env) } };
  const opened = await parts.openHistory(place, {
    clock,
    actor,
    onGithub: false,
    simulated,
    purpose: 'read',
    environment: terminal.env,
    warn: (reason) => say(`breakwater: ${printable(reason.message)} [${reason.code}]\n`),
  });
  try {
    const held = await opened.locks.held();
    if (wanted === undefined) {
      terminal.stdout.write(listText(held, opened.place));
      if (held.length === 0 && (await opened.store.list()).length === 0)
        say('breakwater: no execution is recorded there either: is it the right history (--history, --history-branch)?\n');
      return EXIT_CODES.fine;
    }
    const { owner, own } = heldBy(held, wanted);
    terminal.stdout.write(`${ownerText(owner, own).join('\n')}\n`);
    if (!yes) await confirm(command, owner.execution, parts.ask);
    // The record comes first: what is taken away without a trace would be taken away silently.
    const why = 'a person took them away: breakwater unlock';
    await opened.store.recordUnlocking({ execution: owner.execution, plan: owner.plan, locks: own, by: actor, why });
    const changed = await opened.locks.break(own);
    const gone = own.length - changed.length;
    terminal.stdout.write(`${gone} ${gone === 1 ? 'lock' : 'locks'} taken away from ${printable(owner.execution)}\n`);
    for (const { target, owner: other } of changed) {
      say(
        `breakwater: ${printable(target.id)} is held by ${printable(other.execution)} now and was left alone [servers-locked]\n`,
      );
    }
    return changed.length === 0 ? EXIT_CODES.fine : EXIT_CODES.bad;
  } finally {
    const left = await opened.close();
    if (left !== undefined) say(`breakwater: ${printable(left.message)} [${left.code}]\n`);
  }
}

function heldBy(held: readonly HeldLock[], wanted: string): { readonly owner: LockOwner; readonly own: readonly HeldLock[] } {
  const executions = [...new Set(held.map(({ owner }) => owner.execution))];
  const fitting = executions.filter((id) => id.startsWith(wanted));
  const id = executions.find((one) => one === wanted) ?? (fitting.length === 1 ? fitting[0] : undefined);
  const own = held.filter(({ owner }) => owner.execution === id);
  const [first] = own;
  if (first === undefined) {
    const many = fitting.length > 1;
    throw new UserError(
      'execution-unknown',
      many ? `${fitting.length} executions fit "${wanted}"` : `no execution "${wanted}" holds a lock`,
      {
        next:
          executions.length === 0
            ? 'Nothing is locked there. Is it the right history (--history, --history-branch)?'
            : `Give one of: ${(many ? fitting : executions).slice(0, SHOWN).join(', ')}.`,
      },
    );
  }
  return { owner: first.owner, own };
}

async function confirm(command: UnlockCommand, execution: string, ask: UnlockParts['ask']): Promise<void> {
  const next = `If it is surely dead: ${unlockCommand(command, execution)}`;
  if (ask === undefined) {
    throw new RefusedError('usage', 'nobody can be asked here whether that execution is dead', { next });
  }
  const answer = await ask(`Is it surely dead? Then type its execution id: `);
  if (answer.trim() !== execution) throw new RefusedError('usage', 'that is not its id: nothing was unlocked', { next });
}

function listText(held: readonly HeldLock[], place: string): string {
  const executions = new Map(held.map(({ owner }) => [owner.execution, owner]));
  if (executions.size === 0) return `${printable(place)}: nothing is locked\n`;
  const blocks = [...executions.values()].map((owner) =>
    ownerText(
      owner,
      held.filter((lock) => lock.owner.execution === owner.execution),
    ).join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}

function ownerText({ execution, plan, mode, actor, host, at, run }: LockOwner, own: readonly HeldLock[]): readonly string[] {
  const ids = own.slice(0, SHOWN).map(({ target }) => `${target.kind} ${target.id} (${target.account} ${target.region})`);
  return [
    printable(execution),
    `  ${printable(`${mode} of ${plan}, by ${actor} on ${host}, since ${at}`)}`,
    ...(run === undefined ? [] : [`  ${printable(run)}`]),
    ...ids.map((id) => `  ${printable(id)}`),
    ...(own.length > SHOWN ? [`  and ${own.length - SHOWN} more`] : []),
  ];
}
