import type { Location, Mode } from '@breakwater/core';

/**
 * What should happen, as typed values. Durations are milliseconds, moments are epoch milliseconds, order is the file's order.
 * Everything here is plain data: it can be hashed, compared and stored.
 */

/** An account and Region where things are recovered, and how to get there. */
export interface Site {
  readonly name: string;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Role assumed for every call at this site; none: the caller's own credentials are used, which must belong to `account`. */
  readonly roleArn?: string;
  /** Instead of `roleArn` in a drill, so that what drills may do can be less than what a recovery may. */
  readonly drillRoleArn?: string;
  readonly externalId?: string;
}

/** Which source servers: all tags must match, or the ids are listed. */
export type Selector =
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'servers'; readonly servers: readonly string[] };

export interface ProtectionGroup {
  readonly name: string;
  readonly site: string;
  readonly select: Selector;
  /** Servers left out although selected. */
  readonly exclude: readonly Selector[];
  /** How many servers the owner expects; another number stops the run before anything is started. */
  readonly expect: { readonly min?: number; readonly max?: number };
}

export type RecoveryPoint =
  | { readonly kind: 'latest' }
  /** The newest recovery point not after `time`. */
  | { readonly kind: 'before'; readonly time: number }
  /** Recovery snapshot id (`pit-…`) by source server id; servers not listed use the latest. */
  | { readonly kind: 'pinned'; readonly snapshots: Readonly<Record<string, string>> };

export type Criticality = 'critical' | 'optional';

/** Settings for some servers of a wave; the first that matches a server counts. */
export interface ServerRule {
  readonly match: Selector;
  readonly criticality: Criticality;
}

export interface Action {
  readonly name: string;
  readonly description?: string;
  readonly kind: 'automation' | 'command';
  /** Name or ARN of the SSM document. */
  readonly document: string;
  /** `$DEFAULT`, `$LATEST` or a number; none: AWS's default. */
  readonly version?: string;
  /** SSM takes a list of strings for every parameter. `${execution}`, `${plan}`, `${wave}` and `${mode}` are filled in. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly maxWait: number;
  readonly onFailure: 'stop' | 'continue';
  readonly when: readonly Mode[];
  /** `recovered-instances`: runs on (command) or gets the ids of (automation) the instances that the wave launched. */
  readonly target: 'none' | 'recovered-instances';
  /** The automation parameter that takes the instance ids. */
  readonly targetParameter: string;
  /** Where it runs; none: at the site of the wave's first group or database (a `finally` action must name its site if the plan has several). */
  readonly site?: string;
}

/** `newest`: the newest that is available and fits. `create`: a new one is taken of the live cluster. */
export type SnapshotSelection =
  | {
      readonly kind: 'newest';
      readonly types: readonly ('automated' | 'manual')[];
      /** Milliseconds; a drill refuses an older one. A recovery takes what there is. */
      readonly maxAge?: number;
      /** Epoch milliseconds: data that was taken later is passed over, as after an attack. */
      readonly before?: number;
      readonly tags?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'create' }
  /** No snapshot: a moment that the automated backups of the live source reach, epoch milliseconds. */
  | { readonly kind: 'point-in-time'; readonly time: number | 'latest' };

/**
 * `new`: a cluster beside whatever is there. `swap`: it takes the old one's name, which is kept. `replace`: the old one is deleted first.
 * A drill always restores beside.
 */
export const RESTORE_STRATEGIES = ['new', 'swap', 'replace'] as const;
export type RestoreStrategy = (typeof RESTORE_STRATEGIES)[number];

/** What a restore does not bring back by itself: AWS gives a restored cluster its defaults. */
export interface DatabaseSettings {
  readonly port?: number;
  readonly subnetGroup?: string;
  readonly securityGroups?: readonly string[];
  readonly parameterGroup?: string;
  readonly iamAuthentication?: boolean;
  readonly deletionProtection?: boolean;
  /** The RDS Data API. */
  readonly httpEndpoint?: boolean;
  readonly logExports?: readonly string[];
  readonly copyTagsToSnapshot?: boolean;
  readonly storageType?: string;
  readonly backupRetentionDays?: number;
  /** `hh:mm-hh:mm`, UTC. */
  readonly backupWindow?: string;
  readonly serverless?: { readonly min: number; readonly max: number; readonly autoPauseSeconds?: number };
  readonly tags?: Readonly<Record<string, string>>;
}

/** The same of an instance of its own. */
export interface InstanceSettings extends Omit<DatabaseSettings, 'httpEndpoint' | 'serverless'> {
  readonly instanceClass?: string;
  readonly multiAz?: boolean;
  /** Of one that stands in a single zone. */
  readonly availabilityZone?: string;
  readonly optionGroup?: string;
  readonly publiclyAccessible?: boolean;
  /** Of io1 and io2, and of a large gp3. */
  readonly iops?: number;
  /** MiB a second, of a large gp3. */
  readonly storageThroughput?: number;
  readonly performanceInsights?: boolean;
  /** Seconds between two looks of enhanced monitoring; 0: none. */
  readonly monitoringInterval?: number;
  readonly monitoringRoleArn?: string;
}

