import { type ActionDefinition, HISTORY_INPUTS } from '@breakwater/action-kit';

/** Inputs and outputs of `report`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'report',
  title: 'Breakwater: report',
  description: 'Writes the report of an execution into the job summary, from its record alone. Calls no AWS.',
  branding: { icon: 'file-text', color: 'blue' },
  inputs: {
    'execution-id': { kind: 'text', description: 'Execution to report. Empty: the newest in the history.' },
    plan: { kind: 'text', description: 'Only executions of this plan. Empty: any.' },
    ...HISTORY_INPUTS,
    token: {
      kind: 'text',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub fills it in.
      default: '${{ github.token }}',
      description: 'Token to read history-branch with (contents: read), and to write the report there (contents: write).',
    },
    'fail-on': {
      kind: 'choice',
      of: ['never', 'failed', 'degraded'],
      default: 'never',
      description:
        'Verdicts that fail this step. never: only a report that cannot be written. failed: also failed, cancelled and in-progress. degraded: also degraded.',
    },
    summary: { kind: 'boolean', default: 'true', description: 'Write the report into the job summary.' },
  },
  outputs: {
    status: {
      default: 'failed',
      description: 'Verdict of the execution: succeeded, degraded, failed, cancelled or in-progress.',
    },
    'reason-code': { default: 'internal', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'The execution as versioned JSON: breakwater.report/1, or breakwater.error/1 without one.',
    },
    'execution-id': { default: '', description: 'The execution that was reported.' },
    plan: { default: '', description: 'Name of its plan.' },
    report: { default: '', description: 'Path of the Markdown report.' },
  },
} as const satisfies ActionDefinition;
