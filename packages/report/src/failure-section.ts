import type { Execution } from '@breakwater/history';
import { code, link, markdown } from './escape.ts';
import { type Failure, failuresOf } from './facts.ts';
import { first, type Section } from './section.ts';
import { statusWord } from './words.ts';

/** What failed, the heaviest first: the part that is kept longest. */
export function failureSection(execution: Execution): Section {
  const failures = failuresOf(execution);
  return {
    title: 'What failed',
    worth: 9,
    render: (detail) => {
      if (failures.length === 0) return '';
      const { shown, rest } = first(failures, detail === 'full' ? 1_000 : 100);
      return `## What failed\n\n${shown.map(item).join('\n')}${rest}`;
    },
  };
}

function item({ kind, wave, name, id, status, weighs, reason, url }: Failure): string {
  const what = kind === 'finally' ? 'after the last wave' : kind === 'wave' ? 'wave' : `wave ${markdown(wave ?? '')}`;
  const named =
    (kind === 'server' || kind === 'database') && id !== undefined && id !== name
      ? `**${markdown(name)}** ${code(id)}`
      : `**${markdown(name)}**`;
  const how = `${statusWord(status)}${weighs ? '' : ', does not fail the execution'}`;
  const next = reason.next === undefined ? '' : `<br>\n  Next: ${markdown(reason.next)}`;
  const where = url === undefined ? '' : `<br>\n  ${link('Look in the AWS console', url)}`;
  return `- ${named} (${what}) ${how}: ${code(reason.code)}: ${markdown(reason.message)}${next}${where}`;
}
