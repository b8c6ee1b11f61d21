import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingPrivileges, onlyReads, readMysqlGrant } from './mysql-grants.ts';

test('lines of SHOW GRANTS, as MySQL and MariaDB write them', () => {
  for (const [line, privileges, on, reads] of [
    [
      "GRANT USAGE ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
      ['USAGE'],
      '*.*',
      true,
    ],
    ['GRANT SELECT, SHOW VIEW ON `my\\_shop`.* TO `reader`@`%`', ['SELECT', 'SHOW VIEW'], '`my\\_shop`.*', true],
    ['GRANT SELECT ON "shop".* TO "reader"@"%"', ['SELECT'], '`shop`.*', true],
    ['GRANT SELECT (`id`, `a, DROP ON x TO y`) ON `shop`.`orders` TO `reader`@`%`', ['SELECT'], '`shop`.`orders`', true],
    ['GRANT SELECT, INSERT (`note`) ON `shop`.`orders` TO `reader`@`%`', ['SELECT', 'INSERT'], '`shop`.`orders`', false],
    ['GRANT ALL PRIVILEGES ON *.* TO `reader`@`%` WITH GRANT OPTION', ['ALL PRIVILEGES', 'GRANT OPTION'], '*.*', false],
    ['GRANT SELECT ON `shop`.* TO `reader`@`%` WITH GRANT OPTION', ['SELECT', 'GRANT OPTION'], '`shop`.*', false],
    [
      'GRANT USAGE ON *.* TO `reader`@`%` REQUIRE SSL WITH GRANT OPTION MAX_QUERIES_PER_HOUR 9',
      ['USAGE', 'GRANT OPTION'],
      '*.*',
      false,
    ],
    ['GRANT SELECT ON `shop`.* TO `x WITH GRANT OPTION`@`%`', ['SELECT'], '`shop`.*', true],
    ['GRANT EXECUTE ON PROCEDURE `shop`.`write` TO `reader`@`%`', ['EXECUTE'], '`shop`.`write`', false],
    ['GRANT BACKUP_ADMIN,ROLE_ADMIN ON *.* TO `reader`@`%`', ['BACKUP_ADMIN', 'ROLE_ADMIN'], '*.*', false],
    ['SET DEFAULT ROLE NONE FOR `reader`@`%`', [], '', true],
  ] as const) {
    const grant = readMysqlGrant(line);
    assert.deepEqual(grant, { privileges, on }, line);
    assert.equal(onlyReads(grant), reads, line);
  }
});

test('what is not understood, as a role, is not taken for reading', () => {
  for (const line of ['GRANT `writers`@`%` TO `reader`@`%`', 'GRANT PROXY', 'REVOKE INSERT ON `a`.* FROM `b`@`%`', ''])
    assert.equal(onlyReads(readMysqlGrant(line)), false, line);
});

test('a name in quotes cannot pass for words', () => {
  const grant = readMysqlGrant('GRANT INSERT ON `x`.* TO `SELECT ON *.* TO ``me`@`%`');
  assert.deepEqual(grant, { privileges: ['INSERT'], on: '`x`.*' });
});

test('what is missing', () => {
  const grants = ['GRANT SELECT ON `shop`.* TO `a`@`%`', 'GRANT INSERT ON `other`.* TO `a`@`%`', 'GRANT `r`@`%` TO `a`@`%`'].map(
    readMysqlGrant,
  );
  assert.deepEqual(missingPrivileges(grants, '`shop`.*', ['SELECT', 'INSERT']), ['INSERT']);
  assert.deepEqual(missingPrivileges([readMysqlGrant('GRANT ALL PRIVILEGES ON *.* TO `a`@`%`')], '`shop`.*', ['SELECT']), []);
});
