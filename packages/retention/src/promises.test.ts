import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideRetention, type Snapshot } from './decide.ts';
import { PRESET_NAMES, presetPolicy, type RetentionPolicy } from './policy.ts';
import { DAY, History, HOUR, OWED, type Owed } from './promises.ts';
import { readPolicy } from './read-policy.ts';

/**
 * A life: snapshots come, the policy is run every day and what it lets go is deleted for good. After each run everything that it owes at
 * that time must be there.
 */

interface Policed {
  readonly name: string;
  readonly policy: RetentionPolicy;
  readonly owed: Owed;
}

const POLICIES: readonly Policed[] = [
  ...Object.entries(OWED).map(([name, owed]) => ({ name, policy: presetPolicy(name), owed })),
  ...(
    [
      ['30 days', { days: 30 }, { days: 30 }],
      ['the newest 10', { count: 10 }, { newest: 10 }],
      ['years alone', { gfs: { yearly: 3 } }, { year: 3 }],
      ['months alone, at least 4', { gfs: { daily: 0, monthly: 2 }, minimumKept: 4 }, { month: 2, least: 4 }],
      ['weeks without days', { gfs: { weekly: 60, yearly: 2 } }, { week: 60, year: 2 }],
      [
        'all at once',
        { days: 3, count: 2, gfs: { daily: 2, weekly: 2, monthly: 14, yearly: 9 }, minimumKept: 5 },
        {
          days: 3,
          newest: 2,
          least: 5,
          day: 2,
          week: 2,
          month: 14,
          year: 9,
        },
      ],
    ] as const
  ).map(([name, value, owed]) => ({ name, policy: readPolicy(value), owed })),
];

interface Day {
  /** Those that become available that day, in no order. */
  readonly arrive: readonly Snapshot[];
  /** When the policy is run, by its own clock: that may go back. What is owed is reckoned at the latest time it ever had. */
  readonly now: number;
}

/** From this day on the longest preset, seven years, is full. */
const FULL = 8 * 366;

/** Lives through the days; answers with how many were left at the least and at the most, once eight years are over. Fails at the first broken promise. */
function live({ name, policy, owed }: Policed, days: readonly Day[]): readonly [number, number] {
  const history = new History();
  let left: readonly Snapshot[] = [];
  let count: readonly [number, number] = [Number.POSITIVE_INFINITY, 0];
  let latest = Number.NEGATIVE_INFINITY;
  for (const [day, { arrive, now }] of days.entries()) {
    latest = Math.max(latest, now);
    for (const snapshot of arrive) history.add(snapshot);
    const before = [...left, ...arrive];
    const { keep, delete: gone } = decideRetention(policy, before, now);
    assert.equal(keep.length + gone.length, before.length);
    const deleted = new Set(gone.map(({ id }) => id));
    left = before.filter(({ id }) => !deleted.has(id));
    const missing = history.missing(owed, left, latest);
    if (missing.length > 0) assert.fail(`${name} at ${new Date(now).toISOString()} has no longer ${missing.join(', ')}`);
    if (day >= FULL) count = [Math.min(count[0], left.length), Math.max(count[1], left.length)];
  }
  return count;
}

function snapshot(id: string, time: number): Snapshot {
  return { id, time, status: 'available', owned: true };
}

/** How many are left at the least and at the most once the years are full: retention that keeps everything keeps every promise, too. */
const LEFT: ReadonlyMap<string, readonly [number, number]> = new Map([
  ...leftByDocumentation(),
  ['30 days', [30, 30]],
  ['the newest 10', [10, 10]],
  ['years alone', [3, 3]],
  ['months alone, at least 4', [4, 4]],
  ['weeks without days', [60, 61]],
  ['all at once', [21, 24]],
]);

