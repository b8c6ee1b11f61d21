import type { RdsSnapshot } from '@breakwater/aws';
import type { Reason } from '@breakwater/history';
import type { CopySnapshotRequest } from './contracts.ts';

/** What the source's key is to a copy. `default` and `aws-owned` keys can be used by nobody but their own account. */
export type SourceKey = 'none' | 'customer' | 'default' | 'aws-owned';

export type ChainSource = Pick<RdsSnapshot, 'kind' | 'id' | 'type' | 'engine' | 'encrypted'>;

export interface ChainFacts {
  readonly source: ChainSource;
  readonly key: SourceKey;
  readonly crossAccount: boolean;
  readonly crossRegion: boolean;
  readonly steps: CopySnapshotRequest['steps'];
  readonly transitKey: boolean;
  readonly destinationKey: boolean;
  /** Whether the source can be marked as shared by us. */
  readonly roomToShare: boolean;
}

/** The copies that a copy needs, in this order; the last is the one that was asked for. */
export interface Chain {
  readonly transit: boolean;
  readonly relay: boolean;
  /** The snapshot before the account's border is shared with exactly the destination's account. */
  readonly share: boolean;
  /** Copies of encrypted snapshots get a key; AWS refuses one for an unencrypted cluster snapshot. */
  readonly encrypted: boolean;
}

/** Engines whose cluster snapshots cross accounts; those of Multi-AZ DB clusters cannot be shared. */
const SHARABLE_CLUSTER = /^(aurora|docdb|neptune)/;
/** DocumentDB and Neptune document no copy of a shared snapshot to another Region. */
const TWO_STEPS = /^(docdb|neptune)/;

const UNTOUCHED = 'Nothing was changed.';

/**
 * Which way a snapshot must go: AWS's rules of sharing and encryption as one decision. Only manual snapshots under a customer-managed key
 * (or none) can be shared, so all others, and those that are full of tags, get a transit copy first; an unencrypted cluster snapshot cannot be encrypted by copying.
 */
export function planChain(facts: ChainFacts): { readonly chain: Chain } | { readonly reason: Reason } {
  const { source, key, crossAccount, crossRegion, steps } = facts;
  if (!source.encrypted && source.kind === 'cluster' && facts.destinationKey) {
    return no(
      'snapshot-unusable',
      `snapshot ${source.id} is not encrypted, and AWS cannot encrypt a cluster snapshot by copying it`,
      `Leave the destination key out and copy it as it is, then encrypt at the restore by giving the key there; or encrypt the source cluster. ${UNTOUCHED}`,
    );
  }
  if (crossAccount && source.kind === 'cluster' && !SHARABLE_CLUSTER.test(source.engine)) {
    return no(
      'snapshot-unusable',
      `snapshot ${source.id} is of a Multi-AZ DB cluster (${source.engine}); AWS does not let those be shared with another account`,
      `Copy it to another Region of its own account, or back the cluster up with AWS Backup. ${UNTOUCHED}`,
    );
  }
  if (source.encrypted && (crossAccount || crossRegion) && !facts.destinationKey) {
    return no(
      'usage',
      `snapshot ${source.id} is encrypted: a copy in another ${crossAccount ? 'account' : 'Region'} needs a key of the destination`,
      `Give the ARN, id or alias of a KMS key in the destination's Region. ${UNTOUCHED}`,
    );
  }
  const bound = key === 'default' || key === 'aws-owned';
  const transit = crossAccount && (source.type !== 'manual' || bound || !facts.roomToShare);
  if (transit && bound && !facts.transitKey) {
    const which = key === 'default' ? "AWS's default key aws/rds" : 'a key that AWS owns (sse-rds)';
    return no(
      'key-not-accessible',
      `snapshot ${source.id} is encrypted with ${which}, which no other account can use`,
      `Give a transit key: a customer-managed KMS key of the source's Region whose policy allows the destination's account. ${UNTOUCHED}`,
    );
  }
  const relay = crossAccount && crossRegion && (steps === 'two' || (steps === 'auto' && TWO_STEPS.test(source.engine)));
  return { chain: { transit, relay, share: crossAccount, encrypted: source.encrypted || facts.destinationKey } };
}

function no(code: Reason['code'], message: string, next: string): { readonly reason: Reason } {
  return { reason: { code, message, next } };
}
