import assert from 'node:assert/strict';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { breakwater, scratch, WEBSHOP } from './breakwater.ts';

const bad: readonly (readonly [name: string, file: string, content: string | Buffer | undefined, expected: RegExp])[] = [
  ['a missing file', 'nope.yaml', undefined, /nope\.yaml:1:1: error BW101 /],
  ['a binary file', 'bin.yaml', Buffer.from([0, 1, 2, 255, 254, 0, 7]), /bin\.yaml:1:1: error BW103 /],
  ['10 MB of YAML', 'big.yaml', `a: ${'x'.repeat(10 * 1_024 * 1_024)}\n`, /big\.yaml:1:1: error BW10\d /],
  ['broken YAML', 'broken.yaml', 'a: [1, 2\nb: }\n', /broken\.yaml:2:\d+: error BW\d+ /],
  [
    'duplicate keys',
    'twice.yaml',
    'apiVersion: breakwater/v1\nkind: Site\nkind: Site\n',
    /twice\.yaml:3:1: error BW\d+ duplicate-key/,
  ],
  ['an empty file', 'empty.yaml', '', /empty\.yaml:1:1: (error|warning) BW\d+ /],
];

for (const [name, file, content, expected] of bad) {
  test(`${name}: 1, where and what, on stdout`, async (t) => {
    const path = join(await scratch(t), file);
    if (content !== undefined) await writeFile(path, content);
    const { code, out, err } = await breakwater(t, ['check', path]);
    assert.match(out, expected);
    assert.match(out, /\n {4}\S/, 'every finding says what to do');
    assert.deepEqual({ code, err }, { code: /error BW/.test(out) ? 1 : 0, err: '' });
  });
}

test('a YAML bomb is refused, soon', async (t) => {
  const path = join(await scratch(t), 'bomb.yaml');
  const levels = Array.from({ length: 12 }, (_, at) => `l${at + 1}: &l${at + 1} [${Array(10).fill(`*l${at}`).join(', ')}]`);
  await writeFile(path, ['l0: &l0 [x, x]', ...levels].join('\n'));
  const began = performance.now();
  const { code, out } = await breakwater(t, ['check', path]);
  assert.equal(code, 1);
  assert.match(out, /bomb\.yaml:\d+:\d+: error BW\d+ /);
  assert.ok(performance.now() - began < 10_000);
});

test('a folder without plans is an error, not a clean bill', async (t) => {
  const folder = await scratch(t);
  await mkdir(join(folder, 'plans'));
  const { code, out } = await breakwater(t, ['check'], { cwd: folder });
  assert.equal(code, 1);
  assert.match(out, /plans:1:1: error BW101 .*the folder holds no plan file/);
});

test('a byte order mark and CRLF are fine', async (t) => {
  const folder = await scratch(t);
  await cp(join(WEBSHOP, '..', 'manifests'), join(folder, 'manifests'), { recursive: true });
  for (const name of ['webshop', 'groups', 'sites']) {
    const text = await readFile(join(WEBSHOP, '..', `${name}.yaml`), 'utf8');
    await writeFile(join(folder, `${name}.yaml`), `\ufeff${text.replaceAll('\n', '\r\n')}`);
  }
  assert.deepEqual(await breakwater(t, ['check', folder, '--plan', 'webshop']), { code: 0, out: 'nothing found\n', err: '' });
});

test('the samples are clean; --plan looks at one of them, and an unknown one is a usage error', async (t) => {
  const [all, one, none] = await Promise.all([
    breakwater(t, ['check']),
    breakwater(t, ['check', '--plan', 'webshop']),
    breakwater(t, ['check', '--plan', 'webshp']),
  ]);
  assert.deepEqual([all.code, one.code, none.code], [0, 0, 2]);
  assert.match(none.err, /there is no plan "webshp" in the files \[plan-unknown\]\n {2}next: .*webshop/);
});

test('--plan shows nothing of a broken neighbour, but never hides a file that cannot be read', async (t) => {
  const folder = await scratch(t);
  await cp(join(WEBSHOP, '..', 'manifests'), join(folder, 'manifests'), { recursive: true });
  for (const name of ['webshop', 'groups', 'sites']) {
    await writeFile(join(folder, `${name}.yaml`), await readFile(join(WEBSHOP, '..', `${name}.yaml`)));
  }
  await writeFile(join(folder, 'other.yaml'), 'apiVersion: breakwater/v1\nkind: RecoveryPlan\nname: other\n');
  const neighbour = await breakwater(t, ['check', folder, '--plan', 'webshop']);
  assert.deepEqual({ code: neighbour.code, out: neighbour.out }, { code: 0, out: 'nothing found\n' });
  await writeFile(join(folder, 'other.yaml'), Buffer.from([0, 1, 2]));
  const unreadable = await breakwater(t, ['check', folder, '--plan', 'webshop']);
  assert.equal(unreadable.code, 1);
  assert.match(unreadable.out, /other\.yaml:1:1: error BW103/);
});

test('json and SARIF are one document each; annotations are GitHub commands', async (t) => {
  const path = join(await scratch(t), 'x.yaml');
  await writeFile(path, 'apiVersion: breakwater/v1\nkind: Sit\nname: x\n');
  const [json, sarif, github] = await Promise.all(
    ['json', 'sarif', 'github'].map((format) => breakwater(t, ['check', path, '--format', format])),
  );
  assert.deepEqual([json?.code, sarif?.code, github?.code], [1, 1, 1]);
  assert.equal(JSON.parse(json?.out ?? '').schema, 'breakwater.findings/1');
  assert.equal(JSON.parse(sarif?.out ?? '').version, '2.1.0');
  assert.match(github?.out ?? '', /^::error file=.*x\.yaml,line=2,col=\d+,title=/);
});
