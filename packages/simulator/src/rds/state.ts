import type { RdsDurations, ServerlessSpec, SnapshotFamily } from '../scenario/database-spec.ts';

export type Tags = Readonly<Record<string, string>>;
export type Encryption = 'none' | 'sse-kms' | 'sse-rds';

/** What a snapshot carries of the database it was taken of, and hands on to its copies and to what is restored from it. */
export interface Contents {
  /** Cluster or instance identifier at the time. */
  readonly database: string;
  readonly resourceId: string;
  readonly databaseCreatedAt: number;
  readonly engine: string;
  readonly engineVersion: string;
  readonly port: number;
  readonly masterUsername: string;
  readonly masterPassword: string;
  readonly databaseName: string | undefined;
  readonly gib: number;
  readonly encryption: Encryption;
  /** ARN; of `sse-kms` only. */
  readonly keyArn: string | undefined;
  readonly iamAuthentication: boolean;
  readonly storageType: string;
  readonly optionGroup: string | undefined;
  readonly vpcId: string;
  readonly backupRetentionDays: number;
  readonly backupWindow: string;
  readonly durations: RdsDurations;
}

/** A snapshot with its whole timeline. */
export interface Snapshot {
  readonly family: SnapshotFamily;
  /** In lower case. */
  readonly id: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly type: 'automated' | 'manual' | 'awsbackup';
  readonly contents: Contents;
  /** SnapshotCreateTime: of a copy the copy's own. */
  readonly takenAt: number;
  /** When the first of a chain of copies was taken. */
  readonly originalAt: number;
  /** A copy stays at 0 % until then. */
  readonly movesAt: number;
  readonly readyAt: number;
  readonly visibleAt: number;
  failsAt: number | undefined;
  readonly source: Snapshot | undefined;
  readonly sourceArn: string | undefined;
  tags: Tags;
  /** Account ids, or `all`, and when they see it. */
  readonly sharedWith: Map<string, number>;
  deletedAt: number | undefined;
  goneAt: number;
}

/** A cluster in one status for a while; after the last phase it is available. */
export interface Phase {
  readonly status: string;
  readonly from: number;
  readonly until: number;
}

/** A change of identifier: only the old name is known until `both`, then both, and from `until` on the new one alone. */
export interface Rename {
  readonly oldId: string;
  readonly newId: string;
  readonly from: number;
  readonly both: number;
  readonly until: number;
}

export interface MasterSecret {
  readonly arn: string;
  readonly activeAt: number;
  readonly keyArn: string;
}

export interface Cluster {
  readonly account: string;
  readonly region: string;
  readonly resourceId: string;
  readonly createdAt: number;
  readonly visibleAt: number;
  readonly firstId: string;
  readonly renames: Rename[];
  readonly phases: Phase[];
  readonly contents: Contents;
  /** Snapshot that it was restored from. */
  readonly restoredFrom: string | undefined;
  readonly durations: RdsDurations;
  masterPassword: string;
  masterSecret: MasterSecret | undefined;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string;
  iamAuthentication: boolean;
  deletionProtection: boolean;
  httpEndpoint: boolean;
  readonly logExports: readonly string[];
  readonly copyTagsToSnapshot: boolean;
  readonly maintenanceWindow: string;
  backupRetentionDays: number;
  readonly serverless: ServerlessSpec | undefined;
  automated: { readonly at: number; readonly keep: number } | undefined;
  tags: Tags;
  pendingId: string | undefined;
  /** Of the Data API, for pausing. */
  usedAt: number;
  deletedAt: number | undefined;
  goneAt: number;
}

export interface DbInstance {
  readonly account: string;
  readonly region: string;
  readonly resourceId: string;
  readonly createdAt: number;
  readonly visibleAt: number;
  readonly firstId: string;
  readonly renames: Rename[];
  readonly phases: Phase[];
  /** Undefined: a database of its own. */
  readonly cluster: Cluster | undefined;
  readonly contents: Contents;
  /** Snapshot, or instance, that it was restored from. */
  readonly restoredFrom: string | undefined;
  /** Of a database of its own; the other ones have those of their cluster. */
  masterPassword: string;
  masterSecret: MasterSecret | undefined;
  iamAuthentication: boolean;
  readonly logExports: readonly string[];
  readonly multiAz: boolean;
  readonly iops: number | undefined;
  readonly storageThroughput: number | undefined;
  /** 0: no automated backups, and no point in time to go back to. */
  backupRetentionDays: number;
  readonly instanceClass: string;
  readonly zone: string;
  readonly tier: number;
  readonly parameterGroup: string;
  readonly publiclyAccessible: boolean;
  performanceInsights: boolean;
  monitoringInterval: number;
  monitoringRole: string | undefined;
  readonly durations: RdsDurations;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly maintenanceWindow: string;
  automated: { readonly at: number; readonly keep: number } | undefined;
  readonly copyTagsToSnapshot: boolean;
  deletionProtection: boolean;
  tags: Tags;
  pendingId: string | undefined;
  deletedAt: number | undefined;
  goneAt: number;
}

