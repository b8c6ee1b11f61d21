import { UserError } from '@breakwater/core';
import { type Gate, type Plan, type PlanSet, planDigest, topologicalOrder, type Wave } from '@breakwater/plan';
import { Document, isMap, isPair, isScalar, visit } from 'yaml';
import { header } from './marker.ts';
import { called, demandSource } from './source.ts';
import { escaped, expression, jobIds, literal, plain, quoted } from './text.ts';

export interface CompileOptions {
  /** Plan files and folders, from the root of the repository, with forward slashes. */
  readonly files: readonly string[];
  /** Where the called workflows are: `owner/repository@ref`, or `$` (or `.`) for the repository of the compiled one. */
  readonly source: string;
}

/** The repository whose workflows a compiled one calls, unless it says otherwise. */
export const DEFAULT_SOURCE = 'breakwater-dr/breakwater@v1';

/** https://docs.github.com/actions/reference/limits: more of it does not start. */
export const LARGEST_WORKFLOW = 500_000;
/** The most jobs that GitHub makes of one matrix; a graph of more can hardly be read either. */
export const MOST_JOBS = 256;

/** File name of a plan's compiled workflow, in `.github/workflows`. */
export function workflowFile(plan: string): string {
  return `failover-${plan.replaceAll(/[^A-Za-z0-9._-]/g, '-')}.yml`;
}

/**
 * The plan's own workflow: a job that prepares, one for each wave, one that ends the execution. GitHub draws the plan's graph from it,
 * approvals stand where the plan has gates, and re-running failed jobs resumes. Pure: the same plan and options make the same bytes.
 *
 * Throws `UserError`: `plan-unknown`; `plan-invalid` when a gate names no environment or the workflow would exceed a limit of GitHub;
 * `usage` when the source or a file is not one.
 */
export function compileWorkflow(set: PlanSet, name: string, { files, source }: CompileOptions): string {
  demandSource(source);
  for (const file of files) demandInside(file);
  const digest = planDigest(set, name);
  const plan = set.plans.get(name);
  if (plan === undefined)
    throw new UserError('plan-unknown', `there is no plan "${name}"`, { next: 'Name a plan of the files.' });
  demandCompilable(plan);
  const document = new Document(workflow(plan, { files, source }), { aliasDuplicateObjects: false });
  explainPermissions(document);
  spaceBefore(document.contents, ['on', 'permissions', 'concurrency', 'jobs']);
  const jobs = document.get('jobs');
  if (isMap(jobs))
    spaceBefore(
      jobs,
      jobs.items.slice(1).map(({ key }) => String(key)),
    );
  const text = `${header({ plan: name, digest, files, source })}${document.toString({ lineWidth: 0, flowCollectionPadding: false })}`;
  if (Buffer.byteLength(text) > LARGEST_WORKFLOW) throw tooLarge(plan, `${Buffer.byteLength(text)} bytes`);
  return text;
}

function workflow(plan: Plan, options: CompileOptions) {
  const { schedule, timezone } = plan.drill;
  return {
    name: plain(`Fail over: ${plan.name}`),
    'run-name': quoted(`${escaped(plan.name)}: \${{ inputs.mode || 'drill' }}\${{ inputs.reason && ', ' }}\${{ inputs.reason }}`),
    on: {
      workflow_dispatch: { inputs: inputsOf(plan) },
      ...(schedule === undefined
        ? {}
        : { schedule: [{ cron: plain(schedule), ...(timezone === undefined ? {} : { timezone: plain(timezone) }) }] }),
    },
    permissions: {},
    // A recovery never waits behind a drill, and one that waits is never dropped for a later one.
    concurrency: {
      group: quoted(`breakwater-${escaped(plan.name)}-\${{ inputs.mode == 'recovery' && 'recovery' || 'drill' }}`),
      'cancel-in-progress': false,
      queue: 'max',
    },
    jobs: jobsOf(plan, options),
  };
}

function inputsOf(plan: Plan) {
  const text = { type: 'string', default: quoted('') };
  return {
    mode: {
      description: 'drill: rehearse beside production and clean up. recovery: the real failover.',
      type: 'choice',
      options: ['drill', 'recovery'],
      default: 'drill',
      required: true,
    },
    confirmation: { description: plain(`For a recovery: type ${plan.name}`), ...text },
    reason: { description: 'Why; shown in the list of runs', ...text },
    'execution-id': { description: 'Execution of an earlier run to go on with. Empty: a new one.', ...text },
    'replace-live': {
      description: 'For a recovery: source servers (s-…) whose live recovery instance may be DESTROYED',
      ...text,
    },
  };
}

const WAVE_PERMISSIONS = { actions: 'read', contents: 'write', 'id-token': 'write' };

/** Why a job needs what. */
const REASONS: Readonly<Record<string, string>> = {
  'actions: read': ' approvals of this run, and the rules of its environments',
  'contents: read': ' the plan files',
  'contents: write': ' the history branch',
  'id-token: write': ' short-lived credentials of AWS',
};

