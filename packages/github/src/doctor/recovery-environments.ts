import { parse } from 'yaml';
import { at, listAt, textAt } from '../answer.ts';
import { recordOf } from '../boundary.ts';
import type { WorkflowFile } from './workflows.ts';

/** An environment in which a workflow of the checkout recovers something. */
export interface RecoveryEnvironment {
  readonly file: string;
  /** `undefined`: it is computed, and cannot be known before it runs. */
  readonly name: string | undefined;
  /**
   * `gate`: its reviewers open the gate of a wave. `whole`: they are the only ones who are asked before a whole plan is recovered, or a
   * cluster restored for real. `ungated`: nobody need be asked in it.
   */
  readonly use: 'gate' | 'whole' | 'ungated';
}

type Found = Omit<RecoveryEnvironment, 'file'>;

/** What Breakwater's reusable workflows take where the caller says nothing. */
const WHOLE = 'dr-production';
const UNGATED = 'dr-recovery';

/**
 * The environments in which workflows recover, as they call Breakwater's reusable workflows or its action `execute-wave`. Drills are left
 * out, and what only other workflows can start: those say by themselves in which environment.
 */
export function recoveryEnvironments(files: readonly WorkflowFile[]): readonly RecoveryEnvironment[] {
  return files.flatMap(({ file, text }) => {
    const workflow = parsed(text);
    if (!/breakwater/i.test(text) || !startsByItself(at(workflow, 'on'))) return [];
    return Object.values(recordOf(at(workflow, 'jobs'))).flatMap((job) =>
      inJob(workflow, job).map((found) => ({ ...found, file })),
    );
  });
}

function inJob(workflow: unknown, job: unknown): readonly Found[] {
  const named = (value: unknown, otherwise?: string) => resolved(workflow, value, otherwise);
  const given = at(job, 'with');
  const mode = textAt(given, 'mode');
  switch (calledBy(textAt(job, 'uses') ?? '')) {
    case 'failover':
      return [{ name: named(at(given, 'environment'), WHOLE), use: 'whole' }];
    case 'execute-plan':
      return mode === 'drill' ? [] : [{ name: named(at(given, 'recovery-environment'), WHOLE), use: 'whole' }];
    case 'restore-aurora':
      return mode === undefined || mode === 'drill' ? [] : [{ name: named(at(given, 'environment'), WHOLE), use: 'whole' }];
    case 'wave':
    case 'conclude': {
      if (mode === 'drill') return [];
      const gates = [at(given, 'first-gate-environment'), at(given, 'gate-environment')].filter((one) => one !== undefined);
      return [
        ...gates.map((gate): Found => ({ name: named(gate), use: 'gate' })),
        { name: named(at(given, 'recovery-environment'), UNGATED), use: 'ungated' },
      ];
    }
    default:
      return inSteps(job).map((use): Found => ({ name: named(at(job, 'environment', 'name') ?? at(job, 'environment')), use }));
  }
}

/** Which of our workflows is called. A local `failover.yml` may be anybody's; it is looked at by itself. */
function calledBy(uses: string): string | undefined {
  const [, place = '', name] = /^(.*)\/\.github\/workflows\/([a-z-]+)\.yml(?:@.+)?$/.exec(uses) ?? [];
  return place === '.' && (name === 'failover' || name === 'restore-aurora') ? undefined : name;
}

/** A job of its own that recovers in an environment of its own: by the reviewers of a gate, or behind none. */
function inSteps(job: unknown): readonly RecoveryEnvironment['use'][] {
  if (at(job, 'environment') === undefined) return [];
  return listAt(job, 'steps')
    .filter((step) => /\/actions\/execute-wave(?:@.+)?$/.test(textAt(step, 'uses') ?? ''))
    .filter((step) => textAt(step, 'with', 'mode') !== 'drill')
    .map((step) => (at(step, 'with', 'approved-gates') === undefined ? 'ungated' : 'gate'));
}

/** A value as it is; of an input that is passed on, what it is when nobody fills it in. */
function resolved(workflow: unknown, value: unknown, otherwise?: string): string | undefined {
  if (value === undefined || value === null || value === '') return otherwise;
  if (typeof value !== 'string') return undefined;
  if (!value.includes('${{')) return value;
  const [, input = '', literal] = /^\$\{\{ *inputs\.([\w-]+)(?: *\|\| *'([^']*)')? *\}\}$/.exec(value.trim()) ?? [];
  return textAt(workflow, 'on', 'workflow_dispatch', 'inputs', input, 'default') || literal || undefined;
}

function startsByItself(on: unknown): boolean {
  const events = typeof on === 'string' ? [on] : Array.isArray(on) ? on : Object.keys(recordOf(on));
  return events.length === 0 || events.some((event) => event !== 'workflow_call');
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    // GitHub would not run it either.
    return undefined;
  }
}
