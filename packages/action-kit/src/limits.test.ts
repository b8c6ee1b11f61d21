import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAnnotations } from './annotations.ts';
import type { ActionDefinition } from './definition.ts';
import { readGithubContext } from './github-context.ts';
import { createOutputs, LARGEST_OUTPUTS } from './outputs.ts';
import { createRedactor } from './redaction.ts';
import { fitSummary } from './summary.ts';

const output = { description: 'x', default: '' };
const definition = {
  name: 'sample',
  title: 'Sample',
  description: 'For tests',
  branding: { icon: 'shield', color: 'blue' },
  inputs: {},
  outputs: { status: output, 'reason-code': output, result: output, ids: output },
} as const satisfies ActionDefinition;

test('outputs never go above the limit of all together; what does not fit is left as it was, with a warning', () => {
  const written: Record<string, string> = {};
  const warnings: string[] = [];
  const outputs = createOutputs(definition, {
    write: (name, value) => {
      written[name] = value;
    },
    warn: (message) => warnings.push(message),
  });
  outputs.set('result', 'x'.repeat(LARGEST_OUTPUTS - 10));
  outputs.set('ids', 'y'.repeat(11));
  assert.equal(written['ids'], '');
  assert.match(warnings[0] ?? '', /output "ids" is too large \(11 characters\) and was left empty/);
  outputs.set('result', 'small');
  outputs.set('ids', 'y'.repeat(11));
  assert.equal(written['ids'], 'y'.repeat(11));
  assert.equal(warnings.length, 1);
});

test('at most ten annotations a level, the last error being left to the step itself; none is lost', () => {
  const shown: string[] = [];
  const logged: string[] = [];
  const annotations = createAnnotations({
    annotate: (level, title) => shown.push(`${level} ${title}`),
    log: (line) => logged.push(line),
  });
  for (let n = 1; n <= 20; n++) {
    annotations.error(`server ${n}`, 'failed');
    annotations.warning(`server ${n}`, 'slow');
  }
  annotations.close();
  assert.equal(shown.filter((line) => line.startsWith('error')).length, 9);
  assert.equal(shown.filter((line) => line.startsWith('warning')).length, 10);
  assert.deepEqual(shown.slice(-2), ['error 12 more', 'warning 11 more']);
  assert.equal(logged.length, 23);
});

test('an exact fit is shown whole, and long messages are cut', () => {
  const shown: string[] = [];
  const annotations = createAnnotations({
    annotate: (_, title, message) => shown.push(`${title} ${message.length}`),
    log: () => assert.fail('nothing is left over'),
  });
  for (let n = 1; n <= 9; n++) annotations.error(`${n}`, 'x'.repeat(9_000));
  annotations.close();
  assert.deepEqual(
    shown,
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${n} 4002`),
  );
});

test('a summary fits its bytes, whatever is in it, and says that it was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 200, max: 2_000 }), (lines, limit) => {
      const text = lines.join('\n');
      const fitted = fitSummary(text, limit);
      assert.ok(Buffer.byteLength(fitted) <= limit);
      if (Buffer.byteLength(text) <= limit) assert.equal(fitted, text);
      else assert.match(fitted, /Cut here/);
    }),
  );
});

test('redaction takes the longest secret first and leaves short words alone', () => {
  const redactor = createRedactor();
  redactor.add('secret-token');
  redactor.add('secret-token-and-more');
  redactor.add('us');
  redactor.add('with "quotes"');
  assert.equal(redactor.redact('us secret-token-and-more secret-token'), 'us *** ***');
  assert.equal(redactor.redact(JSON.stringify({ a: 'with "quotes"' })), '{"a":"***"}');
});

test('the run is named from the runner’s variables; away from GitHub the local user is the actor', () => {
  assert.deepEqual(
    readGithubContext({
      GITHUB_TRIGGERING_ACTOR: 'ann',
      GITHUB_ACTOR: 'bob',
      GITHUB_SHA: 'abc',
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_JOB: 'drill',
      GITHUB_ACTION: 'step',
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: 'https://ghes.example/api/v3',
    }),
    {
      actor: 'ann',
      commit: 'abc',
      repository: 'o/r',
      runId: '7',
      runAttempt: 2,
      job: 'drill',
      step: 'step',
      runUrl: 'https://github.com/o/r/actions/runs/7/attempts/2',
      commitUrl: 'https://github.com/o/r/commit/abc',
      onGithub: true,
      serverUrl: 'https://github.com',
      apiUrl: 'https://ghes.example/api/v3',
    },
  );
  const local = readGithubContext({ USER: 'carol', GITHUB_RUN_ATTEMPT: 'x' });
  assert.equal(local.actor, 'carol');
  assert.equal(local.runAttempt, 1);
  assert.equal(local.runUrl, undefined);
  assert.equal(local.commitUrl, undefined);
  assert.equal(local.onGithub, false);
  assert.equal(local.apiUrl, 'https://api.github.com');
});
