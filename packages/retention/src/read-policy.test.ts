import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import { isPresetName, PRESET_NAMES, presetPolicy } from './policy.ts';
import { LIFECYCLE_TAG, parsePolicy, policyFromTags, readPolicy } from './read-policy.ts';

test('a custom policy becomes rules', () => {
  assert.deepEqual(
    readPolicy({ days: 14, count: 3, gfs: { daily: 7, weekly: 5, monthly: 12, yearly: 7 }, minimumKept: 4 }, 'p.yaml'),
    {
      kind: 'rules',
      name: 'p.yaml',
      rules: [
        { kind: 'days', days: 14 },
        { kind: 'count', count: 3 },
        { kind: 'each', period: 'day', count: 7 },
        { kind: 'each', period: 'week', count: 5 },
        { kind: 'each', period: 'month', count: 12 },
        { kind: 'each', period: 'year', count: 7 },
      ],
      minimumKept: 4,
    },
  );
  assert.deepEqual(readPolicy({ gfs: { daily: 0, yearly: 2 } }), {
    kind: 'rules',
    name: 'the retention policy',
    rules: [{ kind: 'each', period: 'year', count: 2 }],
    minimumKept: 1,
  });
});

test('YAML and JSON read the same; a bare word is a preset', () => {
  const expected = readPolicy({ days: 3, gfs: { daily: 2 } }, 'p');
  for (const text of [
    'days: 3\ngfs: { daily: 2 }\n',
    '{"days": 3, "gfs": {"daily": 2}}',
    '\uFEFF# a comment\ndays: 3\ngfs:\n  daily: 2',
  ]) {
    assert.deepEqual(parsePolicy(text, 'p'), expected, text);
  }
  assert.deepEqual(parsePolicy('standard\n', 'p'), presetPolicy('standard'));
});

test('a bad policy gets one message that names the field and what is legal', () => {
  for (const [value, message] of [
    [{}, /^p keeps nothing: it needs days, count or a tier of gfs above 0$/],
    [{ minimumKept: 3 }, /keeps nothing/],
    [{ gfs: { daily: 0, weekly: 0 } }, /keeps nothing/],
    [{ dayz: 3 }, /^p has no field "dayz"; legal: days, count, gfs, minimumKept$/],
    [{ gfs: { hourly: 3 } }, /^gfs of p has no field "hourly"; legal: daily, weekly, monthly, yearly$/],
    [{ days: 0 }, /^days of p must be a whole number from 1 to 1000000, not 0$/],
    [{ days: -1 }, /not -1$/],
    [{ days: 1.5 }, /not 1\.5$/],
    [{ days: '7' }, /not "7"$/],
    [{ days: null }, /not null$/],
    [{ days: Number.NaN }, /must be a whole number/],
    [{ days: Number.POSITIVE_INFINITY }, /must be a whole number/],
    [{ days: 1e9 }, /not 1000000000$/],
    [{ count: 0 }, /^count of p/],
    [{ count: 1, minimumKept: 0 }, /^minimumKept of p must be a whole number from 1/],
    [{ gfs: { daily: -1 } }, /^daily of gfs of p must be a whole number from 0/],
    [{ gfs: 7 }, /^gfs of p must be an object with daily, weekly, monthly, yearly, not 7$/],
    [{ gfs: null }, /^gfs of p must be an object/],
    [[], /^p must be an object with days, count, gfs, minimumKept, not \[\]$/],
    [null, /^p must be an object/],
    [7, /not 7$/],
    [undefined, /not undefined$/],
    [{ days: 'x'.repeat(100) }, /not "x{56}\.\.\.$/],
  ] as const) {
    assert.throws(
      () => readPolicy(value, 'p'),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.deepEqual([error.code, /A policy looks like/.test(error.next)], ['usage', true]);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

test('text that is no YAML is refused in one line', () => {
  const aliases = `a: &a [x, x]\nb: &b [${'*a, '.repeat(50)}*a]\nc: [${'*b, '.repeat(50)}*b]`;
  for (const text of ['days: [3', 'days: 3\ndays: 4', '{"days": 3', aliases, 'days: *nothing']) {
    assert.throws(
      () => parsePolicy(text, 'p.yaml'),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /^p\.yaml is not YAML or JSON: [^\n]+$/);
        return true;
      },
      text,
    );
  }
  assert.throws(() => parsePolicy('', 'p.yaml'), /p\.yaml must be an object/);
});

test('tags choose a policy', () => {
  assert.equal(LIFECYCLE_TAG, 'Draco_Lifecycle');
  assert.deepEqual(policyFromTags({ Draco_Lifecycle: 'Standard', Owner: 'shop' }), presetPolicy('standard'));
  assert.deepEqual(policyFromTags({ Draco_Lifecycle: 'extreme' }), { ...presetPolicy('standard'), name: 'extreme' });
  assert.deepEqual(policyFromTags({ Draco_Lifecycle: 'forever' }), { kind: 'keep-all', name: 'forever', because: 'unknown' });
  assert.deepEqual(policyFromTags({ Draco_Lifecycle: 'constructor' }), {
    kind: 'keep-all',
    name: 'constructor',
    because: 'unknown',
  });
  for (const tags of [{}, { Draco_Lifecycle: ' ' }, { draco_lifecycle: 'weekly' }]) assert.equal(policyFromTags(tags), undefined);
});

test('presets are known in any capitals', () => {
  for (const name of PRESET_NAMES) assert.equal(isPresetName(` ${name.toUpperCase()}`), true, name);
  assert.equal(isPresetName('toString'), false);
});
