// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readMarker } from '@breakwater/workflows';
import { parse } from 'yaml';
import { fillMarkers } from '../../build/action-files.ts';
import { ACTIONS } from '../../build/actions.ts';
import { renderWorkflowTables } from '../../build/workflow-docs.ts';
import { REWRITES } from '../workflows/temporary-copy.ts';
import { ROOT } from './source-files.ts';

interface Input {
  readonly description?: string;
  readonly type?: string;
  readonly required?: boolean;
  readonly default?: unknown;
}

type Inputs = Readonly<Record<string, Input>>;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly needs?: string | readonly string[];
  readonly secrets?: unknown;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly file: string;
  readonly text: string;
  readonly on: {
    readonly workflow_call?: {
      readonly inputs?: Inputs;
      readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
    };
    readonly workflow_dispatch?: { readonly inputs?: Inputs } | null;
    readonly schedule?: readonly { readonly cron: string }[];
    readonly [event: string]: unknown;
  };
  readonly permissions?: unknown;
  readonly concurrency?: { readonly group: string; readonly queue?: string; readonly 'cancel-in-progress': unknown };
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows: readonly Workflow[] = globSync('.github/workflows/*.yml', { cwd: ROOT })
  .map((file) => file.replaceAll('\\', '/'))
  .sort()
  .map((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    return { ...parse(text), file, text };
  });

const named = (name: string): Workflow => {
  const found = workflows.find(({ file }) => file === `.github/workflows/${name}`);
  assert.ok(found, name);
  return found;
};

/** Workflows of others may be taken, too; those of this repository are called by `$/…`. */
const own = (uses: string): string | undefined => /^\$\/\.github\/workflows\/(.+)$/.exec(uses)?.[1];
const isOwnAction = (uses: string): boolean => /^\$\/actions\/[a-z-]+$/.test(uses);
const jobsOf = (workflow: Workflow) => Object.entries(workflow.jobs);
const stepsOf = (workflow: Workflow) => jobsOf(workflow).flatMap(([, job]) => job.steps ?? []);

const REUSABLE = [
  'check-plans.yml',
  'conclude.yml',
  'copy-snapshots.yml',
  'doctor.yml',
  'drill.yml',
  'execute-plan.yml',
  'failover.yml',
  'prepare.yml',
  'recompile.yml',
  'restore-aurora.yml',
  'wave.yml',
];

it('the workflows are those that the docs promise', () => {
  const files = workflows.map(({ file }) => path.basename(file));
  for (const name of [...REUSABLE, 'ci.yml', 'release.yml', 'failover-webshop.yml']) assert.ok(files.includes(name), name);
  for (const name of REUSABLE) assert.ok(named(name).on.workflow_call, name);
});

