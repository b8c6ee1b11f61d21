import type { SnapshotKind } from '@breakwater/aws';
import type { Operation } from '@breakwater/engine';
import type { Reason } from '@breakwater/history';
import type {
  DatabaseArchive,
  DatabaseCheck,
  DatabaseMember,
  DatabaseSettings,
  DatabaseUsers,
  InstanceSettings,
  MasterPassword,
  PublishDns,
  PublishEndpoint,
  RestoreStrategy,
  SqlConnection,
} from '@breakwater/plan';
import type { CopySnapshotRequest, DatabaseDeedContext, DatabaseSite, PointChoice, SnapshotChoice } from './contracts.ts';
import type { LiveDatabase } from './live-database.ts';

/** An instance as it was captured. */
export interface MemberSettings extends DatabaseMember {
  readonly name: string;
  readonly publiclyAccessible?: boolean;
  readonly performanceInsights?: boolean;
  /** Seconds. */
  readonly monitoringInterval?: number;
  readonly monitoringRoleArn?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export const MANIFEST_SCHEMA = 'breakwater.cluster-manifest/1';

/** How a cluster looked when it was captured: the recovery account has no source to ask when its Region burns. */
export interface ClusterManifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  /** ISO 8601, UTC. */
  readonly capturedAt: string;
  readonly account: string;
  readonly region: string;
  readonly cluster: DatabaseSettings & { readonly id: string; readonly engine: string; readonly engineVersion: string };
  readonly members: readonly MemberSettings[];
}

export const INSTANCE_MANIFEST_SCHEMA = 'breakwater.instance-manifest/1';

/** How an instance of its own looked when it was captured. */
export interface InstanceManifest {
  readonly schema: typeof INSTANCE_MANIFEST_SCHEMA;
  /** ISO 8601, UTC. */
  readonly capturedAt: string;
  readonly account: string;
  readonly region: string;
  readonly instance: InstanceSettings & {
    readonly id: string;
    readonly engine: string;
    readonly engineVersion: string;
    readonly instanceClass: string;
  };
}

export type DatabaseManifest = ClusterManifest | InstanceManifest;

/** What is done with the snapshot that was restored; a vault is a site that can be worked at. */
export type Archive =
  | Exclude<DatabaseArchive, { readonly kind: 'vault' }>
  | {
      readonly kind: 'vault';
      readonly site: DatabaseSite;
      /** The vault's account in the snapshot's Region, for when AWS refuses to cross both borders at once. */
      readonly relay?: DatabaseSite;
      readonly kmsKeyId?: string;
      readonly transitKmsKeyId?: string;
    };

/** Where the endpoint is written for those who connect. */
export type Publication = Omit<PublishEndpoint, 'dns'> & { readonly dns?: DnsNames };

/** As in a plan; the site is one that can be worked at. */
export type DnsNames = Omit<PublishDns, 'site'> & {
  /** Of the zone's account; none: where the database stands. */
  readonly site?: DatabaseSite;
};

export interface CheckResult {
  /** What was checked, in words. */
  readonly check: string;
  readonly ok: boolean;
  /** What was found; never a secret. */
  readonly found: string;
}

/** A database that can be spoken to, and the secret `{username, password}` of its master user. */
export interface SqlTarget {
  readonly site: DatabaseSite;
  readonly database: LiveDatabase;
  readonly secret: string;
  readonly connection: SqlConnection;
  /** direct: how long a connection may take to be made, milliseconds. */
  readonly connectionTimeout?: number;
}

/** SQL, as the operations ask for it; packages/sql does it. Both may be done again. They throw the error family, scrubbed of secrets. */
export interface DatabaseSql {
  /** Creates or alters the roles. Answers with what it did, in words without secrets. */
  applyUsers(target: SqlTarget, users: DatabaseUsers): Promise<readonly string[]>;
  verify(target: SqlTarget, checks: readonly DatabaseCheck[]): Promise<readonly CheckResult[]>;
}

/** What is restored, and what it shall be like. */
export type RestoreDatabaseRequest = RestoreClusterRequest | RestoreInstanceRequest;
export type RestoreClusterRequest = ClusterRestore & RestoreWishes;
export type RestoreInstanceRequest = InstanceRestore & RestoreWishes;

export interface ClusterRestore {
  readonly kind?: 'cluster';
  /** Settings and members; none: the live cluster `database` is asked, at `source` or `site`. */
  readonly manifest?: ClusterManifest;
  /** Wins over the manifest. */
  readonly settings?: DatabaseSettings;
  /** Instead of the manifest's members; named `<target>-1` and so on. */
  readonly members?: readonly Omit<MemberSettings, 'name'>[];
}

