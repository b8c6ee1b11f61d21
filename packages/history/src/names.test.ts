import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import { checkedName, checkedStream, nameProblem } from './names.ts';

test('names that plans use are taken', () => {
  for (const name of ['webshop', 'web-shop_2', '20261120T031500Z-drill-9f3c', 'Größe', 'a.b', 'console'])
    assert.equal(nameProblem(name), undefined);
});

test('names that would leave the folder, or that some system cannot hold, are refused', () => {
  for (const name of [
    '',
    '.',
    '..',
    '.git',
    'a/b',
    'a\\b',
    '../x',
    '/etc',
    'C:',
    'a:b',
    'a\0b',
    'a\nb',
    'con',
    'NUL.txt',
    'a.',
    'a ',
    'x?',
    'x*',
    'x'.repeat(121),
  ]) {
    assert.throws(
      () => checkedName(name, 'plan'),
      (error) => error instanceof UserError && error.code === 'usage' && error.next !== '',
      JSON.stringify(name),
    );
  }
});

test('streams are finally, one wave, or one run', () => {
  for (const stream of ['finally', 'waves/database', 'runs/run-1']) assert.equal(checkedStream(stream), stream);
  for (const stream of [
    '',
    'waves',
    'waves/',
    'waves/../../x',
    'waves/a/b',
    'other/x',
    'waves/x.damaged-1',
    '/waves/x',
    'runs/.x',
  ]) {
    assert.throws(() => checkedStream(stream), { code: 'usage' }, stream);
  }
});