export interface ExportTask {
  readonly id: string;
  readonly sourceArn: string;
  readonly sourceType: 'SNAPSHOT' | 'CLUSTER';
  readonly takenAt: number;
  readonly bucket: string;
  readonly prefix: string | undefined;
  readonly only: readonly string[] | undefined;
  readonly roleArn: string;
  readonly keyArn: string;
  readonly gib: number;
  readonly beginsAt: number;
  readonly endsAt: number;
}

/** Something RDS tells EventBridge about. */
export interface RdsEvent {
  readonly at: number;
  readonly id: string;
  readonly type: 'CLUSTER_SNAPSHOT' | 'SNAPSHOT' | 'CLUSTER' | 'DB_INSTANCE';
  readonly arn: string;
  readonly source: string;
  readonly categories: readonly string[];
  readonly message: string;
  readonly tags: Tags;
  /** A thing that never came to be is not told of. */
  readonly holds: () => boolean;
}

/** RDS of one account in one Region. */
export interface RdsState {
  /** By family and id. */
  readonly snapshots: Map<string, Snapshot>;
  readonly clusters: Cluster[];
  readonly instances: DbInstance[];
  readonly exports: Map<string, ExportTask>;
  readonly events: RdsEvent[];
  /** Copies of other people that take their share of the limit. */
  readonly otherCopies: {
    readonly family: SnapshotFamily;
    readonly copies: number;
    readonly from: number;
    readonly until: number;
  }[];
  /** Automated snapshots have been told up to then. */
  scheduledUntil: number;
}

export function emptyRds(): RdsState {
  return {
    snapshots: new Map(),
    clusters: [],
    instances: [],
    exports: new Map(),
    events: [],
    otherCopies: [],
    scheduledUntil: Number.NEGATIVE_INFINITY,
  };
}

type Named = Pick<Cluster | DbInstance, 'firstId' | 'renames' | 'goneAt' | 'deletedAt' | 'phases'>;

/** The identifier that stands in describes. */
export function currentId(thing: Named, now: number): string {
  return thing.renames.reduce((id, rename) => (now >= rename.until ? rename.newId : id), thing.firstId);
}

/** Every identifier that finds it now. */
export function answersTo(thing: Named, id: string, now: number): boolean {
  if (now >= thing.goneAt) return false;
  if (currentId(thing, now) === id) return true;
  return thing.renames.some((rename) => rename.newId === id && now >= rename.both && now < rename.until);
}

/** Whether an identifier is taken, by a name on its way in or out as well. */
export function occupies(thing: Named, id: string, now: number): boolean {
  return (
    now < thing.goneAt &&
    (currentId(thing, now) === id || thing.renames.some((rename) => rename.newId === id && now < rename.until))
  );
}

export function statusOf(thing: Named, now: number): string {
  if (thing.deletedAt !== undefined) return 'deleting';
  return thing.phases.findLast((phase) => phase.from <= now && now < phase.until)?.status ?? 'available';
}

export function snapshotKey(family: SnapshotFamily, id: string): string {
  return `${family}:${id.toLowerCase()}`;
}

/** Undefined: it is gone, or was never heard of yet. */
export function snapshotStatus(snapshot: Snapshot, now: number): string | undefined {
  if (now >= snapshot.goneAt || now < snapshot.visibleAt) return undefined;
  if (snapshot.deletedAt !== undefined && now >= snapshot.deletedAt) return 'deleting';
  if (snapshot.failsAt !== undefined && now >= snapshot.failsAt) return 'failed';
  if (now < snapshot.readyAt) return snapshot.sourceArn === undefined ? 'creating' : 'copying';
  return 'available';
}

/** 0 while it waits for its turn. */
export function snapshotProgress(snapshot: Snapshot, now: number): number {
  const until = Math.min(now, snapshot.failsAt ?? now);
  if (until >= snapshot.readyAt) return 100;
  if (until <= snapshot.movesAt) return 0;
  return Math.floor((100 * (until - snapshot.movesAt)) / (snapshot.readyAt - snapshot.movesAt));
}

/** Whether it takes a place among the copies in flight to its Region. */
export function isInFlight(snapshot: Snapshot, now: number): boolean {
  return (
    snapshot.sourceArn !== undefined &&
    snapshot.takenAt <= now &&
    now < snapshot.readyAt &&
    now < snapshot.goneAt &&
    snapshot.deletedAt === undefined &&
    (snapshot.failsAt === undefined || now < snapshot.failsAt)
  );
}
