import type { ActionDefinition } from '@breakwater/action-kit';
import { MODES } from '@breakwater/core';

/** Inputs and outputs of `prepare`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'prepare',
  title: 'Breakwater: prepare',
  description:
    'Checks a plan before its jobs begin, demands the typed confirmation of a recovery, and names the execution. Calls no AWS.',
  branding: { icon: 'check-circle', color: 'blue' },
  inputs: {
    mode: {
      kind: 'choice',
      of: MODES,
      required: true,
      description: 'drill: rehearse beside production and clean up. recovery: the real failover.',
    },
    'plan-files': {
      kind: 'list',
      default: 'plans',
      description: 'Plan files or folders, separated by commas or newlines.',
    },
    plan: { kind: 'text', description: 'Name of the plan. May be left out when the files hold only one.' },
    confirmation: { kind: 'text', description: 'What a person has typed to confirm a recovery: the name of the plan.' },
    reason: { kind: 'text', description: 'Why it is run, in words; shown in the summary.' },
    'execution-id': {
      kind: 'text',
      description: 'Execution of an earlier run to go on with. Empty: one of this workflow run, the same in every re-run.',
    },
    gates: {
      kind: 'choice',
      of: ['allowed', 'refused'],
      default: 'allowed',
      description: 'refused: a plan with a gate in this mode does not begin, because nobody could open it where it runs.',
    },
    summary: { kind: 'boolean', default: 'true', description: 'Write what begins into the job summary.' },
  },
  outputs: {
    status: { default: 'failed', description: 'succeeded, or failed. The step fails on the latter.' },
    'reason-code': { default: 'internal', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'What begins as versioned JSON: breakwater.prepare/1, or breakwater.error/1 if nothing does.',
    },
    plan: { default: '', description: 'Name of the plan.' },
    mode: { default: '', description: 'drill or recovery, as it was asked for.' },
    'plan-digest': { default: '', description: 'SHA-256 of the plan with all that it uses: what is approved from here on.' },
    'execution-id': { default: '', description: 'The execution, for every job that follows.' },
    waves: { default: '[]', description: 'Waves of the plan in an order that honours its dependencies, as a JSON list.' },
    gates: { default: '[]', description: 'Waves with a gate in this mode, as a JSON list.' },
  },
} as const satisfies ActionDefinition;
