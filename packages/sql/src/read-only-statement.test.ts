import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotReadOnly } from './read-only-statement.ts';

test('statements that only read', () => {
  for (const sql of [
    'SELECT count(*) FROM orders',
    " select 'delete; -- from' as text ;",
    'WITH latest AS (SELECT max(id) AS id FROM orders) SELECT id FROM latest',
    'VALUES (1)',
    'TABLE orders',
    "SELECT replace(note, 'a', 'b') FROM orders",
    'SELECT "into" FROM orders',
    'SELECT updated_at FROM deletions',
    'SELECT a FROM t WHERE b = $1',
  ])
    assert.equal(whyNotReadOnly('postgresql', sql), undefined, sql);
  assert.equal(whyNotReadOnly('mysql', 'SELECT `into` FROM t WHERE a = "drop; it"'), undefined);
});

test('statements that may do more', () => {
  for (const [sql, why] of [
    ['', /does not begin/],
    ['DELETE FROM orders', /does not begin/],
    ['EXPLAIN ANALYZE DELETE FROM orders', /does not begin/],
    ['SELECT 1; DROP TABLE orders', /more than one/],
    ['SELECT 1;;', /more than one/],
    ['WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone', /DELETE/],
    ['WITH a AS (SELECT 1) UPDATE (orders) SET id = 2', /UPDATE/],
    ['WITH a AS (SELECT 1) INSERT INTO orders SELECT 1', /INSERT/],
    ['SELECT * INTO copy FROM orders', /INTO/],
    ['SELECT * FROM orders FOR UPDATE', /UPDATE/],
    ['SELECT 1 -- DELETE', /comment/],
    ['SELECT 1 /*! INTO OUTFILE 1 */', /comment/],
    ["SELECT '\\'' || 1", /backslash/],
    ["SELECT 'open", /not closed/],
    ['SELECT 1\0', /NUL/],
  ] as const) {
    assert.match(whyNotReadOnly('postgresql', sql) ?? 'nothing', why, sql);
    assert.match(whyNotReadOnly('mysql', sql) ?? 'nothing', why, sql);
  }
  assert.match(whyNotReadOnly('postgresql', 'SELECT $$it$$') ?? '', /dollar/);
  assert.match(whyNotReadOnly('postgresql', 'SELECT $a$it$a$') ?? '', /dollar/);
  assert.match(whyNotReadOnly('mysql', 'SELECT 1 # INTO') ?? '', /comment/);
});
