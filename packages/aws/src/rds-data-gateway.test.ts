import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError } from '@breakwater/core';
import type { ScriptedAnswer } from './scripted-aws.ts';
import { START, scriptedSite } from './scripted-site.ts';

const REQUEST = { clusterArn: 'arn:aws:rds:eu-west-1:111122223333:cluster:shop', secretArn: 'arn:secret', reads: true };

function dataError(status: number, name: string, message = `${name} said`): ScriptedAnswer {
  return { status, headers: { 'x-amzn-errortype': name }, json: { message } };
}
const resuming = dataError(400, 'DatabaseResumingException', 'The Aurora DB instance is resuming after being auto-paused.');

test('a question: columns, every kind of value as text, nothing rounded', async () => {
  const { rdsData, aws } = scriptedSite(() => ({
    json: {
      columnMetadata: [{ label: 'a', name: 'x' }, { name: 'b' }, {}],
      records: [
        [{ stringValue: 'text' }, { isNull: true }, { stringValue: '9007199254740993' }],
        [{ longValue: 12 }, { doubleValue: 1.5 }, { booleanValue: false }],
        [{ blobValue: 'aGVsbG8=' }, { arrayValue: { stringValues: ['x', 'y'] } }, {}],
      ],
      numberOfRecordsUpdated: 0,
    },
  }));
  const sql = 'select a, b from t where id = :id and name = :name';
  assert.deepEqual(await rdsData.execute({ ...REQUEST, database: 'app', sql, parameters: { id: '1', name: null } }), {
    columns: ['a', 'b', ''],
    rows: [
      ['text', null, '9007199254740993'],
      ['12', '1.5', 'false'],
      ['aGVsbG8=', '["x","y"]', null],
    ],
    updated: 0,
  });
  assert.deepEqual(aws.sent[0]?.input, {
    resourceArn: REQUEST.clusterArn,
    secretArn: 'arn:secret',
    database: 'app',
    sql,
    parameters: [
      { name: 'id', value: { stringValue: '1' } },
      { name: 'name', value: { isNull: true } },
    ],
    includeResultMetadata: true,
    continueAfterTimeout: false,
    resultSetOptions: { decimalReturnType: 'STRING', longReturnType: 'STRING' },
  });
});

test('a change answers without rows, and is not cut off by the time limit of a call', async () => {
  const { rdsData, aws } = scriptedSite(() => ({ json: { numberOfRecordsUpdated: 3 } }));
  assert.deepEqual(await rdsData.execute({ ...REQUEST, reads: false, sql: 'update t set a = 1' }), {
    columns: [],
    rows: [],
    updated: 3,
  });
  assert.equal(aws.sent[0]?.input['continueAfterTimeout'], true);
  assert.equal('parameters' in (aws.sent[0]?.input ?? {}), false);
});

for (const reads of [true, false]) {
  test(`a paused cluster is waited for (${reads ? 'question' : 'change'})`, async () => {
    const { rdsData, aws, clock } = scriptedSite((_, nth) => (nth < 3 ? resuming : { json: {} }));
    await rdsData.execute({ ...REQUEST, reads, sql: 'select 1' });
    assert.equal(aws.sent.length, 4);
    assert.equal(clock.now() - START, 45_000);
  });

  test(`a cluster that does not resume is given up after five minutes (${reads ? 'question' : 'change'})`, async () => {
    const { rdsData, aws, clock } = scriptedSite(() => resuming);
    await assert.rejects(rdsData.execute({ ...REQUEST, reads, sql: 'select 1' }), {
      code: 'aws-unavailable',
      ambiguous: false,
      next: /did not resume/,
    });
    assert.equal(clock.now() - START, 300_000);
    assert.equal(aws.sent.length, 21);
  });

  test(`being told to stop ends the wait for a paused cluster (${reads ? 'question' : 'change'})`, async () => {
    const stop = new AbortController();
    const reason = new CancelledError('interrupted', 'SIGTERM', { next: 'Resume.' });
    const { rdsData, aws } = scriptedSite(
      () => {
        stop.abort(reason);
        return resuming;
      },
      { signal: stop.signal },
    );
    await assert.rejects(rdsData.execute({ ...REQUEST, reads, sql: 'select 1' }), (error) => error === reason);
    assert.equal(aws.sent.length, 1);
  });
}

test('a question is asked again after a lost answer, a change is not', async () => {
  const { rdsData, aws } = scriptedSite((_, nth) =>
    nth % 2 === 0 ? dataError(504, 'DatabaseUnavailableException') : { json: {} },
  );
  await rdsData.execute({ ...REQUEST, sql: 'select 1' });
  assert.equal(aws.sent.length, 2);
  await assert.rejects(rdsData.execute({ ...REQUEST, reads: false, sql: 'update t set a = 1' }), {
    code: 'aws-unavailable',
    ambiguous: true,
  });
  assert.equal(aws.sent.length, 3);
});

test('a statement that outlived its call goes on, if it changes something', async () => {
  const { rdsData, aws } = scriptedSite(() => dataError(400, 'StatementTimeoutException'));
  await assert.rejects(rdsData.execute({ ...REQUEST, reads: false, sql: 'create index' }), {
    code: 'aws-fault',
    ambiguous: true,
    next: /may still be running/,
  });
  await assert.rejects(rdsData.execute({ ...REQUEST, sql: 'select pg_sleep(60)' }), { code: 'aws-fault', ambiguous: false });
  assert.equal(aws.sent.length, 2);
});

/** status, name, message, reason, advice, missing */
const refusals: [number, string, string, string, RegExp, string?][] = [
  [400, 'DatabaseErrorException', 'ERROR: relation "t" does not exist; SQLState: 42P01', 'aws-fault', /own words/],
  [400, 'HttpEndpointNotEnabledException', 'no', 'aws-fault', /enable-http-endpoint/],
  [400, 'InvalidSecretException', 'bad', 'aws-fault', /"username"/],
  [
    400,
    'SecretsErrorException',
    'User: x is not authorized to perform: secretsmanager:GetSecretValue on resource: s',
    'permission-denied',
    /Allow secretsmanager:GetSecretValue/,
    'secretsmanager:GetSecretValue',
  ],
  [403, 'ForbiddenException', 'no', 'permission-denied', /rds-data:ExecuteStatement/, 'rds-data:ExecuteStatement'],
  [404, 'DatabaseNotFoundException', 'no', 'aws-fault', /check the name/],
];
for (const [status, name, message, code, next, missing] of refusals) {
  test(`${name} is ${code}`, async () => {
    const { rdsData, aws } = scriptedSite(() => dataError(status, name, message));
    await assert.rejects(rdsData.execute({ ...REQUEST, sql: 'select 1' }), { code, next, missing });
    assert.equal(aws.sent.length, 1);
  });
}
