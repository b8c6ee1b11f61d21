import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { applyUsers, type UsersSpec } from '@breakwater/sql';
import { onEachServer } from './each-server.ts';
import { MASTER, type TestServer } from './servers.ts';

onEachServer('shop_users', (server, engine) => {
  const spec = (): UsersSpec => ({
    database: server().database,
    app: { username: 'shop_app', password: 'it\'s \\ a ; "pass" -- word' },
    readonly: { username: 'shop_reader', password: 'r/*e*/ad' },
  });
  const master = async <T>(act: (session: ReturnType<TestServer['master']>) => Promise<T>): Promise<T> => {
    const session = server().master();
    try {
      return await act(session);
    } finally {
      await session.close();
    }
  };
  const apply = (users: UsersSpec = spec()) => master((session) => applyUsers(session, users));
  const owner = (sql: string) => master((session) => session.query(sql, { reads: false }));
  const app = (sql: string) => server().as(spec().app.username, spec().app.password, sql);
  const reader = (sql: string) => server().as(spec().readonly.username, spec().readonly.password, sql);
  const denied = { name: 'AwsError', message: /denied|must be owner|read-only/ };

  before(async () => {
    await owner('CREATE TABLE orders (id int PRIMARY KEY, note text)');
    await owner("INSERT INTO orders VALUES (1, 'first')");
  });

  test('creates both; the application writes and the reader reads', async () => {
    const changes = await apply();
    assert.ok(changes.includes('created the user "shop_app"'), changes.join('\n'));
    assert.ok(changes.includes('created the user "shop_reader"'));
    assert.equal((await app("INSERT INTO orders VALUES (2, 'second')")).updated, 1);
    assert.equal((await app("UPDATE orders SET note = 'changed' WHERE id = 2")).updated, 1);
    assert.deepEqual((await reader('SELECT note FROM orders WHERE id = 2')).rows, [['changed']]);
    assert.equal((await app('DELETE FROM orders WHERE id = 2')).updated, 1);
  });

  test('a second run sets the passwords and finds nothing else to do', async () => {
    assert.deepEqual(await apply(), ['set the password of "shop_app"', 'set the password of "shop_reader"']);
    assert.deepEqual((await reader('SELECT id FROM orders')).rows, [['1']]);
  });

  test('the reader cannot write, in any of the ways there are', async () => {
    const attempts = [
      "INSERT INTO orders VALUES (9, 'no')",
      "UPDATE orders SET note = 'no'",
      'DELETE FROM orders',
      'TRUNCATE TABLE orders',
      'DROP TABLE orders',
      'ALTER TABLE orders ADD COLUMN more int',
      'CREATE TABLE mine (id int)',
      'CREATE INDEX mine ON orders (id)',
      'CREATE VIEW mine AS SELECT 1 AS one',
      ...(engine === 'postgresql'
        ? [
            'SELECT * FROM orders FOR UPDATE',
            'CREATE SCHEMA mine',
            'CREATE SEQUENCE mine',
            'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
            'ALTER ROLE shop_app NOLOGIN',
            'SET ROLE shop_app',
            'CREATE ROLE mine',
          ]
        : [
            'CREATE DATABASE mine',
            'GRANT SELECT ON orders TO shop_app',
            'CREATE FUNCTION mine() RETURNS int RETURN 1',
            "CREATE USER mine@'%' IDENTIFIED BY 'x'",
            'LOCK TABLES orders WRITE',
          ]),
    ];
    for (const sql of attempts) await assert.rejects(reader(sql), denied, sql);
    assert.deepEqual((await reader('SELECT id, note FROM orders')).rows, [['1', 'first']]);
  });

  test('tables made later are open to both, and closed to the reader’s writes', async () => {
    await owner('CREATE TABLE later (id int)');
    await app('INSERT INTO later VALUES (7)');
    assert.deepEqual((await reader('SELECT id FROM later')).rows, [['7']]);
    await assert.rejects(reader('INSERT INTO later VALUES (8)'), denied);
    assert.deepEqual(await apply(), ['set the password of "shop_app"', 'set the password of "shop_reader"']);
  });

  test('a new password replaces the old one', async () => {
    if (!server().logsIn) return assertVerifiers(server(), spec());
    const other = { ...spec(), readonly: { username: 'shop_reader', password: 'another one' } };
    await apply(other);
    await assert.rejects(reader('SELECT 1'), { code: 'permission-denied' });
    assert.deepEqual((await server().as('shop_reader', 'another one', 'SELECT 1')).rows, [['1']]);
    await apply();
    assert.deepEqual((await reader('SELECT 1')).rows, [['1']]);
  });

  test('the master user, reserved names and twins are refused before anything is changed', async () => {
    const with_ = (app_: string, readonly: string): UsersSpec => ({
      ...spec(),
      app: { username: app_, password: 'secret-word' },
      readonly: { username: readonly, password: 'secret-word' },
    });
    for (const users of [
      with_(MASTER, 'fresh'),
      with_('fresh', MASTER),
      with_('fresh', 'fresh'),
      with_('rdsadmin', 'fresh'),
      with_('fresh', 'public'),
    ])
      await assert.rejects(
        apply(users),
        (error: Error & { code?: string }) => error.code === 'users-failed' && !error.message.includes('secret-word'),
      );
    await assert.rejects(server().as('fresh', 'secret-word', 'SELECT 1'));
  });
});

async function assertVerifiers(server: TestServer, spec: UsersSpec): Promise<void> {
  const stored = await server.admin(`SELECT rolpassword FROM pg_authid WHERE rolname = '${spec.app.username}'`);
  assert.match(stored.rows[0]?.[0] ?? '', /^SCRAM-SHA-256\$4096:/);
}
