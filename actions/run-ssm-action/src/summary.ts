import type { Json } from '@breakwater/history';
import type { SsmActionResult } from './result.ts';

/** The outcome for the job summary: the verdict first, then where, then what came back. Everything foreign is escaped. */
export function renderSummary(result: SsmActionResult): string {
  const { reason, site, made } = result;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Status', result.status],
    ['Reason', `${reason.code}: ${reason.message}`],
    ['Next', reason.next],
    ['Goes on in AWS', result.goesOn],
    ['Where', `account ${site.account}, ${site.region}`],
    ['Asked for by', result.actor],
    ['In AWS', made.map(({ id }) => id).join(', ')],
    ['Started', result.startedAt],
    ['Ended', result.endedAt],
  ];
  const table = rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `| ${name} | ${cell(value ?? '')} |`);
  const lines = [`### ${cell(`${result.kind} ${result.document}: ${result.status}`)}`, ''];
  if (result.simulated) lines.push('**Simulated: this is no evidence.**', '');
  lines.push('| | |', '| --- | --- |', ...table, '');
  if (result.result !== undefined)
    lines.push('<details><summary>What came back</summary>', '', ...fenced(result.result), '', '</details>', '');
  return `${lines.join('\n')}\n`;
}

/** Text in a table: no Markdown, no HTML, one line. */
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\|`*_[\]~#@!]/g, '\\$&');
}

/** JSON in a fence that nothing inside can close. */
function fenced(value: Json): readonly string[] {
  const text = JSON.stringify(value, null, 2);
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}json`, text, fence];
}
