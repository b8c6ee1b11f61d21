import { parseArgs } from 'node:util';
import { checkSpeed } from './check-speed.ts';
import { coldStart } from './cold-start.ts';
import { copySweep } from './copy-sweep.ts';
import { largeFailover } from './large-failover-run.ts';
import { orchestrationOverhead } from './orchestration-overhead.ts';
import { retention } from './retention.ts';
import { verifySpeed } from './verify-history.ts';

/**
 * `npm run bench`: the figures of docs/benchmarks.md, as ratios where a ratio says more than seconds. `--quick` does only those that come
 * out the same on every machine (virtual time) and fails if one is out of its bound; the others are for people to read.
 */

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const failures: string[] = [];

heading('Orchestration overhead: makespan over the critical path of AWS’s own durations (virtual time)');
for (const row of await orchestrationOverhead()) {
  const within = row.ratio <= row.bound;
  if (!within) failures.push(`${row.plan}: overhead ${row.ratio.toFixed(4)}, bound ${row.bound}`);
  line(row.plan, [
    ['ratio', row.ratio.toFixed(4)],
    ['bound', `${row.bound}${within ? '' : ' EXCEEDED'}`],
    ['AWS', seconds(row.aws)],
    ['made in', seconds(row.makespan)],
    ['calls', String(row.calls)],
    ['calls/server/min', row.callsPerServerMinute.toFixed(2)],
  ]);
}

heading(
  'Sweep of 200 encrypted clusters to another account and Region: makespan over the lower bound of the copy limit (virtual time)',
);
{
  const row = await copySweep();
  const within = row.ratio <= row.bound;
  if (!within) failures.push(`copy sweep: ratio ${row.ratio.toFixed(4)}, bound ${row.bound}`);
  line(`${row.databases} databases`, [
    ['ratio', row.ratio.toFixed(4)],
    ['bound', `${row.bound}${within ? '' : ' EXCEEDED'}`],
    ['lower bound', seconds(row.least)],
    ['made in', seconds(row.makespan)],
    ['calls', String(row.calls)],
    ['calls/copy', row.callsPerCopy.toFixed(1)],
  ]);
}

if (!values.quick) {
  heading('A four-hour failover of 300 servers in virtual time: the bundled command line, a process of its own');
  for (const row of await largeFailover(3)) {
    line('run', [
      ['wall', seconds(row.wallMs)],
      ['simulated over wall', `${Math.round(row.simulatedMs / row.wallMs)} : 1`],
      ['peak memory', `${Math.round(row.peakMiB)} MiB`],
    ]);
  }

  heading('Check of 200 waves and 4,000 servers');
  for (const row of await checkSpeed())
    line(row.what, [
      ['median', seconds(row.medianMs)],
      ['against parsing the YAML alone', row.ratio.toFixed(2)],
    ]);

  heading('Retention of 10,000 snapshots');
  for (const row of retention())
    line(row.policy, [
      ['median', seconds(row.medianMs)],
      ['against parsing the list alone', row.ratio.toFixed(1)],
      ['kept', String(row.kept)],
    ]);

  heading('Verifying a history of 10,000 records');
  for (const row of await verifySpeed())
    line(row.what, [
      ['median', seconds(row.medianMs)],
      ['against hashing its files alone', row.ratio.toFixed(1)],
      ...(row.commits === undefined ? [] : [['commits', String(row.commits)] as const]),
    ]);

  heading('Cold start: each bundle up to its first AWS request, against `node -e 0`');
  for (const row of await coldStart()) {
    line(row.bundle, [
      ['ratio', row.ratio.toFixed(1)],
      [`until ${row.until}`, `${row.ms.toFixed(0)} ms`],
      ['bare', `${row.bareMs.toFixed(0)} ms`],
      ['loaded', mebibytes(row.loadedBytes)],
      ['of', mebibytes(row.distBytes)],
      ['AWS clients', row.clients.join(', ') || 'none'],
    ]);
  }
}

if (failures.length > 0) {
  console.error(`\nOut of bounds:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
  process.exitCode = 1;
}

function heading(text: string): void {
  console.log(`\n${text}`);
}

function line(name: string, figures: readonly (readonly [string, string])[]): void {
  console.log(`  ${name.padEnd(18)} ${figures.map(([what, value]) => `${what} ${value}`).join('   ')}`);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}
