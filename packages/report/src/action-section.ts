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

/** What the actions put out, by name; then, folded up, every step's result as it was recorded. */
export function outputSection(execution: Execution): Section {
  const places = placesOf(execution).filter(({ step }) => step.result !== undefined && Object.keys(step.result).length > 0);
  return {
    title: 'Outputs',
    worth: 2,
    render: (detail) => {
      if (places.length === 0) return '';
      const parts = ['## Outputs'];
      const named = first(places.flatMap(outputRows), detail === 'full' ? 500 : 50);
      if (named.shown.length > 0) parts.push(`${table(['Where', 'Step', 'Output', 'Value'], named.shown)}${named.rest}`);
      const raw = first(places, detail === 'full' ? 200 : 20);
      const most = detail === 'full' ? 8_000 : 1_000;
      const results = raw.shown.map(
        ({ where, step }) => `${markdown(where)}, ${markdown(stepTitle(step))}:\n\n${result(step, most)}`,
      );
      parts.push(folded('Results of the steps, as recorded', `${results.join('\n\n')}${raw.rest}`));
      return parts.join('\n\n');
    },
  };
}

/** Values longer than this are in the folded results. */
const LONGEST_VALUE = 300;

function outputRows({ where, step }: Place): readonly (readonly string[])[] {
  const outputs = step.result?.['outputs'];
  if (typeof outputs !== 'object' || outputs === null) return [];
  return Object.entries(outputs).map(([name, value]) => {
    const text = Array.isArray(value) ? value.map(valueText).join(', ') : valueText(value);
    const shown = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
    return [markdown(where), markdown(stepTitle(step)), code(name), markdown(shown)];
  });
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
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

function result(step: StepRecord, most: number): string {
  const text = JSON.stringify(step.result, undefined, 2);
  return codeBlock(
    text.length > most ? `${text.slice(0, most)}\n… ${text.length - most} more characters are in the record` : text,
    'json',
  );
}
