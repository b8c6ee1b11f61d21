// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { evaluate, type Value } from './expressions.ts';
import { ROOT } from './source-files.ts';

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly 'runs-on'?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly steps?: readonly {
    readonly id?: string;
    readonly if?: string;
    readonly uses?: string;
    readonly with?: Readonly<Record<string, string>>;
  }[];
}

interface Workflow {
  readonly on: { readonly workflow_call?: { readonly inputs?: Readonly<Record<string, { readonly default?: string }>> } };
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (name: string): Workflow => parse(readFileSync(path.join(ROOT, '.github/workflows', name), 'utf8'));

/** The inputs of a call: what is given, and the defaults of the rest. */
function called(workflow: Workflow, given: Readonly<Record<string, string>>): { readonly [key: string]: Value } {
  const defaults = Object.entries(workflow.on.workflow_call?.inputs ?? {}).map(([name, { default: value }]) => [
    name,
    value ?? '',
  ]);
  return { ...Object.fromEntries(defaults), ...given };
}

function executeInputs(job: Job | undefined): Readonly<Record<string, string>> {
  const step = job?.steps?.find(({ uses }) => uses === '$/actions/execute-wave');
  assert.ok(step?.with);
  return step.with;
}

describe('wave.yml', () => {
  const wave = read('wave.yml');
  const run = (given: Readonly<Record<string, string>>) => {
    const contexts = { inputs: called(wave, given), vars: {}, github: { token: 't' }, needs: {} };
    const at = (text = '') => evaluate(text, contexts);
    const main = wave.jobs['wave'];
    const step = executeInputs(main);
    return {
      first: at(wave.jobs['first-approval']?.if),
      firstEnvironment: at(wave.jobs['first-approval']?.environment),
      environment: at(main?.environment),
      continues: at(wave.jobs['continue-1']?.environment),
      approved: at(step['approved-gates']),
      part: at(step['part']),
      replace: at(step['replace-live']),
    };
  };
  const gate = { wave: 'web', 'gate-environment': 'dr-production' };

  it('stands in the environment of its gate in the modes of the gate, and only there says that it was approved', () => {
    const recovery = run({ ...gate, mode: 'recovery' });
    assert.deepEqual([recovery.environment, recovery.approved, recovery.first], ['dr-production', 'web', 'false']);
    const drill = run({ ...gate, mode: 'drill' });
    assert.deepEqual([drill.environment, drill.approved, drill.first], ['dr-drill', '', 'false']);
    const both = run({ ...gate, mode: 'drill', 'gate-when': 'drill recovery' });
    assert.deepEqual([both.environment, both.approved], ['dr-production', 'web']);
    const onlyDrills = run({ ...gate, mode: 'recovery', 'gate-when': 'drill' });
    assert.deepEqual([onlyDrills.environment, onlyDrills.approved], ['dr-recovery', '']);
  });

  it('asks two environments one after the other, and only in the modes of the gate', () => {
    const chained = { ...gate, 'first-gate-environment': 'dr-operations' };
    const recovery = run({ ...chained, mode: 'recovery' });
    assert.deepEqual(
      [recovery.first, recovery.firstEnvironment, recovery.environment],
      ['true', 'dr-operations', 'dr-production'],
    );
    assert.equal(run({ ...chained, mode: 'drill' }).first, 'false');
  });

  it('without a gate nothing counts as approved, whatever the mode', () => {
    for (const mode of ['drill', 'recovery']) {
      const { approved, environment, first } = run({ wave: 'web', mode });
      assert.deepEqual([approved, environment, first], ['', `dr-${mode}`, 'false']);
    }
  });

  it('goes on in an environment that asks nobody', () => {
    assert.equal(run({ ...gate, mode: 'recovery' }).continues, 'dr-recovery');
    assert.equal(run({ ...gate, mode: 'drill', 'drill-environment': 'x' }).continues, 'x');
  });

  it('never lets a recovery into the environment of drills, nor a job into none, because a caller passed an empty name', () => {
    const empty = { wave: 'web', 'recovery-environment': '', 'drill-environment': '' };
    for (const mode of ['drill', 'recovery']) {
      assert.deepEqual([run({ ...empty, mode }).environment, run({ ...empty, mode }).continues], [`dr-${mode}`, `dr-${mode}`]);
      const conclude = read('conclude.yml');
      for (const job of Object.values(conclude.jobs))
        assert.equal(evaluate(job.environment ?? '', { inputs: called(conclude, { ...empty, mode }) }), `dr-${mode}`);
    }
    const whole = read('execute-plan.yml').jobs['execute']?.with ?? {};
    const at = (text = '') => evaluate(text, { inputs: empty });
    assert.deepEqual([at(whole['drill-environment']), at(whole['recovery-environment'])], ['dr-drill', 'dr-production']);
  });

  it('without a wave does the whole plan; a drill replaces nothing that is live', () => {
    assert.equal(run({ mode: 'drill' }).part, 'whole');
    assert.equal(run({ ...gate, mode: 'drill' }).part, 'waves');
    assert.equal(run({ ...gate, mode: 'drill', 'replace-live': 's-1' }).replace, '');
    assert.equal(run({ ...gate, mode: 'recovery', 'replace-live': 's-1' }).replace, 's-1');
  });

  it('takes one label or a list of them', () => {
    const at = (label: string) => evaluate(wave.jobs['wave']?.['runs-on'] ?? '', { inputs: { 'runs-on': label } });
    assert.equal(at('ubuntu-latest'), 'ubuntu-latest');
    assert.match(at('["self-hosted", "dr"]'), /Array|self-hosted/);
  });
});

it('a compiled workflow drills unless somebody chose otherwise, and a recovery waits for no drill', () => {
  const workflow = read('failover-webshop.yml');
  const mode = (inputs: Value) => evaluate(workflow.jobs['prepare']?.with?.['mode'] ?? '', { inputs });
  assert.deepEqual([mode({}), mode({ mode: 'drill' }), mode({ mode: 'recovery' })], ['drill', 'drill', 'recovery']);
  const group = (inputs: Value) => evaluate(workflow.concurrency.group, { inputs });
  assert.deepEqual(
    [group({}), group({ mode: 'drill' }), group({ mode: 'recovery' })],
    ['breakwater-webshop-drill', 'breakwater-webshop-drill', 'breakwater-webshop-recovery'],
  );
});

it('a failover and a drill of one plan share their groups with its compiled workflow', () => {
  const group = (name: string, inputs: Value) => evaluate(read(name).concurrency.group, { inputs, vars: {} });
  assert.equal(group('failover.yml', { plan: 'webshop' }), 'breakwater-webshop-recovery');
  assert.equal(group('drill.yml', { plan: 'webshop' }), 'breakwater-webshop-drill');
});

it('its own schedule drills only where a variable names the plan; a call from a schedule always does', () => {
  const condition = read('drill.yml').jobs['drill']?.if ?? '';
  const at = (event: string, inputs: Value, vars: Value) => evaluate(condition, { github: { event_name: event }, inputs, vars });
  assert.equal(at('schedule', {}, {}), 'false');
  assert.equal(at('schedule', {}, { BREAKWATER_DRILL_PLAN: 'webshop' }), 'true');
  assert.equal(at('schedule', { 'plan-files': 'plans' }, {}), 'true');
  assert.equal(at('workflow_dispatch', { 'plan-files': 'plans' }, {}), 'true');
});

it('copies by event, or by sweep, never both', () => {
  const step = read('copy-snapshots.yml').jobs['copy']?.steps?.find(({ uses }) => uses === '$/actions/copy-snapshot');
  const at = (event: string, inputs: Value) => {
    const contexts = {
      github: { event_name: event, event: { client_payload: { detail: { SourceArn: 'arn' } } } },
      inputs,
      vars: {},
    };
    return [evaluate(step?.with?.['event'] ?? '', contexts), evaluate(step?.with?.['databases'] ?? '', contexts)];
  };
  const [event = '', databases] = at('repository_dispatch', {});
  assert.deepEqual([JSON.parse(event), databases], [{ detail: { SourceArn: 'arn' } }, '']);
  assert.deepEqual(at('schedule', {}), ['', '*']);
  assert.deepEqual(at('workflow_dispatch', { databases: 'orders', event: '' }), ['', 'orders']);
  assert.deepEqual(at('schedule', { databases: 'orders', event: '' }), ['', 'orders']);
  assert.deepEqual(at('push', { databases: '*', event: '{"x":1}' }), ['{"x":1}', '']);
});

it('a real restore stands in an environment with reviewers, a drill does not', () => {
  const environment = read('restore-aurora.yml').jobs['restore']?.environment ?? '';
  const at = (inputs: Value) => evaluate(environment, { inputs });
  assert.equal(at({ mode: 'drill', environment: '' }), 'dr-drill');
  assert.equal(at({ mode: 'recovery', environment: '' }), 'dr-production');
  assert.equal(at({ mode: 'recovery', environment: 'mine' }), 'mine');
});

it('two restores in one run are two deeds, and a re-run means the same: the clean-up of one drill touches no other', () => {
  const steps = read('restore-aurora.yml').jobs['restore']?.steps ?? [];
  const key = steps.find(({ id }) => id === 'restore')?.with?.['key'] ?? '';
  const at = (inputs: Readonly<Record<string, string>>, runId = '7', attempt = '1') =>
    evaluate(key, {
      inputs: { mode: 'drill', 'source-cluster': 'orders', 'target-cluster': '', site: 'dr', ...inputs },
      github: { repository: 'acme/recovery', run_id: runId, run_attempt: attempt },
    });
  assert.equal(at({}), at({}, '7', '2'));
  const deeds = [
    at({}),
    at({}, '8'),
    at({ mode: 'recovery' }),
    at({ 'source-cluster': 'carts' }),
    at({ 'target-cluster': 'x' }),
    at({ site: 'us' }),
  ];
  assert.equal(new Set(deeds).size, deeds.length, deeds.join(' '));
  assert.match(at({}), /^acme\/recovery\/7\//);
  const cleanUp = steps.find((step) => step.with?.['operation'] === 'clean-up');
  assert.equal(cleanUp?.with?.['key'], '${{ steps.restore.outputs.key }}');
});

it('keeps nothing as an artifact before the action has taken the execution id: a path may be anything until then', () => {
  for (const file of ['wave.yml', 'conclude.yml']) {
    const uploads = Object.values(read(file).jobs).flatMap(({ steps = [] }) =>
      steps.filter(({ uses }) => uses?.startsWith('actions/upload-artifact@')),
    );
    assert.ok(uploads.length >= 2, file);
    for (const upload of uploads) {
      const at = (steps: Value) => evaluate(upload.if ?? '', { steps, inputs: { 'execution-id': '../../..' } });
      const done = { outputs: { 'execution-id': 'webshop-drill-gh-7' } };
      assert.equal(at({ execute: { outputs: { 'execution-id': '' } }, report: {} }), 'false', file);
      assert.equal(at({ execute: {}, report: {} }), 'false', file);
      assert.equal(at({ execute: done, report: {} }), 'true', file);
    }
  }
  const [first] = (read('conclude.yml').jobs['conclude']?.steps ?? []).filter(({ uses }) => uses?.startsWith('actions/upload'));
  const reported = { execute: {}, report: { outputs: { 'execution-id': 'webshop-drill-gh-7' } } };
  assert.equal(evaluate(first?.if ?? '', { steps: reported }), 'true', 'what a cancelled run reports is kept');
});
