import type { RdsDuration, SnapshotFamily } from './database-spec.ts';

/** The databases of a scenario file as written: the shape that database-schema.ts proves. */

export type RawRdsDurations = Partial<Readonly<Record<RdsDuration, string>>>;

interface RawPlace {
  readonly account: string;
  readonly region: string;
}

export interface RawDatabase extends RawPlace {
  readonly count?: number;
  readonly id: string;
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly port?: number;
  readonly databaseName?: string;
  readonly masterUsername?: string;
  readonly masterPassword?: string;
  /** A range is drawn from, entry by entry. */
  readonly gib?: number | { readonly from: number; readonly to: number };
  readonly encryption?: 'none' | 'sse-kms' | 'sse-rds';
  readonly kmsKey?: string;
  readonly storageType?: string;
  readonly subnetGroup?: string;
  readonly securityGroups?: readonly string[];
  readonly parameterGroup?: string;
  readonly iamAuthentication?: boolean;
  readonly deletionProtection?: boolean;
  readonly logExports?: readonly string[];
  readonly copyTagsToSnapshot?: boolean;
  readonly backupWindow?: string;
  readonly maintenanceWindow?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly automated?: { readonly at?: string; readonly keep?: string } | false;
  readonly age?: string;
  readonly durations?: RawRdsDurations;
}

export interface RawMember {
  readonly id?: string;
  readonly class?: string;
  readonly tier?: number;
  readonly zone?: string;
  readonly parameterGroup?: string;
  readonly publiclyAccessible?: boolean;
  readonly performanceInsights?: boolean;
  readonly monitoringInterval?: number;
  readonly monitoringRole?: string;
}

export interface RawCluster extends RawDatabase {
  readonly httpEndpoint?: boolean;
  readonly serverless?: { readonly min: number; readonly max: number; readonly autoPauseSeconds?: number };
  readonly members?: readonly RawMember[];
  readonly managedSecret?: boolean;
}

export interface RawDbInstance extends RawDatabase {
  readonly class?: string;
  readonly zone?: string;
  readonly optionGroup?: string;
  readonly multiAz?: boolean;
  readonly iops?: number;
  readonly storageThroughput?: number;
  readonly publiclyAccessible?: boolean;
  readonly performanceInsights?: boolean;
  readonly monitoringInterval?: number;
  readonly monitoringRole?: string;
  readonly managedSecret?: boolean;
}

export interface RawSnapshot extends RawPlace {
  readonly kind?: SnapshotFamily;
  readonly id: string;
  readonly database: string;
  readonly type?: 'manual' | 'automated' | 'awsbackup';
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly port?: number;
  readonly masterUsername?: string;
  readonly masterPassword?: string;
  readonly gib?: number;
  readonly encryption?: 'none' | 'sse-kms' | 'sse-rds';
  readonly kmsKey?: string;
  readonly storageType?: string;
  readonly optionGroup?: string;
  readonly iamAuthentication?: boolean;
  readonly status?: 'available' | 'failed' | 'creating';
  readonly age?: string;
  readonly sourceAge?: string;
  readonly sourceArn?: string;
  readonly sharedWith?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly series?: { readonly every: string; readonly count: number };
  readonly durations?: RawRdsDurations;
}

export interface RawDatabases {
  readonly rds?: {
    readonly copyLimits?: { readonly cluster?: number; readonly instance?: number };
    readonly manualSnapshots?: number;
    readonly oneStepCopies?: boolean;
    readonly durations?: RawRdsDurations;
    readonly visibleAfter?: string;
    readonly sharesVisibleAfter?: string;
    readonly otherCopies?: readonly (RawPlace & {
      readonly kind?: SnapshotFamily;
      readonly copies?: number;
      readonly after?: string;
      readonly for?: string;
    })[];
  };
  readonly kmsKeys?: readonly (RawPlace & {
    readonly id?: string;
    readonly alias?: string;
    readonly manager?: 'CUSTOMER' | 'AWS';
    readonly state?: string;
    readonly usage?: string;
    readonly multiRegion?: boolean;
    readonly accounts?: readonly (string | { readonly id: string; readonly without?: readonly string[] })[];
  })[];
  readonly engineVersions?: readonly {
    readonly engine: string;
    readonly versions: readonly string[];
    readonly default?: string;
    readonly regions?: readonly string[];
    readonly classes?: readonly string[];
    readonly serverless?: { readonly min: number; readonly max: number } | false;
  }[];
  readonly clusters?: readonly RawCluster[];
  readonly dbInstances?: readonly RawDbInstance[];
  readonly snapshots?: readonly RawSnapshot[];
  readonly subnetGroups?: readonly (RawPlace & {
    readonly name: string;
    readonly vpcId?: string;
    readonly subnets?: readonly string[];
    readonly securityGroups?: readonly string[];
  })[];
  readonly parameterGroups?: readonly (RawPlace & {
    readonly kind?: 'cluster' | 'instance';
    readonly name: string;
    readonly family?: string;
  })[];
  readonly optionGroups?: readonly (RawPlace & {
    readonly name: string;
    readonly engine?: string;
    readonly majorVersion: string;
  })[];
  readonly globalClusters?: readonly {
    readonly account: string;
    readonly id: string;
    readonly engine?: string;
    readonly members: readonly (string | { readonly arn: string; readonly writer?: boolean })[];
  }[];
  readonly secrets?: readonly (RawPlace & {
    readonly name: string;
    readonly value: string | Readonly<Record<string, unknown>>;
    readonly kmsKey?: string;
  })[];
  readonly route53?: { readonly insyncAfter?: string };
  readonly hostedZones?: readonly {
    readonly account: string;
    readonly id?: string;
    readonly name: string;
    readonly records?: readonly {
      readonly name: string;
      readonly type?: string;
      readonly ttl?: number;
      readonly values?: readonly string[];
      readonly alias?: string;
      readonly setIdentifier?: string;
      readonly weight?: number;
    }[];
  }[];
  readonly topics?: readonly (RawPlace & { readonly name: string; readonly kmsKey?: string })[];
  readonly sqlAnswers?: readonly {
    readonly sql: string;
    readonly columns?: readonly string[];
    readonly rows?: readonly (readonly (string | number | boolean | null)[])[];
    readonly updated?: number;
    readonly error?: string;
  }[];
}
