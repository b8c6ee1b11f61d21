import type { Execution } from '@breakwater/history';
import { plain } from './escape.ts';
import { type Failure, failuresOf } from './facts.ts';
import { databasesText, hasServers, serversText, unknownPoints, worstPoint } from './headline.ts';
import { duration, objectiveAnswer, statusWord, verdictWord } from './words.ts';

/** More than this scrolls the verdict off the screen. */
const MOST_FAILURES = 20;

/** The end of a run for a terminal, without colours: the verdict, the objectives, and each failed thing with what to do next. */
export function renderText(execution: Execution): string {
  const { header, verdict, reason, rto, rpo, problems } = execution;
  const what = `${header.mode} of ${plain(header.plan.name)}, execution ${plain(header.id)}`;
  const lines = [`${verdictWord(verdict).toUpperCase()}  ${what}${header.simulated ? '  (SIMULATED: no evidence)' : ''}`];
  lines.push(`${reason.code}: ${plain(reason.message)}`);
  // A worse verdict is followed by its next step where the doors say how to go on.
  if (verdict === 'degraded' && reason.next !== undefined) lines.push(`next: ${plain(reason.next)}`);
  lines.push('');
  lines.push(`recovery time   ${line(execution, rto)}`);
  const worst = worstPoint(execution) === '' ? '' : `, worst: ${plain(worstPoint(execution))}`;
  const unknown = unknownPoints(execution) === '' ? '' : `, ${unknownPoints(execution)}`;
  lines.push(`recovery point  ${line(execution, rpo)}${worst}${unknown}`);
  for (const { name, ...of } of rpo.databases ?? []) lines.push(`  of database   ${line(execution, of)}, ${plain(name)}`);
  const databases = databasesText(execution);
  if (databases === undefined || hasServers(execution)) lines.push(`servers         ${serversText(execution)}`);
  if (databases !== undefined) lines.push(`databases       ${databases}`);
  const failures = failuresOf(execution);
  if (failures.length > 0) {
    lines.push('', 'failed');
    for (const failure of failures.slice(0, MOST_FAILURES)) lines.push(...failureLines(failure));
    if (failures.length > MOST_FAILURES) lines.push(`  … and ${failures.length - MOST_FAILURES} more, in the report`);
  }
  if (problems.length > 0) {
    lines.push('', 'damage found in the record');
    for (const problem of problems.slice(0, MOST_FAILURES)) lines.push(`  ${plain(problem)}`);
    if (problems.length > MOST_FAILURES) lines.push(`  … and ${problems.length - MOST_FAILURES} more, in the report`);
  }
  return `${lines.join('\n')}\n`;
}

function line(execution: Execution, objective: Execution['rto'] | Execution['rpo']): string {
  const answer = objectiveAnswer(execution, objective);
  return `${duration(objective.actual).padEnd(8)}  objective ${duration(objective.objective)}: ${objective.met === false ? answer.toUpperCase() : answer}`;
}

function failureLines({ kind, wave, name, status, weighs, reason }: Failure): readonly string[] {
  const where = kind === 'wave' ? 'wave' : (wave ?? 'finally');
  const lines = [`  ${plain(where)}: ${plain(name)} ${statusWord(status)}${weighs ? '' : ', does not fail the execution'}`];
  lines.push(`    ${reason.code}: ${plain(reason.message)}`);
  if (reason.next !== undefined) lines.push(`    next: ${plain(reason.next)}`);
  return lines;
}
