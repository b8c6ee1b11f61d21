import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { dataApiSession } from './data-api-session.ts';
import { sqlEngineOf } from './session.ts';

test('the engines of RDS', () => {
  for (const engine of ['aurora-postgresql', 'postgres', 'aurora-postgres']) assert.equal(sqlEngineOf(engine), 'postgresql');
  for (const engine of ['aurora-mysql', 'aurora', 'mysql', 'mariadb']) assert.equal(sqlEngineOf(engine), 'mysql');
  for (const engine of ['docdb', 'neptune', 'sqlserver-se', '']) assert.equal(sqlEngineOf(engine), undefined);
});

test('the Data API is asked for one statement, in the session’s database unless another is named', async () => {
  const asked: unknown[] = [];
  const answer = { columns: [], rows: [], updated: 0 };
  const gateway = {
    async execute(request: unknown) {
      asked.push(request);
      return answer;
    },
  };
  const target = { engine: 'mysql', clusterArn: 'arn:cluster', secretArn: 'arn:secret' } as const;
  const session = dataApiSession(gateway, { ...target, database: 'shop' });
  assert.equal(await session.query('SELECT 1', { reads: true }), answer);
  await session.query('SELECT 2', { reads: false, database: 'other' });
  await dataApiSession(gateway, target).query('SELECT 3', { reads: true });
  await session.close();
  const from = { clusterArn: 'arn:cluster', secretArn: 'arn:secret' };
  assert.deepEqual(asked, [
    { ...from, database: 'shop', sql: 'SELECT 1', reads: true },
    { ...from, database: 'other', sql: 'SELECT 2', reads: false },
    { ...from, sql: 'SELECT 3', reads: true },
  ]);
});

test('drivers are loaded by the first statement of a direct session, not with the package', () => {
  const program = `
    import { createRequire } from 'node:module';
    import { directSession } from '@breakwater/sql';
    const loaded = () => ['pg', 'mysql2'].filter((name) =>
      Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/node_modules/' + name + '/')));
    const session = directSession({ engine: 'mysql', host: '127.0.0.1', port: 1, user: 'u', password: 'p', tls: 'off' });
    const before = loaded();
    const code = await session.query('SELECT 1', { reads: true }).catch((error) => error.code);
    console.log(JSON.stringify({ before, after: loaded(), code }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  assert.deepEqual(JSON.parse(stdout || stderr), { before: [], after: ['mysql2'], code: 'aws-unavailable' });
});