function jobsOf(plan: Plan, { files, source }: CompileOptions) {
  const common = { 'plan-files': filesInput(files), plan: literal(plan.name) };
  const execution = {
    ...common,
    mode: expression('needs.prepare.outputs.mode'),
    'execution-id': expression('needs.prepare.outputs.execution-id'),
    'plan-digest': expression('needs.prepare.outputs.plan-digest'),
  };
  const { drill, recovery } = plan.environments ?? {};
  const environments = {
    ...(drill === undefined ? {} : { 'drill-environment': literal(drill) }),
    ...(recovery === undefined ? {} : { 'recovery-environment': literal(recovery) }),
  };
  const ids = new Map(jobIds(plan.waves.map(({ name }) => name)).map((id, index) => [plan.waves[index]?.name ?? '', id]));
  const idOf = (wave: string) => ids.get(wave) ?? '';
  const waves = inDependencyOrder(plan).map((wave) => [
    idOf(wave.name),
    {
      name: literal(wave.name),
      needs: ['prepare', ...wave.dependsOn.map(idOf)],
      uses: called(source, 'wave.yml'),
      permissions: WAVE_PERMISSIONS,
      with: {
        ...execution,
        wave: literal(wave.name),
        'replace-live': expression('inputs.replace-live'),
        ...environments,
        ...gateInputs(wave.gate),
      },
    },
  ]);
  return {
    prepare: {
      name: 'Prepare',
      uses: called(source, 'prepare.yml'),
      permissions: { contents: 'read' },
      with: {
        ...common,
        mode: expression("inputs.mode || 'drill'"),
        confirmation: expression('inputs.confirmation'),
        reason: expression('inputs.reason'),
        'execution-id': expression('inputs.execution-id'),
      },
    },
    ...Object.fromEntries(waves),
    conclude: {
      name: 'Conclude',
      // Whatever became of the waves: finally actions, clean-up and report are due.
      if: expression("always() && needs.prepare.result == 'success'"),
      needs: ['prepare', ...plan.waves.map(({ name }) => idOf(name))],
      uses: called(source, 'conclude.yml'),
      permissions: WAVE_PERMISSIONS,
      with: { ...execution, interrupted: expression("contains(needs.*.result, 'cancelled')"), ...environments },
    },
  };
}

function inDependencyOrder(plan: Plan): readonly Wave[] {
  const byName = new Map(plan.waves.map((wave) => [wave.name, wave]));
  return topologicalOrder(plan).flatMap((name) => byName.get(name) ?? []);
}

/** One file as it is; several, or one with a separator in its name, as a JSON list. */
function filesInput(files: readonly string[]) {
  const [first = ''] = files;
  return literal(files.length === 1 && !/[,\n[]/.test(first) ? first : JSON.stringify(files));
}

function gateInputs(gate: Gate | undefined) {
  if (gate === undefined) return {};
  const environments = environmentsOf(gate);
  const last = environments.at(-1) ?? '';
  const first = environments.length > 1 ? environments[0] : undefined;
  return {
    ...(first === undefined ? {} : { 'first-gate-environment': literal(first) }),
    'gate-environment': literal(last),
    'gate-when': gate.when.join(' '),
  };
}

/** The environments whose reviewers open a gate, in their order. */
function environmentsOf({ environment, environments }: Gate): readonly string[] {
  return environments ?? (environment === undefined ? [] : [environment]);
}

function demandCompilable(plan: Plan): void {
  for (const { name, gate } of plan.waves) {
    if (gate === undefined || environmentsOf(gate).length > 0) continue;
    throw new UserError('plan-invalid', `nobody could open the gate of wave "${name}" in GitHub: it names no environment`, {
      next: 'Add `environment: <name>` to the gate, and required reviewers to that environment.',
    });
  }
  if (plan.waves.length + 2 > MOST_JOBS) throw tooLarge(plan, `${plan.waves.length + 2} jobs`);
}

function tooLarge(plan: Plan, size: string): UserError {
  const most = `GitHub takes ${MOST_JOBS} jobs and ${LARGEST_WORKFLOW} bytes`;
  return new UserError('plan-invalid', `the workflow of plan "${plan.name}" would have ${size}; ${most}`, {
    next: 'Put waves that run side by side together, or divide the plan; execute-plan.yml runs it in one job as it is.',
  });
}

function demandInside(file: string): void {
  if (file !== '' && !/^(?:\/|[A-Za-z]:|~)|\\|(?:^|\/)\.\.(?:\/|$)/.test(file)) return;
  throw new UserError('usage', `"${file}" is not a path from the root of the repository`, {
    next: 'Run this in the root of the repository, and name the plan files from there, as plans.',
  });
}

function explainPermissions(document: Document): void {
  visit(document, {
    Pair(_, pair, ancestors) {
      const parent = ancestors.at(-2);
      if (!isPair(parent) || String(parent.key) !== 'permissions' || !isScalar(pair.value)) return;
      const reason = REASONS[`${String(pair.key)}: ${String(pair.value.value)}`];
      if (reason !== undefined) pair.value.comment = reason;
    },
  });
}

function spaceBefore(map: unknown, keys: readonly string[]): void {
  if (!isMap(map)) return;
  for (const { key } of map.items) if (isScalar(key) && keys.includes(String(key.value))) key.spaceBefore = true;
}