/** An instance of a cluster. The writer comes first, then readers in the order in which they would take over. */
export interface DatabaseMember {
  /** `db.serverless` for Serverless v2. */
  readonly instanceClass: string;
  readonly promotionTier?: number;
  readonly availabilityZone?: string;
  readonly parameterGroup?: string;
}

/** `keep`: the snapshot's. `managed`: RDS makes a new one in a secret of its own. `secret`: the `password` of the JSON in a secret. */
export type MasterPassword =
  | {
      readonly kind: 'keep';
      /** A secret that holds it, `{username, password}`, for users and verification. */
      readonly secret?: string;
    }
  | { readonly kind: 'managed'; readonly kmsKeyId?: string }
  | { readonly kind: 'secret'; readonly secret: string };

/** Something that must hold of the restored database. Only reads. */
export type DatabaseCheck =
  | { readonly kind: 'engine-version' /** Equal, or a beginning of it up to a dot. */; readonly version: string }
  | { readonly kind: 'database'; readonly name: string }
  | { readonly kind: 'table'; readonly database?: string; readonly schema?: string; readonly name: string }
  | {
      readonly kind: 'rows';
      readonly database?: string;
      readonly schema?: string;
      readonly table: string;
      readonly min?: number;
      readonly max?: number;
    }
  | {
      readonly kind: 'query';
      readonly name: string;
      readonly database?: string;
      readonly sql: string;
      /** The first column of the first row, as text. */
      readonly expect: string;
    };

/** Roles made or altered after the restore. */
export interface DatabaseUsers {
  /** Secret `{app_username, app_password, readonly_username, readonly_password}`; a `database` in it counts too. */
  readonly secret: string;
  readonly database?: string;
}

/** Where the endpoint is written for those who connect. */
export interface PublishEndpoint {
  /** SSM parameter that gets the writer's host name. */
  readonly parameter?: string;
  readonly readerParameter?: string;
  /** Secret with a JSON object: `host`, `readerHost`, `port`, `engine` and `dbClusterIdentifier` are set, the rest is kept. */
  readonly secret?: string;
  /** CNAMEs of Route 53. */
  readonly dns?: PublishDns;
}

export interface PublishDns {
  /** Id of the hosted zone. */
  readonly zone: string;
  /** Name that gets a CNAME to the writer; below the zone's, without a dot at the end. */
  readonly name: string;
  readonly readerName?: string;
  /** Seconds. */
  readonly ttl: number;
  /** Site of the zone's account; none: that of the database. Its Region does not matter. */
  readonly site?: string;
}

/** What is done with the snapshot that was restored. RDS has no archive tier: each way says what it really is. */
export type DatabaseArchive =
  /** Our tag with the time, for retention and for people. */
  | { readonly kind: 'tag' }
  /** A copy at another site. */
  | {
      readonly kind: 'vault';
      readonly site: string;
      /** Of the vault's Region. */
      readonly kmsKeyId?: string;
      /** Customer-managed key of the snapshot's Region, for a copy on the way. */
      readonly transitKmsKeyId?: string;
    }
  | SnapshotExport;

/** Parquet files in S3: they can be read, but no cluster can be restored from them. It is started, not waited for. */
export interface SnapshotExport {
  readonly kind: 'export';
  readonly bucket: string;
  readonly prefix?: string;
  /** Role that RDS takes on to write. */
  readonly roleArn: string;
  readonly kmsKeyId: string;
}

/** How users and verification reach the database. `direct` needs a runner inside the VPC. */
export type SqlConnection = 'data-api' | 'direct';

