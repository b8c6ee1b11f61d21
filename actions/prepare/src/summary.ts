import type { Mode } from '@breakwater/core';
import { code, markdown } from '@breakwater/report';

/** What is about to begin. */
export interface Beginning {
  readonly plan: string;
  readonly mode: Mode;
  readonly execution: string;
  readonly digest: string;
  readonly waves: readonly string[];
  readonly gates: readonly string[];
  readonly actor: string;
  readonly reason?: string;
  readonly commit?: string;
}

/** The same in Markdown, for whoever is asked to approve it. */
export function summaryOf(beginning: Beginning): string {
  const { plan, mode, execution, digest, waves, gates, actor, reason, commit } = beginning;
  const order = waves.map((wave) => `${markdown(wave)}${gates.includes(wave) ? ' (approval first)' : ''}`).join(', ');
  const rows: readonly (readonly [string, string])[] = [
    ['Execution', code(execution)],
    ['Asked for by', markdown(actor)],
    ...(reason === undefined ? [] : [['Reason', markdown(reason)] as const]),
    ['Waves', order],
    ['Plan digest', code(digest)],
    ...(commit === undefined ? [] : [['Commit', code(commit)] as const]),
  ];
  const title = mode === 'recovery' ? 'Recovery' : 'Drill';
  return [
    `## ${title} of ${markdown(plan)}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
  ].join('\n');
}
