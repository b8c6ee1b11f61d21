import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookOf } from './terminal.ts';
import { recordedTerminal } from './testing.ts';

const UTF8 = { TERM: 'xterm-256color', LANG: 'en_GB.UTF-8' };
const tty = { isTTY: true };

test('a capable terminal gets the live view in colour', () => {
  assert.deepEqual(lookOf(recordedTerminal(UTF8, tty)), { live: true, colours: true, unicode: true });
});

test('a pipe, a dumb terminal and CI get lines', () => {
  assert.equal(lookOf(recordedTerminal(UTF8)).live, false);
  assert.equal(lookOf(recordedTerminal({ ...UTF8, TERM: 'dumb' }, tty)).live, false);
  assert.equal(lookOf(recordedTerminal({ ...UTF8, CI: 'true' }, tty)).live, false);
});

test('NO_COLOR takes the colours away, a pipe has none unless forced', () => {
  assert.equal(lookOf(recordedTerminal({ ...UTF8, NO_COLOR: '1' }, tty)).colours, false);
  assert.equal(lookOf(recordedTerminal({ ...UTF8, NO_COLOR: '' }, tty)).colours, true);
  assert.equal(lookOf(recordedTerminal(UTF8)).colours, false);
  assert.equal(lookOf(recordedTerminal({ ...UTF8, FORCE_COLOR: '1' })).colours, true);
  assert.equal(lookOf(recordedTerminal({ ...UTF8, FORCE_COLOR: '1', NO_COLOR: '1' })).colours, false);
});

test('LC_ALL counts before LANG; the Linux console has no symbols', () => {
  assert.equal(lookOf(recordedTerminal({ ...UTF8, LC_ALL: 'C' }, tty)).unicode, false);
  assert.equal(lookOf(recordedTerminal({ ...UTF8, TERM: 'linux' }, tty)).unicode, false);
});
