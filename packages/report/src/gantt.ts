import { isFinal, type Status } from '@breakwater/core';
import type { Execution, StepRecord, WaveRecord } from '@breakwater/history';
import { mermaid } from './escape.ts';
import { lastMoment } from './facts.ts';
import { stepTitle } from './words.ts';

/** More tasks than this make a chart that nobody can read (and GitHub stops drawing at 50,000 characters). */
const MOST_TASKS = 60;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Task {
  readonly name: string;
  readonly tag: string;
  readonly from: number;
  readonly to: number;
}

interface Section {
  readonly name: string;
  readonly tasks: readonly Task[];
}

/**
 * A Mermaid gantt chart of all that was begun: a section a wave, people's approvals and the work after the last wave apart. Times are
 * UTC, written as local ones, so that every viewer reads the same clock. Empty if nothing was begun.
 */
export function gantt(execution: Execution): string {
  const now = lastMoment(execution);
  const sections = sectionsOf(execution, now);
  if (sections.length === 0) return '';
  const from = Math.min(...sections.flatMap(({ tasks }) => tasks.map((task) => task.from)));
  const to = Math.max(...sections.flatMap(({ tasks }) => tasks.map((task) => task.to)));
  const lines = [
    'gantt',
    '  dateFormat YYYY-MM-DD HH:mm:ss',
    `  axisFormat ${to - from > 20 * 60 * MINUTE ? '%d %H:%M' : '%H:%M'}`,
    `  tickInterval ${tickOf(to - from)}`,
  ];
  let number = 0;
  for (const section of sections) {
    lines.push(`  section ${section.name}`);
    for (const { name, tag, from: start, to: end } of section.tasks) {
      number += 1;
      lines.push(`    ${name} :${tag === '' ? '' : `${tag}, `}t${number}, ${stamp(start)}, ${stamp(end)}`);
    }
  }
  return lines.join('\n');
}

function sectionsOf(execution: Execution, now: number): readonly Section[] {
  const steps = execution.waves.reduce((sum, wave) => sum + wave.steps.length, execution.finally.length);
  const detailed = steps <= MOST_TASKS;
  const gates = execution.waves.flatMap((wave) =>
    wave.steps.filter((step) => step.kind === 'gate').flatMap((step) => stepTask(step, now, `approval of ${wave.name}`)),
  );
  const last = execution.finally.flatMap((step) => stepTask(step, now));
  const sections: Section[] = [];
  if (gates.length > 0) sections.push({ name: 'waiting for people', tasks: gates.slice(0, MOST_TASKS) });
  if (detailed) {
    for (const wave of execution.waves) {
      const tasks = wave.steps.filter((step) => step.kind !== 'gate').flatMap((step) => stepTask(step, now));
      if (tasks.length > 0) sections.push({ name: mermaid(wave.name), tasks });
    }
  } else {
    const tasks = execution.waves.flatMap((wave) => waveTask(wave, now));
    if (tasks.length > 0) sections.push({ name: 'waves', tasks: tasks.slice(0, MOST_TASKS) });
  }
  if (last.length > 0) sections.push({ name: 'after the last wave', tasks: last.slice(0, MOST_TASKS) });
  return sections;
}

function stepTask(step: StepRecord, now: number, name = stepTitle(step)): readonly Task[] {
  if (step.startedAt === undefined) return [];
  return [task(name, step.status, step.startedAt, step.endedAt ?? now)];
}

function waveTask(wave: WaveRecord, now: number): readonly Task[] {
  if (wave.startedAt === undefined) return [];
  return [task(`wave ${wave.name}`, wave.status, wave.startedAt, wave.endedAt ?? now)];
}

/** A bar needs a width: the shortest is one second. */
function task(name: string, status: Status, from: number, to: number): Task {
  return { name: mermaid(name), tag: tagOf(status), from, to: Math.max(to, from + SECOND) };
}

function tagOf(status: Status): string {
  if (!isFinal(status)) return 'active';
  if (status === 'failed' || status === 'timed-out') return 'crit';
  if (status === 'failed-ignored') return 'crit, done';
  return status === 'cancelled' || status === 'skipped' ? '' : 'done';
}

function stamp(at: number): string {
  return new Date(Math.round(at / SECOND) * SECOND).toISOString().slice(0, 19).replace('T', ' ');
}

/** A distance of ticks that leaves about ten of them. */
function tickOf(span: number): string {
  const steps = [
    [1, 'minute'],
    [5, 'minute'],
    [10, 'minute'],
    [30, 'minute'],
    [60, 'minute'],
    [360, 'minute'],
  ] as const;
  const fit = steps.find(([minutes]) => span / (minutes * MINUTE) <= 12);
  if (fit === undefined) return '1day';
  return fit[0] >= 60 ? `${fit[0] / 60}hour` : `${fit[0]}minute`;
}
