import { shellCommand } from '../shell-words.ts';
import { DEFAULT_HISTORY, type RunCommand } from './requests.ts';

/** The command that takes up an execution where this one left it. */
export function resumeCommand(command: RunCommand, execution: string): string {
  const words = ['breakwater', 'run', command.files, '--mode', command.mode, '--execution', execution];
  if (command.plan !== undefined) words.push('--plan', command.plan);
  words.push(...historyWords(command.history));
  if (command.waves.length > 0) words.push('--wave', ...command.waves);
  if (command.approvals.length > 0) words.push('--approve', ...command.approvals);
  if (command.replaceLive.length > 0) words.push('--replace-live', ...command.replaceLive);
  return shellCommand(words);
}

/** The command that shows what an execution did. */
export function reportCommand({ history }: Pick<RunCommand, 'history'>, execution: string): string {
  return shellCommand(['breakwater', 'report', execution, ...historyWords(history)]);
}

function historyWords(history: string): readonly string[] {
  return history === DEFAULT_HISTORY ? [] : ['--history', history];
}
