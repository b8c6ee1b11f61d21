import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseScenario } from '../scenario/load-scenario.ts';
import { pgliteBackend } from './pglite-backend.ts';
import type { SqlRequest } from './sql-backend.ts';
import { sqlBackendOf } from './sql-backend-of.ts';

const REQUEST: SqlRequest = {
  clusterArn: 'arn:aws:rds:us-west-2:111122223333:cluster:shop',
  resourceId: 'cluster-ONE',
  engine: 'aurora-postgresql',
  engineVersion: '16.6',
  restoredFrom: undefined,
  credentials: { username: 'shop_master', password: 'word' },
  isMaster: true,
  database: 'shop',
  sql: 'SELECT note FROM orders',
  parameters: [],
  transactionId: undefined,
};
const backend = sqlBackendOf(
  parseScenario(`
name: sql
sqlServer:
  kind: pglite
  contents: |
    CREATE TABLE orders (note text);
    INSERT INTO orders VALUES ('from the snapshot');
sqlAnswers: [{ sql: SELECT secret *, error: "ERROR: out of shared memory" }]
`),
);
after(() => backend.close?.());

test('a scenario’s server: each cluster has its own contents and shows its own version', async () => {
  await backend.ready?.();
  const rows = async (over: Partial<SqlRequest>) => {
    const answer = await backend.execute({ ...REQUEST, ...over });
    return 'error' in answer ? answer.error.message : answer.rows;
  };
  assert.deepEqual(await rows({}), [['from the snapshot']]);
  assert.deepEqual(await rows({ sql: "UPDATE orders SET note = 'changed' RETURNING note" }), [['changed']]);
  assert.deepEqual(await rows({ resourceId: 'cluster-TWO' }), [['from the snapshot']], 'another cluster');
  assert.deepEqual(await rows({}), [['changed']]);
  assert.deepEqual(await rows({ sql: 'SHOW server_version' }), [['16.6']]);
  assert.match(
    String(await rows({ isMaster: false, credentials: { username: 'nobody', password: 'x' } })),
    /authentication failed/,
  );
  assert.deepEqual(
    await backend.execute({ ...REQUEST, sql: 'SELECT * FROM nowhere' }),
    { error: { message: 'ERROR: relation "nowhere" does not exist', sqlState: '42P01' } },
    'the server’s own words',
  );
});

test('listed answers come before the server, and MySQL is not asked of PostgreSQL', async () => {
  assert.deepEqual(await backend.execute({ ...REQUEST, sql: 'SELECT secret FROM orders' }), {
    error: { message: 'ERROR: out of shared memory' },
  });
  const mysql = await backend.execute({ ...REQUEST, engine: 'aurora-mysql', resourceId: 'cluster-MY' });
  assert.ok('error' in mysql && /no database behind this statement/.test(mysql.error.message));
});

test('without the package it is said what to install, before anything begins', async () => {
  const missing = () => Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }));
  const absent = pgliteBackend(() => '', missing);
  await assert.rejects(async () => absent.ready(), {
    name: 'UserError',
    code: 'usage',
    message: /@electric-sql\/pglite is not installed/,
    next: /npm install --no-save @electric-sql\/pglite/,
  });
  const answer = await absent.execute(REQUEST);
  assert.ok('error' in answer && /is not installed/.test(answer.error.message), 'nor is it a crash when nobody made it ready');
  await absent.close();
  const broken = pgliteBackend(
    () => '',
    () => Promise.reject(new Error('no WebAssembly here')),
  );
  await assert.rejects(async () => broken.ready(), /no WebAssembly here/);
});

test('a scenario says what stands there, or that nothing does', () => {
  assert.equal(parseScenario('name: x').sqlServer, undefined);
  assert.equal(parseScenario('name: x\nsqlServer: none').sqlServer, undefined);
  assert.throws(() => parseScenario('name: x\nsqlServer: { kind: oracle }'), { code: 'scenario-invalid', message: /sqlServer/ });
});
