import { cell, factTable } from '@breakwater/action-kit';
import type { CopySnapshotsOutcome } from '@breakwater/assembly';
import type { CopySnapshotResult } from './result.ts';

/** So many rows a table; the worst stand first, and the rest is counted. */
const ROWS = 100;

/** The outcome for the job summary: the verdict first, then each copy, then how fresh they are and what retention does. */
export function renderSummary(result: CopySnapshotResult, { copies, report }: CopySnapshotsOutcome): string {
  const { reason, source, destination } = result;
  const lines = [`### ${cell(`Snapshot copies: ${result.status}`)}`, ''];
  if (result.simulated) lines.push('**Simulated: this is no evidence.**', '');
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Reason', `${reason.code}: ${reason.message}`],
    ['Next', reason.next],
    ['From', `account ${source.account}, ${source.region}`],
    ['To', `account ${destination.account}, ${destination.region}`],
    [
      'Copies',
      Object.entries(result.counts)
        .map(([status, count]) => `${count} ${status}`)
        .join(', '),
    ],
    ['Asked for by', result.actor],
    ['Key', result.key],
  ];
  lines.push(...factTable(facts));
  if (copies.length > 0) {
    const rows = result.copies.map(({ database, snapshot, status, reason: why, copy }) => [
      String(database ?? ''),
      String(snapshot ?? nameIn(field(copy, 'sourceArn'))),
      field(copy, 'id'),
      String(status),
      status === 'succeeded' || typeof why !== 'object' || why === null || !('message' in why) ? '' : String(why['message']),
    ]);
    lines.push(...table(['Database', 'Snapshot', 'Copy', 'Status', 'Why'], rows));
  }
  if (report !== undefined && report.freshness.length > 0) {
    const rows = report.freshness
      .toSorted((a, b) => Number(b.stale) - Number(a.stale))
      .map(({ database, id, words, stale }) => [database, id ?? '', words, stale ? 'too old' : '']);
    lines.push(...table(['Database', 'Newest good copy', 'Its data', ''], rows));
  }
  const going = (report?.retention ?? []).flatMap(({ delete: those }) => those);
  if (report !== undefined && report.retention.length > 0) {
    const kept = report.retention.reduce((sum, { keep }) => sum + keep.length, 0);
    lines.push(
      `Retention keeps ${kept} copies; ${going.length} ${report.applied ? `go, ${report.deleted.length} were deleted` : 'would go (a dry run: nothing is deleted)'}.`,
      '',
    );
    if (going.length > 0)
      lines.push(
        ...table(
          [report.applied ? 'Goes' : 'Would go', 'Why'],
          going.map(({ id, reason: why }) => [id, why]),
        ),
      );
  }
  return `${lines.join('\n')}\n`;
}

function field(value: unknown, name: string): string {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'string' ? found : '';
}

/** The identifier at the end of a snapshot's ARN; that of an automated one has a colon. */
function nameIn(arn: string): string {
  return arn.split(':').slice(6).join(':');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const more = rows.length > ROWS ? [`${rows.length - ROWS} more are not shown.`, ''] : [];
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.slice(0, ROWS).map(line), '', ...more];
}