/** An Aurora cluster, or an RDS instance, that a wave restores from a snapshot or to a point in time. */
export interface DatabaseRecovery {
  /** Unique in the plan; the step is `database/<name>`. */
  readonly name: string;
  readonly description?: string;
  /** Identifier of the cluster that is restored. An entry names either this or `instance`; `sourceOf` tells which. */
  readonly cluster?: string;
  /** Identifier of the instance of no cluster that is restored. */
  readonly instance?: string;
  /** Where the database shall stand. */
  readonly site: string;
  /** Where the snapshot is, if elsewhere: it is copied to `site` first. */
  readonly source?: string;
  readonly snapshot: SnapshotSelection;
  readonly strategy: RestoreStrategy;
  /** Identifier of the restored database; none: by strategy. */
  readonly target?: string;
  /** The cluster or instance that `replace` deletes: named a second time, so that nobody deletes one by a slip. */
  readonly replaces?: string;
  /** replace: the old cluster's deletion protection may be switched off. */
  readonly liftProtection?: boolean;
  /** replace: whether a final snapshot of the old cluster is taken first; left out: it is. */
  readonly finalSnapshot?: boolean;
  /** File with the cluster's captured settings, relative to the plan file, as it is written there. */
  readonly manifest?: string;
  /** Those of the other kind are an error. */
  readonly settings?: DatabaseSettings & InstanceSettings;
  /** Of a cluster, instead of the manifest's. */
  readonly members?: readonly DatabaseMember[];
  /** Key of the restored cluster, in the Region of `site`. */
  readonly kmsKeyId?: string;
  /** Customer-managed key of the source's Region, for the transit copy of an automated snapshot. */
  readonly transitKmsKeyId?: string;
  readonly masterPassword?: MasterPassword;
  readonly users?: DatabaseUsers;
  readonly verification: readonly DatabaseCheck[];
  readonly connection: SqlConnection;
  /** direct: how long a connection may take to be made, milliseconds. */
  readonly connectionTimeout?: number;
  readonly publish?: PublishEndpoint;
  /** What becomes of the snapshot; a drill leaves it alone. */
  readonly archive?: DatabaseArchive;
  /** SNS topic at `site`. */
  readonly notify?: string;
  /** When a drill's cluster counts as expired, milliseconds after it was asked for; none: a day. */
  readonly drillTtl?: number;
  readonly criticality: Criticality;
  /** Recovery point objective of this database; none: the plan's. Snapshots are older than replication. */
  readonly rpo?: number;
  readonly timeout: number;
}

/** A human approval before the wave. */
export interface Gate {
  readonly description?: string;
  /** GitHub environment whose reviewers approve. */
  readonly environment?: string;
  /** Instead of `environment`: two, approved one after the other, by different people. */
  readonly environments?: readonly string[];
  readonly when: readonly Mode[];
}

export interface Wave {
  readonly name: string;
  readonly description?: string;
  readonly dependsOn: readonly string[];
  readonly groups: readonly string[];
  readonly servers: readonly ServerRule[];
  readonly recoveryPoint: RecoveryPoint;
  /** Restored beside the servers. Left out when there are none, so that a plan without databases keeps its digest. */
  readonly databases?: readonly DatabaseRecovery[];
  readonly preWaveActions: readonly Action[];
  readonly postWaveActions: readonly Action[];
  readonly gate?: Gate;
  /** Bound on launching and proving the wave's servers; actions have their own `maxWait`. */
  readonly timeout: number;
}

export interface Plan {
  readonly name: string;
  readonly description?: string;
  readonly owner: string;
  /** 0 is the most important. */
  readonly tier: number;
  readonly objectives: { readonly rto: number; readonly rpo: number };
  /** What a drill demands of replication before it starts; a recovery only records it. */
  readonly readiness: { readonly maxLag: number };
  /** What a drill does with what it launched, once all waves have ended. */
  readonly drill: {
    readonly cleanUp: 'terminate' | 'keep';
    /** When the compiled workflow drills it, as a cron expression of five fields. */
    readonly schedule?: string;
    /** IANA time zone of the schedule; none: UTC. */
    readonly timezone?: string;
  };
  /** GitHub environments in which the jobs of the compiled workflow run, a mode each; gates have their own. */
  readonly environments?: { readonly drill?: string; readonly recovery?: string };
  readonly waves: readonly Wave[];
  /** Run at the end, whatever failed before. */
  readonly finally: readonly Action[];
}

/** Several files and documents, made one set. Names are unique a kind. */
export interface PlanSet {
  readonly sites: ReadonlyMap<string, Site>;
  readonly groups: ReadonlyMap<string, ProtectionGroup>;
  readonly plans: ReadonlyMap<string, Plan>;
  /** Cluster manifests that plans name, as parsed JSON: by plan, then by path as written. Left out when there are none. */
  readonly manifests?: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
}

export type Severity = 'error' | 'warning' | 'note';

/** One thing `check` found. */
export interface Finding {
  /** Stable id, as `BW101`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly location: Location;
  readonly message: string;
  /** What would be legal, or what to do. */
  readonly next: string;
  /** A run refuses to start on it. Findings about wisdom (quotas, waits against the RTO) never stop a recovery. */
  readonly blocksRun: boolean;
}

/** A source server as the inventory knows it; what selection needs of it. */
export interface InventoryServer {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A server that a wave will recover. */
export interface TargetServer {
  readonly id: string;
  readonly site: string;
  readonly group: string;
  readonly criticality: Criticality;
  readonly recoveryPoint: RecoveryPoint;
}

/** What a plan means today: the servers of each wave, in a stable order. */
export interface Targets {
  readonly waves: ReadonlyMap<string, readonly TargetServer[]>;
}
