import type { ActionDefinition } from '@breakwater/action-kit';

/** Severities that can fail the step, worst first, and `never`. */
export const FAIL_ON = ['error', 'warning', 'note', 'never'] as const;

/** Inputs and outputs of `doctor`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'doctor',
  title: 'Breakwater: doctor',
  description:
    'Finds gates that only look real, and what else would stop a failover in this repository. Reads settings of GitHub, calls no AWS.',
  branding: { icon: 'activity', color: 'blue' },
  inputs: {
    'plan-files': {
      kind: 'list',
      default: 'plans',
      description: 'Plan files or folders, separated by commas or newlines.',
    },
    plan: { kind: 'text', description: 'Only the gates of this plan. Empty: of all.' },
    workflows: { kind: 'text', default: '.github/workflows', description: 'Folder of the workflows.' },
    'history-branch': { kind: 'text', default: 'dr-history', description: 'Branch of the shared history.' },
    token: {
      kind: 'text',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub fills it in.
      default: '${{ github.token }}',
      description:
        'Token to ask GitHub with; needs actions: read and contents: read. With administration: read, which no job has, it sees more.',
    },
    'when-github-is-down': {
      kind: 'text',
      description:
        'What the variable BREAKWATER_WHEN_GITHUB_IS_DOWN says, which wave.yml takes; no token of a job can read variables. One of an environment is not seen.',
    },
    'fail-on': {
      kind: 'choice',
      of: FAIL_ON,
      default: 'error',
      description: 'Least severity that fails the step. never: only what keeps it from looking.',
    },
    summary: { kind: 'boolean', default: 'true', description: 'Write the findings into the job summary.' },
  },
  outputs: {
    status: { default: 'failed', description: 'succeeded, or failed. The step fails on the latter.' },
    'reason-code': { default: 'internal', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'The findings as versioned JSON: breakwater.doctor/1, or breakwater.error/1 without them.',
    },
    errors: { default: '', description: 'Number of errors.' },
    warnings: { default: '', description: 'Number of warnings.' },
    notes: { default: '', description: 'Number of notes.' },
  },
} as const satisfies ActionDefinition;
