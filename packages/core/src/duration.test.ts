import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration, parseIsoDuration } from './duration.ts';

test('written durations become milliseconds', () => {
  for (const [text, ms] of [
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
    ['0.5h', 1_800_000],
    ['0s', 0],
  ] as const) {
    assert.equal(parseDuration(text), ms, text);
  }
});

test('what is not a duration is refused, never guessed', () => {
  for (const text of ['', '15', 'm', '15 m', '-5m', '15M', '1h 30m', 'PT15M', '15min', '1e3s', ' 15m', '15m\n', '٣m']) {
    assert.equal(parseDuration(text), undefined, JSON.stringify(text));
  }
});

test('ISO durations as DRS sends them', () => {
  for (const [text, ms] of [
    ['P0D', 0],
    ['PT30S', 30_000],
    ['PT9H', 32_400_000],
    ['P152D', 13_132_800_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['P2W', 1_209_600_000],
    ['PT11M', 660_000],
  ] as const) {
    assert.equal(parseIsoDuration(text), ms, text);
  }
  for (const text of ['', 'P', 'PT', 'P1DT', '30S', 'PT30', 'pt30s', '-PT3S', 'P1Y'])
    assert.equal(parseIsoDuration(text), undefined, text);
});

test('a whole number of any unit survives the way through text', () => {
  const unit = fc.constantFrom(['s', 1_000], ['m', 60_000], ['h', 3_600_000], ['d', 86_400_000]);
  fc.assert(
    fc.property(fc.nat(10_000), unit, (amount, [name, ms]) => {
      assert.equal(parseDuration(`${amount}${name}`), amount * Number(ms));
    }),
  );
});

test('durations read well', () => {
  for (const [ms, text] of [
    [0, '0s'],
    [250, '250ms'],
    [45_000, '45s'],
    [59_700, '1m 00s'],
    [590_000, '9m 50s'],
    [3_900_000, '1h 05m'],
    [273_600_000, '3d 4h'],
    [-45_000, '-45s'],
  ] as const) {
    assert.equal(formatDuration(ms), text);
  }
});
