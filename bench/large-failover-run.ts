import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { bundle } from '../build/bundle.ts';
import { temporaryFolder } from '../test/acceptance/step.ts';
import { largePlan, largeScenario } from './large-failover.ts';

export interface LargeFailoverRow {
  /** The whole process, from start to end, milliseconds. */
  readonly wallMs: number;
  readonly simulatedMs: number;
  readonly peakMiB: number;
}

/** The bundled command line runs the four-hour failover in virtual time, as a process of its own. */
export async function largeFailover(runs: number): Promise<readonly LargeFailoverRow[]> {
  const folder = temporaryFolder('large-failover');
  const dist = path.join(folder, 'dist');
  await bundle(path.join(import.meta.dirname, '..'), dist);
  mkdirSync(path.join(folder, 'simulation'));
  writeFileSync(path.join(folder, 'large.yaml'), largePlan());
  writeFileSync(path.join(folder, 'simulation', 'large.yaml'), largeScenario());
  return Array.from({ length: runs }, (_, run) => once(folder, dist, String(run)));
}

function once(folder: string, dist: string, run: string): LargeFailoverRow {
  const usage = path.join(folder, `usage-${run}.json`);
  const began = performance.now();
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      path.join(import.meta.dirname, 'measured.js'),
      ...[usage, path.join(dist, 'breakwater.js'), 'run', path.join(folder, 'large.yaml')],
      ...['--mode', 'recovery', '--simulate', path.join(folder, 'simulation', 'large.yaml'), '--speed', 'max'],
      ...['--history', path.join(folder, `history-${run}`), '--execution', 'bench-large', '--json'],
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  const wallMs = performance.now() - began;
  if (status !== 0) throw new Error(`the failover of the benchmark ended with ${status}: ${stderr.slice(0, 500)}`);
  const report = JSON.parse(stdout);
  return { wallMs, simulatedMs: report.recoveryTime.actualMs, peakMiB: JSON.parse(readFileSync(usage, 'utf8')).peakMiB };
}
