import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCron } from './cron.ts';

test('a schedule of cron says its minutes', () => {
  const rows: readonly (readonly [string, readonly number[]])[] = [
    ['23 4 * * 3', [23]],
    ['7,37 * * * MON-FRI', [7, 37]],
    ['*/15 * 1,15 JAN-MAR *', [0, 15, 30, 45]],
    ['3-58/27 0-6 31 12 0', [3, 30, 57]],
    ['50/5 4 * * *', [50, 55]],
    ['05 04 * * sun', [5]],
  ];
  for (const [text, minutes] of rows) assert.deepEqual(readCron(text), { minutes }, text);
});

test('what GitHub would not start is refused, with the reason', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['', /1 fields, not 5/],
    ['23 4 * *', /4 fields/],
    ['23 4 * * * *', /6 fields/],
    ['60 4 * * 3', /"60" is no minute/],
    ['23 24 * * 3', /"24" is no hour/],
    ['23 4 0 * 3', /day of month/],
    ['23 4 * 13 3', /"13" is no month/],
    ['23 4 * JANUARY 3', /month/],
    ['23 4 * * 7', /day of week/],
    ['23 4 * * FRI-MON', /day of week/],
    ['10-5 4 * * 3', /minute/],
    ['5/0 4 * * 3', /minute/],
    ['5-6-7 4 * * 3', /minute/],
    ['@weekly 4 * * 3', /minute/],
    ['*/4 * * * *', /at most every 5 minutes/],
    ['2,58 * * * *', /at most every 5 minutes/],
  ];
  for (const [text, problem] of rows) {
    const cron = readCron(text);
    assert.match('problem' in cron ? cron.problem : 'fine', problem, text);
  }
});

test('any text is either a schedule or a problem, never an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9*,/ -]{0,30}$/)), (text) => {
      const cron = readCron(text);
      if ('minutes' in cron) assert.ok(cron.minutes.length > 0 && cron.minutes.every((minute) => minute >= 0 && minute < 60));
      else assert.ok(cron.problem.length > 5);
    }),
  );
});
