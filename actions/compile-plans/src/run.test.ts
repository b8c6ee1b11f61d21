import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { recordingRunner, runAction } from '@breakwater/action-kit';
import { definition } from './definition.ts';
import { compilePlans } from './run.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');
const WORKFLOW = '.github/workflows/failover-webshop.yml';

function repository(t: { after: (work: () => void) => void }): void {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'breakwater-compile-'));
  for (const part of ['plans', WORKFLOW]) cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  const previous = process.cwd();
  process.chdir(folder);
  t.after(() => {
    process.chdir(previous);
    rmSync(folder, { recursive: true, force: true });
  });
}

async function play(inputs: Readonly<Record<string, string>> = {}) {
  const runner = recordingRunner(
    Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  );
  await runAction(definition, compilePlans, runner);
  return runner;
}

test('nothing is written while workflows are up to date, and plans without one get none', async (t) => {
  repository(t);
  const { outputs, failures } = await play();
  assert.deepEqual([outputs['status'], outputs['changed'], outputs['files'], failures], ['succeeded', 'false', '[]', []]);
  assert.equal(existsSync('.github/workflows/failover-recorded-drill.yml'), false);
});

test('a plan that changed gets its workflow anew, which calls the same source as before', async (t) => {
  repository(t);
  writeFileSync(
    'plans/webshop.yaml',
    readFileSync('plans/webshop.yaml', 'utf8').replace('environment: dr-production', 'environment: dr-live'),
  );
  const { outputs } = await play();
  assert.deepEqual([outputs['changed'], outputs['files']], ['true', JSON.stringify([WORKFLOW])]);
  const text = readFileSync(WORKFLOW, 'utf8');
  assert.match(text, /gate-environment: "dr-live"/);
  assert.match(text, /uses: \$\/\.github\/workflows\/wave\.yml/);
  assert.equal((await play()).outputs['changed'], 'false');
});

test('all: plans that have none yet get one, with the source that was asked for', async (t) => {
  repository(t);
  const { outputs } = await play({ which: 'all', plan: 'recorded-drill', uses: 'acme/breakwater@v1' });
  assert.equal(outputs['changed'], 'true');
  assert.match(readFileSync('.github/workflows/failover-recorded-drill.yml', 'utf8'), /uses: acme\/breakwater\/.*@v1/);
});

test('a plan with errors fails the step and leaves its workflow as it is', async (t) => {
  repository(t);
  const before = readFileSync(WORKFLOW, 'utf8');
  writeFileSync('plans/webshop.yaml', readFileSync('plans/webshop.yaml', 'utf8').replace('[webshop-web]', '[nobody]'));
  const { failures, outputs } = await play();
  assert.match(failures[0] ?? '', /^plan-invalid: .*BW205/);
  assert.equal(outputs['changed'], 'false');
  assert.equal(readFileSync(WORKFLOW, 'utf8'), before);
});
