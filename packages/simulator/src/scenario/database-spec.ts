/** Databases of a scenario, as the simulator uses them: durations in milliseconds, counted entries expanded. */

export type SnapshotFamily = 'cluster' | 'instance';

export const RDS_DURATIONS = {
  /** A copy stays at 0 % so long. */
  copyQueue: '20s',
  copy: '3m',
  copyPerGiB: '1s',
  snapshot: '2m',
  deleteSnapshot: '2s',
  restore: '8m',
  instance: '7m',
  rename: '1m',
  reboot: '30s',
  deleteInstance: '4m',
  deleteCluster: '2m',
  password: '15s',
  secret: '20s',
  exportStart: '2m',
  export: '40m',
  resume: '15s',
} as const;
export type RdsDuration = keyof typeof RDS_DURATIONS;
export type RdsDurations = Readonly<Record<RdsDuration, number>>;

export interface RdsSpec {
  /** Most copies in flight to one Region of one account, everybody's counted. */
  readonly copyLimits: Readonly<Record<SnapshotFamily, number>>;
  /** Quota of manual snapshots of one kind in a Region; undefined: none. */
  readonly manualSnapshots: number | undefined;
  /** Whether a shared snapshot of another Region can be copied in one step. */
  readonly oneStepCopies: boolean;
  readonly durations: RdsDurations;
  /** New snapshots, clusters and instances are missing from describes for so long. */
  readonly visibleAfter: number;
  /** A snapshot that has just been shared is hidden from the other account for so long. */
  readonly sharesVisibleAfter: number;
  readonly otherCopies: readonly OtherCopiesSpec[];
}

export interface OtherCopiesSpec {
  readonly account: string;
  readonly region: string;
  readonly family: SnapshotFamily;
  readonly copies: number;
  readonly after: number;
  readonly for: number;
}

export interface KmsKeySpec {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  /** With `alias/`; undefined: none. */
  readonly alias: string | undefined;
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly state: string;
  readonly usage: string;
  readonly multiRegion: boolean;
  /** Other accounts that the key policy names, and the actions that it leaves out for them. */
  readonly accounts: readonly { readonly id: string; readonly without: readonly string[] }[];
}

export interface EngineVersionSpec {
  readonly engine: string;
  readonly versions: readonly string[];
  readonly default: string;
  /** Undefined: in every Region. */
  readonly regions: readonly string[] | undefined;
  /** Classes of instances that can be ordered; undefined: any. */
  readonly classes: readonly string[] | undefined;
  /** Bounds of Serverless v2, in capacity units; undefined: there is none. */
  readonly serverless: { readonly min: number; readonly max: number } | undefined;
}

export interface ServerlessSpec {
  readonly min: number;
  readonly max: number;
  readonly autoPauseSeconds: number | undefined;
}

/** Automated snapshots: taken daily at a time of day (UTC), kept for some days. */
export interface AutomatedSpec {
  /** Milliseconds after midnight UTC. */
  readonly at: number;
  /** Milliseconds. */
  readonly keep: number;
}

/** What clusters and standalone instances have in common. */
export interface DatabaseSpec {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly port: number;
  readonly databaseName: string | undefined;
  readonly masterUsername: string;
  readonly masterPassword: string;
  readonly gib: number;
  readonly encryption: 'none' | 'sse-kms' | 'sse-rds';
  /** Id, alias or ARN; undefined and `sse-kms`: the account's default key. */
  readonly kmsKey: string | undefined;
  readonly storageType: string;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string | undefined;
  readonly iamAuthentication: boolean;
  readonly deletionProtection: boolean;
  readonly logExports: readonly string[];
  readonly copyTagsToSnapshot: boolean;
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly automated: AutomatedSpec | undefined;
  /** Before the world began. */
  readonly age: number;
  readonly durations: RdsDurations;
}

export interface ClusterSpec extends DatabaseSpec {
  readonly httpEndpoint: boolean;
  readonly serverless: ServerlessSpec | undefined;
  /** The first is the writer. */
  readonly members: readonly MemberSpec[];
  readonly managedSecret: boolean;
}

export interface MemberSpec {
  readonly id: string;
  readonly class: string;
  readonly tier: number;
  readonly zone: string;
  readonly parameterGroup: string | undefined;
  readonly publiclyAccessible: boolean;
  readonly performanceInsights: boolean;
  readonly monitoringInterval: number;
  readonly monitoringRole: string | undefined;
}

