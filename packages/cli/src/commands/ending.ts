import type { RunOutcome } from '@breakwater/assembly';
import { isFinal, type Verdict } from '@breakwater/core';
import { type Execution, shownAddress } from '@breakwater/history';
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
  const { place, report, seal, problems } = outcome;
  const lines = [`record    ${printable(place)}`];
  if (command.branch !== undefined)
    lines.push(`branch    ${printable(`${command.branch.name} of ${shownAddress(command.branch.remote)}`)}`);
  if (report !== undefined) lines.push(`report    ${printable(report)}`);
  if (seal !== undefined) lines.push(`seal      ${seal}`);
  for (const problem of problems) lines.push(palette.warn(`problem   ${printable(problem)}`));
  const next = nextLines(outcome, command);
  return `${[...lines, ...(next.length === 0 ? [] : ['', ...next])].join('\n')}\n`;
}

function nextLines({ execution }: RunOutcome, command: RunCommand): readonly string[] {
  if (execution.verdict === 'succeeded' || execution.verdict === 'degraded') return [];
  const { id } = execution.header;
  const { next } = execution.reason;
  const advice = next === undefined ? [] : [`next      ${printable(next)}`];
  const gates = closedGates(execution);
  if (command.simulation !== undefined) {
    const how = gates.length === 0 ? 'without --execution' : `with --approve ${gates.join(' ')}`;
    return [...advice, `again     Simulated AWS ended with this process, so nothing can be resumed: run it again ${how}.`];
  }
  const label = gates.length > 0 ? 'approve' : execution.verdict === 'in-progress' ? 'resume' : 'retry';
  const approvals = [...new Set([...command.approvals, ...gates])];
  return [
    ...advice,
    `${label.padEnd(8)}  ${resumeCommand({ ...command, approvals }, id)}`,
    `look      ${reportCommand(command, id)}`,
  ];
}

/** Waves that wait for somebody's approval. */
function closedGates({ waves }: Execution): readonly string[] {
  return waves
    .filter(({ steps }) => steps.some(({ kind, status }) => kind === 'gate' && !isFinal(status)))
    .map(({ name }) => name);
}
