import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type ActionDefinition, type InputDefinition, readInputs } from '@breakwater/action-kit';
import { parseAllDocuments } from 'yaml';
import { ACTIONS } from '../../build/actions.ts';
import { ROOT } from './source-files.ts';

interface Step {
  readonly id?: string;
  readonly uses: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Example {
  /** File and line. */
  readonly place: string;
  readonly text: string;
}

/** Workflows, and every YAML block of every page that calls one of our actions. */
function examples(): readonly Example[] {
  const pages = globSync(['*.md', 'docs/**/*.md', 'actions/*/README.md'], { cwd: ROOT }).flatMap((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    return [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].map((block) => ({
      place: `${file}:${text.slice(0, block.index).split('\n').length}`,
      text: block[1] ?? '',
    }));
  });
  const workflows = globSync('.github/workflows/*.yml', { cwd: ROOT }).map((file) => ({
    place: file,
    text: readFileSync(path.join(ROOT, file), 'utf8'),
  }));
  return [...pages, ...workflows].filter(
    ({ text }) => /uses:\s*\S*\/actions\/[a-z-]+(@|\s|$)/m.test(text) && /breakwater|\.\/actions|\$\/actions/.test(text),
  );
}

function stepsIn(value: unknown): readonly Step[] {
  if (Array.isArray(value)) return value.flatMap(stepsIn);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'uses' in value && typeof value.uses === 'string' ? [{ ...value, uses: value.uses }] : [];
  return [...own, ...Object.values(value).flatMap(stepsIn)];
}

function actionOf({ uses }: Step): ActionDefinition | undefined {
  const name = /(?:breakwater|^\.|^\$)\/actions\/([a-z-]+)(?:@|$)/.exec(uses)?.[1];
  return ACTIONS.find((action) => action.name === name);
}

/** What is wrong with a step; a value with an expression in it is only known at run time. */
function problemsOf(step: Step, action: ActionDefinition): readonly string[] {
  const given = Object.entries(step.with ?? {}).map(([name, value]) => [name, String(value)] as const);
  const open = new Set(given.filter(([, value]) => value.includes('${{')).map(([name]) => name));
  const inputs = Object.entries(action.inputs).map(([name, input]): [string, InputDefinition] => [
    name,
    open.has(name) ? { kind: 'text', description: input.description } : input,
  ]);
  const environment = Object.fromEntries(given.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  try {
    return readInputs({ ...action, inputs: Object.fromEntries(inputs) }, environment).unknown.map(
      (name) => `unknown input ${name}`,
    );
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** The roles that a job of GitHub may start from, as the template makes them. */
const ROLES: readonly string[] = [
  ...readFileSync(path.join(ROOT, 'infrastructure/github-oidc.yaml'), 'utf8').matchAll(/RoleName: (\S+)/g),
].map(([, name]) => name ?? '');

/** Why AWS would refuse the jobs of an example: a role that nothing makes, or no environment for that role to trust. */
function refusalsOf(workflow: unknown): readonly string[] {
  if (typeof workflow !== 'object' || workflow === null || !('jobs' in workflow)) return [];
  const { jobs } = workflow;
  if (typeof jobs !== 'object' || jobs === null) return [];
  return Object.entries(jobs).flatMap(([name, job]: [string, unknown]) => {
    const roles = stepsIn(job)
      .map((step) => String(step.with?.['role-to-assume'] ?? ''))
      .filter((role) => role.startsWith('arn:'));
    const unknown = roles.filter((role) => !ROLES.some((made) => role.endsWith(`:role/${made}`)));
    const placed = typeof job === 'object' && job !== null && 'environment' in job;
    return [
      ...unknown.map((role) => `no template makes ${role}`),
      ...(roles.length > 0 && !placed ? [`${name} stands in no environment: its role trusts only those`] : []),
    ];
  });
}

const found = examples();

test('every action has an example in its own README', () => {
  for (const { name } of ACTIONS) {
    const own = found.filter(({ place }) => place.startsWith(`actions/${name}/README.md`));
    assert.ok(
      own.some(({ text }) => text.includes(`actions/${name}@`)),
      name,
    );
  }
});

for (const { place, text } of found) {
  test(`the example at ${place} can run as it stands`, () => {
    const documents = parseAllDocuments(text);
    for (const document of documents) assert.deepEqual(document.errors, []);
    const steps = documents.flatMap((document) => stepsIn(document.toJS()));
    const ours = steps.flatMap((step) => {
      const action = actionOf(step);
      return action === undefined ? [] : [{ step, action }];
    });
    assert.ok(ours.length > 0);
    for (const { step, action } of ours) assert.deepEqual(problemsOf(step, action), [], step.uses);
    assert.deepEqual(
      documents.flatMap((document) => refusalsOf(document.toJS())),
      [],
    );
    for (const [, id, output] of text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)) {
      const action = ours.find(({ step }) => step.id === id)?.action;
      if (action !== undefined)
        assert.ok(Object.keys(action.outputs).includes(output ?? ''), `${action.name} has no output ${output}`);
    }
  });
}

test('a wrong example is found', () => {
  const [action] = ACTIONS;
  assert.ok(action);
  assert.match(problemsOf({ uses: '', with: { mode: 'drill', wave: 'x' } }, action)[0] ?? '', /did you mean "waves"/);
  assert.match(problemsOf({ uses: '', with: { mode: 'test' } }, action)[0] ?? '', /"test" is not valid for "mode"/);
  assert.match(problemsOf({ uses: '' }, action)[0] ?? '', /"mode" is required/);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
  assert.deepEqual(problemsOf({ uses: '', with: { mode: '${{ inputs.mode }}', bucket: 'x' } }, action), ['unknown input bucket']);
  const job = { steps: [{ uses: 'x', with: { 'role-to-assume': 'arn:aws:iam::444455556666:role/breakwater-github' } }] };
  assert.equal(refusalsOf({ jobs: { job } }).length, 2);
  assert.ok(ROLES.length > 2);
});
