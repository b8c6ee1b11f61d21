import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { breakwater, scratch } from './breakwater.ts';

test('ten thousand snapshots through the command line: each is decided once', async (t) => {
  const folder = await scratch(t);
  const end = Date.UTC(2026, 0, 15, 3);
  const list = Array.from({ length: 10_000 }, (_, back) => ({
    id: `shop-${back}`,
    time: end - back * 86_400_000,
    status: 'available',
    owned: true,
  }));
  await writeFile(join(folder, 's.json'), JSON.stringify(list));
  const words = ['retention', '--policy', 'standard', '--snapshots', join(folder, 's.json'), '--now', '2026-01-15T12:00:00Z'];
  const { code, out, err } = await breakwater(t, [...words, '--json']);
  assert.deepEqual({ code, err }, { code: 0, err: '' });
  const { keep, delete: gone } = JSON.parse(out);
  // 7 days, 3 more Sundays, 11 more ends of a month, 5 more ends of a year.
  assert.equal(keep.length, 26);
  assert.equal(new Set([...keep, ...gone].map(({ id }: { id: string }) => id)).size, 10_000);
});

test('a list that is not there: 2, one message, no stack, nothing on stdout', async (t) => {
  const { code, out, err } = await breakwater(t, ['retention', '--policy', 'weekly', '--snapshots', 'nope.json']);
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.match(err, /^breakwater: nope\.json cannot be read \(ENOENT\) \[file-unreadable\]\n {2}next: [^\n]+\n$/);
});

test('standard input that is no list is refused', async (t) => {
  const { code, err } = await breakwater(t, ['retention', '--policy', 'weekly', '--snapshots', '-']);
  assert.equal(code, 2);
  assert.match(err, /^breakwater: standard input is not JSON: .* \[usage\]\n/);
});
