import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from './make-folder.ts';

test('makes what is missing, and is content with what is there', () => {
  const root = mkdtempSync(join(tmpdir(), 'breakwater-'));
  makeFolder(join(root, 'a', 'b', 'c'));
  makeFolder(join(root, 'a', 'b', 'c'));
  assert.ok(statSync(join(root, 'a', 'b', 'c')).isDirectory());
});

test('a file in the way is told', () => {
  const root = mkdtempSync(join(tmpdir(), 'breakwater-'));
  writeFileSync(join(root, 'file'), '');
  assert.throws(() => makeFolder(join(root, 'file')), { code: 'EEXIST' });
  assert.throws(() => makeFolder(join(root, 'file', 'a', 'b')), { code: 'ENOTDIR' });
});

test('a file system that takes no folders is told, not waited for', { skip: !existsSync('/proc/self') }, () => {
  assert.throws(() => makeFolder('/proc/breakwater/a/b'), /ENOENT|EACCES|EROFS/);
});
