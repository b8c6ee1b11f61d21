import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { exitCodeOfError } from '@breakwater/cli';
import { isReasonCode, REASON_CODES, UserError } from '@breakwater/core';
import { breakwater, ROOT } from './breakwater.ts';

const COMMANDS = [
  'check',
  'compile',
  'doctor',
  'run',
  'simulate',
  'report',
  'capture',
  'retention',
  'history push',
  'history verify',
  'unlock',
];
const cli = await readFile(join(ROOT, 'docs/cli.md'), 'utf8');
const breakGlass = await readFile(join(ROOT, 'docs/break-glass.md'), 'utf8');

function section(title: string): string {
  return cli.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

for (const command of COMMANDS) {
  test(`docs/cli.md has every option of ${command}, and no other`, async (t) => {
    const { out } = await breakwater(t, [...command.split(' '), '--help']);
    const options = [...out.matchAll(/^ {2}(--[a-z-]+(?: [<[][a-z.]+[>\]])?)/gm)].map(([, option]) => option);
    const documented = [...section(command).matchAll(/^\| `(--[^`]+)` +\|/gm)].map(([, option]) => option);
    assert.ok(options.length > 1);
    assert.deepEqual(documented.sort(), options.sort());
  });
}

test('docs/cli.md names exactly the reasons that make the exit code 2', () => {
  const row = /^\| 2 +\|.*$/m.exec(cli)?.[0] ?? '';
  const named = [...row.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
  const usage = Object.keys(REASON_CODES).filter(
    (code) => isReasonCode(code) && exitCodeOfError(new UserError(code, 'm', { next: 'n' })) === 2,
  );
  assert.deepEqual(named.sort(), usage.sort());
});

test('the table of docs/break-glass.md names real reasons only', () => {
  const rows = [...breakGlass.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) +\|/gm)];
  assert.ok(rows.length > 8);
  for (const [, cell = ''] of rows) {
    for (const [, code = ''] of cell.matchAll(/`([a-z-]+)`/g)) assert.ok(isReasonCode(code), code);
  }
});
