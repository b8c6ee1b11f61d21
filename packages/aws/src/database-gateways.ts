/**
 * What Breakwater asks of RDS, in its own types; of the services beside it in database-services.ts. The same rules as in gateways.ts:
 * moments are epoch milliseconds, statuses are open strings, every method pages to the end and throws `AwsError`. Identifiers of RDS are
 * compared in lower case.
 */

import type {
  KmsGateway,
  NetworkGateway,
  ParameterGateway,
  RdsDataGateway,
  Route53Gateway,
  SecretsGateway,
  SnsGateway,
} from './database-services.ts';

/** Aurora, DocumentDB and Neptune clusters have cluster snapshots; RDS instances have instance snapshots. The rules differ. */
export type SnapshotKind = 'cluster' | 'instance';

export interface RdsSnapshot {
  readonly kind: SnapshotKind;
  /** The name: of a shared snapshot the last segment of its ARN. Automated ones begin with `rds:`. */
  readonly id: string;
  readonly arn: string;
  /** The cluster or instance it was taken of. */
  readonly database: string;
  readonly engine: string;
  readonly engineVersion: string | undefined;
  /** creating, available, copying, failed, deleting, … */
  readonly status: string;
  /** 0 to 100; 0 while a copy is queued, which is normal. */
  readonly progress: number | undefined;
  /** automated, manual, shared, public, awsbackup. */
  readonly type: string;
  readonly encrypted: boolean;
  /** `sse-rds` is a key that AWS owns; like the default key it cannot be shared. */
  readonly encryptionType: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly createdAt: number | undefined;
  /** When the first of a chain of copies was taken; AWS tells it of instance snapshots only, ours is in a tag. */
  readonly originalCreatedAt: number | undefined;
  readonly sourceArn: string | undefined;
  readonly port: number | undefined;
  readonly masterUsername: string | undefined;
  readonly iamAuthentication: boolean;
  readonly storageType: string | undefined;
  readonly optionGroup: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RdsClusterMember {
  readonly instance: string;
  readonly writer: boolean;
  readonly promotionTier: number | undefined;
  readonly parameterGroupStatus: string | undefined;
}

export interface RdsCluster {
  readonly id: string;
  readonly arn: string;
  readonly resourceId: string | undefined;
  readonly status: string;
  readonly engine: string;
  readonly engineVersion: string | undefined;
  readonly engineMode: string | undefined;
  readonly endpoint: string | undefined;
  readonly readerEndpoint: string | undefined;
  /** Host names of endpoints that somebody has made beside those two. They stay with the cluster, whatever it is called. */
  readonly customEndpoints?: readonly string[];
  readonly port: number | undefined;
  readonly databaseName: string | undefined;
  readonly masterUsername: string | undefined;
  readonly masterSecret: { readonly arn: string; readonly status: string | undefined } | undefined;
  readonly members: readonly RdsClusterMember[];
  readonly subnetGroup: string | undefined;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly encrypted: boolean;
  readonly iamAuthentication: boolean;
  readonly deletionProtection: boolean;
  readonly httpEndpoint: boolean;
  readonly logExports: readonly string[];
  readonly backupRetentionDays: number | undefined;
  readonly backupWindow: string | undefined;
  readonly maintenanceWindow: string | undefined;
  readonly copyTagsToSnapshot: boolean;
  readonly storageType: string | undefined;
  readonly serverless: { readonly min: number; readonly max: number; readonly autoPauseSeconds: number | undefined } | undefined;
  readonly createdAt: number | undefined;
  /** A modification that waits for the maintenance window. */
  readonly pending: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RdsInstance {
  readonly id: string;
  readonly arn: string;
  readonly status: string;
  readonly cluster: string | undefined;
  readonly instanceClass: string;
  readonly engine: string;
  readonly engineVersion: string | undefined;
  readonly availabilityZone: string | undefined;
  readonly promotionTier: number | undefined;
  readonly parameterGroup: string | undefined;
  readonly publiclyAccessible: boolean;
  readonly performanceInsights: boolean;
  readonly monitoringInterval: number | undefined;
  readonly monitoringRoleArn: string | undefined;
  readonly endpoint: string | undefined;
  readonly resourceId: string | undefined;
  readonly port: number | undefined;
  readonly databaseName: string | undefined;
  readonly masterUsername: string | undefined;
  /** That RDS keeps; of a cluster's instance it is the cluster's. */
  readonly masterSecret: { readonly arn: string; readonly status: string | undefined } | undefined;
  readonly subnetGroup: string | undefined;
  readonly securityGroups: readonly string[];
  readonly optionGroup: string | undefined;
  readonly multiAz: boolean;
  readonly storageType: string | undefined;
  /** GiB. */
  readonly allocatedStorage: number | undefined;
  readonly iops: number | undefined;
  /** MiB a second. */
  readonly storageThroughput: number | undefined;
  readonly kmsKeyId: string | undefined;
  readonly encrypted: boolean;
  readonly iamAuthentication: boolean;
  readonly deletionProtection: boolean;
  readonly logExports: readonly string[];
  /** 0: no automated backups. */
  readonly backupRetentionDays: number | undefined;
  readonly backupWindow: string | undefined;
  readonly copyTagsToSnapshot: boolean;
  /** The instance that it follows as a read replica. */
  readonly replicaOf: string | undefined;
  readonly createdAt: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Moments that a database can be restored to, epoch milliseconds. */
export interface RestoreWindow {
  readonly earliest: number;
  readonly latest: number;
}

/** What RestoreDBClusterFromSnapshot is told. What is left out becomes AWS's default, not the source's. */
export interface RestoreClusterRequest {
  readonly id: string;
  /** Name or ARN; a shared snapshot needs its ARN. */
  readonly snapshot: string;
  readonly engine: string;
  /** Always given: left out, AWS takes the Region's default version. */
  readonly engineVersion: string;
  readonly port?: number;
  readonly databaseName?: string;
  readonly subnetGroup?: string;
  readonly securityGroups?: readonly string[];
  readonly parameterGroup?: string;
  readonly kmsKeyId?: string;
  readonly iamAuthentication?: boolean;
  readonly deletionProtection?: boolean;
  readonly logExports?: readonly string[];
  readonly copyTagsToSnapshot?: boolean;
  readonly storageType?: string;
  readonly backupRetentionDays?: number;
  readonly backupWindow?: string;
  readonly serverless?: { readonly min: number; readonly max: number; readonly autoPauseSeconds?: number };
  readonly tags: Readonly<Record<string, string>>;
}

/** What both ways of restoring to a point in time are told: where from, and when. In the source's own account and Region only. */
export interface PointInTime {
  /** Identifier of the source. */
  readonly source: string;
  /** Epoch milliseconds, or the latest moment that AWS has when it is asked. */
  readonly time: number | 'latest';
}

/** As for a snapshot; engine and version are always the source's. */
export type RestoreClusterToPointRequest = Omit<RestoreClusterRequest, 'snapshot' | 'engine' | 'engineVersion' | 'databaseName'> &
  PointInTime;

/** What a restored instance shall be like. Left out: AWS's default; the key is always that of what is restored. */
export interface InstanceWishes {
  readonly id: string;
  readonly instanceClass?: string;
  readonly port?: number;
  /** Not together with `multiAz`. */
  readonly availabilityZone?: string;
  readonly multiAz?: boolean;
  readonly subnetGroup?: string;
  readonly securityGroups?: readonly string[];
  readonly parameterGroup?: string;
  readonly optionGroup?: string;
  readonly publiclyAccessible?: boolean;
  readonly storageType?: string;
  readonly iops?: number;
  /** MiB a second. */
  readonly storageThroughput?: number;
  readonly iamAuthentication?: boolean;
  readonly deletionProtection?: boolean;
  readonly logExports?: readonly string[];
  readonly copyTagsToSnapshot?: boolean;
  readonly backupRetentionDays?: number;
  readonly backupWindow?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RestoreInstanceRequest extends InstanceWishes {
  /** Name or ARN. */
  readonly snapshot: string;
}

export type RestoreInstanceToPointRequest = InstanceWishes & PointInTime;

/** Sent with ApplyImmediately. */
export interface ModifyInstanceRequest {
  readonly id: string;
  readonly deletionProtection?: boolean;
  readonly manageMasterPassword?: { readonly kmsKeyId?: string };
  readonly masterPassword?: string;
  readonly performanceInsights?: boolean;
  /** Seconds. */
  readonly monitoringInterval?: number;
  readonly monitoringRoleArn?: string;
}

export interface CreateClusterInstanceRequest {
  readonly id: string;
  readonly cluster: string;
  /** `db.serverless` for Serverless v2. */
  readonly instanceClass: string;
  readonly engine: string;
  readonly parameterGroup?: string;
  readonly promotionTier?: number;
  readonly availabilityZone?: string;
  readonly publiclyAccessible?: boolean;
  readonly performanceInsights?: boolean;
  readonly monitoringInterval?: number;
  readonly monitoringRoleArn?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Sent with ApplyImmediately: otherwise a change would wait for the maintenance window. */
export interface ModifyClusterRequest {
  readonly id: string;
  readonly newId?: string;
  readonly deletionProtection?: boolean;
  readonly manageMasterPassword?: { readonly kmsKeyId?: string };
  readonly masterPassword?: string;
  readonly backupRetentionDays?: number;
}

/** Of subnets, of a cluster's parameters, of an instance's parameters, of an instance's options. */
export type GroupKind = 'subnets' | 'cluster-parameters' | 'instance-parameters' | 'options';

export interface DatabaseGroup {
  readonly name: string;
  /** Of parameters: which engine and version they are for, as `aurora-postgresql16`. */
  readonly family: string | undefined;
  /** Of subnets: the VPC that they are of. */
  readonly vpc: string | undefined;
  /** Of options: which engine they are for, and which version of it, as `16` or `8.0`. */
  readonly engine: { readonly name: string; readonly major: string } | undefined;
}

/** Bounds of Serverless v2, in capacity units. */
export interface CapacityRange {
  readonly min: number;
  readonly max: number;
}

/** How a database is deleted. */
export interface DeletionOptions {
  readonly finalSnapshot: string | undefined;
  /** Its automated backups: kept unless said otherwise, as the way back to any moment before the deletion. AWS keeps 40 of them in a Region. */
  readonly automatedBackups?: 'kept' | 'deleted';
}

export interface RdsGateway {
  /**
   * Snapshots that fit. `id` is a name or ARN; `types` default to automated and manual of the own account, `shared` must be asked for.
   * Tags come with the answer where AWS gives them: those of a shared snapshot are not readable from another account.
   */
  describeSnapshots(
    kind: SnapshotKind,
    filter: { readonly id?: string; readonly database?: string; readonly type?: 'automated' | 'manual' | 'shared' | 'awsbackup' },
  ): Promise<readonly RdsSnapshot[]>;
  /** Deterministic by `id`: throws `AwsError` with AWS's AlreadyExists code when it is taken; look then, and adopt. */
  createSnapshot(
    kind: SnapshotKind,
    request: { readonly id: string; readonly database: string; readonly tags: Readonly<Record<string, string>> },
  ): Promise<RdsSnapshot>;
  /**
   * Called in the destination Region with the destination's credentials; `source` is an ARN when Region or account differ. Sent once;
   * deterministic by `target`. `tags` replace CopyTags (AWS does not merge them).
   */
  copySnapshot(
    kind: SnapshotKind,
    request: {
      readonly source: string;
      readonly target: string;
      readonly kmsKeyId?: string;
      readonly optionGroup?: string;
      readonly tags: Readonly<Record<string, string>>;
    },
  ): Promise<RdsSnapshot>;
  /** Resolves also when it is gone already, or on its way out. */
  deleteSnapshot(kind: SnapshotKind, id: string): Promise<void>;
  /** Accounts that may restore the snapshot. */
  sharedWith(kind: SnapshotKind, id: string): Promise<readonly string[]>;
  /** Idempotent. Exactly one account at a time; never `all`. */
  share(kind: SnapshotKind, id: string, account: string): Promise<void>;
  unshare(kind: SnapshotKind, id: string, account: string): Promise<void>;
  tagsOf(arn: string): Promise<Readonly<Record<string, string>>>;
  addTags(arn: string, tags: Readonly<Record<string, string>>): Promise<void>;

  /** One cluster, or all; an unknown id gives an empty answer. */
  describeClusters(id?: string): Promise<readonly RdsCluster[]>;
  describeInstances(filter?: { readonly id?: string; readonly cluster?: string }): Promise<readonly RdsInstance[]>;
  /** Whether the engine version can be created in this Region. */
  engineVersionAvailable(engine: string, version: string): Promise<boolean>;
  /** Whether instances of that class can be made for the engine version in this Region. */
  instanceClassAvailable(engine: string, version: string, instanceClass: string): Promise<boolean>;
  /** What an engine version supports of Serverless v2; `undefined` when AWS does not say. */
  serverlessRange(engine: string, version: string): Promise<CapacityRange | undefined>;
  /** A group that a restore names and does not bring; `undefined` when there is none of that name. Not permitted: throws `permission-denied`. */
  describeGroup(kind: GroupKind, name: string): Promise<DatabaseGroup | undefined>;
  /** The global cluster that a cluster (by ARN) is a member of. */
  globalClusterOf(clusterArn: string): Promise<string | undefined>;
  restoreCluster(request: RestoreClusterRequest): Promise<RdsCluster>;
  createClusterInstance(request: CreateClusterInstanceRequest): Promise<RdsInstance>;
  modifyCluster(request: ModifyClusterRequest): Promise<RdsCluster>;
  renameInstance(id: string, newId: string): Promise<void>;
  /** `finalSnapshot` undefined: none is taken. */
  deleteCluster(id: string, options: DeletionOptions): Promise<void>;
  /** Of a cluster: the data stays the cluster's. */
  deleteInstance(id: string): Promise<void>;
  /** An instance of no cluster goes with its data. `finalSnapshot` undefined: none is taken. */
  deleteStandalone(id: string, options: DeletionOptions): Promise<void>;
  restoreInstance(request: RestoreInstanceRequest): Promise<RdsInstance>;
  restoreInstanceToPoint(request: RestoreInstanceToPointRequest): Promise<RdsInstance>;
  restoreClusterToPoint(request: RestoreClusterToPointRequest): Promise<RdsCluster>;
  modifyInstance(request: ModifyInstanceRequest): Promise<RdsInstance>;
  /** What the automated backups of a database reach; `undefined` without any, and where the database is not known. */
  restoreWindow(kind: SnapshotKind, id: string): Promise<RestoreWindow | undefined>;
  /** For the Data API of provisioned and Serverless v2 clusters. */
  enableHttpEndpoint(clusterArn: string): Promise<void>;
  startExport(request: {
    readonly id: string;
    readonly snapshotArn: string;
    readonly bucket: string;
    readonly prefix?: string;
    readonly roleArn: string;
    readonly kmsKeyId: string;
  }): Promise<void>;
  /** Status and failure cause of an export by id; `undefined` if unknown. */
  exportStatus(
    id: string,
  ): Promise<
    { readonly status: string; readonly progress: number | undefined; readonly failure: string | undefined } | undefined
  >;
}

/** What database deeds need beside the server gateways, at one site. */
export interface DatabaseGateways {
  readonly rds: RdsGateway;
  readonly kms: KmsGateway;
  readonly ec2: NetworkGateway;
  readonly secrets: SecretsGateway;
  readonly rdsData: RdsDataGateway;
  readonly sns: SnsGateway;
  readonly parameters: ParameterGateway;
  readonly route53: Route53Gateway;
}
