// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { inputVariable, readInputs } from '@breakwater/action-kit';
import { UserError } from '@breakwater/core';
import { parse } from 'yaml';
import { ACTIONS } from '../../build/actions.ts';
import { evaluate, type Value } from './expressions.ts';
import { ROOT } from './source-files.ts';

/** What somebody might write where a name belongs. */
const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  '"; touch pwned; #',
  "'; touch pwned; '",
  '${{ github.token }}',
  "x' }}${{ github.token }}${{ '",
  'webshop\ntouch pwned',
  '::set-output name=status::succeeded',
  '::add-mask::webshop',
  '--upload-pack=touch pwned',
  '../../x',
  '%0A::error::x',
  '\u202Ewebshop',
] as const;

const TOKEN = 'the-token-of-the-job';

interface Input {
  readonly type?: string;
  readonly default?: Value;
  readonly required?: boolean;
}

interface Job {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

interface Workflow {
  readonly on: Readonly<Record<string, { readonly inputs?: Readonly<Record<string, Input>> } | null>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (file: string): Workflow => parse(readFileSync(path.join(ROOT, '.github/workflows', file), 'utf8'));

/** An action of ours that a run of the workflow comes to, and what it is given. */
interface Reached {
  readonly action: string;
  readonly given: Readonly<Record<string, string>>;
}

/** Evaluates every call and every step as GitHub does, through the workflows that are called. What other jobs say is empty. */
function reached(workflow: Workflow, inputs: { readonly [name: string]: Value }): readonly Reached[] {
  const contexts = {
    inputs,
    vars: {},
    github: { token: TOKEN, event_name: 'workflow_dispatch', event: { client_payload: {} } },
    // A wave is given what `prepare` has made of it: an output that was checked.
    steps: { restore: { outputs: { key: 'acme/recovery/1' } } },
    needs: { prepare: { outputs: { plan: 'webshop', mode: 'drill', 'execution-id': 'x', 'plan-digest': 'a'.repeat(64) } } },
  };
  const filled = (given: Readonly<Record<string, unknown>> = {}) =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, evaluate(String(value), contexts)]));
  return Object.values(workflow.jobs).flatMap((job) => {
    const called = /^\$\/\.github\/workflows\/(.+)$/.exec(job.uses ?? '')?.[1];
    if (called !== undefined) {
      const inner = read(called);
      return reached(inner, { ...defaultsOf(inner.on['workflow_call']?.inputs), ...filled(job.with) });
    }
    return (job.steps ?? []).flatMap(({ uses, with: given }) => {
      const action = /^\$\/actions\/([a-z-]+)$/.exec(uses ?? '')?.[1];
      return action === undefined ? [] : [{ action, given: filled(given) }];
    });
  });
}

function defaultsOf(inputs: Readonly<Record<string, Input>> = {}): { readonly [name: string]: Value } {
  return Object.fromEntries(Object.entries(inputs).map(([name, { default: value }]) => [name, value ?? '']));
}

/** What the action says of what it is given; nothing if it takes it. */
function refusal({ action, given }: Reached): string | undefined {
  const definition = ACTIONS.find(({ name }) => name === action);
  assert.ok(definition, action);
  try {
    readInputs(definition, Object.fromEntries(Object.entries(given).map(([name, value]) => [inputVariable(name), value])));
    return undefined;
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message;
  }
}

const rows = globSync('*.yml', { cwd: path.join(ROOT, '.github/workflows') })
  .sort()
  .flatMap((file) => {
    const workflow = read(file);
    return (['workflow_dispatch', 'workflow_call'] as const).flatMap((event) =>
      Object.entries(workflow.on[event]?.inputs ?? {})
        .filter(([, { type }]) => type === 'string' || type === 'environment')
        .map(([input]) => ({ file, workflow, event, input })),
    );
  });

describe('a hostile text in any input of any workflow', () => {
  it('they are many', () => assert.ok(rows.length > 120, String(rows.length)));

  for (const { file, workflow, event, input } of rows) {
    it(`${file}, ${event}: ${input}`, () => {
      const inputs = defaultsOf(workflow.on[event]?.inputs);
      const harmless = reached(workflow, inputs).map(refusal);
      for (const value of HOSTILE) {
        for (const [index, step] of reached(workflow, { ...inputs, [input]: value }).entries()) {
          for (const [name, text] of Object.entries(step.given)) {
            // It is text: GitHub does not evaluate it again, so no token comes of it.
            if (name !== 'token') assert.ok(!text.includes(TOKEN), `${step.action} ${name}`);
          }
          const said = refusal(step);
          if (said === undefined || said === harmless[index]) continue;
          const [named] = Object.entries(step.given).filter(([, text]) => text.includes(value));
          assert.ok(named, `${step.action} refuses what it was not given: ${said}`);
          assert.match(said, new RegExp(`"${named[0]}"`), 'the refusal names the input');
        }
      }
    });
  }
});
