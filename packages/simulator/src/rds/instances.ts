import type { CallContext, Output } from '../world/call-context.ts';
import { parseRdsArn, rdsArn } from './arns.ts';
import { checkParameterGroup, defaultParameterGroup, parameterFamily } from './catalogue.ts';
import { clusterArn, findCluster, hostPart, membersOf, securityGroupsOf } from './clusters.ts';
import { tellCreation } from './creation-event.ts';
import { invalidCombination, invalidValue, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { filtered, type ListRequest, listed } from './listing.ts';
import { jittered } from './make-snapshot.ts';
import { masterSecretOutput } from './master-secret.ts';
import { checkClass } from './orderable.ts';
import { requireBeside } from './permissions.ts';
import { memberBase } from './populate-databases.ts';
import { restoreWindow } from './restore-window.ts';
import { answersTo, currentId, type DbInstance, occupies, type Phase, statusOf } from './state.ts';
import { givenTags, tagList, type WireTag } from './tags.ts';
import { refuseUnsimulated } from './unsimulated.ts';

const MOST_MEMBERS = 16;

export function findInstance({ world, state, operation, now }: CallContext, id: string): DbInstance {
  const arn = parseRdsArn(id);
  const name = arn?.id ?? id.toLowerCase();
  const here = arn === undefined || (arn.account === state.account && arn.region === state.region && arn.type === 'db');
  const lag = world.faults.standing(
    'visibility-lag',
    { service: 'rds', operation, account: state.account, region: state.region },
    now,
  );
  const instance = here
    ? state.rds.instances.find(
        (one) => answersTo(one, name, now) && Math.max(one.visibleAt, one.createdAt + (lag?.effect.by ?? 0)) <= now,
      )
    : undefined;
  if (instance === undefined) throw rdsFault('DBInstanceNotFoundFault', `DBInstance ${name} not found.`);
  return instance;
}

export function instanceArn(instance: DbInstance, now: number): string {
  return rdsArn(instance, 'db', currentId(instance, now));
}

export function instanceOutput(context: Pick<CallContext, 'world' | 'now'>, instance: DbInstance, as?: string): Output {
  const { world, now } = context;
  const { contents, cluster } = instance;
  const id = as ?? currentId(instance, now);
  const creating = instance.phases.some((phase) => phase.status === 'creating' && now < phase.until);
  return {
    DBInstanceIdentifier: id,
    DBInstanceArn: rdsArn(instance, 'db', id),
    DbiResourceId: instance.resourceId,
    DBInstanceStatus: statusOf(instance, now),
    DBInstanceClass: instance.instanceClass,
    DBClusterIdentifier: cluster === undefined ? undefined : currentId(cluster, now),
    Engine: contents.engine,
    EngineVersion: contents.engineVersion,
    MasterUsername: contents.masterUsername,
    DBName: contents.databaseName,
    // The endpoint is known only when there is something behind it.
    Endpoint: creating
      ? undefined
      : {
          Address: `${id}.${hostPart(world, instance)}.${instance.region}.rds.amazonaws.com`,
          Port: contents.port,
          HostedZoneId: 'Z2R2ITUGPM61AM',
        },
    AllocatedStorage: cluster === undefined ? contents.gib : 1,
    InstanceCreateTime: creating ? undefined : instance.createdAt,
    PreferredBackupWindow: contents.backupWindow,
    BackupRetentionPeriod: instance.backupRetentionDays,
    LatestRestorableTime: restoreWindow(instance, now)?.latest,
    VpcSecurityGroups: securityGroupsOf(world, instance).map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' })),
    DBParameterGroups: [{ DBParameterGroupName: instance.parameterGroup, ParameterApplyStatus: 'in-sync' }],
    AvailabilityZone: creating ? undefined : instance.zone,
    DBSubnetGroup: { DBSubnetGroupName: instance.subnetGroup, VpcId: contents.vpcId, SubnetGroupStatus: 'Complete' },
    PreferredMaintenanceWindow: instance.maintenanceWindow,
    PendingModifiedValues: instance.pendingId === undefined ? {} : { DBInstanceIdentifier: instance.pendingId },
    MultiAZ: instance.multiAz,
    Iops: instance.iops,
    StorageThroughput: instance.storageThroughput,
    AutoMinorVersionUpgrade: true,
    PubliclyAccessible: instance.publiclyAccessible,
    StorageType: contents.storageType,
    StorageEncrypted: contents.encryption !== 'none',
    KmsKeyId: contents.keyArn,
    CopyTagsToSnapshot: instance.copyTagsToSnapshot,
    MonitoringInterval: instance.monitoringInterval,
    MonitoringRoleArn: instance.monitoringRole,
    PromotionTier: instance.tier,
    IAMDatabaseAuthenticationEnabled: (cluster ?? instance).iamAuthentication,
    EnabledCloudwatchLogsExports: instance.logExports,
    MasterUserSecret: masterSecretOutput(instance, now),
    PerformanceInsightsEnabled: instance.performanceInsights,
    DeletionProtection: instance.deletionProtection,
    OptionGroupMemberships:
      contents.optionGroup === undefined ? undefined : [{ OptionGroupName: contents.optionGroup, Status: 'in-sync' }],
    TagList: tagList(instance.tags),
  };
}

export function describeInstances(context: CallContext, input: ListRequest & { readonly DBInstanceIdentifier?: string }): Output {
  const { state, now } = context;
  const id = input.DBInstanceIdentifier;
  const asked = id?.toLowerCase();
  const seen =
    id === undefined || id === ''
      ? state.rds.instances.filter((one) => one.createdAt <= now && one.visibleAt <= now && now < one.goneAt)
      : [findInstance(context, id)];
  const fitting = filtered(seen, input, {
    'db-instance-id': (one) => [currentId(one, now), rdsArn(one, 'db', currentId(one, now))],
    'db-cluster-id': ({ cluster }) => (cluster === undefined ? [] : [currentId(cluster, now), clusterArn(cluster, now)]),
    'dbi-resource-id': (one) => [one.resourceId],
    engine: (one) => [one.contents.engine],
    domain: () => [],
  });
  const { items, Marker } = listed(
    context,
    input,
    fitting.toSorted((a, b) => (currentId(a, now) < currentId(b, now) ? -1 : 1)),
  );
  return {
    Marker,
    DBInstances: items.map((one) =>
      instanceOutput(context, one, asked === undefined || asked.startsWith('arn:') ? undefined : asked),
    ),
  };
}

interface CreateRequest {
  readonly DBInstanceIdentifier: string;
  readonly DBClusterIdentifier?: string;
  readonly DBInstanceClass: string;
  readonly Engine: string;
  readonly EngineVersion?: string;
  readonly MasterUsername?: string;
  readonly MasterUserPassword?: string;
  readonly AllocatedStorage?: number;
  readonly DBParameterGroupName?: string;
  readonly PromotionTier?: number;
  readonly AvailabilityZone?: string;
  readonly PubliclyAccessible?: boolean;
  readonly EnablePerformanceInsights?: boolean;
  readonly MonitoringInterval?: number;
  readonly MonitoringRoleArn?: string;
  readonly Tags?: readonly WireTag[];
}

const CREATABLE = [
  'DBInstanceIdentifier',
  'DBClusterIdentifier',
  'DBInstanceClass',
  'Engine',
  'EngineVersion',
  'MasterUsername',
  'MasterUserPassword',
  'AllocatedStorage',
  'DBParameterGroupName',
  'PromotionTier',
  'AvailabilityZone',
  'PubliclyAccessible',
  'EnablePerformanceInsights',
  'MonitoringInterval',
  'MonitoringRoleArn',
  'Tags',
];
const TAKING_MEMBERS = ['available', 'creating', 'backing-up', 'modifying', 'resetting-master-credentials', 'renaming'];

/** CreateDBInstance as a member of a cluster; the first one becomes the writer. */
export function createInstance(context: CallContext, input: CreateRequest): Output {
  const { world, state, now } = context;
  refuseUnsimulated(input, CREATABLE);
  const id = newIdentifier(input.DBInstanceIdentifier, 'DBInstanceIdentifier');
  if (input.DBClusterIdentifier === undefined) {
    throw invalidCombination('The simulator creates instances of clusters only: give DBClusterIdentifier.');
  }
  const cluster = findCluster(context, input.DBClusterIdentifier);
  const { contents } = cluster;
  if (input.Engine !== contents.engine) {
    throw invalidCombination(
      `The engine name requested for your DB Instance (${input.Engine}) doesn't match the engine name of your DB Cluster (${contents.engine}).`,
    );
  }
  if (input.EngineVersion !== undefined && input.EngineVersion !== contents.engineVersion) {
    throw invalidCombination(
      `The engine version that you requested for your DB instance (${input.EngineVersion}) does not match the engine version of your DB cluster (${contents.engineVersion}).`,
    );
  }
  if (input.MasterUsername !== undefined || input.MasterUserPassword !== undefined) {
    throw invalidCombination(
      'The requested DB Instance will be a member of a DB Cluster. Set master user name for the DB Cluster.',
    );
  }
  if (input.AllocatedStorage !== undefined) {
    throw invalidCombination(
      'The requested DB Instance will be a member of a DB Cluster and its storage is managed by the cluster.',
    );
  }
  const { engine, engineVersion } = contents;
  checkClass(context, { engine, engineVersion, instanceClass: input.DBInstanceClass });
  const status = statusOf(cluster, now);
  if (!TAKING_MEMBERS.includes(status)) {
    throw rdsFault(
      'InvalidDBClusterStateFault',
      `The source cluster could not be used: ${input.DBClusterIdentifier} is in the ${status} state.`,
    );
  }
  if (input.DBInstanceClass === 'db.serverless' && cluster.serverless === undefined) {
    throw rdsFault(
      'InvalidDBClusterStateFault',
      'Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.',
    );
  }
  const tier = input.PromotionTier ?? 1;
  if (tier < 0 || tier > 15) throw invalidValue(`Invalid promotion tier: ${tier}. It must be from 0 to 15.`);
  if ((input.MonitoringInterval ?? 0) > 0 && input.MonitoringRoleArn === undefined) {
    throw invalidCombination('A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.');
  }
  const zone = input.AvailabilityZone ?? `${state.region}${'abc'.charAt(membersOf(context, cluster).length % 3)}`;
  if (!new RegExp(`^${state.region}[a-f]$`).test(zone)) throw invalidValue(`Invalid availability zone: ${zone}`);
  const family = parameterFamily(contents.engine, contents.engineVersion);
  const parameterGroup =
    input.DBParameterGroupName === undefined
      ? defaultParameterGroup(contents.engine, contents.engineVersion)
      : checkParameterGroup(context, 'instance', input.DBParameterGroupName, family);
  if (state.rds.instances.some((one) => occupies(one, id, now)))
    throw rdsFault('DBInstanceAlreadyExistsFault', 'DB instance already exists');
  if (membersOf(context, cluster).length >= MOST_MEMBERS)
    throw rdsFault('InstanceQuotaExceededFault', 'DB Instance quota exceeded');
  const tags = givenTags(input.Tags);
  requireBeside(context, {
    tagging: { type: 'db', id, tags },
    role:
      input.MonitoringRoleArn === undefined ? undefined : { arn: input.MonitoringRoleArn, to: 'monitoring.rds.amazonaws.com' },
  });
  context.changed();
  const failure = world.faults.take(
    'instance-fails',
    {
      service: 'rds',
      operation: context.operation,
      account: state.account,
      region: state.region,
      touches: (name) => name === id || name === currentId(cluster, now),
    },
    now,
  );
  // Asked for before the cluster is there, it begins when the cluster is.
  const clusterReady = Math.max(
    now,
    ...cluster.phases.filter((phase) => phase.status === 'creating').map((phase) => phase.until),
  );
  const availableAt = clusterReady + jittered(world, cluster.durations.instance, 'instance', state.account, id, now);
  const phases: Phase[] = [{ status: 'creating', from: now, until: availableAt }];
  if (failure !== undefined) phases.push({ status: failure.status, from: availableAt, until: Number.POSITIVE_INFINITY });
  const instance: DbInstance = {
    ...memberBase(world, cluster, id, now),
    visibleAt: now + world.scenario.rds.visibleAfter,
    phases,
    instanceClass: input.DBInstanceClass,
    zone,
    tier,
    parameterGroup,
    publiclyAccessible: input.PubliclyAccessible ?? false,
    performanceInsights: input.EnablePerformanceInsights ?? false,
    monitoringInterval: input.MonitoringInterval ?? 0,
    monitoringRole: input.MonitoringRoleArn,
    tags,
  };
  state.rds.instances.push(instance);
  tellCreation(state, instance, id, availableAt, failure !== undefined);
  return { DBInstance: instanceOutput(context, instance) };
}
