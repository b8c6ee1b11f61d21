import type { OpenRecord, RecordPlace } from '@breakwater/assembly';
import { type Clock, systemClock, UserError } from '@breakwater/core';
import { type Finding, type Verification, type VerifiedExecution, verifyHistory } from '@breakwater/history';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { historyToken } from './history-token.ts';
import { DEFAULT_BRANCH, type VerifyCommand } from './requests.ts';

export interface VerifyParts {
  readonly terminal: Terminal;
  readonly openRecord: (place: RecordPlace, clock: Clock, environment: Terminal['env']) => Promise<OpenRecord>;
}

/** Executions that are named when they have no seal. */
const SHOWN = 10;

/**
 * `breakwater history verify`: what was altered in a history, on stdout. Bad if anything was. Throws what opening it throws:
 * `file-unreadable`, `history-unreachable`, `history-rejected`, `usage`.
 */
export async function historyVerify(command: VerifyCommand, { terminal, openRecord }: VerifyParts): Promise<ExitCode> {
  const { anchors, json, history, branch } = command;
  const place =
    branch === undefined ? { history } : { history, branch: { name: DEFAULT_BRANCH, ...branch, ...historyToken(terminal.env) } };
  const { source, close } = await openRecord(place, systemClock, terminal.env);
  try {
    const found = await verifyHistory(source, { anchors });
    // As in the wrong folder: that nothing was altered there must not be read of the record that was meant.
    if (found.sound && found.executions.length === 0 && found.ledger.entries === 0) {
      throw new UserError('file-unreadable', `${found.place} holds no execution, so there is nothing to verify`, {
        next: 'Give the folder of the history with --history, or its branch with --history-branch (and --history-remote).',
      });
    }
    terminal.stdout.write(
      json ? `${JSON.stringify({ schema: 'breakwater.verification/1', ...found }, null, 2)}\n` : textOf(found),
    );
    return found.sound ? EXIT_CODES.fine : EXIT_CODES.bad;
  } finally {
    close();
  }
}

function textOf(found: Verification): string {
  const { executions, findings, records, ledger, past, place } = found;
  const wrong = [...findings, ...executions.flatMap((one) => one.findings)];
  const counted = [
    count(executions.length, 'execution'),
    count(records, 'record'),
    count(ledger.entries, 'entry of the ledger', 'entries of the ledger'),
    ...(past === undefined ? [] : [count(past.commits, 'commit')]),
  ];
  const lines = [`${printable(place)}: ${counted.join(', ')}`];
  if (past?.shallow === true)
    lines.push('note      the repository does not hold the whole past of the branch: earlier commits were not checked');
  for (const state of ['sealed', 'reopened', 'unsealed', 'broken'] as const) {
    const those = executions.filter((one) => one.state === state);
    if (those.length > 0) lines.push(`${state.padEnd(8)}  ${those.length}${state === 'sealed' ? '' : `: ${names(those)}`}`);
  }
  for (const { plan, execution, notes } of executions) {
    for (const note of notes) lines.push(`note      ${printable(`${plan}/${execution}: ${note}`)}`);
  }
  if (wrong.length > 0) lines.push('', ...wrong.flatMap(findingLines));
  for (const head of ledger.heads) lines.push(`anchor    ${head}`);
  lines.push(
    '',
    wrong.length === 0
      ? 'Nothing was altered.'
      : `${count(wrong.length, 'thing is not as it was', 'things are not as they were')} written. [history-corrupt]`,
  );
  return `${lines.join('\n')}\n`;
}

function findingLines({ file, line, message, expected, found }: Finding): readonly string[] {
  return [
    `${printable(file)}${line === undefined ? '' : `:${line}`}: ${printable(message)}`,
    ...(expected === undefined ? [] : [`  expected  ${printable(expected)}`]),
    ...(found === undefined ? [] : [`  found     ${printable(found)}`]),
  ];
}

function names(executions: readonly VerifiedExecution[]): string {
  const shown = executions.slice(0, SHOWN).map(({ plan, execution }) => printable(`${plan}/${execution}`));
  return `${shown.join(', ')}${executions.length > SHOWN ? ` and ${executions.length - SHOWN} more` : ''}`;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
