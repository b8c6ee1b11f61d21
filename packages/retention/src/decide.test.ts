import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InternalError } from '@breakwater/core';
import { decideRetention, type RetentionDecisions, type Snapshot } from './decide.ts';
import { PRESET_NAMES, presetPolicy } from './policy.ts';
import { DAY, HOUR } from './promises.ts';
import { readPolicy } from './read-policy.ts';

const NOW = Date.parse('2026-01-15T12:00:00Z');

function copy(id: string, time: string | number | undefined, changes: Partial<Snapshot> = {}): Snapshot {
  return { id, time: typeof time === 'string' ? Date.parse(time) : time, status: 'available', owned: true, ...changes };
}

function daysBack(count: number): readonly Snapshot[] {
  return Array.from({ length: count }, (_, back) => copy(`d${back}`, NOW - back * DAY));
}

const ids = (decisions: readonly { readonly id: string }[]) => decisions.map(({ id }) => id);

function reasonOf({ keep, delete: gone }: RetentionDecisions, id: string): string {
  return [...keep, ...gone].find((decision) => decision.id === id)?.reason ?? 'not decided';
}

test('each preset keeps what its name says of sixty days', () => {
  for (const [name, kept] of [
    ['test', 5],
    ['weekly', 7],
    ['fortnightly', 14],
    // Thursday 15th, Sunday 11th
    ['biweekly', 2],
    // 2 to 15 January, and of the four weeks the 28th: week 52
    ['semimonthly', 15],
    // 15 December to 15 January, both included
    ['monthly', 32],
    ['currentmonth', 15],
    // 9 to 15; Sundays 4, 28, 21; the end of December and of November
    ['standard', 12],
    ['extreme', 12],
    ['ignore', 60],
    ['Standard', 12],
    [' MONTHLY ', 32],
    ['every-other-tuesday', 60],
  ] as const) {
    const { keep, delete: gone } = decideRetention(presetPolicy(name), daysBack(60), NOW);
    assert.deepEqual([keep.length, gone.length], [kept, 60 - kept], name);
  }
});

test('standard in full: ids, order and reasons', () => {
  const decisions = decideRetention(presetPolicy('standard'), daysBack(60), NOW);
  assert.deepEqual(ids(decisions.keep), ['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd11', 'd15', 'd18', 'd25', 'd46']);
  assert.equal(
    reasonOf(decisions, 'd0'),
    'the newest; newest of 2026-01-15 (day 1 of 7); newest of 2026-W03 (week 1 of 5); newest of 2026-01 (month 1 of 12); newest of 2026 (year 1 of 7)',
  );
  assert.equal(reasonOf(decisions, 'd15'), 'newest of 2025-12 (month 2 of 12); newest of 2025 (year 2 of 7)');
  assert.equal(
    reasonOf(decisions, 'd7'),
    'standard does not keep it: 2026-01-08 is before the last 7 days, which reach back to 2026-01-09; 2026-W02 has d4; 2026-01 has d0; 2026 has d0',
  );
  assert.deepEqual(decisions.keep[0], { id: 'd0', time: NOW, reason: reasonOf(decisions, 'd0') });
});

test('an unknown policy and "ignore" keep all and say so', () => {
  const list = [...daysBack(3), copy('foreign', NOW, { owned: false })];
  const unknown = decideRetention(presetPolicy('Montly'), list, NOW);
  assert.deepEqual(unknown.delete, []);
  for (const { reason } of unknown.keep) assert.equal(reason, '"Montly" is no policy known here, so everything is kept');
  const ignored = decideRetention(presetPolicy('Ignore'), list, NOW);
  assert.deepEqual([ignored.delete.length, ignored.keep[0]?.reason], [0, 'the policy "ignore" leaves every snapshot alone']);
});

