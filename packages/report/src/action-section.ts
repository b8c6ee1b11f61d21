import type { Execution, StepRecord } from '@breakwater/history';
import { changeLink } from './console-links.ts';
import { code, codeBlock, link, markdown } from './escape.ts';
import { regionsOf } from './facts.ts';
import { first, folded, type Section, table } from './section.ts';
import { statusWord, stepTitle, timeOfDay, took } from './words.ts';

const HEAD = ['Where', 'Step', 'Status', 'Try', 'Started (UTC)', 'Took', 'In AWS'];

interface Place {
  readonly where: string;
  readonly step: StepRecord;
}

/** Every step with what it made in AWS, and what the actions put out. */
export function stepSection(execution: Execution): Section {
  const regions = regionsOf(execution);
  const places = placesOf(execution);
  return {
    title: 'Steps',
    worth: 5,
    render: (detail) => {
      if (places.length === 0) return '';
      const { shown, rest } = first(places, detail === 'full' ? 1_000 : 100);
      return `## Steps\n\n${table(
        HEAD,
        shown.map((place) => row(place, regions)),
      )}${rest}`;
    },
  };
}

export function outputSection(execution: Execution): Section {
  const places = placesOf(execution).filter(({ step }) => step.result !== undefined && Object.keys(step.result).length > 0);
  return {
    title: 'What the steps put out',
    worth: 2,
    render: (detail) => {
      if (places.length === 0) return '';
      const { shown, rest } = first(places, detail === 'full' ? 200 : 20);
      const most = detail === 'full' ? 8_000 : 1_000;
      return `## What the steps put out\n\n${shown.map(({ where, step }) => folded(`${where}: ${stepTitle(step)}`, outputs(step, most))).join('\n\n')}${rest}`;
    },
  };
}

function placesOf(execution: Execution): readonly Place[] {
  const waves = execution.waves.flatMap((wave) => wave.steps.map((step) => ({ where: wave.name, step })));
  return [...waves, ...execution.finally.map((step) => ({ where: 'after the last wave', step }))];
}

function row({ where, step }: Place, regions: ReadonlyMap<string, string>): readonly string[] {
  const made = step.changes.map(({ operation, id, adopted, site }) => {
    const shown = link(code(id), changeLink(operation, id, regions.get(site)));
    return adopted ? `${shown} (found again)` : shown;
  });
  return [
    markdown(where),
    markdown(stepTitle(step)),
    statusWord(step.status),
    String(step.attempt),
    timeOfDay(step.startedAt),
    took(step.startedAt, step.endedAt),
    made.length > 5 ? `${made.slice(0, 5).join(', ')} and ${made.length - 5} more` : made.join(', '),
  ];
}

function outputs(step: StepRecord, most: number): string {
  const text = JSON.stringify(step.result, undefined, 2);
  return codeBlock(
    text.length > most ? `${text.slice(0, most)}\n… ${text.length - most} more characters are in the record` : text,
    'json',
  );
}
