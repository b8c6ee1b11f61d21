import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REASON_CODES } from '@breakwater/core';

const page = readFileSync(new URL('../../../docs/reason-codes.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(([, code = '', meaning = '', next = '']) => ({
  code,
  meaning,
  next,
}));

test('docs/reason-codes.md lists exactly the codes that exist, each once', () => {
  assert.deepEqual(rows.map(({ code }) => code).sort(), Object.keys(REASON_CODES).sort());
});

test('every code on the page has a meaning and something to do', () => {
  for (const { code, meaning, next } of rows) {
    assert.ok(meaning.length > 10 && next.length > 5, code);
    assert.match(meaning, /[.)]$/, code);
    assert.match(next, /[.)]$/, code);
  }
});
