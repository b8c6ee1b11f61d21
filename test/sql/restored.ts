import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { applyUsers } from '@breakwater/sql';
import { onEachServer } from './each-server.ts';
import { MASTER } from './servers.ts';

/** What a database brings back from its snapshot: years of grants, and a reader that can do more than read. */
onEachServer('my_restored', (server, engine) => {
  const app = { username: 'old_app', password: 'app-word' };
  const readonly = { username: 'old_reader', password: 'reader-word' };
  const apply = async (): Promise<readonly string[]> => {
    const session = server().master();
    try {
      return await applyUsers(session, { database: server().database, app, readonly });
    } finally {
      await session.close();
    }
  };
  const asReader = (sql: string) => server().as(readonly.username, readonly.password, sql);
  const asApp = (sql: string) => server().as(app.username, app.password, sql);
  const asOther = (user: string, sql: string) => server().as(user, 'other-word', sql);
  const denied = { message: /denied|must be owner/ };
  const admin = async (...statements: string[]) => {
    for (const sql of statements) await server().admin(sql);
  };

  const asMaster = async (...statements: string[]) => {
    const session = server().master();
    for (const sql of statements) await session.query(sql, { reads: false });
    await session.close();
  };

  if (engine === 'postgresql') {
    before(async () => {
      const held = ['old_app', 'old_reader', 'old_owner', 'neighbour'];
      for (const role of held) await admin(`DROP ROLE IF EXISTS ${role}`);
      // Since PostgreSQL 16 only who made a role, or has ADMIN on it, may change it.
      await asMaster(
        "CREATE ROLE old_app LOGIN PASSWORD 'other-word'",
        "CREATE ROLE old_reader LOGIN CREATEDB PASSWORD 'other-word' VALID UNTIL '2020-01-01'",
        "CREATE ROLE old_owner LOGIN PASSWORD 'other-word'",
        "CREATE ROLE neighbour LOGIN PASSWORD 'other-word'",
        'GRANT old_app TO old_reader',
      );
      await admin(
        'GRANT pg_monitor TO old_reader',
        // As PostgreSQL 14 and older have it.
        'GRANT CREATE ON SCHEMA public TO PUBLIC',
        'CREATE SCHEMA sales AUTHORIZATION old_owner',
        'CREATE TABLE sales.orders (id serial PRIMARY KEY, note text)',
        'ALTER TABLE sales.orders OWNER TO old_owner',
        'CREATE TABLE sales.open (id int)',
        'ALTER TABLE sales.open OWNER TO old_owner',
        'CREATE TABLE sales.columns (id int, note text)',
        'ALTER TABLE sales.columns OWNER TO old_owner',
        'CREATE VIEW sales."odd ""name" AS SELECT id FROM sales.orders',
        'ALTER VIEW sales."odd ""name" OWNER TO old_owner',
        'CREATE SEQUENCE sales.numbers',
        'ALTER SEQUENCE sales.numbers OWNER TO old_owner',
        'GRANT USAGE ON SCHEMA sales TO PUBLIC',
        'GRANT ALL ON sales.open TO PUBLIC',
        'GRANT USAGE ON SEQUENCE sales.numbers TO PUBLIC',
        'GRANT INSERT (id), UPDATE (note) ON sales.columns TO old_reader',
        'GRANT DELETE ON sales.orders TO old_reader',
        'GRANT CREATE ON SCHEMA sales TO old_reader',
        `CREATE FUNCTION sales.add_order("the note" text, n int DEFAULT 1) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$INSERT INTO sales.orders (note) VALUES ("the note")$$`,
        'ALTER FUNCTION sales.add_order(text, int) OWNER TO old_owner',
        "CREATE FUNCTION sales.plain() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM sales.orders'",
        'ALTER FUNCTION sales.plain() OWNER TO old_owner',
        'ALTER DEFAULT PRIVILEGES FOR ROLE old_owner GRANT INSERT, SELECT ON TABLES TO old_reader',
        'ALTER DEFAULT PRIVILEGES FOR ROLE old_owner IN SCHEMA sales GRANT UPDATE ON TABLES TO PUBLIC',
        'ALTER DEFAULT PRIVILEGES FOR ROLE old_owner IN SCHEMA sales GRANT USAGE ON SEQUENCES TO old_reader',
      );
      await apply();
    });

    test('the reader reads everything and writes nothing', async () => {
      for (const sql of [
        'SELECT id FROM sales.orders',
        'SELECT id FROM sales."odd ""name"',
        'SELECT last_value FROM sales.numbers',
        'SELECT sales.plain()',
        'SELECT id FROM sales.open',
      ])
        await asReader(sql);
      for (const sql of [
        "INSERT INTO sales.orders (note) VALUES ('no')",
        'DELETE FROM sales.orders',
        'INSERT INTO sales.open VALUES (1)',
        'TRUNCATE sales.open',
        'INSERT INTO sales.columns (id) VALUES (1)',
        "UPDATE sales.columns SET note = 'no'",
        "SELECT nextval('sales.numbers')",
        "SELECT setval('sales.numbers', 7)",
        "SELECT sales.add_order('no')",
        'CREATE TABLE public.mine (id int)',
        'CREATE TABLE sales.mine (id int)',
        'CREATE DATABASE mine',
        'SET ROLE old_app',
      ])
        await assert.rejects(asReader(sql), denied, sql);
    });

    test('nobody else lost what everybody had', async () => {
      await asOther('neighbour', 'INSERT INTO sales.open VALUES (2)');
      await asOther('neighbour', "SELECT nextval('sales.numbers')");
      await asOther('neighbour', "SELECT sales.add_order('by a neighbour')");
      await asOther('neighbour', 'CREATE TABLE public.of_neighbour (id int)');
      await asOther('neighbour', 'DROP TABLE public.of_neighbour');
    });

    test('the application writes, also what others own', async () => {
      await asApp("INSERT INTO sales.orders (note) VALUES ('by the app')");
      await asApp("SELECT sales.add_order('through the function')");
      assert.equal((await asApp("DELETE FROM sales.orders WHERE note LIKE '%'")).updated, 3);
    });

    test('objects made later are read by the reader, whoever makes them and wherever', async () => {
      await asOther('old_owner', 'CREATE TABLE sales.later (id serial)');
      await asApp('INSERT INTO sales.later DEFAULT VALUES');
      assert.deepEqual((await asReader('SELECT id FROM sales.later')).rows, [['1']]);
      for (const sql of [
        'INSERT INTO sales.later VALUES (2)',
        'UPDATE sales.later SET id = 2',
        "SELECT nextval('sales.later_id_seq')",
      ])
        await assert.rejects(asReader(sql), denied, sql);
      await asOther(
        'old_owner',
        "CREATE FUNCTION sales.more() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO sales.later DEFAULT VALUES'",
      );
      await assert.rejects(asReader('SELECT sales.more()'), denied);
      await asApp('SELECT sales.more()');
      await asOther('neighbour', 'SELECT sales.more()');
      await server().as('old_app', 'app-word', 'CREATE TABLE public.of_app (id int)');
      await asReader('SELECT id FROM public.of_app');
      await admin(`GRANT CREATE ON DATABASE ${server().database} TO old_owner`);
      await asOther('old_owner', 'CREATE SCHEMA fresh');
      await asOther('old_owner', 'CREATE TABLE fresh.thing (id int)');
      await asReader('SELECT id FROM fresh.thing');
      await asApp('INSERT INTO fresh.thing VALUES (1)');
    });

    test('a second run finds nothing to do', async () => {
      assert.deepEqual(await apply(), ['set the password of "old_app"', 'set the password of "old_reader"']);
    });

    test('what cannot be taken away fails, and says what', async () => {
      await admin(
        'CREATE SCHEMA foreign_schema',
        'CREATE TABLE foreign_schema.open (id int)',
        'GRANT ALL ON foreign_schema.open TO PUBLIC',
      );
      await assert.rejects(apply(), { code: 'users-failed', message: /foreign_schema/ });
      await admin('DROP SCHEMA foreign_schema CASCADE');
    });

    test('a grant that the server only warns about is no grant', async () => {
      await admin('CREATE TABLE public.of_superuser (id int)', `GRANT SELECT ON public.of_superuser TO ${MASTER}`);
      await assert.rejects(apply(), { code: 'users-failed', message: /could not be given .* on public\.of_superuser/ });
      await admin('DROP TABLE public.of_superuser');
      await apply();
    });

    test('a reader that owns something is refused: an owner may always write', async () => {
      await admin('CREATE TABLE public.owned (id int)', 'ALTER TABLE public.owned OWNER TO old_reader');
      await assert.rejects(apply(), { code: 'users-failed', message: /owns 1 objects/ });
      await admin('DROP TABLE public.owned');
      await apply();
    });

    test('a schema that is called almost like those of the server is none, also where a backslash escapes in every literal', async () => {
      const everyBackslash = (value: 'off' | 'on') =>
        admin(`${server().logsIn ? `ALTER ROLE ${MASTER} ` : ''}SET standard_conforming_strings = ${value}`);
      await admin(
        'CREATE SCHEMA pgshop AUTHORIZATION old_owner',
        'CREATE TABLE pgshop.open (id int)',
        'ALTER TABLE pgshop.open OWNER TO old_owner',
        'GRANT INSERT ON pgshop.open TO old_reader, PUBLIC',
        'DROP ROLE IF EXISTS pgneighbour',
      );
      await asMaster("CREATE ROLE pgneighbour LOGIN PASSWORD 'other-word'");
      await admin('GRANT USAGE ON SCHEMA pgshop TO pgneighbour');
      await everyBackslash('off');
      try {
        await apply();
      } finally {
        await everyBackslash('on');
      }
      assert.deepEqual((await asReader('SELECT id FROM pgshop.open')).rows, []);
      await assert.rejects(asReader('INSERT INTO pgshop.open VALUES (1)'), denied);
      await asOther('pgneighbour', 'INSERT INTO pgshop.open VALUES (2)');
      await admin('DROP SCHEMA pgshop CASCADE');
    });

    test('a superuser is no reader', async () => {
      await admin('ALTER ROLE old_reader SUPERUSER');
      await assert.rejects(apply(), { code: 'users-failed', message: /superuser/ });
      await admin('ALTER ROLE old_reader NOSUPERUSER');
      await apply();
    });
  } else {
    before(async () => {
      await admin(
        'CREATE TABLE orders (id int PRIMARY KEY, note text)',
        'CREATE OR REPLACE PROCEDURE add_order() SQL SECURITY DEFINER INSERT INTO orders VALUES (77, NULL)',
        'DROP DATABASE IF EXISTS myxrestored',
        'CREATE DATABASE myxrestored',
        'CREATE TABLE myxrestored.secrets (id int)',
        "CREATE OR REPLACE USER old_app@'%' IDENTIFIED BY 'other-word'",
        "CREATE OR REPLACE USER old_reader@'%' IDENTIFIED BY 'other-word' ACCOUNT LOCK",
        "GRANT ALL ON *.* TO old_reader@'%' WITH GRANT OPTION",
        "GRANT INSERT (id) ON orders TO old_reader@'%'",
        "GRANT EXECUTE ON PROCEDURE add_order TO old_reader@'%'",
      );
      await apply();
    });

    test('the reader reads its database, no other of a like name, and writes nothing', async () => {
      await asReader('SELECT id FROM orders');
      for (const sql of [
        'INSERT INTO orders (id) VALUES (1)',
        'CALL add_order()',
        'CREATE TABLE mine (id int)',
        'SELECT id FROM myxrestored.secrets',
        "GRANT SELECT ON *.* TO old_app@'%'",
      ])
        await assert.rejects(asReader(sql), denied, sql);
      await asApp('CALL add_order()');
      await assert.rejects(asApp('SELECT id FROM myxrestored.secrets'), denied);
    });

    test('a second run finds nothing to do', async () => {
      assert.deepEqual(await apply(), ['set the password of "old_app"', 'set the password of "old_reader"']);
    });

    test('a role of the reader goes with the rest', async () => {
      await admin(
        'CREATE OR REPLACE ROLE old_writers',
        'GRANT INSERT ON *.* TO old_writers',
        "GRANT old_writers TO old_reader@'%'",
      );
      assert.ok((await apply()).includes('took everything from "old_reader" that was not reading'));
      await assert.rejects(asReader('SET ROLE old_writers'));
      await asReader('SELECT id FROM orders');
      await admin('DROP ROLE old_writers');
    });

    test('a reader that exists for another host is refused', async () => {
      await admin("CREATE USER old_reader@'10.%' IDENTIFIED BY 'other-word'");
      await assert.rejects(apply(), { code: 'users-failed', message: /'10\.%'/ });
      await admin("DROP USER old_reader@'10.%'");
      await apply();
    });

    test('a database that is not there', async () => {
      const session = server().master();
      try {
        await assert.rejects(applyUsers(session, { database: 'nowhere', app, readonly }), {
          message: /nowhere/,
        });
      } finally {
        await session.close();
      }
    });
  }
});
