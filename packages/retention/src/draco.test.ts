import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideRetention, type Snapshot } from './decide.ts';
import { presetPolicy } from './policy.ts';
import { DAY, History, OWED } from './promises.ts';

/**
 * How DRACO decides (https://github.com/aws-samples/aws-draco), written anew from its description, with its mistakes: what this package must
 * never do. It walks from the newest to the oldest and compares the day of the month, the zero-based month and the year as numbers.
 */
const DRACO: Readonly<Record<string, (newestFirst: readonly Snapshot[]) => readonly Snapshot[]>> = {
  monthly: (snapshots) => {
    const [newest] = snapshots.map(fields);
    if (newest === undefined) return [];
    const border = newest.year * 10_000 + (newest.month - 1) * 100 + newest.date;
    return changes(snapshots, 'date').filter((snapshot) => {
      const { year, month, date } = fields(snapshot);
      return year * 10_000 + month * 100 + date > border;
    });
  },
  weekly: (snapshots) => changes(snapshots, 'date').slice(0, 7),
};

function fields({ time = 0 }: Snapshot): { readonly date: number; readonly month: number; readonly year: number } {
  const date = new Date(time);
  return { date: date.getUTCDate(), month: date.getUTCMonth(), year: date.getUTCFullYear() };
}

/** Those that differ in that field from the one before. */
function changes(snapshots: readonly Snapshot[], field: 'date' | 'month' | 'year'): readonly Snapshot[] {
  return snapshots.filter((snapshot, index) => {
    const before = snapshots[index - 1];
    return before === undefined || fields(before)[field] !== fields(snapshot)[field];
  });
}

function draco(policy: 'monthly' | 'weekly', snapshots: readonly Snapshot[]): readonly Snapshot[] {
  return DRACO[policy]?.([...snapshots].sort((a, b) => (b.time ?? 0) - (a.time ?? 0))) ?? [];
}

function ours(policy: string, snapshots: readonly Snapshot[], now: number): readonly Snapshot[] {
  const kept = new Set(decideRetention(presetPolicy(policy), snapshots, now).keep.map(({ id }) => id));
  return snapshots.filter(({ id }) => kept.has(id));
}

function daily(last: number, count: number): readonly Snapshot[] {
  return Array.from({ length: count }, (_, back) => snapshotAt(last - back * DAY));
}

function snapshotAt(time: number): Snapshot {
  return { id: new Date(time).toISOString(), time, status: 'available', owned: true };
}

test('monthly on 15 January: DRACO keeps 15 of 31, we keep 31', () => {
  const now = Date.UTC(2026, 0, 15, 3);
  const month = daily(now, 31);
  assert.equal(draco('monthly', month).length, 15);
  assert.equal(ours('monthly', month, now).length, 31);
});

test('monthly on New Year: of a December of snapshots DRACO keeps none, we keep all', () => {
  const now = Date.UTC(2026, 0, 1, 3);
  const snapshots = daily(now, 32);
  const ofDecember = (kept: readonly Snapshot[]) => kept.filter(({ time = 0 }) => new Date(time).getUTCMonth() === 11).length;
  assert.equal(ofDecember(draco('monthly', snapshots)), 0);
  assert.equal(ofDecember(ours('monthly', snapshots, now)), 31);
});

test('weekly, with a snapshot on the first of each month only: DRACO keeps one, we keep seven', () => {
  const now = Date.UTC(2026, 6, 1);
  const snapshots = Array.from({ length: 12 }, (_, back) => snapshotAt(Date.UTC(2026, 6 - back, 1)));
  assert.equal(draco('weekly', snapshots).length, 1);
  assert.equal(ours('weekly', snapshots, now).length, 7);
});

test('ten years of a snapshot a day: DRACO breaks its monthly promise every January, and outside January we keep what it keeps', () => {
  const history = new History();
  let left: readonly Snapshot[] = [];
  const broken = new Set<string>();
  for (let day = 0; day < 3_653; day += 1) {
    const now = Date.UTC(2016, 1, 20, 3) + day * DAY;
    history.add(snapshotAt(now));
    left = draco('monthly', [...left, snapshotAt(now)]);
    // It has promised a day less than we do: newer than the same day of the month before.
    const missing = history.missing(OWED['monthly'] ?? {}, left, now);
    if (missing.length > 1) broken.add(new Date(now).toISOString().slice(0, 7));
    if (day % 11 > 0) continue;
    const recent = daily(now, 40);
    const missed = draco('monthly', recent).filter(({ id }) => !ours('monthly', recent, now).some((kept) => kept.id === id));
    assert.deepEqual(missed, []);
  }
  const januaries = Array.from({ length: 10 }, (_, index) => `${2017 + index}-01`);
  assert.deepEqual([...broken].filter((month) => month.endsWith('-01')).sort(), januaries);
});
