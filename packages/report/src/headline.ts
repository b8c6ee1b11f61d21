import type { Execution } from '@breakwater/history';
import { code, codeBlock, markdown } from './escape.ts';
import { countServers, humanWait, lastMoment } from './facts.ts';
import { resumeCommand } from './resume.ts';
import { table } from './section.ts';
import { count, duration, objectiveAnswer, verdictWord } from './words.ts';

/** The first screen: the verdict, why, what to do next, and the objectives. */
export function headline(execution: Execution): string {
  const { header, verdict, reason } = execution;
  const parts = [`# ${header.mode === 'drill' ? 'Drill' : 'Recovery'} of ${markdown(header.plan.name)}: ${verdictWord(verdict)}`];
  if (header.simulated) {
    parts.push('> [!CAUTION]\n> **SIMULATED. AWS was the simulator: nothing was recovered, and this record is no evidence.**');
  }
  if (execution.problems.length > 0) {
    parts.push(
      `> [!WARNING]\n> **The record was damaged or altered** (${count(execution.problems.length, 'problem')}, listed below).`,
    );
  }
  parts.push(`${code(reason.code)}: ${markdown(reason.message)}`);
  if (reason.next !== undefined) parts.push(`**Next:** ${markdown(reason.next)}`);
  if (verdict === 'in-progress') parts.push(`To resume:\n\n${codeBlock(resumeCommand(execution), 'sh')}`);
  parts.push(objectives(execution));
  return parts.join('\n\n');
}

function objectives(execution: Execution): string {
  const { rto, rpo } = execution;
  const worst = rpo.server === undefined ? '' : ` (${markdown(rpo.server)})`;
  const unknown = rpo.unknown === undefined ? '' : `; unknown for ${count(rpo.unknown, 'server')}`;
  const rows = [
    ['Recovery time', duration(rto.actual), duration(rto.objective), answer(execution, rto)],
    ['Recovery point', `${duration(rpo.actual)}${worst}${unknown}`, duration(rpo.objective), answer(execution, rpo)],
    ['Servers', serversText(execution), '', ''],
  ];
  const waited = humanWait(execution, lastMoment(execution));
  if (waited > 0) rows.splice(1, 0, ['… of it waiting for people', duration(waited), '', '']);
  return table(['', 'Actual', 'Objective', 'Answer'], rows);
}

function answer(execution: Execution, objective: Execution['rto']): string {
  const text = objectiveAnswer(execution, objective);
  return objective.met === false ? `**${text}**` : text;
}

/** As `12 of 14 recovered, 1 failed, 1 failed (optional)`. */
export function serversText(execution: Execution): string {
  const { total, recovered, failed, failedOptional, open } = countServers(execution.waves.flatMap((wave) => wave.servers));
  const parts = [`${recovered} of ${total} recovered`];
  if (failed > failedOptional) parts.push(`${failed - failedOptional} failed`);
  if (failedOptional > 0) parts.push(`${failedOptional} failed (optional)`);
  if (open > 0) parts.push(`${open} open`);
  return parts.join(', ');
}
