import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cell, factTable, fenced } from './summary-text.ts';

test('a cell is one line of text: no Markdown, no HTML, nothing that hides or reverses it', () => {
  assert.equal(cell('a|b\n`c` <b>d</b> [e](f)'), 'a\\|b \\`c\\` &lt;b&gt;d&lt;/b&gt; \\[e\\](f)');
  assert.equal(cell('@sam #1 ![x](y)'), '\\@sam \\#1 \\!\\[x\\](y)');
  assert.equal(cell('web-1\u202edeliaf\u2066 \u001b[8mhidden\u0007'), 'web-1 deliaf \\[8mhidden');
});

test('a table leaves out what is not known', () => {
  assert.deepEqual(
    factTable([
      ['Site', 'dr|west'],
      ['Key', undefined],
      ['Cluster', ''],
    ]),
    ['| | |', '| --- | --- |', '| Site | dr\\|west |', ''],
  );
});

test('a fence is longer than any inside', () => {
  const [first = '', ...rest] = fenced({ text: '````' });
  assert.equal(first, '`````json');
  assert.equal(rest.at(-1), '`````');
});