/** The last column of the table of presets in docs/retention.md. */
function leftByDocumentation(): readonly (readonly [string, readonly [number, number]])[] {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/retention.md'), 'utf8');
  return [...page.matchAll(/^\| (`[a-z`, ]+`) \|.*\| (\d+)(?: (?:to|or) (\d+))? \|$/gm)].flatMap(
    ([, names = '', least = '', most = least]) =>
      [...names.matchAll(/`([a-z]+)`/g)].map(([, name = '']) => [name, [Number(least), Number(most)]] as const),
  );
}

test('the documentation has a row for each preset', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/retention.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (`[a-z`, ]+`) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([a-z]+)`/g)].map(([, name]) => name),
  );
  assert.deepEqual(rows.sort(), [...PRESET_NAMES].sort());
});

for (const policed of POLICIES) {
  test(`ten years of a snapshot a day: ${policed.name} has every restore point it owes, every day, and no more`, () => {
    // From a leap year over the turn of the century's next: 2095 to 2105 has 2096 and 2104 with 29 February, and 2100 without.
    for (const start of [Date.UTC(2019, 11, 20, 3), Date.UTC(2095, 2, 30, 23, 59)]) {
      const days = Array.from({ length: 3_653 }, (_, day) => {
        const time = start + day * DAY;
        return { arrive: [snapshot(`day-${day}`, time)], now: time + HOUR };
      });
      assert.deepEqual(live(policed, days), LEFT.get(policed.name));
    }
  });
}

/** A day as it may go: nothing, one, several, two of one moment; late; at any hour; with wrong clocks there and here. */
const oneDay = fc.record({
  takenAt: fc.array(fc.integer({ min: 0, max: DAY - 1 }), { maxLength: 3 }),
  twins: fc.boolean(),
  lateBy: fc.constantFrom(0, 0, 0, 1, 2, 9),
  sourceClock: fc.integer({ min: -12 * HOUR, max: 12 * HOUR }),
  runnerClock: fc.constantFrom(0, 0, -2 * DAY, 3 * HOUR, 2 * DAY),
});

test('ten years with gaps, duplicates, late copies, several a day and wrong clocks: every restore point that is owed is there, every day', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...POLICIES),
      fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2100, 0, 1) }),
      fc.array(oneDay, { minLength: 5, maxLength: 40 }),
      fc.array(fc.record({ from: fc.nat(3_653), days: fc.nat(400) }), { maxLength: 3 }),
      (policed, start, pattern, gaps) => {
        const arrivals = Map.groupBy(years(start, pattern, gaps), ({ day }) => day);
        const days = Array.from({ length: 3_663 }, (_, day) => ({
          arrive: (arrivals.get(day) ?? []).map((each) => each.snapshot),
          now: start + (day + 1) * DAY + (pattern[day % pattern.length]?.runnerClock ?? 0),
        }));
        live(policed, days);
      },
    ),
    { numRuns: 12 },
  );
});

function* years(
  start: number,
  pattern: readonly { takenAt: readonly number[]; twins: boolean; lateBy: number; sourceClock: number }[],
  gaps: readonly { readonly from: number; readonly days: number }[],
): Generator<{ readonly day: number; readonly snapshot: Snapshot }> {
  for (let day = 0; day < 3_653; day += 1) {
    if (gaps.some(({ from, days }) => day >= from && day < from + days)) continue;
    const { takenAt, twins, lateBy, sourceClock } = pattern[day % pattern.length] ?? {
      takenAt: [0],
      twins: false,
      lateBy: 0,
      sourceClock: 0,
    };
    const times = twins ? [...takenAt, ...takenAt] : takenAt;
    for (const [index, offset] of times.entries()) {
      yield { day: day + lateBy, snapshot: snapshot(`day-${day}-${index}`, start + day * DAY + offset + sourceClock) };
    }
  }
}

test('a run that was left out, or made twice, changes nothing in what is left in the end', () => {
  fc.assert(
    fc.property(fc.constantFrom(...POLICIES), fc.array(fc.boolean(), { minLength: 400, maxLength: 400 }), ({ policy }, runs) => {
      const start = Date.UTC(2023, 10, 3, 5);
      let often: readonly Snapshot[] = [];
      let seldom: readonly Snapshot[] = [];
      const left = (snapshots: readonly Snapshot[], now: number) => {
        const kept = new Set(decideRetention(policy, snapshots, now).keep.map(({ id }) => id));
        return snapshots.filter(({ id }) => kept.has(id));
      };
      for (const [day, run] of runs.entries()) {
        const now = start + day * DAY;
        often = left(left([...often, snapshot(`day-${day}`, now)], now), now);
        seldom = [...seldom, snapshot(`day-${day}`, now)];
        if (run || day === runs.length - 1) seldom = left(seldom, now);
      }
      assert.deepEqual(often, seldom);
    }),
    { numRuns: 15 },
  );
});
