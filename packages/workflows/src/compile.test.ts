// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '@breakwater/core';
import { planDigest, readPlanFiles } from '@breakwater/plan';
import fc from 'fast-check';
import { parse, parseDocument } from 'yaml';
import { LARGEST_WORKFLOW, MOST_JOBS } from './compile.ts';
import { compileWorkflow, readMarker, workflowFile } from './index.ts';
import { load, planText, setOf, waveOf } from './testing.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');
const OWN = { files: ['plans'], source: '$' };

interface Job {
  readonly name: string;
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly uses: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly with: Readonly<Record<string, string | boolean>>;
}

interface Workflow {
  readonly name: string;
  readonly 'run-name': string;
  readonly on: {
    readonly workflow_dispatch: { readonly inputs: Readonly<Record<string, { readonly description: string }>> };
    readonly schedule?: readonly { readonly cron: string; readonly timezone?: string }[];
  };
  readonly permissions: object;
  readonly concurrency: { readonly group: string; readonly queue: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

const compiled = (text: string, options = OWN): Workflow => parse(compileWorkflow(load(text).set, 'shop', options));

describe('the compiled workflow', () => {
  it('of the sample plan is the one that is committed', async () => {
    const { set } = await readPlanFiles([path.join(ROOT, 'plans')]);
    const committed = readFileSync(path.join(ROOT, '.github/workflows/failover-webshop.yml'), 'utf8');
    assert.equal(compileWorkflow(set, 'webshop', OWN), committed);
  });

  it('has a job for each wave with the plan’s order, one before them and one after', () => {
    const { jobs } = compiled(
      planText(`  - { name: web, groups: [g], dependsOn: [app, db.main] }
  - { name: db.main, groups: [g] }
  - { name: app, groups: [g], dependsOn: [db.main] }
`),
    );
    assert.deepEqual(Object.keys(jobs), ['prepare', 'wave-db-main', 'wave-app', 'wave-web', 'conclude']);
    assert.deepEqual(jobs['wave-db-main']?.needs, ['prepare']);
    assert.deepEqual(jobs['wave-app']?.needs, ['prepare', 'wave-db-main']);
    assert.deepEqual(jobs['wave-web']?.needs, ['prepare', 'wave-app', 'wave-db-main']);
    assert.deepEqual(jobs['conclude']?.needs, ['prepare', 'wave-web', 'wave-db-main', 'wave-app']);
    assert.match(jobs['conclude']?.if ?? '', /always\(\)/);
    assert.equal(jobs['wave-db-main']?.with['wave'], 'db.main');
  });

  it('puts the gates where the plan has them, with their modes', () => {
    const { jobs } = compiled(
      planText(`  - { name: one, groups: [g], gate: { environment: dr-one } }
  - { name: two, groups: [g], gate: { environments: [dr-ops, dr-business], when: [drill, recovery] } }
  - { name: three, groups: [g] }
`),
    );
    const gateOf = (job: string) => {
      const { 'gate-environment': last, 'first-gate-environment': first, 'gate-when': when } = jobs[job]?.with ?? {};
      return [first, last, when];
    };
    assert.deepEqual(gateOf('wave-one'), [undefined, 'dr-one', 'recovery']);
    assert.deepEqual(gateOf('wave-two'), ['dr-ops', 'dr-business', 'drill recovery']);
    assert.deepEqual(gateOf('wave-three'), [undefined, undefined, undefined]);
  });

  it('gives jobs the environments of the plan, a mode each', () => {
    const { jobs } = compiled(planText('  - { name: one, groups: [g] }\n', 'environments: { drill: dr-drill, recovery: dr }\n'));
    for (const job of ['wave-one', 'conclude']) {
      assert.equal(jobs[job]?.with['drill-environment'], 'dr-drill');
      assert.equal(jobs[job]?.with['recovery-environment'], 'dr');
    }
  });

  it('drills on the plan’s schedule, and only if it has one', () => {
    const waves = '  - { name: one, groups: [g] }\n';
    assert.equal(compiled(planText(waves)).on.schedule, undefined);
    assert.deepEqual(compiled(planText(waves, 'drill: { schedule: "23 4 * * 3", timezone: Europe/Berlin }\n')).on.schedule, [
      { cron: '23 4 * * 3', timezone: 'Europe/Berlin' },
    ]);
  });

  it('asks for nothing at the top, and for each job only what it needs', () => {
    const { permissions, jobs } = compiled(planText('  - { name: one, groups: [g] }\n'));
    assert.deepEqual(permissions, {});
    assert.deepEqual(jobs['prepare']?.permissions, { contents: 'read' });
    assert.deepEqual(jobs['wave-one']?.permissions, { actions: 'read', contents: 'write', 'id-token': 'write' });
  });

  it('drops no failover, and lets none wait behind a drill', () => {
    const { concurrency } = compiled(planText('  - { name: one, groups: [g] }\n'));
    assert.equal(concurrency.queue, 'max');
    assert.equal(concurrency['cancel-in-progress'], false);
    assert.match(concurrency.group, /^breakwater-shop-\$\{\{ inputs\.mode == 'recovery' && 'recovery' \|\| 'drill' \}\}$/);
  });

  it('hands every job the digest that was prepared: another plan is refused', () => {
    const { jobs } = compiled(planText('  - { name: one, groups: [g] }\n'));
    for (const job of ['wave-one', 'conclude']) {
      assert.match(String(jobs[job]?.with['plan-digest']), /needs\.prepare\.outputs\.plan-digest/);
      assert.match(String(jobs[job]?.with['execution-id']), /needs\.prepare\.outputs\.execution-id/);
    }
  });

  it('says at its head what made it, from what', () => {
    const { set } = load(planText('  - { name: one, groups: [g] }\n'));
    const text = compileWorkflow(set, 'shop', { files: ['plans', 'more/plans.yaml'], source: 'acme/breakwater@v1' });
    assert.match(text, /^# Generated by `breakwater compile`\. Do not edit/);
    const digest = planDigest(set, 'shop');
    const files = ['plans', 'more/plans.yaml'];
    assert.deepEqual(readMarker(text), { plan: 'shop', digest, files, source: 'acme/breakwater@v1' });
    const { jobs } = parse(text) as Workflow;
    assert.equal(jobs['wave-one']?.uses, 'acme/breakwater/.github/workflows/wave.yml@v1');
    assert.equal(jobs['prepare']?.with['plan-files'], '["plans","more/plans.yaml"]');
  });

  it('is the same text each time, and no other for what means nothing', () => {
    const plain = planText('  - { name: one, groups: [g] }\n');
    const remarked = `# a remark\n${plain.replace('tier: 1', 'tier:   1 # one')}`;
    assert.equal(compileWorkflow(load(plain).set, 'shop', OWN), compileWorkflow(load(remarked).set, 'shop', OWN));
  });
});

describe('what cannot be compiled', () => {
  const refused = (code: string, message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok(error.next.length > 10);
    return true;
  };

  it('a gate that nobody could open', () => {
    const { set } = load(planText('  - { name: one, groups: [g], gate: { description: Sure? } }\n'));
    assert.throws(() => compileWorkflow(set, 'shop', OWN), refused('plan-invalid', /gate of wave "one".*no environment/));
  });

  it('more jobs, or more bytes, than GitHub takes', () => {
    const waves = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => waveOf(`w${index}-${'x'.repeat(length)}`));
    assert.doesNotThrow(() => compileWorkflow(setOf({ name: 'shop', waves: waves(MOST_JOBS - 2, 1) }), 'shop', OWN));
    assert.throws(
      () => compileWorkflow(setOf({ name: 'shop', waves: waves(MOST_JOBS - 1, 1) }), 'shop', OWN),
      refused('plan-invalid', /257 jobs; GitHub takes 256 jobs/),
    );
    assert.throws(
      () => compileWorkflow(setOf({ name: 'shop', waves: waves(200, 1_000) }), 'shop', OWN),
      refused('plan-invalid', /\d{6} bytes/),
    );
  });

  it('workflows from nowhere, and files outside the repository', () => {
    const { set } = load(planText('  - { name: one, groups: [g] }\n'));
    for (const source of [
      '',
      'acme',
      'acme/breakwater',
      'acme/breakwater@',
      './x',
      'a b/c@v1',
      'acme/b@v1 # x',
      'acme/b@${{ x }}',
    ]) {
      assert.throws(() => compileWorkflow(set, 'shop', { ...OWN, source }), refused('usage', /called from/), source);
    }
    for (const file of ['', '/etc/plans', '../plans', 'a/../../b', 'C:/plans', '~/plans', 'a\\b']) {
      assert.throws(
        () => compileWorkflow(set, 'shop', { ...OWN, files: [file] }),
        refused('usage', /root of the repository/),
        file,
      );
    }
    assert.throws(() => compileWorkflow(set, 'other', OWN), refused('plan-unknown', /other/));
  });
});

/** What GitHub makes of a text: our own expressions that yield `${{` are the only ones that a name may bring. */
function evaluated(text: string): string {
  return text.split("${{ '${{' }}").join('${{');
}

/** Every expression of a workflow's values, without those that only write `${{`. */
function expressionsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(expressionsIn);
  if (typeof value !== 'string') return [];
  return [...value.replaceAll("${{ '${{' }}", '').matchAll(/\$\{\{(.*?)\}\}/gs)].map(([, code]) => (code ?? '').trim());
}

const OURS = new Set([
  "inputs.mode || 'drill'",
  "inputs.reason && ', '",
  'inputs.reason',
  'inputs.confirmation',
  'inputs.execution-id',
  'inputs.replace-live',
  "inputs.mode == 'recovery' && 'recovery' || 'drill'",
  'needs.prepare.outputs.mode',
  'needs.prepare.outputs.execution-id',
  'needs.prepare.outputs.plan-digest',
  "always() && needs.prepare.result == 'success'",
  "contains(needs.*.result, 'cancelled')",
]);

describe('hostile names', () => {
  const hostile = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40 }),
    fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    fc.string({
      minLength: 1,
      maxLength: 20,
      unit: fc.constantFrom('$', '{', '}', "'", '"', ' ', '#', ':', '-', '\\', '\n', '\u0000', 'x'),
    }),
    fc.constantFrom(
      '${{ secrets.GITHUB_TOKEN }}',
      "x' }}${{ github.token",
      '${{{{ }}}}',
      "${{ '${{' }}",
      '"\n    permissions: write-all\n#',
      '*a',
      '&a',
      '!!binary x',
      '- a: b',
      'yes',
      'null',
      '0x10',
      '1e3',
      '~',
      '$(touch /tmp/x)',
      '`id`',
      '\u2028on: push',
      '\u0085on: push',
      '}}',
      '<<',
    ),
  );

  it('stay names: the YAML says exactly them, and no expression but ours', () => {
    fc.assert(
      fc.property(fc.uniqueArray(hostile, { minLength: 1, maxLength: 4 }), hostile, hostile, (waves, plan, environment) => {
        const list = waves.map((name, index) =>
          waveOf(name, { dependsOn: waves.slice(0, index), gate: { environments: [environment, plan], when: ['recovery'] } }),
        );
        const environments = { drill: environment, recovery: plan };
        const set = setOf({ name: plan, waves: list, environments });
        const text = compileWorkflow(set, plan, OWN);
        const document = parseDocument(text);
        assert.deepEqual(document.errors, []);
        const workflow: Workflow = document.toJS();
        const expected = ['name', 'run-name', 'on', 'permissions', 'concurrency', 'jobs'];
        assert.deepEqual(Object.keys(workflow), expected);
        const jobs = Object.values(workflow.jobs);
        assert.equal(jobs.length, waves.length + 2);
        for (const id of Object.keys(workflow.jobs)) assert.match(id, /^[A-Za-z_][A-Za-z0-9_-]*$/);
        for (const [index, name] of waves.entries()) {
          const job = jobs[index + 1];
          assert.equal(evaluated(String(job?.with['wave'])), name);
          assert.equal(evaluated(String(job?.with['plan'])), plan);
          assert.equal(evaluated(String(job?.with['first-gate-environment'])), environment);
          assert.equal(evaluated(String(job?.with['drill-environment'])), environment);
          assert.equal(job?.needs?.length, index + 1);
          for (const need of job?.needs ?? []) assert.ok(need in workflow.jobs);
        }
        for (const code of expressionsIn(workflow)) assert.ok(OURS.has(code), code);
        assert.equal(readMarker(text)?.plan, plan);
        assert.match(workflowFile(plan), /^failover-[A-Za-z0-9._-]*\.yml$/);
      }),
      { numRuns: 300 },
    );
  });

  it('never make two jobs one', () => {
    const waves = ['a.b', 'a-b', 'A-B', 'a b', 'a-b-2'].map((name) => waveOf(name));
    const { jobs }: Workflow = parse(compileWorkflow(setOf({ name: 'shop', waves }), 'shop', OWN));
    assert.equal(new Set(Object.keys(jobs).map((id) => id.toLowerCase())).size, waves.length + 2);
  });
});

describe('the marker', () => {
  it('is not found in other files', () => {
    for (const text of [
      '',
      'on: push\n',
      '# breakwater-compiled: {',
      '# breakwater-compiled: {"plan":1}',
      '# breakwater-compiled: null',
    ]) {
      assert.equal(readMarker(text), undefined, text);
    }
    assert.equal(LARGEST_WORKFLOW, 500_000);
  });
});
