import type { DatabaseGateways, SnapshotKind } from '@breakwater/aws';
import type { Clock } from '@breakwater/core';
import type { Site } from '@breakwater/plan';

/** A site with its database gateways. */
export interface DatabaseSite {
  readonly site: Site;
  readonly aws: DatabaseGateways;
}

/** Which snapshot. `newest` looks among those that are available and fit; `create` takes a new manual one. */
export type SnapshotChoice =
  | { readonly kind: 'id'; readonly id: string }
  | {
      readonly kind: 'newest';
      readonly types: readonly ('automated' | 'manual')[];
      /** Milliseconds; an older one is refused. */
      readonly maxAge?: number;
      /** Epoch milliseconds: data that was taken later is passed over. */
      readonly before?: number;
      readonly tags?: Readonly<Record<string, string>>;
      /** Of the snapshot's name; `*` stands for anything. */
      readonly pattern?: string;
    }
  | { readonly kind: 'create' };

/** A moment that the automated backups of the source reach, epoch milliseconds; in its own account and Region only. */
export interface PointChoice {
  readonly kind: 'point-in-time';
  readonly time: number | 'latest';
}

export interface CopySnapshotRequest {
  readonly kind: SnapshotKind;
  /** The cluster or instance whose snapshot is copied; not asked for when the snapshot is named by its id. */
  readonly database: string;
  readonly choice: SnapshotChoice;
  readonly source: DatabaseSite;
  readonly destination: DatabaseSite;
  /** Key of the destination Region; needed when the source is encrypted and Region or account differ. */
  readonly kmsKeyId?: string;
  /**
   * Whoever uses the copy encrypts it: one of an unencrypted cluster, which AWS cannot encrypt by copying, is then made as it is although a
   * key is given. Otherwise that is refused.
   */
  readonly encryptedLater?: boolean;
  /** Customer-managed key of the source Region, for the transit copy of automated and default-key snapshots. */
  readonly transitKmsKeyId?: string;
  /** Across account and Region at once, or first within the source Region. `auto` tries one step and falls back. */
  readonly steps: 'auto' | 'one' | 'two';
  /** The destination's account in the source's Region: two steps across account and Region go by it. */
  readonly relay?: DatabaseSite;
  /** Key of the copy at the relay. Default: the key that the shared snapshot has. */
  readonly relayKmsKeyId?: string;
  /** Option group of the destination Region; instance snapshots only. */
  readonly optionGroup?: string;
  /** Added to the copy; they win over tags of the source. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The `result` of a finished copy. */
export interface CopiedSnapshot {
  readonly id: string;
  readonly arn: string;
  readonly database: string;
  readonly sourceArn: string;
  /** When the original was taken, epoch milliseconds. */
  readonly sourceTime: number | undefined;
  readonly adopted: boolean;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | undefined;
}

/** What stays the same for every database deed of one execution. */
export interface DatabaseDeedContext {
  readonly clock: Clock;
  readonly execution: string;
  readonly mode: 'drill' | 'recovery';
}

/** Tags that mark what Breakwater made; nothing without them is ever deleted. */
export const DATABASE_TAGS = {
  owner: 'breakwater:owner',
  execution: 'breakwater:execution',
  sourceArn: 'breakwater:source-arn',
  /** ISO 8601, UTC. */
  sourceTime: 'breakwater:source-time',
  /** On a drill's cluster: when a janitor may remove it, ISO 8601. */
  expires: 'breakwater:expires',
  /** On transit and relay copies, which exist only on the way: the role. */
  transit: 'breakwater:transit',
  /** On a snapshot of the source that is shared for the time of a copy: `<this>:<account>:<destination Region>`. */
  shared: 'breakwater:shared',
  /** On a snapshot that a restore was asked to archive: when, ISO 8601. Retention leaves it alone. */
  archived: 'breakwater:archived',
} as const;
