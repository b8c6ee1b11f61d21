import { cell, factTable, fenced } from '@breakwater/action-kit';
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
  const lines = [`### ${cell(`${result.kind} ${result.document}: ${result.status}`)}`, ''];
  if (result.simulated) lines.push('**Simulated: this is no evidence.**', '');
  lines.push(...factTable(rows));
  if (result.result !== undefined)
    lines.push('<details><summary>What came back</summary>', '', ...fenced(result.result), '', '</details>', '');
  return `${lines.join('\n')}\n`;
}
