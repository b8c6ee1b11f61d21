import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import { parseChecks, parseTexts } from './yaml-inputs.ts';

test('checks are what plan files write', () => {
  assert.deepEqual(parseChecks(undefined), []);
  const text = `
- engineVersion: 16.10
- database: shop
- table: { name: orders }
- table: { name: orders, database: shop, schema: public, minRows: 10, maxRows: 20 }
- query: { name: newest, database: shop, sql: "select 1", expect: "1" }
`;
  assert.deepEqual(parseChecks(text), [
    { kind: 'engine-version', version: '16.10' },
    { kind: 'database', name: 'shop' },
    { kind: 'table', name: 'orders' },
    { kind: 'rows', table: 'orders', database: 'shop', schema: 'public', min: 10, max: 20 },
    { kind: 'query', name: 'newest', database: 'shop', sql: 'select 1', expect: '1' },
  ]);
});

test('checks that are none are refused, by number and name', () => {
  const cases: readonly [string, RegExp][] = [
    ['a: [', /is not YAML/],
    ['a: b', /is not a list/],
    ['- a', /check 1 must say exactly one thing/],
    ['- { database: a, engineVersion: b }', /check 1 must say exactly one thing/],
    ['- database: a\n- index: b', /check 2 is a "index"; legal are engineVersion, database, table and query/],
    ['- database: ""', /"database" of check 1 must be a text/],
    ['- table: orders', /"table" of check 1 is not an object/],
    ['- table: { schema: public }', /"table.name" of check 1 must be a text/],
    ['- table: { name: a, rows: 5 }', /has "rows"; legal are name, database, schema, minRows, maxRows/],
    ['- table: { name: a, maxRows: -1 }', /"maxRows" of check 1 must be a whole number/],
    ['- query: { name: a, sql: b }', /"query.expect" of check 1 must be a text/],
    ['- query: { name: a, sql: "DELETE FROM b", expect: "1" }', /the query of check 1 does not begin like one that reads/],
    ['- query: { name: a, sql: "SELECT 1; DROP TABLE b", expect: "1" }', /the query of check 1 holds several statements/],
    ['- table: { name: a, minRows: 2, maxRows: 1 }', /"minRows" of check 1 is above its "maxRows"/],
  ];
  for (const [text, expected] of cases) {
    assert.throws(
      () => parseChecks(text),
      (error: unknown) => error instanceof UserError && error.code === 'usage' && expected.test(error.message),
      text,
    );
  }
});

test('tags are an object of texts, as they were written', () => {
  assert.equal(parseTexts(undefined, 'tags'), undefined);
  assert.deepEqual(parseTexts('Owner: shop\nCost: 0047', 'tags'), { Owner: 'shop', Cost: '0047' });
  for (const text of ['- a', 'a', 'a: [b]']) assert.throws(() => parseTexts(text, 'tags'), UserError, text);
});
