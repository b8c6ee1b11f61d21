import type { ActionDefinition } from '@breakwater/action-kit';
import { MODES } from '@breakwater/core';

/** Inputs and outputs of `execute-wave`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'execute-wave',
  title: 'Breakwater: execute wave',
  description: 'Drills or recovers one wave of a recovery plan, several, or all of them, and says how it ended.',
  branding: { icon: 'anchor', color: 'blue' },
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
    waves: {
      kind: 'list',
      description: 'Waves to run, separated by commas or newlines. Empty: all, as their dependencies allow.',
    },
    'execution-id': {
      kind: 'text',
      description: 'Execution to resume or to go on with. Empty: a new one. An earlier step gives it as output.',
    },
    history: { kind: 'text', default: '.breakwater/history', description: 'Folder that holds the record of every execution.' },
    'approved-gates': { kind: 'list', description: 'Waves whose gate a human has approved, as by an environment of this job.' },
    'replace-live': {
      kind: 'list',
      description:
        'Source servers (s-…) whose live recovery instance may be destroyed and launched anew. Only for recovery; name each one.',
    },
    'role-to-assume': {
      kind: 'text',
      pattern: { source: '^arn:[a-z-]+:iam::[0-9]{12}:role/.+$', means: 'the ARN of an IAM role' },
      description:
        'Role to assume with the OIDC token of this job, before the roles of the sites. Empty: the credentials that the job already has.',
    },
    summary: { kind: 'boolean', default: 'true', description: 'Write the report into the job summary.' },
  },
  outputs: {
    status: {
      default: 'in-progress',
      description:
        'How the waves asked for ended: succeeded, degraded, failed, cancelled or in-progress. The step fails on the last three.',
    },
    verdict: { default: 'in-progress', description: 'Verdict of the whole execution so far, in the same words.' },
    'reason-code': { default: 'interrupted', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'The outcome as versioned JSON: breakwater.report/1, or breakwater.error/1 without one.',
    },
    'execution-id': { default: '', description: 'The execution, for the next step and for a resume.' },
    'job-ids': { default: '[]', description: 'DRS jobs of the waves asked for, as a JSON list.' },
    'instance-ids': {
      default: '[]',
      description: 'Instances recovered and proved in the waves asked for, as a JSON list. A finished drill has terminated them.',
    },
    databases: {
      default: '{}',
      description:
        'Databases restored and proved in the waves asked for, as a JSON object by their name in the plan: status, site, cluster or instance, arn, endpoint, readerEndpoint, port, dataFrom. A finished drill has deleted them.',
    },
    history: { default: '', description: 'Folder of this execution in the history.' },
    report: { default: '', description: 'Path of the Markdown report; empty when it could not be written.' },
  },
} as const satisfies ActionDefinition;
