import type { Execution, StepRecord } from '@breakwater/history';
import { code, codeBlock, markdown } from './escape.ts';
import { gantt } from './gantt.ts';
import { first, type Section } from './section.ts';
import { moment, statusWord } from './words.ts';

export function timelineSection(execution: Execution): Section {
  return {
    title: 'Timeline',
    worth: 6,
    render: () => {
      const chart = gantt(execution);
      return chart === '' ? '' : `## Timeline (UTC)\n\n${codeBlock(chart, 'mermaid')}`;
    },
  };
}

function list(title: string, items: readonly string[], most: number): string {
  if (items.length === 0) return '';
  const { shown, rest } = first(items, most);
  return `## ${title}\n\n${shown.map((item) => `- ${item}`).join('\n')}${rest}`;
}

interface Place {
  readonly where: string;
  readonly step: StepRecord;
}

function placesOf(execution: Execution): readonly Place[] {
  const waves = execution.waves.flatMap((wave) => wave.steps.map((step) => ({ where: `wave ${wave.name}`, step })));
  return [...waves, ...execution.finally.map((step) => ({ where: 'after the last wave', step }))];
}

export function warningSection(execution: Execution): Section {
  const items = placesOf(execution).flatMap(({ where, step }) =>
    step.warnings.map(({ reason, server }) => {
      const about = server === undefined ? '' : ` ${code(server)}`;
      const next = reason.next === undefined ? '' : ` Next: ${markdown(reason.next)}`;
      return `${markdown(where)}, ${markdown(step.name)}${about}: ${code(reason.code)}: ${markdown(reason.message)}${next}`;
    }),
  );
  return { title: 'Warnings', worth: 3, render: (detail) => list('Warnings', items, detail === 'full' ? 500 : 50) };
}

/** Announced calls whose answer was never recorded: what an auditor, or whoever resumes, has to look up in AWS. */
export function unansweredSection(execution: Execution): Section {
  const items = placesOf(execution).flatMap(({ where, step }) =>
    step.openIntents.map(
      ({ operation, key }) => `${markdown(where)}, ${markdown(step.name)}: ${code(operation)} with key ${code(key)}`,
    ),
  );
  return {
    title: 'Calls without a recorded answer',
    worth: 8,
    render: (detail) => list('Calls without a recorded answer', items, detail === 'full' ? 500 : 50),
  };
}

export function attemptSection(execution: Execution): Section {
  const items = placesOf(execution).flatMap(({ where, step }) =>
    (step.previous ?? []).map(({ attempt, status, startedAt, reason }) => {
      const why = reason === undefined ? '' : `: ${code(reason.code)}: ${markdown(reason.message)}`;
      return `${markdown(where)}, ${markdown(step.name)}, try ${attempt} (${moment(startedAt)}) ${statusWord(status)}${why}`;
    }),
  );
  return { title: 'Earlier tries', worth: 3, render: (detail) => list('Earlier tries', items, detail === 'full' ? 500 : 50) };
}

export function damageSection(execution: Execution): Section {
  const items = execution.problems.map(markdown);
  return {
    title: 'Damage found in the record',
    worth: 8,
    render: (detail) => list('Damage found in the record', items, detail === 'full' ? 500 : 50),
  };
}

const SHARED = {
  unreachable: 'the shared history was out of reach',
  joined: 'the shared history was joined again',
  rewritten: 'the shared history had been rewritten',
  'without-locks': 'without locks',
  'pre-empted': 'a drill had to make way',
} as const;

/** What a run shares with others and did not find as it should be: whoever reads the record has to know. */
export function sharingSection(execution: Execution): Section {
  const items = execution.runs.flatMap(({ run, sharing = [] }) =>
    sharing.map(({ event, at, message }) => `${moment(at)}, run ${markdown(run)}, ${SHARED[event]}: ${markdown(message)}`),
  );
  const title = 'Shared history and locks';
  return { title, worth: 7, render: (detail) => list(title, items, detail === 'full' ? 200 : 50) };
}
