import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import fc from 'fast-check';
import type { ActionDefinition } from './definition.ts';
import { inputVariable, readInputs } from './inputs.ts';

const output = { description: 'x', default: '' };
const definition = {
  name: 'sample',
  title: 'Sample',
  description: 'For tests',
  branding: { icon: 'shield', color: 'blue' },
  inputs: {
    mode: { kind: 'choice', of: ['drill', 'recovery'], required: true, description: 'How' },
    waves: { kind: 'list', description: 'Which' },
    'plan-files': { kind: 'list', default: 'plans', description: 'Where' },
    summary: { kind: 'boolean', default: 'true', description: 'Whether' },
    'max-wait': { kind: 'duration', description: 'How long' },
    account: { kind: 'text', pattern: { source: '^[0-9]{12}$', means: 'twelve digits' }, description: 'Where' },
    note: { kind: 'text', description: 'Anything' },
  },
  outputs: { status: output, 'reason-code': output, result: output },
} as const satisfies ActionDefinition;

function problemsOf(environment: Record<string, string>): string {
  try {
    readInputs(definition, environment);
  } catch (error) {
    assert.ok(error instanceof UserError);
    assert.equal(error.code, 'usage');
    assert.match(error.next, /nothing was started/);
    return error.message;
  }
  return 'nothing wrong';
}

test('defaults fill what is not given, and an empty input is an absent one', () => {
  const { inputs, unknown } = readInputs(definition, { INPUT_MODE: 'drill', INPUT_NOTE: '  ', INPUT_SUMMARY: '' });
  assert.deepEqual(inputs, {
    mode: 'drill',
    waves: [],
    'plan-files': ['plans'],
    summary: true,
    'max-wait': undefined,
    account: undefined,
    note: undefined,
  });
  assert.deepEqual(unknown, []);
});

test('every kind is parsed into its type', () => {
  const { inputs } = readInputs(definition, {
    INPUT_MODE: ' recovery ',
    INPUT_WAVES: 'database,\n application , ,web\r\n',
    'INPUT_PLAN-FILES': 'a.yaml\nb.yaml',
    INPUT_SUMMARY: 'False',
    'INPUT_MAX-WAIT': '1h30m',
    INPUT_ACCOUNT: '111122223333',
    INPUT_NOTE: 'a, b',
  });
  assert.deepEqual(inputs, {
    mode: 'recovery',
    waves: ['database', 'application', 'web'],
    'plan-files': ['a.yaml', 'b.yaml'],
    summary: false,
    'max-wait': 5_400_000,
    account: '111122223333',
    note: 'a, b',
  });
});

test('a list may be the JSON that an earlier step put out', () => {
  const read = (waves: string) => readInputs(definition, { INPUT_MODE: 'drill', INPUT_WAVES: waves }).inputs.waves;
  assert.deepEqual(read('["i-1","i-2"]'), ['i-1', 'i-2']);
  assert.deepEqual(read('[]'), []);
  const wrong = /is not valid for "waves"\. Legal: items separated by commas or newlines, or a JSON list of texts/;
  assert.match(problemsOf({ INPUT_MODE: 'drill', INPUT_WAVES: '[1]' }), wrong);
  assert.match(problemsOf({ INPUT_MODE: 'drill', INPUT_WAVES: '["i-1"' }), wrong);
});

test('a wrong value says the value, the input and what is legal; all wrong inputs are told at once', () => {
  const message = problemsOf({ INPUT_MODE: 'drlil', INPUT_SUMMARY: 'yes', 'INPUT_MAX-WAIT': '5 minutes', INPUT_ACCOUNT: '12' });
  assert.match(message, /value "drlil" is not valid for "mode"\. Legal: drill, recovery/);
  assert.match(message, /value "yes" is not valid for "summary"\. Legal: true, false/);
  assert.match(message, /value "5 minutes" is not valid for "max-wait"\. Legal: a duration as 90s/);
  assert.match(message, /value "12" is not valid for "account"\. Legal: twelve digits/);
});

test('a missing required input is named', () => {
  assert.match(problemsOf({}), /input "mode" is required/);
});

test('a misspelt input is refused, because the runner would only warn and all waves would run', () => {
  assert.match(problemsOf({ INPUT_MODE: 'drill', INPUT_WAVE: 'web' }), /there is no input "wave"; did you mean "waves"\?/);
  assert.match(problemsOf({ INPUT_MODE: 'drill', INPUT_PLAN_FILES: 'x' }), /did you mean "plan-files"\?/);
});

test('an INPUT_ variable of another program is only told', () => {
  assert.deepEqual(readInputs(definition, { INPUT_MODE: 'drill', INPUT_METHOD: 'ibus' }).unknown, ['method']);
});

test('any text is either one of the choices or refused, and a long one is cut in the message', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const message = problemsOf({ INPUT_MODE: text });
      const trimmed = text.trim();
      if (trimmed === 'drill' || trimmed === 'recovery') assert.equal(message, 'nothing wrong');
      else assert.match(message, /"mode"/);
      assert.ok(message.length < 300);
    }),
  );
});

test('variables are named as the runner names them', () => {
  assert.equal(inputVariable('plan-files'), 'INPUT_PLAN-FILES');
  assert.equal(inputVariable('two words'), 'INPUT_TWO_WORDS');
});

test('a default that is an expression is filled in by GitHub, or it is absent', () => {
  const inputs = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub fills it in.
    token: { kind: 'text', description: 'Token.', default: '${{ github.token }}' },
  } as const;
  const own = { ...definition, inputs } as const;
  assert.equal(readInputs(own, {}).inputs.token, undefined);
  assert.equal(readInputs(own, { INPUT_TOKEN: 'ghs_x' }).inputs.token, 'ghs_x');
});