export interface DbInstanceSpec extends DatabaseSpec {
  readonly class: string;
  readonly zone: string;
  readonly optionGroup: string;
  readonly multiAz: boolean;
  readonly iops: number | undefined;
  readonly storageThroughput: number | undefined;
  readonly publiclyAccessible: boolean;
  readonly performanceInsights: boolean;
  readonly monitoringInterval: number;
  readonly monitoringRole: string | undefined;
  readonly managedSecret: boolean;
}

/** Snapshots that exist when the world begins; `{time}`, `{date}` and `{stamp}` in id, ARN and tags are the original's. */
export interface SnapshotSpec {
  readonly account: string;
  readonly region: string;
  readonly family: SnapshotFamily;
  readonly id: string;
  readonly type: 'manual' | 'automated' | 'awsbackup';
  readonly database: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly port: number;
  readonly masterUsername: string;
  readonly masterPassword: string;
  readonly gib: number;
  readonly encryption: 'none' | 'sse-kms' | 'sse-rds';
  readonly kmsKey: string | undefined;
  readonly storageType: string;
  readonly optionGroup: string;
  readonly iamAuthentication: boolean;
  readonly status: 'available' | 'failed' | 'creating';
  /** Before the world began. */
  readonly age: number;
  readonly sourceAge: number;
  readonly sourceArn: string | undefined;
  readonly sharedWith: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly durations: RdsDurations;
}

export interface SubnetGroupSpec {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly vpcId: string;
  readonly subnets: readonly string[];
  /** Security groups of the VPC; empty: any will do. */
  readonly securityGroups: readonly string[];
}

export interface ParameterGroupSpec {
  readonly account: string;
  readonly region: string;
  readonly kind: 'cluster' | 'instance';
  readonly name: string;
  readonly family: string;
}

export interface OptionGroupSpec {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly engine: string;
  /** As `16` or `8.0`. */
  readonly majorVersion: string;
}

export interface GlobalClusterSpec {
  readonly account: string;
  readonly id: string;
  readonly engine: string;
  readonly members: readonly { readonly arn: string; readonly writer: boolean }[];
}

export interface SecretSpec {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly value: string;
  /** A key of the account's own, by id, ARN or alias; undefined: the one of AWS. */
  readonly kmsKey: string | undefined;
}

export interface TopicSpec {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly kmsKey: string | undefined;
}

/** A set of records of a hosted zone; names with the dot at the end, in lower case. */
export interface DnsRecordSpec {
  readonly name: string;
  readonly type: string;
  /** Seconds; undefined: an alias. */
  readonly ttl: number | undefined;
  readonly values: readonly string[];
  readonly alias: string | undefined;
  readonly setIdentifier: string | undefined;
  readonly weight: number | undefined;
}

/** A hosted zone of Route 53: it is of an account, and in no Region. */
export interface HostedZoneSpec {
  readonly account: string;
  readonly id: string;
  /** With the dot at the end. */
  readonly name: string;
  /** Beside SOA and NS, which every zone has. */
  readonly records: readonly DnsRecordSpec[];
}

/** A canned answer of the Data API where no SQL backend stands behind it; `*` in `sql` stands for anything. */
export interface SqlAnswerSpec {
  readonly sql: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  readonly updated: number;
  readonly error: string | undefined;
}

export interface DatabaseScenario {
  readonly rds: RdsSpec;
  readonly kmsKeys: readonly KmsKeySpec[];
  readonly engineVersions: readonly EngineVersionSpec[];
  readonly clusters: readonly ClusterSpec[];
  readonly dbInstances: readonly DbInstanceSpec[];
  readonly snapshots: readonly SnapshotSpec[];
  readonly subnetGroups: readonly SubnetGroupSpec[];
  readonly parameterGroups: readonly ParameterGroupSpec[];
  readonly optionGroups: readonly OptionGroupSpec[];
  readonly globalClusters: readonly GlobalClusterSpec[];
  readonly secrets: readonly SecretSpec[];
  readonly topics: readonly TopicSpec[];
  readonly hostedZones: readonly HostedZoneSpec[];
  /** How long a change of a hosted zone is PENDING, milliseconds. */
  readonly dnsSpreads: number;
  readonly sqlAnswers: readonly SqlAnswerSpec[];
}
