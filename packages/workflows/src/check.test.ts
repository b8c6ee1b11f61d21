import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import { checkWorkflows } from './check.ts';
import { checkFiles, compileFiles, compileWorkflow, writeCompiled } from './index.ts';
import { readWorkflows } from './read-workflows.ts';
import { load, planText } from './testing.ts';

const GATED = planText('  - { name: one, groups: [g], gate: { environment: dr } }\n');
const OPTIONS = { files: ['plans'], source: '.' };
const FILE = '.github/workflows/failover-shop.yml';

function found(text: string, workflow: string | undefined, plan?: string) {
  const sources = workflow === undefined ? [] : [{ file: FILE, text: workflow }];
  return checkWorkflows(load(text), sources, plan).map(({ rule, location, message, next }) => ({
    what: `${rule} ${location.file}:${location.line}`,
    message,
    next,
  }));
}

const fresh = compileWorkflow(load(GATED).set, 'shop', OPTIONS);

test('a workflow that is what the plan compiles to is fine, also with the line ends of another system', () => {
  assert.deepEqual(found(GATED, fresh), []);
  assert.deepEqual(found(GATED, fresh.replaceAll('\n', '\r\n')), []);
});

test('a plan that changed makes its workflow stale; so does whoever edits it', () => {
  const [changed, ...more] = found(GATED.replace('rto: 2h', 'rto: 3h'), fresh);
  assert.deepEqual([changed?.what, more], [`BW901 ${FILE}:1`, []]);
  assert.match(changed?.message ?? '', /plan has changed/);
  assert.match(changed?.next ?? '', /breakwater compile plans --plan shop/);
  const [edited] = found(GATED, fresh.replace('gate-environment: "dr"', 'gate-environment: ""'));
  assert.equal(edited?.what, `BW901 ${FILE}:1`);
  assert.match(edited?.message ?? '', /altered/);
});

test('gates without a workflow are told, at the gate; plans without gates need none', () => {
  const [missing, ...more] = found(GATED, undefined);
  assert.deepEqual([missing?.what, more], ['BW902 plans/shop.yaml:20', []]);
  assert.match(missing?.next ?? '', /\.github\/workflows\/failover-shop\.yml/);
  assert.deepEqual(found(planText('  - { name: one, groups: [g] }\n'), undefined), []);
  assert.deepEqual(found(GATED, 'on: push\n').length, 1, 'a file of somebody else is not ours');
});

test('a plan that can no longer be compiled is told where it stands', () => {
  const [broken] = found(GATED.replace('environment: dr', 'description: Sure?'), fresh);
  assert.equal(broken?.what, 'BW907 plans/shop.yaml:20');
  assert.match(broken?.message ?? '', /failover-shop\.yml can no longer be compiled: .*no environment/);
});

test('a plan that is elsewhere, or broken, says nothing of its workflow', () => {
  assert.deepEqual(found(planText('  - { name: one, groups: [g] }\n').replace('name: shop', 'name: other'), fresh), []);
  assert.deepEqual(found(GATED.replace('tier: 1', 'tier: high'), fresh), []);
  assert.deepEqual(found(GATED.replace('rto: 2h', 'rto: 3h'), fresh, 'another'), []);
});

test('a workflow whose plan is no longer in the files that it was compiled from is stale: nobody could run it', () => {
  const others = planText('  - { name: one, groups: [g] }\n').replace('name: shop', 'name: other');
  const gone = (files: readonly string[], text = others, workflow = fresh, plan?: string) =>
    checkWorkflows(load(text), [{ file: FILE, text: workflow }], plan, files).map(({ rule, message }) => `${rule} ${message}`);
  const said = [`BW901 the workflow of plan "shop" is stale: there is no such plan in plans any more`];
  for (const files of [['plans'], ['./plans/'], ['other', 'plans'], ['.']]) assert.deepEqual(gone(files), said, String(files));
  // Only a part of what it was compiled from was read, or not all of that could be.
  assert.deepEqual(gone(['plans/other.yaml']), []);
  assert.deepEqual(gone(['plansb']), []);
  assert.deepEqual(gone(['plans'], others.replace('tier: 1', 'tier: high')), []);
  assert.deepEqual(gone(['plans'], others, fresh, 'other'), []);
  const one = fresh.replace('"files":["plans"]', '"files":["plans/shop.yaml"]');
  assert.equal(gone(['plans'], others, one).length, 1, 'a folder holds its files');
});

