// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { diagnose, diagnoseAll } from './languageservice.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

test('GitHub’s own validator has nothing to say of any workflow or action', async () => {
  assert.deepEqual(await diagnoseAll(), []);
});

test('it does say what is wrong: a workflow that is spoilt is found', async () => {
  const wave = readFileSync(path.join(ROOT, '.github/workflows/wave.yml'), 'utf8');
  const compiled = readFileSync(path.join(ROOT, '.github/workflows/failover-webshop.yml'), 'utf8');
  const rows: readonly (readonly [string, string | RegExp, string, RegExp])[] = [
    [wave, 'needs: first-approval', 'needs: second-approval', /second-approval/],
    [wave, 'id-token: write', 'id-token: wite', /wite/],
    [wave, '${{ inputs.plan-digest }}', '${{ inputs.digest }}', /digest/],
    [wave, 'plan-digest: ${{ inputs.plan-digest }}', 'digest: ${{ inputs.plan-digest }}', /Invalid action input 'digest'/],
    [wave, 'timeout-minutes: 360', 'timeout-minute: 360', /timeout-minute/],
    [compiled, 'cancel-in-progress: false', 'cancel-in-progress: true', /queue|cancel/],
    [compiled, 'wave: "database"', 'wafe: "database"', /wafe/],
    [compiled, / {6}plan-digest: .*\n/, '', /plan-digest/],
  ];
  for (const [text, from, to, expected] of rows) {
    const spoilt = text.replace(from, to);
    assert.notEqual(spoilt, text, String(from));
    const found = await diagnose('.github/workflows/spoilt.yml', spoilt);
    assert.ok(
      found.some(({ message }) => expected.test(message)),
      `${String(from)}: ${JSON.stringify(found)}`,
    );
  }
});

test('and of an action that GitHub could not run', async () => {
  const text = readFileSync(path.join(ROOT, 'actions/prepare/action.yml'), 'utf8');
  const found = await diagnose('actions/prepare/action.yml', text.replace('using: node24', 'using: node18'));
  assert.ok(found.length > 0);
});
