import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { breakwater, MAIN, plainEnvironment, ROOT, scratch, WEBSHOP } from './breakwater.ts';

const NO_STACK = /^\s+at .+:\d+:\d+\)?$/m;

test('--help and --version are fine, on stdout', async (t) => {
  const [help, version] = await Promise.all([breakwater(t, ['--help']), breakwater(t, ['--version'])]);
  assert.deepEqual({ code: help.code, err: help.err }, { code: 0, err: '' });
  assert.match(help.out, /^Usage: breakwater /);
  assert.match(version.out, /^\d+\.\d+\.\d+\n$/);
});

test('help loads neither the AWS SDK nor the other heavy parts', async (t) => {
  const env = { NODE_DEBUG: 'esm' };
  const { err } = await breakwater(t, ['run', '--help'], { env });
  assert.match(err, /commander/, 'the trace shows what is loaded');
  assert.doesNotMatch(err, /@aws-sdk|packages\/(assembly|aws|engine|operations|simulator|plan|report)\/|ajv|log-update/);
});

test('a wrong command line: 2, one message, no stack, nothing on stdout', async (t) => {
  const { code, out, err } = await breakwater(t, ['run', WEBSHOP, '--mode', 'dril']);
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.match(err, /^breakwater: .*'dril' is invalid.* \[usage\]\n {2}next: Run `breakwater run --help`\.\n$/);
});

test('what is read through a link, as npx does it, works the same', async (t) => {
  const folder = await scratch(t);
  await symlink(MAIN, join(folder, 'breakwater'));
  const child = spawn(join(folder, 'breakwater'), ['--version'], {
    env: plainEnvironment({ PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}` }),
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
});

test('a reader that goes away does not make an error of it', async (t) => {
  const { code, err } = await new Promise<{ code: number | null; err: string }>((resolve) => {
    const child = spawn(
      '/bin/sh',
      ['-c', `"$0" "$@" | head -c 1 >/dev/null; echo done >&2`, process.execPath, MAIN, 'run', '--help'],
      {
        cwd: ROOT,
        env: plainEnvironment(),
      },
    );
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('close', (ended) => resolve({ code: ended, err: said }));
  });
  assert.deepEqual({ code, err }, { code: 0, err: 'done\n' });
});

test('BREAKWATER_DEBUG=1 adds the stack, and nothing else does', async (t) => {
  const words = ['report', 'nothing-there', '--history', '/nonexistent'];
  const [plain, debug] = await Promise.all([breakwater(t, words), breakwater(t, words, { env: { BREAKWATER_DEBUG: '1' } })]);
  assert.doesNotMatch(plain.err, NO_STACK);
  assert.match(debug.err, NO_STACK);
});
