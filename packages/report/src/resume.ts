import type { Execution } from '@breakwater/history';

/**
 * The command that takes up an execution again, from a checkout of its commit. The record does not know where the plan's files lie, so the
 * folder of the samples stands for them.
 */
export function resumeCommand({ header }: Execution): string {
  const words = ['breakwater', 'run', 'plans', '--plan', header.plan.name, '--mode', header.mode, '--execution', header.id];
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