test('what is not ours, not available, of no or a future time, or listed twice stays, is told why, and counts for nothing', () => {
  const two = readPolicy({ count: 1, minimumKept: 2 });
  const aside: readonly (readonly [Snapshot, RegExp])[] = [
    [copy('foreign', NOW, { owned: false }), /^not ours: never deleted, never counted$/],
    [copy('foreign-creating', NOW, { owned: false, status: 'creating' }), /^not ours/],
    [copy('creating', NOW, { status: 'creating' }), /^its status is "creating"/],
    [copy('copying', NOW, { status: 'copying' }), /^its status is "copying"/],
    [copy('failed', NOW - 90 * DAY, { status: 'failed' }), /^its status is "failed": only available copies/],
    [copy('deleting', NOW, { status: 'deleting' }), /^its status is "deleting"/],
    [copy('shouted', NOW, { status: 'Available' }), /^its status is "Available"/],
    [copy('timeless', undefined), /^when its data was captured is not known$/],
    [copy('nan', Number.NaN), /^when its data was captured is not known$/],
    [copy('tomorrow', NOW + DAY), /^its time is still to come/],
    [copy('endless', Number.POSITIVE_INFINITY), /^when its data was captured is not known$/],
    [copy('twice', NOW), /^the list has this id 2 times/],
    [copy('twice', NOW - 80 * DAY), /^the list has this id 2 times/],
  ];
  const list = [...aside.map(([snapshot]) => snapshot), ...daysBack(9).slice(1)];
  const decisions = decideRetention(two, list, NOW);
  for (const [{ id }, reason] of aside) {
    assert.ok(ids(decisions.keep).includes(id), id);
    assert.match(reasonOf(decisions, id), reason);
  }
  assert.deepEqual(ids(decisions.delete), ['d3', 'd4', 'd5', 'd6', 'd7', 'd8']);
  assert.equal(reasonOf(decisions, 'd1'), 'the newest; 1 of the newest 1');
  assert.equal(reasonOf(decisions, 'd2'), 'to have the minimum of 2');
});

test('when copies fail, the last good one stays, however old', () => {
  const list = [copy('good', NOW - 4_000 * DAY), ...daysBack(30).map((snapshot) => ({ ...snapshot, status: 'failed' }))];
  for (const policy of [...PRESET_NAMES.map(presetPolicy), readPolicy({ days: 1 })]) {
    assert.ok(ids(decideRetention(policy, list, NOW).keep).includes('good'), policy.name);
  }
});

test('when snapshots stop, calendar policies keep all that they had kept; only days run out, down to the minimum', () => {
  const list = daysBack(60);
  for (const policy of PRESET_NAMES.map(presetPolicy)) {
    assert.deepEqual(decideRetention(policy, list, NOW + 900 * DAY), decideRetention(policy, list, NOW), policy.name);
  }
  const days = readPolicy({ days: 30, minimumKept: 3 });
  assert.equal(decideRetention(days, list, NOW).keep.length, 31);
  assert.deepEqual(ids(decideRetention(days, list, NOW + 900 * DAY).keep), ['d0', 'd1', 'd2']);
});

test('days: to the millisecond, the last one included', () => {
  const list = [copy('new', NOW), copy('edge', NOW - 7 * DAY), copy('over', NOW - 7 * DAY - 1)];
  const decisions = decideRetention(readPolicy({ days: 7 }), list, NOW);
  assert.deepEqual([ids(decisions.keep), ids(decisions.delete)], [['new', 'edge'], ['over']]);
  assert.equal(reasonOf(decisions, 'over'), 'the retention policy does not keep it: older than 7 days');
});

test('several a day: the newest of each; of one moment the same one in whatever order they are listed', () => {
  const list = [
    copy('b', '2026-01-14T05:00:00Z'),
    copy('a', '2026-01-14T05:00:00Z'),
    copy('early', '2026-01-14T04:59:59.999Z'),
    copy('midnight', '2026-01-15T00:00:00Z'),
    copy('before', '2026-01-13T23:59:59.999Z'),
  ];
  for (const order of [list, [...list].reverse(), [...list].sort((x, y) => x.id.localeCompare(y.id))]) {
    const decisions = decideRetention(presetPolicy('weekly'), order, NOW);
    assert.deepEqual(
      [ids(decisions.keep), ids(decisions.delete)],
      [
        ['midnight', 'a', 'before'],
        ['b', 'early'],
      ],
    );
    assert.match(reasonOf(decisions, 'b'), /: 2026-01-14 has a$/);
  }
});

