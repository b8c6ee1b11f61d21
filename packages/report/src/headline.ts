import type { Execution } from '@breakwater/history';
import { code, codeBlock, markdown } from './escape.ts';
import { allDatabases, countRecovered, humanWait, lastMoment, type RecoveryCounts } from './facts.ts';
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
  const worst = worstPoint(execution);
  const unknown = unknownPoints(execution);
  const rows = [
    ['Recovery time', duration(rto.actual), duration(rto.objective), answer(execution, rto)],
    [
      'Recovery point',
      `${duration(rpo.actual)}${worst === '' ? '' : ` (${markdown(worst)})`}${unknown === '' ? '' : `; ${unknown}`}`,
      duration(rpo.objective),
      answer(execution, rpo),
    ],
    ...(rpo.databases ?? []).map(({ name, ...of }) => [
      `… of database ${markdown(name)}`,
      duration(of.actual),
      duration(of.objective),
      answer(execution, of),
    ]),
    ...(databasesText(execution) === undefined || hasServers(execution) ? [['Servers', serversText(execution), '', '']] : []),
    ...(databasesText(execution) === undefined ? [] : [['Databases', databasesText(execution) ?? '', '', '']]),
  ];
  const waited = humanWait(execution, lastMoment(execution));
  if (waited > 0) rows.splice(1, 0, ['… of it waiting for people', duration(waited), '', '']);
  return table(['', 'Actual', 'Objective', 'Answer'], rows);
}

function answer(execution: Execution, objective: Execution['rto'] | Execution['rpo']): string {
  const text = objectiveAnswer(execution, objective);
  return objective.met === false ? `**${text}**` : text;
}

/** As `12 of 14 recovered, 1 failed, 1 failed (optional)`. */
export function serversText(execution: Execution): string {
  return countsText(countRecovered(execution.waves.flatMap((wave) => wave.servers)));
}

/** The same of databases; `undefined` if there are none. */
export function databasesText(execution: Execution): string | undefined {
  const databases = allDatabases(execution);
  return databases.length === 0 ? undefined : countsText(countRecovered(databases));
}

export function hasServers(execution: Execution): boolean {
  return execution.waves.some((wave) => wave.servers.length > 0);
}

/** Whose data are the oldest, of those that count against the plan's objective. */
export function worstPoint({ rpo }: Execution): string {
  return rpo.database === undefined ? (rpo.server ?? '') : `database ${rpo.database}`;
}

export function unknownPoints({ rpo }: Execution): string {
  const parts = [
    ...(rpo.unknown === undefined ? [] : [count(rpo.unknown, 'server')]),
    ...(rpo.unknownDatabases === undefined ? [] : [count(rpo.unknownDatabases, 'database')]),
  ];
  return parts.length === 0 ? '' : `unknown for ${parts.join(' and ')}`;
}

function countsText({ total, recovered, failed, failedOptional, open }: RecoveryCounts): string {
  const parts = [`${recovered} of ${total} recovered`];
  if (failed > failedOptional) parts.push(`${failed - failedOptional} failed`);
  if (failedOptional > 0) parts.push(`${failedOptional} failed (optional)`);
  if (open > 0) parts.push(`${open} open`);
  return parts.join(', ');
}