for (const workflow of workflows) {
  describe(workflow.file, () => {
    it('pins every action of others to a commit, with its version beside it', () => {
      for (const line of workflow.text.split('\n')) {
        const [, uses, comment = ''] = /^\s*(?:- )?uses:\s*(\S+)(.*)$/.exec(line) ?? [];
        if (uses === undefined || isOwnAction(uses) || own(uses) !== undefined) continue;
        assert.match(uses, /^[A-Za-z0-9-]+\/[A-Za-z0-9._/-]+@[0-9a-f]{40}$/, line);
        assert.match(comment, /^ # v\d+\.\d+\.\d+$/, line);
      }
    });

    it('grants nothing at the top, and to each job only what it says why', () => {
      assert.deepEqual(workflow.permissions, {});
      for (const [id, job] of jobsOf(workflow)) assert.ok(job.permissions, `${id} says its permissions`);
      for (const line of workflow.text.split('\n')) {
        if (/^ {6}[a-z-]+: (?:read|write)\b/.test(line)) assert.match(line, /: (?:read|write) # \S.{4,}$/, line);
      }
    });

    it('bounds every job, and leaves no credentials of GitHub on the disk', () => {
      for (const [id, job] of jobsOf(workflow)) {
        if (job.uses === undefined) assert.ok((job['timeout-minutes'] ?? 0) > 0 && (job['timeout-minutes'] ?? 999) <= 360, id);
      }
      for (const step of stepsOf(workflow)) {
        if (step.uses?.startsWith('actions/checkout@')) assert.equal(step.with?.['persist-credentials'], false);
      }
    });

    it('lets no expression into a shell', () => {
      for (const { run } of stepsOf(workflow)) assert.doesNotMatch(run ?? '', /\$\{\{/);
    });

    it('is started by nothing that brings foreign code near secrets', () => {
      for (const event of ['pull_request_target', 'workflow_run', 'issue_comment']) assert.ok(!(event in workflow.on), event);
      for (const [id, job] of jobsOf(workflow)) assert.notEqual(job.secrets, 'inherit', id);
    });

    it('needs jobs that exist, and reads outputs that they have', () => {
      for (const [id, job] of jobsOf(workflow)) {
        for (const need of [job.needs ?? []].flat()) assert.ok(need in workflow.jobs, `${id} needs ${need}`);
      }
      for (const [, job, output] of workflow.text.matchAll(/\b(?:needs|jobs)\.([\w-]+)\.outputs\.([\w-]+)/g)) {
        const called = own(workflow.jobs[job ?? '']?.uses ?? '');
        const outputs = called === undefined ? workflow.jobs[job ?? '']?.outputs : named(called).on.workflow_call?.outputs;
        assert.ok(Object.hasOwn(outputs ?? {}, output ?? ''), `${job} has no output ${output}`);
      }
    });

    it('gives the workflows it calls inputs that they have, what they require, and the permissions that they need', () => {
      for (const [id, job] of jobsOf(workflow)) {
        if (job.uses === undefined) continue;
        const called = named(own(job.uses) ?? '');
        const inputs = called.on.workflow_call?.inputs ?? {};
        for (const name of Object.keys(job.with ?? {})) assert.ok(name in inputs, `${id}: ${called.file} has no input ${name}`);
        for (const [name, input] of Object.entries(inputs)) {
          if (input.required) assert.ok(name in (job.with ?? {}), `${id}: ${called.file} needs ${name}`);
        }
        for (const [, inner] of jobsOf(called)) {
          for (const [scope, level] of Object.entries(inner.permissions ?? {})) {
            const granted = job.permissions?.[scope];
            assert.ok(
              granted === level || granted === 'write',
              `${id} grants ${scope}: ${granted}, ${called.file} needs ${level}`,
            );
          }
        }
      }
    });

    it('never drops or cancels what waits, where something is recovered', () => {
      const callsAws = jobsOf(workflow).some(([, { permissions }]) => permissions?.['id-token'] === 'write');
      if (workflow.on.workflow_dispatch === undefined || !callsAws) return;
      assert.equal(workflow.concurrency?.queue, 'max');
      assert.equal(workflow.concurrency?.['cancel-in-progress'], false);
    });

    it('asks for no more than a dispatch may have, and starts away from the top of the hour', () => {
      assert.ok(Object.keys(workflow.on.workflow_dispatch?.inputs ?? {}).length <= 25);
      for (const { cron } of workflow.on.schedule ?? []) assert.match(cron, /^([1-9]|[1-5]\d) /);
    });
  });
}

describe('workflows that are called from elsewhere', () => {
  for (const name of REUSABLE) {
    it(`${name}: every input has a type and says what it is`, () => {
      const { on } = named(name);
      for (const [input, { description, type, required, default: value }] of Object.entries(on.workflow_call?.inputs ?? {})) {
        assert.ok((description ?? '').length > 10, input);
        assert.ok(['string', 'boolean'].includes(type ?? ''), input);
        assert.equal(required === true, value === undefined, `${input} is required or has a default`);
      }
    });

    it(`${name}: what is asked of a person is asked of a caller too, with the same defaults`, () => {
      const { on } = named(name);
      const called = on.workflow_call?.inputs ?? {};
      for (const [input, asked] of Object.entries(on.workflow_dispatch?.inputs ?? {})) {
        const { required, default: value } = called[input] ?? {};
        assert.ok(input in called, input);
        assert.deepEqual([required, value], [asked.required, asked.default], input);
      }
    });
  }

  it('use nothing of the caller’s checkout: no action by ./', () => {
    for (const name of REUSABLE) assert.doesNotMatch(named(name).text, /uses:\s*\.\//, name);
  });
});

it('the one check of CI needs every other job', () => {
  const { jobs } = named('ci.yml');
  assert.deepEqual(
    [jobs['all-passed']?.needs].flat().sort(),
    Object.keys(jobs)
      .filter((id) => id !== 'all-passed')
      .sort(),
  );
});

it('a release attests every kind of file that a runner loads', () => {
  const attest = stepsOf(named('release.yml')).find(({ uses }) => uses?.startsWith('actions/attest@'));
  const patterns = String(attest?.with?.['subject-path']).split('\n');
  const files = globSync(['action.yml', 'actions/*/action.yml', '.github/workflows/*.yml', 'dist/**/*.{js,json}'], { cwd: ROOT });
  assert.ok(files.length > ACTIONS.length);
  for (const file of files)
    assert.ok(
      patterns.some((pattern) => path.matchesGlob(file, pattern)),
      file,
    );
});

it('every third-party action has one version', () => {
  const pins = new Map<string, Set<string>>();
  for (const { text } of workflows) {
    for (const [, action = '', pin = ''] of text.matchAll(/uses: ([\w./-]+)@(\S+ # v\S+)/g)) {
      pins.set(action, new Set([...(pins.get(action) ?? []), pin]));
    }
  }
  assert.ok(pins.size >= 4);
  for (const [action, versions] of pins) assert.equal(versions.size, 1, action);
});

it('compiled workflows say so, and the others do not', () => {
  for (const { file, text } of workflows) {
    assert.equal(readMarker(text) !== undefined, /failover-/.test(file), file);
  }
});

it('docs/workflows.md has every reusable workflow, with tables that are freshly generated', async () => {
  const page = readFileSync(path.join(ROOT, 'docs/workflows.md'), 'utf8');
  for (const name of REUSABLE) assert.match(page, new RegExp(`^### ${name}$`, 'm'), name);
  assert.equal(page, fillMarkers(page, await renderWorkflowTables(ROOT)), 'run `npm run build`');
});

it('docs/workflows.md lists what act cannot run, and what it has instead', () => {
  const page = readFileSync(path.join(ROOT, 'docs/workflows.md'), 'utf8');
  const [, list = ''] = /^What act cannot run is rewritten in a temporary copy:\n\n((?:- .*\n)+)/m.exec(page) ?? [];
  assert.deepEqual(
    list.trim().split('\n'),
    REWRITES.map((line) => `- ${line}`),
  );
});

describe('the workflows that the pages show', () => {
  const pages = globSync(['README.md', 'docs/**/*.md', 'actions/*/README.md'], { cwd: ROOT }).sort();
  const calls = pages.flatMap((page) => {
    const text = readFileSync(path.join(ROOT, page), 'utf8');
    const blocks = [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
    return blocks
      .filter((block) => /breakwater\/\.github\/workflows\//.test(block))
      .map((block): Workflow & { readonly page: string } => ({ ...parse(block), file: page, text: block, page }));
  });

  it('are there: every reusable workflow is shown at least once', () => {
    for (const name of REUSABLE) {
      assert.ok(
        calls.some(({ text }) => text.includes(`breakwater-dr/breakwater/.github/workflows/${name}@v1`)),
        name,
      );
    }
  });

  for (const { page, text, permissions, jobs } of calls) {
    it(`${page}: ${/workflows\/([a-z-]+)\.yml@/.exec(text)?.[1]} can be called as it is written`, () => {
      assert.deepEqual(permissions, {}, 'nothing is granted at the top');
      for (const [id, job] of Object.entries(jobs)) {
        const called = /^breakwater-dr\/breakwater\/\.github\/workflows\/([a-z-]+\.yml)@v1$/.exec(job.uses ?? '')?.[1];
        if (called === undefined) continue;
        const { on, jobs: inner } = named(called);
        const inputs = on.workflow_call?.inputs ?? {};
        for (const name of Object.keys(job.with ?? {})) assert.ok(name in inputs, `${id}: no input ${name}`);
        for (const [name, { required }] of Object.entries(inputs))
          if (required) assert.ok(name in (job.with ?? {}), `${id}: ${name}`);
        for (const { permissions: needed } of Object.values(inner)) {
          for (const [scope, level] of Object.entries(needed ?? {})) {
            const granted = job.permissions?.[scope];
            assert.ok(granted === level || granted === 'write', `${id}: ${scope}: ${level} is needed`);
          }
        }
      }
    });
  }
});
