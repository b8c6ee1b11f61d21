import type { ReasonCode } from '@breakwater/core';
import type { PolicyName } from '@breakwater/operations';

/** What an action's README says beyond its inputs and outputs. */
export interface ActionFacts {
  /** Reason codes that can end its step, in the order of docs/reason-codes.md. */
  readonly failures: readonly ReasonCode[];
  /** The policies that its roles need, and when. */
  readonly policies: Partial<Readonly<Record<PolicyName, string>>>;
}

const AWS: readonly ReasonCode[] = [
  'account-mismatch',
  'credentials-missing',
  'credentials-expired',
  'permission-denied',
  'quota-exceeded',
  'throttled',
  'aws-unavailable',
  'aws-fault',
];

const PLAN: readonly ReasonCode[] = ['usage', 'file-unreadable', 'plan-invalid'];

export const ACTION_FACTS: Readonly<Record<string, ActionFacts>> = {
  'check-plans': { policies: {}, failures: [...PLAN, 'plan-unknown', 'internal'] },
  'compile-plans': { policies: {}, failures: [...PLAN, 'plan-unknown', 'internal'] },
  doctor: {
    policies: {},
    failures: [
      'usage',
      'plan-unknown',
      'repository-unsound',
      'github-permission',
      'github-unavailable',
      'github-fault',
      'internal',
    ],
  },
  prepare: { policies: {}, failures: [...PLAN, 'plan-unknown', 'gate-closed', 'internal'] },
  'execute-wave': {
    policies: {
      'execute-wave-drill': '`mode: drill`',
      'execute-wave-recovery': '`mode: recovery`',
      'drs-launch': 'both',
      'restore-aurora': 'plans with databases',
      'restore-aurora-finish': 'databases whose endpoint is published',
      'restore-aurora-live': 'databases with strategy `swap` or `replace`, in a recovery',
      'copy-snapshot-destination': 'databases whose snapshot is at another site',
      'copy-snapshot-source': 'the same, at that other site',
    },
    failures: [
      ...PLAN,
      'plan-unknown',
      'wave-unknown',
      'selection-empty',
      'selection-conflict',
      'selection-unexpected',
      'server-unknown',
      'recovery-point-missing',
      'execution-mismatch',
      'plan-changed',
      'execution-ended',
      'execution-locked',
      'dependency-unmet',
      'gate-closed',
      'gate-unproved',
      'run-untrusted',
      'github-permission',
      'github-unavailable',
      'github-fault',
      'not-ready',
      'live-recovery-instance',
      'server-busy',
      'drs-uninitialised',
      ...AWS,
      'server-failed',
      'no-participants',
      'instance-unhealthy',
      'agent-offline',
      'automation-failed',
      'command-failed',
      'dependency-failed',
      'timed-out',
      'interrupted',
      'handed-over',
      'history-unwritable',
      'history-corrupt',
      'internal',
    ],
  },
  'run-ssm-action': {
    policies: { 'run-ssm-action': 'always' },
    failures: [...PLAN, 'run-untrusted', ...AWS, 'automation-failed', 'command-failed', 'timed-out', 'interrupted', 'internal'],
  },
  'copy-snapshot': {
    policies: { 'copy-snapshot-source': 'the role at the source', 'copy-snapshot-destination': 'the role at the destination' },
    failures: [
      ...PLAN,
      'run-untrusted',
      ...AWS,
      'key-not-accessible',
      'snapshot-missing',
      'snapshot-unusable',
      'snapshot-exists',
      'copy-failed',
      'copy-stale',
      'timed-out',
      'interrupted',
      'internal',
    ],
  },
  'restore-aurora': {
    policies: {
      'restore-aurora': 'always',
      'restore-aurora-finish': '`publish-…` and `archive`',
      notify: '`notify-topic`',
      'restore-aurora-live': 'strategy `swap` or `replace`, and `delete-old`',
      'copy-snapshot-destination': 'a snapshot of another site',
      'copy-snapshot-source': 'the same, at that site; `archive: vault`, here',
      capture: 'a snapshot of another site without a manifest, there',
    },
    failures: [
      ...PLAN,
      'run-untrusted',
      'execution-mismatch',
      ...AWS,
      'key-not-accessible',
      'manifest-invalid',
      'cluster-unknown',
      'cluster-exists',
      'global-database',
      'deletion-protected',
      'engine-unavailable',
      'snapshot-missing',
      'snapshot-unusable',
      'restore-failed',
      'users-failed',
      'verification-failed',
      'swap-rolled-back',
      'timed-out',
      'interrupted',
      'internal',
    ],
  },
  report: { policies: {}, failures: ['usage', 'execution-unknown', 'history-corrupt', 'file-unreadable', 'internal'] },
};
