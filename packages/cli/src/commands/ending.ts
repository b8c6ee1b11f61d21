import type { RunOutcome } from '@breakwater/assembly';
import type { Verdict } from '@breakwater/core';
import { type Palette, paintOfVerdict } from '../palette.ts';
import { printable, wrap } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import type { RunCommand } from './requests.ts';
import { reportCommand, resumeCommand } from './resume-command.ts';

/** The verdict for a terminal: wrapped between words, its first line in the verdict's colour. In a pipe it stays as it is. */
export function verdictText(text: string, verdict: Verdict, { stdout }: Terminal, colours: Palette): string {
  if (!stdout.isTTY) return text.trimEnd();
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const paint = paintOfVerdict(verdict, colours);
  const width = stdout.columns - 1;
  return [
    ...wrapIndented(first, width).map((line) => colours.bold(paint(line))),
    ...rest.flatMap((line) => wrapIndented(line, width)),
  ].join('\n');
}

function wrapIndented(line: string, width: number): string[] {
  const [indent = ''] = /^ */.exec(line) ?? [];
  const hanging = `${indent}  `;
  return wrap(line.slice(indent.length), Math.max(20, width - hanging.length)).map(
    (part, at) => (at === 0 ? indent : hanging) + part,
  );
}

/**
 * What is said under the verdict when a run has ended: where the record and the report lie, what went wrong on the way, and what to
 * do next. Several lines, each ended.
 */
export function endingText(outcome: RunOutcome, command: RunCommand, palette: Palette): string {
  const { execution, place, report, problems } = outcome;
  const lines = [`record    ${printable(place)}`];
  if (report !== undefined) lines.push(`report    ${printable(report)}`);
  for (const problem of problems) lines.push(palette.warn(`problem   ${printable(problem)}`));
  const next = nextText(outcome, command);
  if (next !== undefined) {
    const { next: advice } = execution.reason;
    lines.push('');
    if (advice !== undefined) lines.push(`next      ${printable(advice)}`);
    for (const line of next) lines.push(`          ${line}`);
  }
  return `${lines.join('\n')}\n`;
}

function nextText({ execution }: RunOutcome, command: RunCommand): readonly string[] | undefined {
  if (execution.verdict === 'succeeded' || execution.verdict === 'degraded') return undefined;
  const { id } = execution.header;
  if (command.simulation !== undefined) {
    return ['Simulated AWS ended with this process, so there is nothing to resume: run it again without --execution.'];
  }
  const verb = execution.verdict === 'in-progress' ? 'Resume' : 'Try what failed again';
  return [`${verb}: ${resumeCommand(command, id)}`, `Look:   ${reportCommand(command, id)}`];
}
