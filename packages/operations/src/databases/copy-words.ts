import type { RdsSnapshot, SnapshotKind } from '@breakwater/aws';

const OPERATIONS = {
  cluster: {
    create: 'rds:CreateDBClusterSnapshot',
    copy: 'rds:CopyDBClusterSnapshot',
    share: 'rds:ModifyDBClusterSnapshotAttribute',
    delete: 'rds:DeleteDBClusterSnapshot',
  },
  instance: {
    create: 'rds:CreateDBSnapshot',
    copy: 'rds:CopyDBSnapshot',
    share: 'rds:ModifyDBSnapshotAttribute',
    delete: 'rds:DeleteDBSnapshot',
  },
} as const;

/** The IAM action of a change, as journals call it. */
export function operationName(kind: SnapshotKind, what: keyof (typeof OPERATIONS)['cluster']): string {
  return OPERATIONS[kind][what];
}

export function progressOf({ progress }: Pick<RdsSnapshot, 'progress'>): string {
  if (progress === undefined) return '';
  return progress === 0 ? ' (0 %: queued)' : ` (${progress} %)`;
}
