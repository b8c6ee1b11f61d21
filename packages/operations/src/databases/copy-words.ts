import type { RdsSnapshot, SnapshotKind } from '@breakwater/aws';
import type { Reason } from '@breakwater/history';
import type { CopySnapshotRequest } from './contracts.ts';
import type { Hop } from './copy-plan.ts';

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

/** Two steps are needed, and nobody said by way of what. */
export function noRelay({ destination, source }: CopySnapshotRequest): Reason {
  return {
    code: 'usage',
    message: `this copy needs two steps, by way of account ${destination.site.account} in ${source.site.region}, and no way there was given`,
    next: `Give the destination's account a site in ${source.site.region} as the relay.`,
  };
}

/** The name is taken by something that is not ours, or not of this source. */
export function otherContent(hop: Hop | undefined, snapshot: RdsSnapshot, source: RdsSnapshot): Reason {
  const place = hop === undefined ? '' : ` in account ${hop.at.site.account}, ${hop.at.site.region},`;
  return {
    code: 'snapshot-exists',
    message: `snapshot ${snapshot.id}${place} exists and is not a copy of ${source.arn}`,
    next: 'Look at where it comes from; rename or remove it if nobody needs it. It was not touched.',
  };
}
