import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY_MS, dayName, dayOf, firstOfMonth, isMoment, monthBefore, PERIODS, periodName, periodOf } from './calendar.ts';

const at = (text: string): number => Date.parse(text);

test('periods have the names that people use, ISO weeks at the turn of the year among them', () => {
  for (const [time, day, week, month, year] of [
    ['2026-01-15T03:00:00Z', '2026-01-15', '2026-W03', '2026-01', '2026'],
    ['2025-12-29T00:00:00Z', '2025-12-29', '2026-W01', '2025-12', '2025'],
    ['2025-12-28T23:59:59.999Z', '2025-12-28', '2025-W52', '2025-12', '2025'],
    ['2027-01-03T12:00:00Z', '2027-01-03', '2026-W53', '2027-01', '2027'],
    ['2021-01-03T00:00:00Z', '2021-01-03', '2020-W53', '2021-01', '2021'],
    ['2024-02-29T23:59:59Z', '2024-02-29', '2024-W09', '2024-02', '2024'],
    ['2024-12-30T00:00:00Z', '2024-12-30', '2025-W01', '2024-12', '2024'],
    ['1969-12-31T23:00:00Z', '1969-12-31', '1970-W01', '1969-12', '1969'],
  ] as const) {
    assert.deepEqual(
      PERIODS.map((period) => periodName(period, at(time))),
      [day, week, month, year],
      time,
    );
  }
});

test('a month before: the same day, or the last that the month has', () => {
  for (const [day, before] of [
    ['2026-01-15', '2025-12-15'],
    ['2026-01-31', '2025-12-31'],
    ['2026-03-31', '2026-02-28'],
    ['2024-03-31', '2024-02-29'],
    ['2024-03-29', '2024-02-29'],
    ['2026-03-28', '2026-02-28'],
    ['2026-12-31', '2026-11-30'],
    ['2100-03-29', '2100-02-28'],
  ] as const) {
    assert.equal(dayName(monthBefore(dayOf(at(day)))), before, day);
  }
  assert.equal(dayName(firstOfMonth(dayOf(at('2024-02-29')))), '2024-02-01');
});

const moment = fc.integer({ min: at('1995-01-01'), max: at('2105-01-01') });

test('numbers and names of periods agree: same number, same name; later, never lower', () => {
  fc.assert(
    fc.property(moment, moment, fc.constantFrom(...PERIODS), (a, b, period) => {
      const [first, second] = a < b ? [a, b] : [b, a];
      const [low, high] = [periodOf(period, first), periodOf(period, second)];
      assert.ok(low <= high);
      assert.equal(low === high, periodName(period, first) === periodName(period, second));
    }),
  );
});

test('numbers of periods have no gaps, and the month before never goes back', () => {
  for (let day = dayOf(at('1999-12-01')); day < dayOf(at('2009-02-01')); day += 1) {
    for (const period of PERIODS) {
      const step = periodOf(period, (day + 1) * DAY_MS) - periodOf(period, day * DAY_MS);
      assert.ok(step === 0 || step === 1, `${period} after ${dayName(day)}`);
    }
    assert.ok(monthBefore(day + 1) >= monthBefore(day), dayName(day));
  }
});

test('what is no moment is told apart', () => {
  const earliest = Date.parse('1000-01-01T00:00:00Z');
  for (const time of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -8.64e15, earliest - 1])
    assert.equal(isMoment(time), false, String(time));
  for (const time of [0, -1, 8.64e15, earliest]) assert.equal(isMoment(time), true, String(time));
  for (const time of [earliest, 8.64e15]) {
    assert.match(periodName('week', time), /^\+?\d+-W\d\d$/);
    assert.ok(firstOfMonth(dayOf(time)) <= dayOf(time));
    assert.ok(dayOf(time) - monthBefore(dayOf(time)) <= 31);
  }
});
