// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Plan } from '@breakwater/plan';
import { compileWorkflow } from '@breakwater/workflows';
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

test('a compiled workflow is one for GitHub too, whatever the names in its plan', async () => {
  const hostile = ['${{ secrets.X }}', "x' }}${{ github.token", '"\n    permissions: write-all\n#', '*a', 'yes', '}}', '${{'];
  for (const [index, name] of hostile.entries()) {
    const other = hostile[(index + 1) % hostile.length] ?? '';
    const gate = { environments: [name, other], when: ['recovery'] as const };
    const wave = {
      groups: [],
      servers: [],
      recoveryPoint: { kind: 'latest' },
      preWaveActions: [],
      postWaveActions: [],
      timeout: 1,
    } as const;
    const plan: Plan = {
      name,
      owner: 'team',
      tier: 0,
      objectives: { rto: 1, rpo: 1 },
      readiness: { maxLag: 1 },
      drill: { cleanUp: 'terminate', schedule: '23 4 * * 3', timezone: 'Europe/Berlin' },
      environments: { drill: other, recovery: name },
      waves: [
        { ...wave, name, dependsOn: [], gate },
        { ...wave, name: other, dependsOn: [name] },
      ],
      finally: [],
    };
    const set = { sites: new Map(), groups: new Map(), plans: new Map([[name, plan]]) };
    const text = compileWorkflow(set, name, { files: ['plans', 'a, b.yaml'], source: '$' });
    assert.deepEqual(await diagnose('.github/workflows/compiled.yml', text), [], text);
  }
});
