import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { completed, readLockfile, unlockedOptionals } from '../../build/lockfile.ts';

const lockfile = readLockfile('.');

test('the lockfile locks every optional dependency, so that npm ci takes it on every platform', () => {
  assert.deepEqual(unlockedOptionals(lockfile), [], 'run npm run lockfile');
});

test('a lockfile with a gap is seen, and completed with platform and version', () => {
  const [path, entry] = Object.entries(lockfile.packages).find(([name]) => name.endsWith('cli-darwin-arm64')) ?? [];
  assert.ok(path !== undefined && entry !== undefined);
  const { [path]: _, ...packages } = lockfile.packages;
  const gap = unlockedOptionals({ packages });
  assert.deepEqual(
    gap.map(({ name }) => `node_modules/${name}`),
    [path],
  );
  const mended = completed({ packages }).packages[path];
  assert.deepEqual([mended?.version, mended?.os, mended?.cpu], [entry.version, ['darwin'], ['arm64']]);
});

test('the lockfile names no registry', () => {
  assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved": "https?:/);
});
