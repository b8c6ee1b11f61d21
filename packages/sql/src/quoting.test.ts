import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkDatabaseName,
  checkPassword,
  checkUserName,
  mysqlAccount,
  mysqlGrantDatabase,
  mysqlIdentifier,
  mysqlLiteral,
  postgresqlIdentifier,
  postgresqlLiteral,
  requireBackslashEscapes,
} from './quoting.ts';

test('PostgreSQL: plain names stay readable, the rest is encoded', () => {
  assert.equal(postgresqlIdentifier('App_user1'), '"App_user1"');
  assert.equal(postgresqlIdentifier('a"; DROP TABLE x; --'), 'U&"a\\0022\\003b DROP TABLE x\\003b --"');
  assert.equal(postgresqlIdentifier('😀'), 'U&"\\+01f600"');
  assert.equal(postgresqlLiteral("it's"), "E'it\\u0027s'");
  assert.equal(postgresqlLiteral('\\ 😀'), "E'\\u005c \\U0001f600'");
});

test('PostgreSQL: between the quotes is nothing that any reader could stop at', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.match(postgresqlLiteral(text), /^E'[A-Za-z0-9_ \\-]*'$/);
      assert.match(postgresqlIdentifier(text), /^(U&)?"[A-Za-z0-9_ \\+-]*"$/);
    }),
  );
});

test('MySQL: quotes and backslashes are doubled', () => {
  assert.equal(mysqlIdentifier('a`b'), '`a``b`');
  assert.equal(mysqlLiteral("it's \\"), "'it''s \\\\'");
  assert.equal(mysqlAccount("o'neil"), "'o''neil'@'%'");
});

test('MySQL: a literal ends where it should, whichever way its backslashes are read', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("'", '\\', '"', '`', ';', '-', 'x', '\n')), (characters) => {
      const text = characters.join('');
      const inside = mysqlLiteral(text).slice(1, -1);
      assert.equal(
        inside.replaceAll(/\\(.)|''/gs, (_, escaped) => escaped ?? "'"),
        text,
      );
      assert.doesNotMatch(inside.replaceAll("''", ''), /'/, 'no lone quote without escapes');
      assert.doesNotMatch(inside.replaceAll(/\\.|''/gs, ''), /'/, 'no lone quote with escapes');
    }),
  );
});

test('MySQL: a database in GRANT is no pattern', () => {
  assert.equal(mysqlGrantDatabase('my_shop%'), '`my\\_shop\\%`');
});

test('names that an engine cuts, changes or cannot hold are refused', () => {
  const refused = { kind: 'user', code: 'users-failed' };
  for (const name of ['', 'a\0b', '\ud800', ' a', 'a ', 'n'.repeat(64), 'ü'.repeat(32)])
    assert.throws(() => checkUserName('postgresql', 'name', name), refused, JSON.stringify(name));
  for (const name of ['', 'a\0b', '\ud800', ' a', 'a ', 'n'.repeat(33), '😀'])
    assert.throws(() => checkUserName('mysql', 'name', name), refused, JSON.stringify(name));
  for (const name of ['a\\b', 'n'.repeat(65)]) assert.throws(() => checkDatabaseName('mysql', name), refused, name);
  for (const name of ['', 'n'.repeat(64)]) assert.throws(() => checkDatabaseName('postgresql', name), refused, name);
  checkUserName('postgresql', 'name', 'n'.repeat(63));
  checkUserName('mysql', 'name', 'n'.repeat(32));
  checkDatabaseName('mysql', 'n'.repeat(64));
});

test('passwords that would be changed on the way are refused, without being shown', () => {
  for (const [engine, password] of [
    ['postgresql', ''],
    ['postgresql', 'pass\0word'],
    ['postgresql', 'pass\udc00word'],
    ['mysql', 'password'.repeat(33)],
    ['mysql', 'pass😀word'],
  ] as const)
    assert.throws(
      () => checkPassword(engine, 'password of the application user', password),
      (error: Error) =>
        !error.message.includes('pass\0') && !error.message.includes('pass😀') && !error.message.includes('passwordp'),
    );
  checkPassword('postgresql', 'password', 'pass😀word');
  checkPassword('mysql', 'password', 'päß"\'\\;--');
});

test('NO_BACKSLASH_ESCAPES with a backslash is refused, without showing the text', () => {
  const mode = 'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES';
  assert.throws(() => requireBackslashEscapes(mode, { word: 'sec\\ret' }), {
    code: 'users-failed',
    message: 'the word has a backslash, and the server runs with NO_BACKSLASH_ESCAPES',
  });
  requireBackslashEscapes(mode, { word: "sec'ret" });
  requireBackslashEscapes('STRICT_TRANS_TABLES', { word: 'sec\\ret' });
});
