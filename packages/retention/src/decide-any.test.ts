import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY_MS } from './calendar.ts';
import { decideRetention, type Snapshot } from './decide.ts';
import { presetPolicy } from './policy.ts';
import { readPolicy } from './read-policy.ts';

/** Any policy and any list, against rules written down a second time, from text dates and without any cleverness. */
interface Written {
  readonly days?: number;
  readonly count?: number;
  readonly gfs?: Readonly<Record<string, number>>;
  readonly minimumKept?: number;
}

const PERIOD: Readonly<Record<string, (time: number) => string>> = {
  daily: (time) => iso(time).slice(0, 10),
  weekly: (time) => iso(time - ((new Date(time).getUTCDay() + 6) % 7) * DAY_MS).slice(0, 10),
  monthly: (time) => iso(time).slice(0, 7),
  yearly: (time) => iso(time).slice(0, 4),
};

function iso(time: number): string {
  return new Date(time).toISOString();
}

function kept({ days = -1, count = 0, gfs = {}, minimumKept = 1 }: Written, list: readonly Snapshot[], now: number) {
  const counted = list
    .flatMap(({ id, time, status, owned }) => (owned && status === 'available' && time !== undefined ? [{ id, time }] : []))
    .filter(({ time }) => time <= now)
    .sort((a, b) => b.time - a.time || (a.id < b.id ? -1 : 1));
  const ids = new Set(counted.slice(0, Math.max(count, 1)).map(({ id }) => id));
  for (const { id, time } of counted) if (now - time <= days * DAY_MS) ids.add(id);
  for (const [tier, periods] of Object.entries(gfs)) {
    const name = PERIOD[tier] ?? iso;
    const last = [...new Set(counted.map(({ time }) => name(time)))].sort().reverse().slice(0, periods);
    for (const period of last) ids.add(counted.find(({ time }) => name(time) === period)?.id ?? '');
  }
  for (const { id } of counted) if (ids.size < minimumKept) ids.add(id);
  const aside = list.filter(({ id }) => !counted.some((one) => one.id === id)).map(({ id }) => id);
  return [...ids, ...aside].sort();
}

const EDGES = ['2024-02-29', '2024-03-01', '2025-12-29', '2026-01-01', '2026-01-05', '2021-01-04', '2026-04-01'].map(Date.parse);
const time = fc.oneof(
  fc.constantFrom(...EDGES).chain((edge) => fc.integer({ min: edge - 2, max: edge + 2 })),
  fc.integer({ min: Date.UTC(2018, 0, 1), max: Date.UTC(2027, 0, 1) }),
  fc.integer({ min: 0, max: 2_500 }).map((day) => Date.UTC(2019, 11, 1, 3) + day * DAY_MS),
);
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
const snapshot = fc.record({
  time: fc.option(time, { nil: undefined, freq: 20 }),
  status: mostly('available', 'creating', 'failed', 'deleting', 'unheard-of'),
  owned: mostly(true, false),
});
const upTo = (max: number) => fc.integer({ min: 0, max });
const gfs = fc.record({ daily: upTo(14), weekly: upTo(8), monthly: upTo(14), yearly: upTo(5) }, { requiredKeys: [] });
const more = { days: fc.integer({ min: 1, max: 400 }), count: fc.integer({ min: 1, max: 10 }), gfs };
const written: fc.Arbitrary<Written> = fc
  .record({ ...more, minimumKept: fc.integer({ min: 1, max: 12 }) }, { requiredKeys: [] })
  .filter(({ days, count, gfs: tiers = {} }) => days !== undefined || count !== undefined || Object.values(tiers).some(Boolean));

test('any policy, any list: what is kept is what the rules say, everything once, and each with a reason', () => {
  fc.assert(
    fc.property(fc.array(snapshot, { maxLength: 60 }), written, time, (some, policy, now) => {
      const list = some.map((one, index): Snapshot => ({ ...one, id: `s${(index * 7) % 10}-${index}` }));
      const { keep, delete: going } = decideRetention(readPolicy(policy), list, now);
      assert.deepEqual(keep.map(({ id }) => id).sort(), kept(policy, list, now));
      assert.deepEqual([...keep, ...going].map(({ id }) => id).sort(), list.map(({ id }) => id).sort());
      assert.ok([...keep, ...going].every(({ reason }) => reason.length > 5));
    }),
    { numRuns: 1_500 },
  );
});

test('any policy, however its runs are spaced: what it would keep of everything there ever was, it still has', () => {
  const names = ['test', 'weekly', 'fortnightly', 'biweekly', 'semimonthly', 'monthly', 'currentmonth', 'standard'];
  // Which of them make up a minimum may differ; how many there are does not.
  const policies = fc.oneof(
    written.map(({ minimumKept: _, ...rest }) => rest).map((policy) => readPolicy(policy)),
    fc.constantFrom(...names).map(presetPolicy),
  );
  const steps = fc.array(fc.tuple(upTo(3), upTo(40 * 3_600)), { minLength: 5, maxLength: 120 });
  fc.assert(
    fc.property(policies, upTo(1_500), steps, (policy, start, runs) => {
      const ever: Snapshot[] = [];
      let left: Snapshot[] = [];
      let now = Date.UTC(2019, 10, 1) + start * DAY_MS;
      for (const [taken, seconds] of runs) {
        now += seconds * 1_000 + 1;
        for (let one = 0; one < taken; one += 1) {
          // Copies arrive late, and out of order.
          const late = one * (ever.length % 5) * 6 * 3_600_000;
          const made = { id: `s${ever.length}`, time: now - late, status: 'available', owned: true };
          ever.push(made);
          left.push(made);
        }
        const gone = new Set(decideRetention(policy, left, now).delete.map(({ id }) => id));
        left = left.filter(({ id }) => !gone.has(id));
        const owed = decideRetention(policy, ever, now).keep.map(({ id }) => id);
        assert.deepEqual(
          owed.filter((id) => !left.some((one) => one.id === id)),
          [],
        );
      }
    }),
    { numRuns: 500 },
  );
});
