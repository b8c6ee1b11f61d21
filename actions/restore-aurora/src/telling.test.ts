import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import { renderSummary } from './summary.ts';
import { tell } from './telling.ts';

const RESUME = /Run the step again with the same inputs and key/;

test('an end is told as it is', () => {
  const done = tell({ begun: true, end: { end: 'finished', advance: { state: 'done', status: 'succeeded-with-warnings' } } });
  assert.deepEqual([done.status, done.reason.code], ['succeeded-with-warnings', 'ok']);
  const reason = { code: 'restore-failed', message: 'no' } as const;
  const failed = tell({ begun: true, end: { end: 'finished', advance: { state: 'failed', reason, result: { cluster: 'a' } } } });
  assert.deepEqual([failed.status, failed.reason, failed.result], ['failed', reason, { cluster: 'a' }]);
});

test('what was handed over is no end, whatever the operation calls it', () => {
  const reason = {
    code: 'in-progress',
    message: 'cluster a goes on being restored in us-west-2',
    next: 'Run it again.',
  } as const;
  const advance = { state: 'done', status: 'succeeded-with-warnings', reason, result: { cluster: 'a' } } as const;
  assert.deepEqual(tell({ begun: true, end: { end: 'finished', advance } }), {
    status: 'in-progress',
    reason,
    result: { cluster: 'a' },
    goesOn: reason.message,
  });
});

test('what did not end is never told as an end', () => {
  const late = tell({ begun: true, end: { end: 'timed-out', note: 'cluster a is creating', goesOn: 'it goes on' } });
  assert.deepEqual([late.status, late.goesOn], ['timed-out', 'it goes on']);
  assert.match(late.reason.message, /last seen: cluster a is creating\. it goes on/);
  assert.match(late.reason.next ?? '', RESUME);
  const stopped = tell({ begun: true, end: { end: 'interrupted', goesOn: undefined } });
  assert.deepEqual([stopped.status, stopped.reason.code], ['in-progress', 'interrupted']);
  const early = tell({ begun: false, end: { end: 'interrupted', goesOn: undefined } });
  assert.deepEqual([early.status, early.reason.message], ['cancelled', 'stopped on request; nothing was begun in AWS']);
});

test('when AWS cannot be asked any more, what was begun is in-progress and what was not has failed', () => {
  const error = new AwsError('credentials-expired', 'too old', {
    next: 'Get new ones.',
    call: {
      service: 'rds',
      operation: 'DescribeDBClusters',
      account: undefined,
      region: undefined,
      requestId: undefined,
      httpStatus: 403,
      awsCode: 'ExpiredToken',
    },
  });
  assert.equal(tell({ begun: false, end: { end: 'lost', error } }).status, 'failed');
  const begun = tell({ begun: true, end: { end: 'lost', error } });
  assert.equal(begun.status, 'in-progress');
  assert.match(begun.reason.next ?? '', RESUME);
  assert.match(begun.reason.message, /goes on in AWS/);
  const half = tell({ begun: true, end: { end: 'lost', error } }, 'the swap of shop is not over');
  assert.deepEqual([half.status, half.reason.message], ['in-progress', 'too old; the swap of shop is not over']);
  assert.match(half.reason.next ?? '', RESUME);
  const done = tell({ begun: true, end: { end: 'finished', advance: { state: 'done', status: 'succeeded' } } }, 'never told');
  assert.equal(done.reason.message, 'done');
});

test('the summary escapes what came from outside', () => {
  const text = renderSummary({
    schema: 'breakwater.restore-aurora/1',
    status: 'failed',
    reason: { code: 'verification-failed', message: '<img src=x> | [a](b) @team' },
    simulated: false,
    operation: 'restore',
    mode: 'recovery',
    key: 'k',
    actor: 'ada',
    attempt: 1,
    site: { name: 's', account: '111122223333', region: 'us-west-2' },
    startedAt: 'a',
    endedAt: 'b',
    made: [{ operation: 'rds:CreateDBInstance', id: 'db-1', adopted: true }],
    warnings: ['`w`'],
    result: {
      cluster: 'webshop',
      checks: [{ check: 'rows|x', ok: false, found: '<b>0</b>' }],
      snapshot: { arn: 'arn', time: 't' },
    },
  });
  assert.ok(!/<img|<b>|[^\\]\]\(b\)|[^\\]@team/.test(text), text);
  assert.match(text, /\| rows\\\|x \| \*\*no\*\* \| &lt;b&gt;0&lt;\/b&gt; \|/);
  assert.match(text, /db-1 \(found\)/);
  assert.doesNotMatch(text, /Simulated/);
});
