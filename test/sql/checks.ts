import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { DatabaseCheck } from '@breakwater/plan';
import { type SqlSession, verifyDatabase } from '@breakwater/sql';
import { onEachServer } from './each-server.ts';

onEachServer('checked', (server, engine) => {
  const within = async <T>(act: (session: SqlSession) => Promise<T>): Promise<T> => {
    const session = server().master();
    try {
      return await act(session);
    } finally {
      await session.close();
    }
  };
  const verify = (...checks: DatabaseCheck[]) => within((session) => verifyDatabase(session, checks));
  const one = async (check: DatabaseCheck) => {
    const [result] = await verify(check);
    assert.ok(result !== undefined);
    return result;
  };

  before(() =>
    within(async (session) => {
      for (const sql of [
        'CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), paid boolean)',
        'CREATE TABLE empty_one (id int)',
        "INSERT INTO orders VALUES (1, 'first', true), (2, NULL, false), (3, 'third', true)",
      ])
        await session.query(sql, { reads: false });
    }),
  );

  test('engine version: equal, or a beginning up to a dot', async () => {
    const { found } = await one({ kind: 'engine-version', version: '0' });
    assert.match(found, /^\d+(\.\d+)+$/);
    const major = found.split('.')[0] ?? '';
    assert.deepEqual(await one({ kind: 'engine-version', version: found }), {
      check: `engine version ${found}`,
      ok: true,
      found,
    });
    assert.equal((await one({ kind: 'engine-version', version: major })).ok, true);
    assert.equal((await one({ kind: 'engine-version', version: major.slice(0, 1) })).ok, false, 'a digit is not a part');
    const aurora = await one({ kind: 'engine-version', version: `${major}.mysql_aurora.3.05.2` });
    assert.equal(aurora.ok, false);
    assert.match(aurora.found, /^error: .*aurora_version/i);
  });

  test('databases and tables', async () => {
    const { database } = server();
    const place = engine === 'mysql' ? {} : { schema: 'public' };
    assert.deepEqual(
      await verify(
        { kind: 'database', name: database },
        { kind: 'database', name: "no'where" },
        { kind: 'table', name: 'orders' },
        { kind: 'table', database, ...place, name: 'orders' },
        { kind: 'table', name: "or'ders" },
        { kind: 'table', schema: 'nowhere', name: 'orders' },
      ),
      [
        { check: `database ${database} exists`, ok: true, found: 'it exists' },
        { check: "database no'where exists", ok: false, found: 'it does not exist' },
        { check: 'table orders exists', ok: true, found: 'it exists' },
        { check: `table ${[database, ...Object.values(place), 'orders'].join('.')} exists`, ok: true, found: 'it exists' },
        { check: "table or'ders exists", ok: false, found: 'it does not exist' },
        { check: 'table nowhere.orders exists', ok: false, found: 'it does not exist' },
      ],
    );
  });

  test('bounds of rows', async () => {
    const rows = (bounds: { readonly min?: number; readonly max?: number }, table = 'orders') =>
      one({ kind: 'rows', table, ...bounds });
    assert.deepEqual(await rows({ min: 3 }), { check: 'rows of orders: at least 3', ok: true, found: 'at least 3' });
    assert.deepEqual(await rows({ min: 4 }), { check: 'rows of orders: at least 4', ok: false, found: '3' });
    assert.deepEqual(await rows({ max: 3 }), { check: 'rows of orders: at most 3', ok: true, found: '3' });
    assert.deepEqual(await rows({ max: 2 }), { check: 'rows of orders: at most 2', ok: false, found: 'at least 3' });
    assert.deepEqual(await rows({ min: 1, max: 5 }), { check: 'rows of orders: at least 1, at most 5', ok: true, found: '3' });
    assert.equal((await rows({ min: 1 }, 'empty_one')).ok, false);
    assert.equal((await rows({ max: 0 }, 'empty_one')).ok, true);
    const missing = await rows({ min: 1 }, 'no"`where');
    assert.equal(missing.ok, false);
    assert.match(missing.found, /^error: /);
  });

  test('queries: the first value of the first row, as text', async () => {
    const ask = (sql: string, expect: string) => one({ kind: 'query', name: 'asked', sql, expect });
    assert.deepEqual(await ask('SELECT count(*) FROM orders WHERE paid;', '2'), { check: 'asked: 2', ok: true, found: '2' });
    assert.deepEqual(await ask('SELECT note FROM orders ORDER BY id DESC', 'first'), {
      check: 'asked: first',
      ok: false,
      found: 'third',
    });
    assert.deepEqual(await ask('SELECT note FROM orders WHERE id = 2', 'NULL'), {
      check: 'asked: NULL',
      ok: true,
      found: 'NULL',
    });
    assert.deepEqual(await ask('SELECT note FROM orders WHERE id = 9', ''), { check: 'asked: ', ok: false, found: 'no row' });
    assert.equal((await ask('SELECT paid FROM orders WHERE id = 1', engine === 'mysql' ? '1' : 'true')).ok, true);
    assert.match((await ask('SELECT nothing FROM orders', '1')).found, /^error: .*nothing/);
    assert.equal((await ask("SELECT repeat('x', 999)", 'x')).found.length, 201);
  });

  test('a check that would change something is refused before any is run, and where a function hides it the server refuses', async () => {
    const asked: string[] = [];
    await within(async (session) => {
      const spy: SqlSession = {
        ...session,
        query: (sql, options) => {
          asked.push(sql);
          return session.query(sql, options);
        },
      };
      await assert.rejects(
        verifyDatabase(spy, [
          { kind: 'table', name: 'orders' },
          { kind: 'query', name: 'evil', sql: 'DELETE FROM orders', expect: '3' },
        ]),
        { kind: 'user', code: 'usage', message: /"evil".*does not begin with SELECT/ },
      );
    });
    assert.deepEqual(asked, []);
    if (engine === 'postgresql') {
      await server().admin('CREATE SEQUENCE IF NOT EXISTS counted');
      const hidden = await one({ kind: 'query', name: 'hidden', sql: "SELECT nextval('counted')", expect: '1' });
      assert.deepEqual(hidden.ok, false);
      assert.match(hidden.found, /read-only transaction|permission denied/);
    }
  });

  test('bounds that are none are refused', async () => {
    for (const bounds of [{}, { min: -1 }, { max: 1.5 }, { min: Number.NaN }, { min: 3, max: 2 }])
      await assert.rejects(verify({ kind: 'rows', table: 'orders', ...bounds }), { kind: 'user', code: 'usage' });
  });
});