test('ISO weeks hold together over New Year, and years do not mix', () => {
  // Monday 29 December 2025 to Sunday 4 January 2026 is one week.
  const list = ['2025-12-28', '2025-12-29', '2026-01-01', '2026-01-04', '2026-01-05'].map((day) => copy(day, `${day}T03:00:00Z`));
  assert.deepEqual(ids(decideRetention(presetPolicy('biweekly'), list, NOW).keep), ['2026-01-05', '2026-01-04']);
  // The same day of the month, month or week of other years is another period.
  const same = Array.from({ length: 12 }, (_, back) => copy(`y${2026 - back}`, Date.UTC(2026 - back, 0, 12)));
  assert.equal(decideRetention(presetPolicy('standard'), same, NOW).keep.length, 12);
  assert.equal(decideRetention(readPolicy({ gfs: { yearly: 7 } }), same, NOW).keep.length, 7);
  assert.equal(decideRetention(presetPolicy('currentmonth'), same, NOW).keep.length, 1);
});

test('monthly at the end of February, in a leap year and without', () => {
  const kept = (newest: string) => {
    const time = Date.parse(`${newest}T03:00:00Z`);
    const list = Array.from({ length: 60 }, (_, back) =>
      copy(new Date(time - back * DAY).toISOString().slice(0, 10), time - back * DAY),
    );
    return ids(decideRetention(presetPolicy('monthly'), list, time).keep).at(-1);
  };
  assert.deepEqual(['2024-02-29', '2024-03-31', '2024-03-30', '2025-03-31', '2025-03-28', '2025-03-01'].map(kept), [
    '2024-01-29',
    '2024-02-29',
    '2024-02-29',
    '2025-02-28',
    '2025-02-28',
    '2025-02-01',
  ]);
});

test('a tier that is off: what it would keep stays as long as the lower tier keeps it', () => {
  const list = daysBack(60);
  const kept = (gfs: unknown) => ids(decideRetention(readPolicy({ gfs }), list, NOW).keep);
  // d15 is 31 December: the last of a day, a month and a year; d18 a Sunday.
  assert.ok(kept({ daily: 1, monthly: 2, yearly: 2 }).includes('d15'));
  assert.ok(kept({ daily: 1, monthly: 2, yearly: 0 }).includes('d15'), 'the month keeps it when years are off');
  assert.ok(kept({ daily: 16, monthly: 0 }).includes('d15'), 'the day keeps it when months are off, too');
  assert.deepEqual(kept({ daily: 1, weekly: 0 }), ['d0']);
});

test('a list of several databases is decided database by database', () => {
  const list = ['shop', 'ledger'].flatMap((database) =>
    daysBack(3).map((snapshot) => ({ ...snapshot, id: `${database}-${snapshot.id}`, database })),
  );
  const { keep, delete: gone } = decideRetention(readPolicy({ count: 1 }), list, NOW);
  assert.deepEqual(ids(keep), ['ledger-d0', 'shop-d0']);
  assert.equal(gone.length, 4);
});

test('nothing in, nothing out; the input is left as it is', () => {
  assert.deepEqual(decideRetention(presetPolicy('standard'), [], NOW), { keep: [], delete: [] });
  const list = Object.freeze([...daysBack(9)].reverse().map((snapshot) => Object.freeze(snapshot)));
  assert.equal(decideRetention(presetPolicy('weekly'), list, NOW).delete.length, 2);
});

test('a time that is none decides nothing', () => {
  for (const now of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => decideRetention(presetPolicy('weekly'), daysBack(9), now), InternalError);
  }
});

test('what was captured a little ahead of our clock is kept, and counted when its time has come', () => {
  const list = [copy('ahead', NOW + HOUR), copy('d0', NOW), copy('d1', NOW - DAY)];
  const one = readPolicy({ count: 1 });
  assert.deepEqual(ids(decideRetention(one, list, NOW).keep), ['ahead', 'd0']);
  assert.deepEqual(ids(decideRetention(one, list, NOW + HOUR).keep), ['ahead']);
});
