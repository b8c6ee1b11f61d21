import type { CallContext, Output } from '../world/call-context.ts';
import { checkParameterGroup, defaultParameterGroup, parameterFamily, versionsOf } from './catalogue.ts';
import { clusterArn, clusterOutput } from './clusters.ts';
import { invalidCombination, invalidValue, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { checkSourceKey, encryptionKey } from './kms-access.ts';
import { jittered } from './make-snapshot.ts';
import { checkCapacity } from './orderable.ts';
import { requireBeside } from './permissions.ts';
import { restorableSnapshot } from './restorable-snapshot.ts';
import { restoreFault } from './restore-fault.ts';
import { network } from './restore-network.ts';
import { checkServerless, type WireScaling } from './serverless.ts';
import { type Cluster, type Contents, occupies, type Phase } from './state.ts';
import { givenTags, type WireTag } from './tags.ts';
import { refuseUnsimulated } from './unsimulated.ts';

interface RestoreRequest {
  readonly DBClusterIdentifier: string;
  readonly SnapshotIdentifier: string;
  readonly Engine: string;
  readonly EngineVersion?: string;
  readonly Port?: number;
  readonly DatabaseName?: string;
  readonly DBSubnetGroupName?: string;
  readonly VpcSecurityGroupIds?: readonly string[];
  readonly KmsKeyId?: string;
  readonly EnableIAMDatabaseAuthentication?: boolean;
  readonly EnableCloudwatchLogsExports?: readonly string[];
  readonly EngineMode?: string;
  readonly ServerlessV2ScalingConfiguration?: WireScaling;
  readonly DBClusterParameterGroupName?: string;
  readonly DeletionProtection?: boolean;
  readonly CopyTagsToSnapshot?: boolean;
  readonly StorageType?: string;
  readonly BackupRetentionPeriod?: number;
  readonly PreferredBackupWindow?: string;
  readonly Tags?: readonly WireTag[];
}

/** What both ways of restoring a cluster take. */
export const CLUSTER_WISHES = [
  'Port',
  'DBSubnetGroupName',
  'VpcSecurityGroupIds',
  'KmsKeyId',
  'EnableIAMDatabaseAuthentication',
  'EnableCloudwatchLogsExports',
  'EngineMode',
  'ServerlessV2ScalingConfiguration',
  'DBClusterParameterGroupName',
  'DeletionProtection',
  'CopyTagsToSnapshot',
  'StorageType',
  'BackupRetentionPeriod',
  'PreferredBackupWindow',
  'Tags',
];
const RESTORABLE = [...CLUSTER_WISHES, 'DBClusterIdentifier', 'SnapshotIdentifier', 'Engine', 'EngineVersion', 'DatabaseName'];

const DAY = 86_400_000;
const MOST_CLUSTERS = 40;
const LOGS: Readonly<Record<string, readonly string[]>> = {
  'aurora-postgresql': ['postgresql', 'iam-db-auth-error', 'instance'],
  'aurora-mysql': ['audit', 'error', 'general', 'slowquery', 'iam-db-auth-error', 'instance'],
  docdb: ['audit', 'profiler'],
  neptune: ['audit', 'slowquery'],
};

/** RestoreDBClusterFromSnapshot: a new cluster without instances, with AWS's defaults where nothing is asked for. */
export function restoreCluster(context: CallContext, input: RestoreRequest): Output {
  refuseUnsimulated(input, RESTORABLE);
  const id = newIdentifier(input.DBClusterIdentifier, 'DBClusterIdentifier');
  const snapshot = restorableSnapshot(context, 'cluster', input.SnapshotIdentifier);
  const { contents: source } = snapshot;
  if (input.Engine !== source.engine) {
    throw invalidCombination(`The engine ${input.Engine} does not match the engine ${source.engine} of the snapshot.`);
  }
  if (input.EngineMode !== undefined && input.EngineMode !== 'provisioned') {
    throw invalidCombination(`The engine mode ${input.EngineMode} you requested is currently unavailable.`);
  }
  const engineVersion = versionFor(context, source, input.EngineVersion);
  const encryption = () => encryptRestore(context, source, input.KmsKeyId);
  const from = { contents: source, engineVersion, encryption, id: snapshot.id, arn: snapshot.arn };
  return { DBCluster: clusterOutput(context, makeCluster(context, id, input, from)) };
}

/** What a cluster is restored from. `encryption` is asked for last, as AWS does. */
export interface RestoreOrigin {
  readonly contents: Contents;
  readonly engineVersion: string;
  readonly encryption: () => Pick<Contents, 'encryption' | 'keyArn'>;
  readonly id: string;
  readonly arn: string;
}

/** What both ways of restoring a cluster may be told. */
export type ClusterWishes = Omit<RestoreRequest, 'DBClusterIdentifier' | 'SnapshotIdentifier' | 'Engine' | 'EngineVersion'>;

/** A new cluster without instances, with AWS's defaults where nothing is asked for. */
export function makeCluster(context: CallContext, id: string, input: ClusterWishes, origin: RestoreOrigin): Cluster {
  const { world, state, now } = context;
  const { contents: source, engineVersion } = origin;
  const family = parameterFamily(source.engine, engineVersion);
  const { subnetGroup, vpcId, securityGroups } = network(context, input);
  const parameterGroup =
    input.DBClusterParameterGroupName === undefined
      ? defaultParameterGroup(source.engine, engineVersion)
      : checkParameterGroup(context, 'cluster', input.DBClusterParameterGroupName, family);
  const wrongLog = input.EnableCloudwatchLogsExports?.find((log) => !(LOGS[source.engine] ?? []).includes(log));
  if (wrongLog !== undefined) {
    throw invalidCombination(`You cannot use the log types '${wrongLog}' with engine version ${source.engine} ${engineVersion}.`);
  }
  if (input.Port !== undefined && (input.Port < 1_150 || input.Port > 65_535))
    throw invalidValue(`Invalid database port: ${input.Port}.`);
  const retention = input.BackupRetentionPeriod ?? source.backupRetentionDays;
  if (retention < 1 || retention > 35)
    throw invalidValue(`Invalid backup retention period: ${retention}. It must be from 1 to 35 days.`);
  const serverless = input.ServerlessV2ScalingConfiguration && checkServerless(input.ServerlessV2ScalingConfiguration);
  if (serverless !== undefined) checkCapacity(context, source.engine, engineVersion, serverless);
  if (state.rds.clusters.some((cluster) => occupies(cluster, id, now))) {
    throw rdsFault('DBClusterAlreadyExistsFault', `DB Cluster already exists`);
  }
  if (state.rds.clusters.filter((cluster) => now < cluster.goneAt).length >= MOST_CLUSTERS + world.scenario.clusters.length) {
    throw rdsFault('DBClusterQuotaExceededFault', 'DB Cluster quota exceeded');
  }
  const encryption = origin.encryption();
  const tags = givenTags(input.Tags);
  requireBeside(context, { tagging: { type: 'cluster', id, tags } });
  context.changed();
  const resourceId = `cluster-${world.random.base32(26, 'cluster', state.account, state.region, id, Math.round(now))}`;
  const failure = restoreFault(context, [id, source.database, origin.id]);
  const availableAt = now + jittered(world, source.durations.restore, 'restore', state.account, id, now);
  const phases: Phase[] = [{ status: 'creating', from: now, until: availableAt }];
  if (failure !== undefined) phases.push({ status: failure.status, from: availableAt, until: Number.POSITIVE_INFINITY });
  const cluster: Cluster = {
    account: state.account,
    region: state.region,
    resourceId,
    createdAt: now,
    visibleAt: now + world.scenario.rds.visibleAfter,
    firstId: id,
    renames: [],
    phases,
    contents: {
      ...source,
      ...encryption,
      engineVersion,
      database: id,
      resourceId,
      databaseCreatedAt: now,
      port: input.Port ?? source.port,
      databaseName: input.DatabaseName ?? source.databaseName,
      storageType: input.StorageType ?? 'aurora',
      vpcId,
      backupRetentionDays: retention,
      backupWindow: input.PreferredBackupWindow ?? source.backupWindow,
    },
    restoredFrom: origin.arn,
    durations: source.durations,
    masterPassword: source.masterPassword,
    masterSecret: undefined,
    subnetGroup,
    securityGroups,
    parameterGroup,
    iamAuthentication: input.EnableIAMDatabaseAuthentication ?? false,
    deletionProtection: input.DeletionProtection ?? false,
    httpEndpoint: false,
    logExports: input.EnableCloudwatchLogsExports ?? [],
    copyTagsToSnapshot: input.CopyTagsToSnapshot ?? false,
    maintenanceWindow: 'sun:04:00-sun:04:30',
    backupRetentionDays: retention,
    serverless,
    automated: { at: 2 * 3_600_000 + 600_000, keep: retention * DAY },
    tags,
    pendingId: undefined,
    usedAt: now,
    deletedAt: undefined,
    goneAt: Number.POSITIVE_INFINITY,
  };
  state.rds.clusters.push(cluster);
  state.rds.events.push({
    at: availableAt,
    id: 'RDS-EVENT-0170',
    type: 'CLUSTER',
    arn: clusterArn(cluster, now),
    source: id,
    categories: ['creation'],
    message: 'DB cluster created',
    tags,
    holds: () => failure === undefined && (cluster.deletedAt === undefined || cluster.deletedAt > availableAt),
  });
  return cluster;
}

/** Left out, the version is the Region's default, which need not fit the snapshot. */
function versionFor({ world, state }: CallContext, { engine, engineVersion }: Contents, asked: string | undefined): string {
  const offered = versionsOf(world, state.region, engine);
  const version = asked ?? offered?.default;
  if (version === undefined || offered?.versions.includes(version) !== true) {
    throw invalidCombination(`Cannot find version ${version ?? ''} for ${engine}`);
  }
  const major = (text: string): string => parameterFamily(engine, text);
  const older = version.localeCompare(engineVersion, 'en', { numeric: true }) < 0;
  if (major(version) !== major(engineVersion) || older) {
    throw invalidCombination(
      `The engine version ${version} is not compatible with the snapshot's engine version ${engineVersion}.`,
    );
  }
  return version;
}

/** Left out, the key stays that of the snapshot, even if that is another account's. */
function encryptRestore(
  context: CallContext,
  source: Contents,
  key: string | undefined,
): Pick<Contents, 'encryption' | 'keyArn'> {
  if (source.keyArn !== undefined) checkSourceKey(context, source.keyArn);
  if (key === undefined) return { encryption: source.encryption, keyArn: source.keyArn };
  return { encryption: 'sse-kms', keyArn: encryptionKey(context, key).arn };
}
