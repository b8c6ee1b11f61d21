import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { isReasonCode } from '@breakwater/core';
import { checkPlans, loadPlanSources } from '@breakwater/plan';
import { ROOT } from './source-files.ts';

const page = readFileSync(path.join(ROOT, 'docs/approvals.md'), 'utf8');
/** YAML blocks of the page, without the indentation of the list that they stand in. */
const blocks = [...page.matchAll(/^( *)```yaml\n([\s\S]*?)^\1```/gm)].map(([, indent = '', text = '']) =>
  text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
);
const ENVELOPE = [
  'apiVersion: breakwater/v1',
  'kind: RecoveryPlan',
  'name: example',
  'owner: team@example.com',
  'tier: 0',
  'objectives: { rto: 4h, rpo: 15m }',
  '',
].join('\n');

function findingsOf(plan: string): readonly string[] {
  const sources = ['groups.yaml', 'sites.yaml'].map((file) => ({
    file,
    text: readFileSync(path.join(ROOT, 'plans', file), 'utf8'),
  }));
  const found = checkPlans(loadPlanSources([...sources, { file: 'example.yaml', text: `${ENVELOPE}${plan}` }]));
  return found.filter(({ severity }) => severity !== 'note').map(({ rule, message }) => `${rule} ${message}`);
}

test('the parts of plans in docs/approvals.md are sound', () => {
  const plans = blocks.flatMap((text) => {
    if (text.startsWith('waves:')) return [text];
    if (!text.startsWith('gate:')) return [];
    return [`waves:\n  - name: web\n    groups: [webshop-web]\n${text.replaceAll(/^/gm, '    ').trimEnd()}\n`];
  });
  assert.equal(plans.length, 2);
  for (const plan of plans) assert.deepEqual(findingsOf(plan), [], plan);
  assert.notDeepEqual(findingsOf('waves:\n  - name: web\n    groups: [webshop-web]\n    gate: { enviroment: x }\n'), []);
});

test('the job in docs/approvals.md stands in an environment that its plan names', () => {
  const job = blocks.find((block) => block.startsWith('jobs:')) ?? '';
  const environment = /^ +environment: (\S+)$/m.exec(job)?.[1] ?? 'none';
  assert.ok(blocks.some((block) => block.startsWith('waves:') && block.includes(environment)));
  for (const needed of ['actions: read', 'contents: read', 'id-token: write']) assert.ok(job.includes(needed), needed);
});

test('the table of docs/approvals.md names real reasons only', () => {
  const codes = [...page.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code = '']) => code);
  assert.ok(codes.length >= 5);
  for (const code of codes) assert.ok(isReasonCode(code), code);
});
