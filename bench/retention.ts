import { performance } from 'node:perf_hooks';
import { decideRetention, presetPolicy, type RetentionPolicy, readPolicy, readSnapshots } from '@breakwater/retention';

export interface RetentionRow {
  readonly policy: string;
  /** Deciding, milliseconds. */
  readonly medianMs: number;
  /** Against parsing the same list from JSON and nothing else. */
  readonly ratio: number;
  readonly kept: number;
}

export const SNAPSHOTS = 10_000;
const RUNS = 7;
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 15, 3);

const POLICIES: readonly (readonly [string, RetentionPolicy])[] = [
  ['standard', presetPolicy('standard')],
  ['monthly', presetPolicy('monthly')],
  ['every rule', readPolicy({ days: 30, count: 10, gfs: { daily: 7, weekly: 5, monthly: 12, yearly: 7 }, minimumKept: 50 })],
];

/** Deciding 10,000 snapshots of one database, taken every eight hours for nine years. */
export function retention(): readonly RetentionRow[] {
  const text = JSON.stringify(
    Array.from({ length: SNAPSHOTS }, (_, back) => ({
      id: `arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:webshop-${String(back).padStart(5, '0')}`,
      time: new Date(NOW - (back * DAY) / 3).toISOString(),
      status: 'available',
      owned: true,
    })),
  );
  return POLICIES.map(([name, policy]) => {
    const deciding: number[] = [];
    const parsing: number[] = [];
    let kept = 0;
    for (let run = 0; run <= RUNS; run += 1) {
      const began = performance.now();
      const list: unknown = JSON.parse(text);
      const parsed = performance.now();
      const snapshots = readSnapshots(list, { what: 'the list', now: NOW });
      const ready = performance.now();
      const decided = decideRetention(policy, snapshots, NOW);
      const ended = performance.now();
      if (decided.keep.length + decided.delete.length !== SNAPSHOTS) throw new Error('a snapshot was not decided');
      kept = decided.keep.length;
      // The first run warms up.
      if (run === 0) continue;
      parsing.push(parsed - began);
      deciding.push(ended - ready);
    }
    const medianMs = median(deciding);
    return { policy: name, medianMs, ratio: medianMs / median(parsing), kept };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