/** An instance of no cluster: RDS for PostgreSQL, MySQL, MariaDB and the others. */
export interface InstanceRestore {
  readonly kind: 'instance';
  /** None: the live instance `database` is asked, at `source` or `site`. */
  readonly manifest?: InstanceManifest;
  /** Wins over the manifest. */
  readonly settings?: InstanceSettings;
}

export interface RestoreWishes {
  /** Where the database shall stand. */
  readonly site: DatabaseSite;
  /** Where the snapshot is, if elsewhere: it is copied to `site` first. */
  readonly source?: DatabaseSite;
  /** The destination's account in the source's Region, for when AWS refuses to cross both borders at once. */
  readonly relay?: DatabaseSite;
  /** The cluster or instance that is restored from. */
  readonly database: string;
  readonly choice: SnapshotChoice | PointChoice;
  readonly strategy: RestoreStrategy;
  /** Identifier of the restored database. Default: `database` for swap and replace, `<database>-<hash>` for new. */
  readonly target?: string;
  /** Key of the restored cluster, and of the copy if one is made. An instance has that of what it is restored from. */
  readonly kmsKeyId?: string;
  readonly transitKmsKeyId?: string;
  readonly master?: MasterPassword;
  readonly users?: DatabaseUsers;
  readonly checks?: readonly DatabaseCheck[];
  readonly connection?: SqlConnection;
  /** direct: how long a connection may take to be made, milliseconds. Default 15 seconds. */
  readonly connectionTimeout?: number;
  readonly publish?: Publication;
  readonly archive?: Archive;
  /** SNS topic at `site`. */
  readonly notify?: string;
  /** replace: a final snapshot of the old cluster. Default true. */
  readonly finalSnapshot?: boolean;
  /** replace: deletion protection of the old cluster may be switched off. Default false: a protected cluster is refused. */
  readonly liftProtection?: boolean;
  /** How long a drill's cluster may live, milliseconds; in its tag. Default one day. */
  readonly drillTtl?: number;
}

/** The `result` of a restore, as far as it got. Fields are added, never renamed. */
export interface RestoredDatabase {
  readonly database: string;
  readonly strategy: RestoreStrategy;
  readonly kind: SnapshotKind;
  /** A cluster's identifier. */
  readonly cluster?: string;
  readonly clusterArn?: string;
  /** An instance's, if it is one of its own. */
  readonly instance?: string;
  readonly instanceArn?: string;
  readonly endpoint?: string;
  readonly readerEndpoint?: string;
  readonly port?: number;
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly instances: readonly string[];
  readonly adopted: boolean;
  readonly snapshot?: {
    readonly id: string;
    readonly arn: string;
    /** When the original was taken, ISO 8601. */
    readonly time?: string;
    /** Of the original, if this is a copy. */
    readonly sourceArn?: string;
  };
  /** A moment was restored, of the database with that ARN. */
  readonly pointInTime?: {
    /** ISO 8601. Of the latest moment: what was restored is at least as young. */
    readonly time: string;
    readonly sourceArn: string;
  };
  readonly masterSecret?: string;
  readonly users: readonly string[];
  readonly checks: readonly CheckResult[];
  readonly published: readonly string[];
  readonly dns?: readonly PublishedName[];
  readonly archived?: string;
  /** swap: what the old cluster or instance is called now. */
  readonly oldCluster?: string;
  readonly oldInstance?: string;
  /** replace: the old cluster's final snapshot. */
  readonly finalSnapshot?: string;
  readonly rolledBack?: Reason;
}

/** Where a CNAME points. */
export interface DnsTarget {
  readonly value: string;
  /** Seconds. */
  readonly ttl: number;
}

/** A name that points to the restored database. */
export interface PublishedName extends DnsTarget {
  readonly zone: string;
  readonly name: string;
  /** False: it pointed there already, and nothing was sent. */
  readonly changed: boolean;
  /** What stood there, so that it can be put back; `null`: nothing did. Left out when it is not known any more. */
  readonly before?: DnsTarget | null;
}

/** What the deed needs beside AWS. */
export interface RestoreParts {
  /** Needed when users or checks are asked for. */
  readonly sql?: DatabaseSql;
  readonly copy: (request: CopySnapshotRequest, context: DatabaseDeedContext) => Operation;
}

/** Clusters that drills have left: those of one execution, or all whose time is over. */
export interface EndDatabaseDrillRequest {
  readonly site: DatabaseSite;
  readonly which: { readonly kind: 'execution'; readonly execution: string } | { readonly kind: 'expired' };
}

/** The old cluster or instance that a swap has kept aside. */
export interface DeleteOldClusterRequest {
  /** Default: cluster. */
  readonly kind?: SnapshotKind;
  readonly site: DatabaseSite;
  /** As in the restore: they name the cluster. */
  readonly database: string;
  readonly target?: string;
  /** Default true. */
  readonly finalSnapshot?: boolean;
  /** Its deletion protection may be switched off. */
  readonly liftProtection?: boolean;
}
