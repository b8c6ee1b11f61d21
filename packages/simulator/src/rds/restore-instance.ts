import type { CallContext, Output } from '../world/call-context.ts';
import { checkParameterGroup, defaultParameterGroup, parameterFamily, versionsOf } from './catalogue.ts';
import { tellCreation } from './creation-event.ts';
import { invalidCombination, invalidValue, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { instanceOutput } from './instances.ts';
import { checkSourceKey } from './kms-access.ts';
import { jittered } from './make-snapshot.ts';
import { optionGroupFor } from './option-groups.ts';
import { checkClass } from './orderable.ts';
import { requireBeside } from './permissions.ts';
import { restorableSnapshot } from './restorable-snapshot.ts';
import { restoreFault } from './restore-fault.ts';
import { network } from './restore-network.ts';
import { type Contents, type DbInstance, occupies, type Phase } from './state.ts';
import { givenTags, type WireTag } from './tags.ts';
import { refuseUnsimulated } from './unsimulated.ts';

/** What both ways of restoring an instance may be told. */
export interface InstanceWishes {
  readonly DBInstanceClass?: string;
  readonly Port?: number;
  readonly AvailabilityZone?: string;
  readonly DBSubnetGroupName?: string;
  readonly VpcSecurityGroupIds?: readonly string[];
  readonly MultiAZ?: boolean;
  readonly PubliclyAccessible?: boolean;
  readonly Engine?: string;
  readonly Iops?: number;
  readonly StorageThroughput?: number;
  readonly StorageType?: string;
  readonly AllocatedStorage?: number;
  readonly OptionGroupName?: string;
  readonly DBParameterGroupName?: string;
  readonly CopyTagsToSnapshot?: boolean;
  readonly EnableIAMDatabaseAuthentication?: boolean;
  readonly EnableCloudwatchLogsExports?: readonly string[];
  readonly DeletionProtection?: boolean;
  readonly BackupRetentionPeriod?: number;
  readonly PreferredBackupWindow?: string;
  readonly Tags?: readonly WireTag[];
}

export const INSTANCE_WISHES = [
  'DBInstanceClass',
  'Port',
  'AvailabilityZone',
  'DBSubnetGroupName',
  'VpcSecurityGroupIds',
  'MultiAZ',
  'PubliclyAccessible',
  'Engine',
  'Iops',
  'StorageThroughput',
  'StorageType',
  'AllocatedStorage',
  'OptionGroupName',
  'DBParameterGroupName',
  'CopyTagsToSnapshot',
  'EnableIAMDatabaseAuthentication',
  'EnableCloudwatchLogsExports',
  'DeletionProtection',
  'BackupRetentionPeriod',
  'PreferredBackupWindow',
  'Tags',
];
const RESTORABLE = [...INSTANCE_WISHES, 'DBInstanceIdentifier', 'DBSnapshotIdentifier'];

const DAY = 86_400_000;
const MOST_INSTANCES = 40;
const LOGS: Readonly<Record<string, readonly string[]>> = {
  postgres: ['postgresql', 'upgrade', 'iam-db-auth-error'],
  mysql: ['audit', 'error', 'general', 'slowquery', 'iam-db-auth-error'],
  mariadb: ['audit', 'error', 'general', 'slowquery', 'iam-db-auth-error'],
};

interface RestoreRequest extends InstanceWishes {
  readonly DBInstanceIdentifier: string;
  readonly DBSnapshotIdentifier: string;
}

/** RestoreDBInstanceFromDBSnapshot: a new instance under the snapshot's own key, which cannot be another. */
export function restoreInstance(context: CallContext, input: RestoreRequest): Output {
  const { state } = context;
  refuseUnsimulated(input, RESTORABLE);
  const id = newIdentifier(input.DBInstanceIdentifier, 'DBInstanceIdentifier');
  const snapshot = restorableSnapshot(context, 'instance', input.DBSnapshotIdentifier);
  if (snapshot.account !== state.account && snapshot.contents.encryption !== 'none') {
    throw invalidCombination('An encrypted DB snapshot that is shared cannot be restored: copy it, and restore the copy.');
  }
  const instance = makeInstance(context, id, input, {
    contents: snapshot.contents,
    instanceClass: undefined,
    id: snapshot.id,
    arn: snapshot.arn,
  });
  return { DBInstance: instanceOutput(context, instance) };
}

/** What an instance is restored from. */
export interface InstanceOrigin {
  readonly contents: Contents;
  /** A snapshot does not say it on the wire; the simulator takes the usual one. */
  readonly instanceClass: string | undefined;
  readonly id: string;
  readonly arn: string;
}

/** A new instance, with AWS's defaults where nothing is asked for: default groups, one zone, neither protected nor exporting logs. */
export function makeInstance(context: CallContext, id: string, input: InstanceWishes, origin: InstanceOrigin): DbInstance {
  const { world, state, now } = context;
  const { contents: source } = origin;
  const { engine, engineVersion } = source;
  if (input.Engine !== undefined && input.Engine !== engine) {
    throw invalidCombination(`The engine ${input.Engine} does not match the engine ${engine} of the source.`);
  }
  if (versionsOf(world, state.region, engine)?.versions.includes(engineVersion) !== true) {
    throw invalidCombination(`Cannot find version ${engineVersion} for ${engine}`);
  }
  const instanceClass = input.DBInstanceClass ?? origin.instanceClass ?? 'db.m6g.large';
  checkClass(context, { engine, engineVersion, instanceClass });
  const multiAz = input.MultiAZ ?? false;
  const zone = input.AvailabilityZone ?? `${state.region}a`;
  if (multiAz && input.AvailabilityZone !== undefined) {
    throw invalidCombination('Requesting a specific availability zone is not valid for Multi-AZ instances.');
  }
  if (!new RegExp(`^${state.region}[a-f]$`).test(zone)) throw invalidValue(`Invalid availability zone: ${zone}`);
  const storageType = input.StorageType ?? (input.Iops === undefined ? source.storageType : 'io1');
  checkStorage(input, storageType, source.gib);
  const { subnetGroup, vpcId, securityGroups } = network(context, input);
  const family = parameterFamily(engine, engineVersion);
  const parameterGroup =
    input.DBParameterGroupName === undefined
      ? defaultParameterGroup(engine, engineVersion)
      : checkParameterGroup(context, 'instance', input.DBParameterGroupName, family);
  const optionGroup = optionGroupFor(context, source, input.OptionGroupName);
  const wrongLog = input.EnableCloudwatchLogsExports?.find((log) => !(LOGS[engine] ?? []).includes(log));
  if (wrongLog !== undefined) {
    throw invalidCombination(`You cannot use the log types '${wrongLog}' with engine version ${engine} ${engineVersion}.`);
  }
  if (input.Port !== undefined && (input.Port < 1_150 || input.Port > 65_535))
    throw invalidValue(`Invalid database port: ${input.Port}.`);
  const retention = input.BackupRetentionPeriod ?? source.backupRetentionDays;
  if (retention < 0 || retention > 35)
    throw invalidValue(`Invalid backup retention period: ${retention}. It must be from 0 to 35 days.`);
  if (state.rds.instances.some((one) => occupies(one, id, now)))
    throw rdsFault('DBInstanceAlreadyExistsFault', 'DB instance already exists');
  const alone = state.rds.instances.filter((one) => one.cluster === undefined && now < one.goneAt);
  if (alone.length >= MOST_INSTANCES + world.scenario.dbInstances.length)
    throw rdsFault('InstanceQuotaExceededFault', 'DB Instance quota exceeded');
  if (source.keyArn !== undefined) checkSourceKey(context, source.keyArn);
  const tags = givenTags(input.Tags);
  requireBeside(context, { tagging: { type: 'db', id, tags } });
  context.changed();
  const resourceId = `db-${world.random.base32(26, 'db', state.account, state.region, id, Math.round(now))}`;
  const failure = restoreFault(context, [id, source.database, origin.id]);
  const { durations } = source;
  const madeAt = now + jittered(world, durations.restore, 'restore', state.account, id, now);
  const availableAt = madeAt + jittered(world, durations.reboot, 'settle', state.account, id, now);
  const phases: Phase[] = [{ status: 'creating', from: now, until: madeAt }];
  if (failure === undefined) phases.push({ status: 'modifying', from: madeAt, until: availableAt });
  else phases.push({ status: failure.status, from: madeAt, until: Number.POSITIVE_INFINITY });
  const instance: DbInstance = {
    account: state.account,
    region: state.region,
    resourceId,
    createdAt: now,
    visibleAt: now + world.scenario.rds.visibleAfter,
    firstId: id,
    renames: [],
    phases,
    cluster: undefined,
    contents: {
      ...source,
      database: id,
      resourceId,
      databaseCreatedAt: now,
      port: input.Port ?? source.port,
      gib: input.AllocatedStorage ?? source.gib,
      storageType,
      optionGroup,
      vpcId,
      backupRetentionDays: retention,
      backupWindow: input.PreferredBackupWindow ?? source.backupWindow,
    },
    restoredFrom: origin.arn,
    masterPassword: source.masterPassword,
    masterSecret: undefined,
    iamAuthentication: input.EnableIAMDatabaseAuthentication ?? false,
    logExports: input.EnableCloudwatchLogsExports ?? [],
    multiAz,
    iops: input.Iops,
    storageThroughput: input.StorageThroughput,
    backupRetentionDays: retention,
    instanceClass,
    zone,
    tier: 1,
    parameterGroup,
    publiclyAccessible: input.PubliclyAccessible ?? false,
    performanceInsights: false,
    monitoringInterval: 0,
    monitoringRole: undefined,
    durations,
    subnetGroup,
    securityGroups,
    maintenanceWindow: 'sun:04:00-sun:04:30',
    automated: retention === 0 ? undefined : { at: 2 * 3_600_000 + 600_000, keep: retention * DAY },
    copyTagsToSnapshot: input.CopyTagsToSnapshot ?? false,
    deletionProtection: input.DeletionProtection ?? false,
    tags,
    pendingId: undefined,
    deletedAt: undefined,
    goneAt: Number.POSITIVE_INFINITY,
  };
  state.rds.instances.push(instance);
  tellCreation(state, instance, id, madeAt, failure !== undefined);
  return instance;
}

/** Rules of storage that a restore runs into most: provisioned IOPS belong to their types, and a disk does not shrink. */
function checkStorage(input: InstanceWishes, storageType: string, gib: number): void {
  const provisioned = storageType === 'io1' || storageType === 'io2';
  if (!['standard', 'gp2', 'gp3', 'io1', 'io2'].includes(storageType)) {
    throw rdsFault('StorageTypeNotSupportedFault', `Invalid storage type: ${storageType}`);
  }
  if (provisioned && input.Iops === undefined) {
    throw invalidCombination(`You must specify iops when using the ${storageType} storage type.`);
  }
  if (input.Iops !== undefined && !provisioned && storageType !== 'gp3') {
    throw invalidCombination(`Iops cannot be specified for the ${storageType} storage type.`);
  }
  if (input.StorageThroughput !== undefined && storageType !== 'gp3') {
    throw invalidCombination(`StorageThroughput cannot be specified for the ${storageType} storage type.`);
  }
  if (input.AllocatedStorage !== undefined && input.AllocatedStorage < gib) {
    throw invalidCombination(`Allocated storage cannot be less than that of the source, ${gib} GiB.`);
  }
}
