import { shellCommand } from '@breakwater/core';
import { shownAddress } from '@breakwater/history';
import { DEFAULT_BRANCH, DEFAULT_HISTORY, DEFAULT_REMOTE, type HistoryWords, type RunCommand } from './requests.ts';

/** The command that takes up an execution where this one left it. */
export function resumeCommand(command: RunCommand, execution: string): string {
  const words = ['breakwater', 'run', command.files, '--mode', command.mode, '--execution', execution];
  if (command.plan !== undefined) words.push('--plan', command.plan);
  words.push(...historyWords(command));
  if (command.waves.length > 0) words.push('--wave', ...command.waves);
  if (command.approvals.length > 0) words.push('--approve', ...command.approvals);
  if (command.replaceLive.length > 0) words.push('--replace-live', ...command.replaceLive);
  return shellCommand(words);
}

/** The command that shows what an execution did. */
export function reportCommand(command: HistoryWords, execution: string): string {
  return shellCommand(['breakwater', 'report', execution, ...historyWords(command)]);
}

/** The command that takes its locks away from an execution without asking. */
export function unlockCommand(command: HistoryWords, execution: string): string {
  return shellCommand(['breakwater', 'unlock', execution, ...historyWords(command), '--yes']);
}

function historyWords({ history, branch }: HistoryWords): readonly string[] {
  const folder = history === DEFAULT_HISTORY ? [] : ['--history', history];
  if (branch === undefined) return folder;
  const { name, remote } = branch;
  const named = remote === DEFAULT_REMOTE || name !== DEFAULT_BRANCH ? ['--history-branch', name] : [];
  return [...folder, ...named, ...(remote === DEFAULT_REMOTE ? [] : ['--history-remote', shownAddress(remote)])];
}
