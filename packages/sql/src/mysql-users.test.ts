import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlAnswer } from '@breakwater/aws';
import { applyUsers } from './apply-users.ts';
import type { SqlSession } from './session.ts';

const SPEC = {
  database: 'shop',
  app: { username: 'shop_app', password: 'app-word' },
  readonly: { username: 'shop_reader', password: 'reader\\word' },
};

/** A server by its answers, for what MariaDB does not do as MySQL 8 does. */
function scripted(answers: readonly (readonly [RegExp, readonly string[]])[]): {
  readonly session: SqlSession;
  readonly said: string[];
} {
  const said: string[] = [];
  const session: SqlSession = {
    engine: 'mysql',
    async query(sql): Promise<SqlAnswer> {
      said.push(sql);
      const rows = answers.find(([fits]) => fits.test(sql))?.[1] ?? [];
      return sql.includes('sql_mode')
        ? { columns: ['mode', 'self'], rows: [[...rows]], updated: undefined }
        : { columns: ['name'], rows: rows.map((row) => [row]), updated: undefined };
    },
    async close() {},
  };
  return { session, said };
}

const SHOP = [/information_schema\.schemata/, ['shop']] as const;
const GRANTED = 'GRANT ALL PRIVILEGES ON `shop`.* TO `shop_app`@`%`';

test('MySQL 8 keeps roles when everything is revoked: a reader with one fails', async () => {
  const { session, said } = scripted([
    [/sql_mode/, ['STRICT_TRANS_TABLES', 'master']],
    SHOP,
    [/SHOW GRANTS FOR 'shop_app'/, [GRANTED]],
    [
      /SHOW GRANTS FOR 'shop_reader'/,
      ['GRANT SELECT ON `shop`.* TO `shop_reader`@`%`', 'GRANT `writers`@`%` TO `shop_reader`@`%`'],
    ],
  ]);
  await assert.rejects(applyUsers(session, SPEC), { code: 'users-failed', message: /it holds a role/ });
  assert.ok(said.includes("REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'shop_reader'@'%'"));
});

test('a grant that the server lets pass without making it', async () => {
  const { session } = scripted([
    [/sql_mode/, ['', 'master']],
    SHOP,
    [/SHOW GRANTS FOR 'shop_app'/, ['GRANT SELECT ON `shop`.* TO `shop_app`@`%`']],
  ]);
  await assert.rejects(applyUsers(session, SPEC), { code: 'users-failed', message: /could not be given INSERT, UPDATE/ });
});

test('a backslash under NO_BACKSLASH_ESCAPES is refused before anything is changed', async () => {
  const { session, said } = scripted([[/sql_mode/, ['STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES', 'master']], SHOP]);
  await assert.rejects(applyUsers(session, SPEC), { kind: 'user', message: /password of the read-only user has a backslash/ });
  assert.equal(said.length, 1);
});
