import { type ActionDefinition, HISTORY_INPUTS } from '@breakwater/action-kit';
import { MODES } from '@breakwater/core';
import { PARTS } from '@breakwater/engine';

/** Inputs and outputs of `execute-wave`. After a change: `npm run build`, which writes action.yml and the README's tables. */
export const definition = {
  name: 'execute-wave',
  title: 'Breakwater: execute wave',
  description: 'Drills or recovers one wave of a recovery plan, several, or all of them, and says how it ended.',
  branding: { icon: 'anchor', color: 'blue' },
  onlyTrusted: true,
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
    part: {
      kind: 'choice',
      of: PARTS,
      default: 'whole',
      description:
        'whole: the waves, and what comes last (finally actions, clean-up) once every wave of the plan has ended. waves: the waves alone. end: no wave, what comes last; waves that can no longer begin are skipped.',
    },
    'execution-id': {
      kind: 'text',
      description: 'Execution to resume or to go on with. Empty: a new one. An earlier step gives it as output.',
    },
    'plan-digest': {
      kind: 'text',
      pattern: { source: '^[0-9a-fA-F]{64}$', means: 'a SHA-256 digest in hexadecimal' },
      description: 'Digest of the plan that was approved. Another plan is refused.',
    },
    'max-run': {
      kind: 'duration',
      description:
        'After this long the step hands over: it stops watching, nothing is stopped in AWS, and it passes with handed-over true. The next job must go on with the same execution-id. Empty: no hand-over; on a hosted runner it stops after 5h40m, and fails.',
    },
    ...HISTORY_INPUTS,
    'approved-gates': { kind: 'list', description: 'Waves whose gate a human has approved, as by an environment of this job.' },
    'gate-environments': {
      kind: 'list',
      description:
        'Environments whose approvals opened this job, separated by commas or newlines. Empty: those that the plan names for the gates. Each is proved with GitHub before anything changes.',
    },
    'when-github-is-down': {
      kind: 'choice',
      of: ['refuse', 'vouch'],
      default: 'refuse',
      description:
        'When GitHub cannot be asked who approved. refuse: a gate stays closed. vouch: it opens on the word of who runs this, and the record says that nothing proved it.',
    },
    token: {
      kind: 'text',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub fills it in.
      default: '${{ github.token }}',
      description: 'Token to ask GitHub with who approved (actions: read), and to write history-branch with (contents: write).',
    },
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
    'handed-over': {
      default: 'false',
      description: 'true: the time was over before the work was, and the next job must go on with this execution.',
    },
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
    seal: {
      default: '',
      description: 'SHA-256 that seals the record of an ended execution: noted elsewhere, it proves the history up to it.',
    },
  },
} as const satisfies ActionDefinition;
