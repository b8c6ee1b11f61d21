import type { RunOutcome } from '@breakwater/assembly';
import type { Palette } from '../palette.ts';
import { printable } from '../printable.ts';
import type { RunCommand } from './requests.ts';
import { reportCommand, resumeCommand } from './resume-command.ts';

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
