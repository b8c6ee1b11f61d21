import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { shellCommand } from './shell-words.ts';

test('ordinary words stay as they are', () => {
  assert.equal(
    shellCommand(['breakwater', 'run', 'plans/a.yaml', '--mode', 'drill']),
    'breakwater run plans/a.yaml --mode drill',
  );
});

test('a shell reads back what was written', () => {
  const words = fc
    .sample(fc.string({ unit: 'grapheme', minLength: 0, maxLength: 8 }), 60)
    .map((word) => word.replaceAll('\0', ''));
  const tricky = [...words, "it's", '$(id)', '`id`', 'a b', '', '-n', '*', '~', '!!'];
  const out = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellCommand(tricky)}`], { encoding: 'utf8' });
  assert.deepEqual(out.split('\0').slice(0, -1), tricky);
});
