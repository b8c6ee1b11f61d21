import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { SqlAnswer } from '@breakwater/aws';
import { AwsError } from '@breakwater/core';
import { applyUsers } from './apply-users.ts';
import { connectionFault, statementFault } from './driver-faults.ts';
import { isStatementFault, sqlFault } from './scrub.ts';
import type { SqlEngine, SqlSession } from './session.ts';

const SPEC = {
  database: 'shop',
  app: { username: 'shop_app', password: 'first-secret-word' },
  readonly: { username: 'shop_reader', password: 'second-secret-wörd' },
};

/** Answers questions with nothing, and fails the first statement that fits, as a server would that repeats all it was told. */
function failing(engine: SqlEngine, at: RegExp, awsCode: string): SqlSession {
  return {
    engine,
    async query(sql): Promise<SqlAnswer> {
      if (!at.test(sql))
        return sql.includes('password_encryption')
          ? { columns: ['self', 'encryption', 'database'], rows: [['master', 'scram-sha-256', 'shop']], updated: undefined }
          : {
              columns: ['mode', 'self'],
              rows: sql.includes('FROM mysql.user') || sql.includes('pg_roles') ? [] : [['', 'master']],
              updated: undefined,
            };
      throw new AwsError('aws-fault', `refused "${sql}": syntax error near '${sql.slice(30, 60)}'`, {
        next: `Look at ${sql}`,
        cause: new Error(sql),
        call: {
          service: 'rds-data',
          operation: 'Execute',
          account: undefined,
          region: undefined,
          requestId: undefined,
          httpStatus: 400,
          awsCode,
        },
      });
    },
    async close() {},
  };
}

test('whatever the server repeats, an error holds no password, nor what it was sent as', async () => {
  for (const [engine, at] of [
    ['mysql', /^CREATE USER 'shop_app'/],
    ['mysql', /^CREATE USER 'shop_reader'/],
    ['postgresql', /^CREATE ROLE "shop_app"/],
    ['postgresql', /^CREATE ROLE "shop_reader"/],
  ] as const) {
    const error: unknown = await applyUsers(failing(engine, at, 'DatabaseErrorException'), SPEC).catch(
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof AwsError);
    assert.equal(error.code, 'users-failed');
    assert.match(error.message, /could not be set up: refused/);
    const everything = inspect(error, { depth: null, showHidden: true });
    for (const secret of ['secret', 'SCRAM-SHA-256', 'u0024', 'w\\u00f6rd'])
      assert.ok(!everything.includes(secret), `${secret} in ${everything}`);
  }
});

test('what is not the statement’s fault keeps its reason, and tells as little', async () => {
  const error: unknown = await applyUsers(failing('mysql', /^CREATE/, 'DatabaseUnavailableException'), SPEC).catch(
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof AwsError);
  assert.equal(error.code, 'aws-fault');
  assert.ok(!inspect(error, { depth: null }).includes('secret'));
});

test('drivers’ errors lose their statement and keep the server’s words', () => {
  const thrown = Object.assign(new Error('Access denied'), {
    sqlState: '42000',
    code: 'ER_X',
    sqlMessage: 'Access denied',
    sql: 'the secret',
  });
  const fault = statementFault('mysql', thrown);
  assert.equal(fault.code, 'aws-fault');
  assert.ok(!inspect(fault, { depth: null, showHidden: true }).includes('secret'));
  const broken = statementFault(
    'mysql',
    Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST', sql: 'the secret' }),
  );
  assert.ok(broken instanceof AwsError && broken.ambiguous && broken.code === 'aws-unavailable');
  assert.equal(statementFault('mysql', fault), fault, 'ours go through');
  assert.equal(statementFault('postgresql', 'odd').code, 'aws-unavailable');
});

test('a connection that fails says what to do about it', () => {
  const target = {
    engine: 'postgresql',
    host: 'db.example',
    port: 5432,
    user: 'master',
    password: 'the secret',
    tls: 'off',
  } as const;
  const login = connectionFault(target, Object.assign(new Error('no'), { code: '28P01', severity: 'FATAL' }));
  assert.equal(login.code, 'permission-denied');
  const missing = connectionFault(target, Object.assign(new Error('no such database'), { code: '3D000', severity: 'FATAL' }));
  assert.equal(missing.code, 'aws-fault');
  const closed = connectionFault(target, Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  assert.equal(closed.code, 'aws-unavailable');
  for (const error of [login, missing, closed]) {
    assert.match(error.message, /db\.example:5432/);
    assert.notEqual(error.next, '');
    assert.ok(!inspect(error).includes('hidden-word'));
  }
});

test('what is about the statement, and what is about the way to it', () => {
  const about = (state: string) => isStatementFault(sqlFault('aws-fault', 'no', { engine: 'postgresql', state, next: 'Look.' }));
  for (const state of ['42501', '42P01', '0A000', 'HY000', 'DatabaseErrorException', 'StatementTimeoutException'])
    assert.equal(about(state), true, state);
  for (const state of [
    '08006',
    '28P01',
    '28000',
    '53300',
    '57P01',
    '58030',
    'ECONNRESET',
    'DatabaseUnavailableException',
    'AccessDeniedException',
    'unfit',
  ])
    assert.equal(about(state), false, state);
  assert.equal(isStatementFault(new Error('42501')), false);
});

test('a login that is refused says nothing of the data, also where the Data API tells of it', () => {
  const told = (message: string) =>
    isStatementFault(sqlFault('aws-fault', message, { engine: 'mysql', state: 'DatabaseErrorException', next: 'Look.' }));
  assert.equal(told('FATAL: password authentication failed for user "master"; SQLState: 28P01'), false);
  assert.equal(
    told("Access denied for user 'master'@'10.0.0.1' (using password: YES); Error code: 1045; SQLState: 28000"),
    false,
  );
  assert.equal(told('ERROR: permission denied for table orders; SQLState: 42501'), true);
  assert.equal(told("Access denied for user 'reader'@'%' to database 'shop'; Error code: 1044; SQLState: 42000"), true);
});
