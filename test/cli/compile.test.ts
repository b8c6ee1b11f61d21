import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { breakwater, ROOT, scratch } from './breakwater.ts';

const COMMITTED = join(ROOT, '.github/workflows/failover-webshop.yml');

async function repository(t: Parameters<typeof scratch>[0]): Promise<string> {
  const folder = await scratch(t);
  await cp(join(ROOT, 'plans'), join(folder, 'plans'), { recursive: true });
  await cp(COMMITTED, join(folder, '.github/workflows/failover-webshop.yml'), { recursive: true });
  return folder;
}

test('the committed workflow of the sample plan is up to date, and printed as it is committed', async (t) => {
  const [check, { code, out }] = await Promise.all([
    breakwater(t, ['compile', 'plans', '--plan', 'webshop', '--check']),
    breakwater(t, ['compile', '--plan', 'webshop', '--output', '-']),
  ]);
  assert.deepEqual(check, { code: 0, out: 'up to date .github/workflows/failover-webshop.yml\n', err: '' });
  assert.equal(code, 0);
  assert.equal(out, await readFile(COMMITTED, 'utf8'));
});

test('a plan that changed: check says so and fails, compile mends it', async (t) => {
  const cwd = await repository(t);
  const plan = join(cwd, 'plans/webshop.yaml');
  await writeFile(plan, (await readFile(plan, 'utf8')).replace('rto: 90m', 'rto: 2h'));
  const [stale, missing] = await Promise.all([breakwater(t, ['check'], { cwd }), breakwater(t, ['compile', '--check'], { cwd })]);
  assert.equal(stale.code, 1);
  assert.match(stale.out, /failover-webshop\.yml:1:1: error BW901 stale-workflow: .*the plan has changed/);
  assert.equal(missing.code, 1);
  assert.match(missing.out, /^missing .*failover-recorded-drill\.yml\nstale .*failover-webshop\.yml\n$/);
  const written = await breakwater(t, ['compile', '--plan', 'webshop'], { cwd });
  assert.deepEqual(written, { code: 0, out: 'wrote .github/workflows/failover-webshop.yml\n', err: '' });
  assert.deepEqual(await breakwater(t, ['check'], { cwd }), { code: 0, out: 'nothing found\n', err: '' });
});

test('what cannot be compiled is one message, and writes nothing', async (t) => {
  const cwd = await repository(t);
  const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['compile', '--plan', 'nope'], 2, /there is no plan "nope" in the files.*\[plan-unknown\]/],
    [['compile', '../plans'], 2, /there is no such file or folder.*\[file-unreadable\]/],
    [['compile', join(cwd, 'plans'), '--plan', 'webshop'], 2, /not a path from the root of the repository.*\[usage\]/],
    [['compile', '--plan', 'webshop', '--uses', 'acme/breakwater'], 2, /owner\/repository@ref/],
    [['compile', '--output', '-'], 2, /the files hold 2 plans/],
  ];
  await Promise.all(
    rows.map(async ([words, exit, message]) => {
      const { code, out, err } = await breakwater(t, words, { cwd });
      assert.deepEqual({ code, out }, { code: exit, out: '' }, words.join(' '));
      assert.match(err, message, words.join(' '));
    }),
  );
});
