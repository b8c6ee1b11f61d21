import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type ActionDefinition, COMMON_OUTPUTS, readInputs } from '@breakwater/action-kit';
import { parse } from 'yaml';
import { fillMarkers, renderActionYml, renderTables } from '../../build/action-files.ts';
import { ACTIONS } from '../../build/actions.ts';
import { ROOT } from './source-files.ts';

interface Metadata {
  readonly name?: string;
  readonly description?: string;
  readonly inputs?: Readonly<Record<string, { description?: string; required?: boolean; default?: string }>>;
  readonly outputs?: Readonly<Record<string, { description?: string }>>;
  readonly runs: { readonly using: string; readonly main?: string };
  readonly branding?: unknown;
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

function metadata(definition: ActionDefinition): Metadata {
  return parse(read(`actions/${definition.name}/action.yml`));
}

test('every folder of actions/ is in the list, and the other way round', () => {
  const folders = globSync('actions/*/action.yml', { cwd: ROOT }).map((file) => file.replaceAll('\\', '/').split('/')[1]);
  assert.deepEqual(folders.sort(), ACTIONS.map(({ name }) => name).sort());
});

for (const definition of ACTIONS) {
  test(`${definition.name}: action.yml says what the registry says`, () => {
    const { inputs = {}, outputs = {}, ...rest } = metadata(definition);
    assert.equal(rest.name, definition.title);
    assert.equal(rest.description, definition.description);
    assert.deepEqual(rest.branding, definition.branding);
    assert.deepEqual(Object.keys(inputs), Object.keys(definition.inputs));
    for (const [name, input] of Object.entries(definition.inputs)) {
      const required = input.required === true;
      assert.equal(inputs[name]?.required, required, name);
      assert.equal(inputs[name]?.default, input.default, name);
      assert.equal(inputs[name]?.description, input.description, name);
      assert.equal(required && input.default !== undefined, false, `${name} is required and has a default`);
    }
    assert.deepEqual(Object.keys(outputs), Object.keys(definition.outputs));
    for (const [name, { description }] of Object.entries(definition.outputs))
      assert.equal(outputs[name]?.description, description, name);
    for (const name of COMMON_OUTPUTS) assert.ok(name in outputs, name);
  });

  test(`${definition.name}: runs on node24, from a bundle of its name`, () => {
    const { runs } = metadata(definition);
    assert.equal(runs.using, 'node24');
    assert.equal(runs.main, `../../dist/${definition.name}.js`);
  });

  test(`${definition.name}: defaults are legal values`, () => {
    const required = Object.entries(definition.inputs).filter(([, input]) => input.required);
    const given = required.map(([name, input]) => [`INPUT_${name.toUpperCase()}`, input.kind === 'choice' ? input.of[0] : 'x']);
    const { inputs } = readInputs(definition, Object.fromEntries(given));
    assert.deepEqual(Object.keys(inputs), Object.keys(definition.inputs));
  });

  test(`${definition.name}: action.yml and the README's tables are freshly generated`, () => {
    const stale = `run \`npm run build\``;
    assert.equal(read(`actions/${definition.name}/action.yml`), renderActionYml(definition), stale);
    const readme = read(`actions/${definition.name}/README.md`);
    assert.equal(readme, fillMarkers(readme, renderTables(definition)), stale);
    for (const name of Object.keys(definition.inputs)) assert.ok(readme.includes(`| \`${name}\` `), name);
  });

  test(`${definition.name}: the README has every part`, () => {
    const readme = read(`actions/${definition.name}/README.md`);
    for (const part of ['## Requirements', '## Usage', '## Inputs', '## Outputs', '## Failure modes'])
      assert.ok(readme.includes(part), part);
    assert.match(readme, /Job permissions/);
  });
}

test('the root of the repository is no action, and says which are', () => {
  const root: { runs: { using: string; steps: { run: string }[] } } = parse(read('action.yml'));
  assert.equal(root.runs.using, 'composite');
  const run = root.runs.steps[0]?.run ?? '';
  for (const { name } of ACTIONS) assert.ok(run.includes(`actions/${name}`), name);
  assert.match(run, /^echo "::error/);
  assert.match(run, /exit 1\s*$/);
});

test('no marker is filled that is not there', () => {
  assert.throws(() => fillMarkers('nothing', { inputs: 'x' }), /no markers <!-- inputs:start -->/);
  assert.ok(existsSync(path.join(ROOT, 'actions')));
});
