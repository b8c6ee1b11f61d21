import type { ActionDefinition } from '@breakwater/action-kit';

/** Severities that can fail the step, worst first, and `never`. */
export const FAIL_ON = ['error', 'warning', 'note', 'never'] as const;

/** Inputs and outputs of `check-plans`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'check-plans',
  title: 'Breakwater: check plans',
  description:
    'Finds the errors in plan files and stale compiled workflows, annotates them, and tells what a change of plans means. Calls no AWS.',
  branding: { icon: 'check-square', color: 'blue' },
  inputs: {
    'plan-files': {
      kind: 'list',
      default: 'plans',
      description: 'Plan files or folders, separated by commas or newlines.',
    },
    plan: { kind: 'text', description: 'Only findings that concern this plan. Empty: all.' },
    workflows: {
      kind: 'text',
      default: '.github/workflows',
      description: 'Folder of the compiled workflows. One that is not what its plan compiles to is an error.',
    },
    base: {
      kind: 'text',
      description:
        'Folder with the repository as it was before: the summary tells which values of the plans differ. Empty: no comparison.',
    },
    sarif: {
      kind: 'text',
      description: 'File to write the findings to, as SARIF 2.1.0 for code scanning. Empty: none.',
    },
    'fail-on': {
      kind: 'choice',
      of: FAIL_ON,
      default: 'error',
      description: 'Least severity that fails the step. never: only files that cannot be compared.',
    },
    summary: { kind: 'boolean', default: 'true', description: 'Write findings and changes into the job summary.' },
  },
  outputs: {
    status: { default: 'failed', description: 'succeeded, or failed. The step fails on the latter.' },
    'reason-code': { default: 'internal', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'Findings and changes as versioned JSON: breakwater.check/1, or breakwater.error/1 without them.',
    },
    errors: { default: '', description: 'Number of errors.' },
    warnings: { default: '', description: 'Number of warnings.' },
    notes: { default: '', description: 'Number of notes.' },
    'changed-plans': { default: '[]', description: 'Plans that mean something else than in base, as a JSON list.' },
    sarif: { default: '', description: 'The SARIF file, if one was written.' },
  },
} as const satisfies ActionDefinition;
