import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { UserError } from '@breakwater/core';
import { loadPlan } from './load-plan.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-load-plan-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function codeOf(...files: readonly string[]): Promise<string> {
  try {
    await loadPlan(files, undefined, []);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.code;
  }
  return 'ok';
}

test('a file or folder that is not there is no fault of the plan', async () => {
  assert.equal(await codeOf(path.join(folder, 'nope.yaml')), 'file-unreadable');
  assert.equal(await codeOf(folder), 'file-unreadable', 'a folder without plan files');
});

test('a file that is there and is no plan is', async () => {
  const broken = path.join(folder, 'broken.yaml');
  writeFileSync(broken, 'name: [x\n');
  assert.equal(await codeOf(broken), 'plan-invalid');
  assert.equal(await codeOf(broken, path.join(folder, 'nope.yaml')), 'plan-invalid', 'what can be mended in a file comes first');
});