async function repository(t: { after: (work: () => Promise<void>) => void }, text: string) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'breakwater-compile-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const plans = path.join(root, 'plans.yaml');
  await writeFile(plans, text);
  const previous = process.cwd();
  process.chdir(root);
  t.after(async () => process.chdir(previous));
  return { root, write: (more: string) => writeFile(plans, more) };
}

test('compiling writes what is new or changed, keeps a name that somebody gave, and overwrites nothing of others', async (t) => {
  const { write } = await repository(t, GATED);
  const request = { files: ['plans.yaml'], which: 'all', folder: 'workflows' } as const;
  const state = async (which: 'all' | 'compiled' = 'all') =>
    (await compileFiles({ ...request, which })).map((each) => `${each.state} ${each.file}`);
  assert.deepEqual(await state('compiled'), []);
  assert.deepEqual(await state(), ['new workflows/failover-shop.yml']);
  await writeCompiled(await compileFiles({ ...request, source: 'acme/breakwater@v1' }));
  assert.deepEqual(await state(), ['unchanged workflows/failover-shop.yml'], 'the source is remembered');
  const text = await readFile('workflows/failover-shop.yml', 'utf8');
  await rm('workflows/failover-shop.yml');
  await writeFile('workflows/shop.yml', text);
  await write(GATED.replace('rto: 2h', 'rto: 3h'));
  assert.deepEqual(await state('compiled'), ['changed workflows/shop.yml']);
  await writeCompiled(await compileFiles(request));
  assert.match(await readFile('workflows/shop.yml', 'utf8'), /acme\/breakwater\/\.github\/workflows\/wave\.yml@v1/);
  await writeFile('workflows/shop.yml', 'on: push\n');
  await writeFile('workflows/failover-shop.yml', 'on: push\n');
  await assert.rejects(
    state(),
    (error) => error instanceof UserError && error.code === 'usage' && /was not compiled/.test(error.message),
  );
});

test('a plan with errors is not compiled', async (t) => {
  await repository(t, GATED.replace('groups: [g]', 'groups: [h]'));
  await assert.rejects(
    compileFiles({ files: ['plans.yaml'], which: 'all', folder: 'workflows' }),
    (error) => error instanceof UserError && error.code === 'plan-invalid' && /BW205/.test(error.message),
  );
});

test('a check looks beside the plans only in a repository of GitHub', async (t) => {
  await repository(t, GATED);
  const rules = async () =>
    (await checkFiles({ files: ['plans.yaml'], workflows: '.github/workflows' })).findings
      .map(({ rule }) => rule)
      .filter((rule) => rule.startsWith('BW9'));
  assert.deepEqual(await rules(), []);
  await writeCompiled(await compileFiles({ files: ['plans.yaml'], which: 'all', folder: '.github/workflows' }));
  assert.deepEqual(await rules(), []);
  await writeFile(FILE, 'on: push\n');
  assert.deepEqual(await rules(), ['BW902']);
  assert.deepEqual(await readWorkflows('nowhere'), []);
});

test('the plan of docs/workflows.md is one, and compiles', async () => {
  const page = await readFile(path.join(import.meta.dirname, '../../../docs/workflows.md'), 'utf8');
  const [, block = ''] = /```yaml\n(drill:\n[\s\S]*?)```/.exec(page) ?? [];
  const text = `${planText('').replace('waves:\n', '')}${block}`.replace('name: g\n', 'name: webshop-web\n');
  const { set, findings } = load(text);
  assert.deepEqual(findings, []);
  const compiled = compileWorkflow(set, 'shop', OPTIONS);
  for (const each of ['first-gate-environment: "dr-operations"', 'gate-environment: "dr-business"', 'timezone: "Europe/Berlin"'])
    assert.ok(compiled.includes(each), each);
});

test('the dispatch of docs/workflows.md names a workflow and inputs that are there', async () => {
  const root = path.join(import.meta.dirname, '../../..');
  const page = await readFile(path.join(root, 'docs/workflows.md'), 'utf8');
  const [, file = '', rest = ''] = /^gh workflow run (\S+) (.*)$/m.exec(page) ?? [];
  const compiled = await readFile(path.join(root, '.github/workflows', file), 'utf8');
  const inputs = [...rest.matchAll(/-f ([a-z-]+)=/g)].map(([, name]) => name);
  assert.deepEqual(inputs, ['mode', 'confirmation', 'reason']);
  for (const name of inputs) assert.match(compiled, new RegExp(`^      ${name}:$`, 'm'));
});
