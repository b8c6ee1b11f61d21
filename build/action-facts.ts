import type { PERMISSIONS } from '@breakwater/aws';
import type { ReasonCode } from '@breakwater/core';

/** What an action's README says beyond its inputs and outputs. */
export interface ActionFacts {
  /** Reason codes that can end its step, in the order of docs/reason-codes.md. */
  readonly failures: readonly ReasonCode[];
  /** Gateways whose calls it makes at a site; each method's IAM actions are listed in its README. */
  readonly gateways: readonly (keyof typeof PERMISSIONS)[];
  /** Of a gateway only these methods; one that is not named here is used whole. */
  readonly only?: { readonly [Gateway in keyof typeof PERMISSIONS]?: readonly (keyof (typeof PERMISSIONS)[Gateway])[] };
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
  'execute-wave': {
    gateways: ['drs', 'ec2', 'ssm'],
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
      'history-unwritable',
      'history-corrupt',
      'internal',
    ],
  },
  'run-ssm-action': {
    gateways: ['ssm'],
    failures: [...PLAN, ...AWS, 'automation-failed', 'command-failed', 'timed-out', 'interrupted', 'internal'],
  },
  'copy-snapshot': {
    gateways: ['rds', 'kms'],
    only: {
      rds: [
        'describeSnapshots',
        'describeClusters',
        'describeInstances',
        'createSnapshot',
        'copySnapshot',
        'deleteSnapshot',
        'sharedWith',
        'share',
        'unshare',
        'addTags',
      ],
    },
    failures: [
      ...PLAN,
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
    gateways: ['rds', 'kms', 'secrets', 'rdsData', 'sns', 'parameters', 'route53'],
    failures: [
      ...PLAN,
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
  report: { gateways: [], failures: ['usage', 'execution-unknown', 'history-corrupt', 'file-unreadable', 'internal'] },
};
