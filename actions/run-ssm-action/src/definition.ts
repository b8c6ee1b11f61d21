import type { ActionDefinition } from '@breakwater/action-kit';

/** Inputs and outputs of `run-ssm-action`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'run-ssm-action',
  title: 'Breakwater: run SSM action',
  description: 'Runs one SSM automation or command at one site, once, and waits for its end.',
  branding: { icon: 'play', color: 'blue' },
  onlyTrusted: true,
  inputs: {
    document: { kind: 'text', required: true, description: 'Name or ARN of the SSM document.' },
    kind: {
      kind: 'choice',
      of: ['automation', 'command'],
      default: 'automation',
      description: 'automation: an Automation runbook. command: Run Command on instances.',
    },
    version: {
      kind: 'text',
      pattern: { source: '^(\\$DEFAULT|\\$LATEST|[1-9][0-9]*)$', means: '$DEFAULT, $LATEST or a number' },
      description: 'Version of the document: $DEFAULT, $LATEST or a number. Empty: the one AWS takes by default.',
    },
    parameters: {
      kind: 'text',
      description: 'Parameters of the document, as a YAML or JSON object; each value a text or a list of texts.',
    },
    'instance-ids': {
      kind: 'list',
      description:
        'Instances (i-…) that a command runs on, or that the target parameter of an automation gets. Takes a JSON list too.',
    },
    'target-parameter': {
      kind: 'text',
      default: 'InstanceIds',
      description: 'Parameter of the automation that gets instance-ids.',
    },
    site: {
      kind: 'text',
      description: 'Name of a site in the plan files. Instead of account, region, role-arn and external-id.',
    },
    'plan-files': {
      kind: 'list',
      default: 'plans',
      description: 'Plan files or folders that define the site. Read only when site is given.',
    },
    account: {
      kind: 'text',
      pattern: { source: '^[0-9]{12}$', means: 'twelve digits' },
      description: 'Account that the credentials must belong to; with others nothing is started.',
    },
    region: {
      kind: 'text',
      pattern: { source: '^[a-z]{2,}(-[a-z]+)+-[0-9]+$', means: 'a Region as eu-central-1' },
      description: 'Region to run in.',
    },
    'role-arn': {
      kind: 'text',
      pattern: { source: '^arn:[a-z-]+:iam::[0-9]{12}:role/.+$', means: 'the ARN of an IAM role' },
      description: 'Role of the site, assumed for every call. Empty: the credentials as they are.',
    },
    'external-id': { kind: 'text', description: 'External id that the role of the site demands.' },
    'role-to-assume': {
      kind: 'text',
      pattern: { source: '^arn:[a-z-]+:iam::[0-9]{12}:role/.+$', means: 'the ARN of an IAM role' },
      description:
        'Role to assume with the OIDC token of this job, before the role of the site. Empty: the credentials that the job already has.',
    },
    'max-wait': { kind: 'duration', default: '1h', description: 'How long to wait for the end, as 90s, 15m or 1h30m.' },
    key: {
      kind: 'text',
      description:
        'What makes this one deed: the same key adopts what it started earlier, another starts anew. Empty: run, job and step. Give one per leg of a matrix.',
    },
    summary: { kind: 'boolean', default: 'true', description: 'Write the outcome into the job summary.' },
  },
  outputs: {
    status: {
      default: 'in-progress',
      description:
        'succeeded, succeeded-with-warnings, failed, timed-out, cancelled or in-progress. The step fails on the last four.',
    },
    'reason-code': { default: 'interrupted', description: 'Why, as a stable code of docs/reason-codes.md.' },
    result: {
      default: '{}',
      description: 'The outcome as versioned JSON: breakwater.ssm-action/1, or breakwater.error/1 without one.',
    },
    'automation-execution-id': { default: '', description: 'The (last) automation execution.' },
    'command-id': { default: '', description: 'The (last) command.' },
    outputs: { default: '{}', description: 'What the document gave back, as JSON; what looks like a secret is redacted.' },
    key: { default: '', description: 'The key that was used, for a later step that must adopt the same deed.' },
  },
} as const satisfies ActionDefinition;
