import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { applyUsers, type DirectTarget, directSession, verifyDatabase } from '@breakwater/sql';
import { onEachServer } from './each-server.ts';

onEachServer('direct', (server, engine) => {
  test('several statements in one text are refused', async () => {
    const session = server().master();
    try {
      await session.query('CREATE TABLE kept (id int)', { reads: false });
      await assert.rejects(session.query('SELECT 1; DROP TABLE kept', { reads: false }), { code: 'aws-fault' });
      assert.deepEqual((await session.query('SELECT count(*) AS n FROM kept', { reads: true })).rows, [['0']]);
    } finally {
      await session.close();
    }
  });

  test('what reads cannot write', async () => {
    const session = server().master();
    try {
      await assert.rejects(session.query('INSERT INTO kept VALUES (1)', { reads: true }), /read.only transaction/i);
      assert.deepEqual((await session.query('SELECT id FROM kept', { reads: true })).rows, []);
      assert.equal((await session.query('INSERT INTO kept VALUES (1)', { reads: false })).updated, 1);
    } finally {
      await session.close();
    }
  });

  test('values are text, and NULL is null', async () => {
    const session = server().master();
    try {
      const { columns, rows } = await session.query("SELECT 12345678901234567890.10 AS n, NULL AS nothing, 'ä😀' AS t", {
        reads: true,
      });
      assert.deepEqual({ columns, rows }, { columns: ['n', 'nothing', 't'], rows: [['12345678901234567890.10', null, 'ä😀']] });
    } finally {
      await session.close();
    }
  });

  test('a database that is not there does not spoil the session, and is found once it is there', async () => {
    if (!server().logsIn) return;
    const session = server().master();
    const elsewhere = { reads: true, database: 'direct_later' };
    try {
      await assert.rejects(session.query('SELECT 1', elsewhere), { code: 'aws-fault', message: /direct_later/ });
      assert.deepEqual((await session.query('SELECT 1 AS one', { reads: true })).rows, [['1']]);
      await server().admin('CREATE DATABASE direct_later');
      assert.deepEqual((await session.query('SELECT 1 AS one', elsewhere)).rows, [['1']]);
    } finally {
      await session.close();
      await server().admin('DROP DATABASE direct_later');
    }
  });

  if (engine === 'postgresql')
    test('no password is in what the server logs, of statements that went well', async () => {
      const log = process.env['BREAKWATER_TEST_POSTGRESQL_LOG'];
      if (!server().logsIn || log === undefined) return;
      const session = server().master();
      try {
        await applyUsers(session, {
          database: server().database,
          app: { username: 'logged_app', password: 'never-logged-1' },
          readonly: { username: 'logged_reader', password: 'never-logged-2' },
        });
      } finally {
        await session.close();
      }
      const text = await readFile(log, 'utf8');
      assert.match(text, /CREATE ROLE "logged_app"/);
      assert.ok(!text.includes('never') || !/never.{0,6}logged/.test(text));
    });

  test('who is not let in has found nothing out: no check is said to have failed', async () => {
    const address = process.env[engine === 'mysql' ? 'BREAKWATER_TEST_MYSQL' : 'BREAKWATER_TEST_POSTGRESQL'];
    if (!server().logsIn || address === undefined) return;
    const { hostname: host, port, username: user } = new URL(address);
    const session = directSession({ engine, host, port: Number(port), user, password: 'not-this', tls: 'off' });
    try {
      await assert.rejects(verifyDatabase(session, [{ kind: 'database', name: 'kept' }]), { code: 'permission-denied' });
    } finally {
      await session.close();
    }
  });

  test('TLS: the server is proved by its certificate and its name', async () => {
    const authority = process.env['BREAKWATER_TEST_AUTHORITY'];
    const address = process.env[engine === 'mysql' ? 'BREAKWATER_TEST_MYSQL' : 'BREAKWATER_TEST_POSTGRESQL'];
    if (!server().logsIn || authority === undefined || address === undefined) return;
    const url = new URL(address);
    const ca = await readFile(authority, 'utf8');
    const ask = async (host: string, tls: DirectTarget['tls']) => {
      const session = directSession({ engine, host, port: Number(url.port), user: url.username, password: url.password, tls });
      try {
        const sql =
          engine === 'mysql' ? "SHOW STATUS LIKE 'Ssl_version'" : 'SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
        return (await session.query(sql, { reads: true })).rows[0]?.at(-1);
      } finally {
        await session.close();
      }
    };
    assert.match((await ask('localhost', { ca })) ?? '', /^TLSv1\.[23]$/);
    await assert.rejects(ask('localhost', 'rds'), { code: 'aws-unavailable', message: /certificate/ }, 'not signed by Amazon');
    await assert.rejects(
      ask('127.1', { ca }),
      { code: 'aws-unavailable', message: /altnames/ },
      'not the name in the certificate',
    );
  });
});
