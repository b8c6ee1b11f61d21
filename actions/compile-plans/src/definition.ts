import type { ActionDefinition } from '@breakwater/action-kit';

/** Inputs and outputs of `compile-plans`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'compile-plans',
  title: 'Breakwater: compile plans',
  description: 'Writes the workflows of plans anew, from the plan files in the workspace. Calls no AWS, and pushes nothing.',
  branding: { icon: 'git-branch', color: 'blue' },
  inputs: {
    'plan-files': {
      kind: 'list',
      default: 'plans',
      description: 'Plan files or folders, from the root of the repository, separated by commas or newlines.',
    },
    plan: { kind: 'text', description: 'Only this plan. Empty: all of the files.' },
    which: {
      kind: 'choice',
      of: ['compiled', 'all'],
      default: 'compiled',
      description: 'compiled: only plans that have a compiled workflow. all: also those that have none yet.',
    },
    workflows: { kind: 'text', default: '.github/workflows', description: 'Folder of the workflows.' },
    uses: {
      kind: 'text',
      description:
        'Where the called workflows are: owner/repository@ref, or $ for this repository (. on servers that do not know $/). Empty: as the present workflow says.',
    },
  },
  outputs: {
    status: { default: 'failed', description: 'succeeded, or failed. The step fails on the latter.' },
    'reason-code': { default: 'internal', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'What was compiled as versioned JSON: breakwater.compile/1, or breakwater.error/1 if nothing was.',
    },
    changed: { default: 'false', description: 'true: at least one file was written.' },
    files: { default: '[]', description: 'Files that were written, as a JSON list.' },
  },
} as const satisfies ActionDefinition;
