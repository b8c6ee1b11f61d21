import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { before, test } from 'node:test';
import { applyUsers, type SqlSession } from '@breakwater/sql';
import fc from 'fast-check';
import { onEachServer } from './each-server.ts';

const NASTY = [
  "'",
  '"',
  '`',
  '\\',
  ';',
  '--',
  '/*',
  '*/',
  '#',
  '$$',
  '$1',
  ':name',
  '%',
  '_',
  '?',
  '\n',
  '\t',
  '\r',
  "'; DROP TABLE canary; --",
  '{',
  '\u0000',
];

/** Text of nasty pieces and any Unicode; of those that the engine cannot hold, only what `fits`. */
function hostile(most: number, fits: (text: string) => boolean): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', minLength: 1, maxLength: 3 })), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => `x${parts.join('')}x`)
    .filter(
      (text) =>
        !text.includes('\0') && text.isWellFormed() && [...text].length <= most && Buffer.byteLength(text) <= 63 && fits(text),
    );
}

const basic = (text: string) => !/[\u{10000}-\u{10ffff}]/u.test(text);

/** What SASLprep maps to nothing or to a space. */
const MAPPED = /\u00ad|\u034f|\u1680|\u1806|[\u180b-\u180d]|\u200b|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/u;

/**
 * PostgreSQL leaves a password with characters that SASLprep prohibits as it is; the driver of this test changes it all the same, and is
 * then not let in. So only texts that both leave alone.
 */
function unprepared(text: string): boolean {
  return text === text.normalize('NFKC') && !MAPPED.test(text);
}

onEachServer('hostile', (server, engine) => {
  const fits = engine === 'mysql' ? basic : () => true;
  const name = hostile(30, fits);
  const password = hostile(60, (text) => fits(text) && (engine === 'mysql' || unprepared(text))).map((text) => `${text}pw!`);
  const within = async <T>(act: (session: SqlSession) => Promise<T>): Promise<T> => {
    const session = server().master();
    try {
      return await act(session);
    } finally {
      await session.close();
    }
  };
  const usersThere = async () =>
    (
      await server().admin(engine === 'mysql' ? "SELECT user FROM mysql.user WHERE host = '%'" : 'SELECT rolname FROM pg_roles')
    ).rows
      .map(([user]) => String(user))
      .sort();
  const remove = async (user: string) => {
    if (engine === 'mysql')
      return void (await server().admin(`DROP USER '${user.replaceAll('\\', '\\\\').replaceAll("'", "''")}'@'%'`));
    const quoted = `"${user.replaceAll('"', '""')}"`;
    await server().admin(`DROP OWNED BY ${quoted}`);
    await server().admin(`DROP ROLE ${quoted}`);
  };

  before(async () => {
    await within(async (session) => {
      await session.query('CREATE TABLE canary (id int)', { reads: false });
      await session.query('INSERT INTO canary VALUES (1)', { reads: false });
    });
  });

  test('whatever names and passwords are made of, there are two users more and nothing else has happened', async () => {
    await fc.assert(
      fc.asyncProperty(name, name, password, password, async (app, readonly, appPassword, readonlyPassword) => {
        fc.pre(app.toLowerCase() !== readonly.toLowerCase());
        const users = await usersThere();
        const spec = {
          database: server().database,
          app: { username: app, password: appPassword },
          readonly: { username: readonly, password: readonlyPassword },
        };
        try {
          const changes = await within((session) => applyUsers(session, spec));
          for (const change of changes) assert.ok(!change.includes(appPassword) && !change.includes(readonlyPassword));
          assert.deepEqual(await usersThere(), [...users, app, readonly].sort());

          await server().as(app, appPassword, 'INSERT INTO canary VALUES (2)');
          assert.deepEqual((await server().as(readonly, readonlyPassword, 'SELECT id FROM canary ORDER BY id')).rows, [
            ['1'],
            ['2'],
          ]);
          await assert.rejects(server().as(readonly, readonlyPassword, 'DELETE FROM canary'), /denied/);
          assert.equal((await server().as(app, appPassword, 'DELETE FROM canary WHERE id = 2')).updated, 1);
          if (server().logsIn)
            await assert.rejects(server().as(app, `${appPassword}x`, 'SELECT 1'), { code: 'permission-denied' });
          else await assertStored(app, appPassword);
        } finally {
          const left = await usersThere();
          for (const user of [app, readonly]) if (left.includes(user)) await remove(user);
        }
        assert.deepEqual(await usersThere(), users);
      }),
      { numRuns: server().logsIn ? 25 : 6 },
    );
  });

  /** PGlite lets everybody in, so what it stored is compared with what a client would prove. */
  async function assertStored(user: string, word: string): Promise<void> {
    const hex = Buffer.from(user).toString('hex');
    const stored = (await server().admin(`SELECT rolpassword FROM pg_authid WHERE rolname = convert_from('\\x${hex}', 'UTF8')`))
      .rows[0]?.[0];
    const [, iterations, salt, storedKey] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(stored ?? '') ?? [];
    assert.ok(storedKey !== undefined && salt !== undefined, String(stored));
    // SASLprep changes some texts beyond ASCII; the server's own work on those is not repeated here.
    if (!/^[ -~]+$/.test(word)) return;
    const salted = pbkdf2Sync(word, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
    const client = createHmac('sha256', salted).update('Client Key').digest();
    assert.equal(createHash('sha256').update(client).digest('base64'), storedKey);
  }
});
