import type { CallContext, Output } from '../world/call-context.ts';
import type { World } from '../world/world.ts';
import { parseRdsArn, rdsArn } from './arns.ts';
import { rdsFault } from './faults.ts';
import { filtered, type ListRequest, listed } from './listing.ts';
import { masterSecretOutput } from './master-secret.ts';
import { restoreWindow } from './restore-window.ts';
import { defaultSecurityGroup } from './security-groups.ts';
import { answersTo, type Cluster, currentId, type DbInstance, statusOf } from './state.ts';
import { tagList } from './tags.ts';

/** A cluster that is seen now, by identifier or ARN; during a rename by both names for a while. */
export function findCluster({ world, state, operation, now }: CallContext, id: string): Cluster {
  const arn = parseRdsArn(id);
  const name = arn?.id ?? id.toLowerCase();
  const here = arn === undefined || (arn.account === state.account && arn.region === state.region && arn.type === 'cluster');
  const lag = world.faults.standing(
    'visibility-lag',
    { service: 'rds', operation, account: state.account, region: state.region },
    now,
  );
  const cluster = here
    ? state.rds.clusters.find(
        (one) => answersTo(one, name, now) && Math.max(one.visibleAt, one.createdAt + (lag?.effect.by ?? 0)) <= now,
      )
    : undefined;
  if (cluster === undefined) throw rdsFault('DBClusterNotFoundFault', `DBCluster ${name} not found.`);
  return cluster;
}

/** Instances of a cluster that still exist, first made first. */
export function membersOf({ world, now }: Pick<CallContext, 'world' | 'now'>, cluster: Cluster): readonly DbInstance[] {
  return world
    .region(cluster.account, cluster.region)
    .rds.instances.filter((instance) => instance.cluster === cluster && now < instance.goneAt && instance.createdAt <= now);
}

/** The writer: the first made; when it is deleted, the one with the lowest tier takes over. */
export function writerOf(context: Pick<CallContext, 'world' | 'now'>, cluster: Cluster): DbInstance | undefined {
  const all = context.world
    .region(cluster.account, cluster.region)
    .rds.instances.filter((instance) => instance.cluster === cluster);
  const staying = membersOf(context, cluster).filter((instance) => instance.deletedAt === undefined);
  const first = all[0];
  if (first !== undefined && staying.includes(first)) return first;
  return staying.toSorted((a, b) => a.tier - b.tier)[0] ?? membersOf(context, cluster)[0];
}

export function clusterArn(cluster: Cluster, now: number): string {
  return rdsArn(cluster, 'cluster', currentId(cluster, now));
}

/** Host names carry the identifier, so a rename moves them. */
export function endpointOf(world: World, cluster: Cluster, now: number, kind: 'cluster' | 'cluster-ro'): string {
  return `${currentId(cluster, now)}.${kind}-${hostPart(world, cluster)}.${cluster.region}.rds.amazonaws.com`;
}

export function hostPart(world: World, { account, region }: { readonly account: string; readonly region: string }): string {
  return `c${world.random.hex(11, 'rds-host', account, region)}`;
}

export function clusterOutput(context: Pick<CallContext, 'world' | 'now'>, cluster: Cluster, status?: string): Output {
  const { world, now } = context;
  const { contents, serverless } = cluster;
  const members = membersOf(context, cluster);
  const writer = writerOf(context, cluster);
  const window = restoreWindow(cluster, now);
  return {
    DBClusterIdentifier: currentId(cluster, now),
    DBClusterArn: clusterArn(cluster, now),
    DbClusterResourceId: cluster.resourceId,
    Status: status ?? statusOf(cluster, now),
    Engine: contents.engine,
    EngineVersion: contents.engineVersion,
    EngineMode: 'provisioned',
    Endpoint: endpointOf(world, cluster, now, 'cluster'),
    ReaderEndpoint: endpointOf(world, cluster, now, 'cluster-ro'),
    HostedZoneId: 'Z2R2ITUGPM61AM',
    MultiAZ: members.length > 1,
    Port: contents.port,
    DatabaseName: contents.databaseName,
    MasterUsername: contents.masterUsername,
    MasterUserSecret: masterSecretOutput(cluster, now),
    DBClusterMembers: members.map((instance) => ({
      DBInstanceIdentifier: currentId(instance, now),
      IsClusterWriter: instance === writer,
      DBClusterParameterGroupStatus: 'in-sync',
      PromotionTier: instance.tier,
    })),
    DBSubnetGroup: cluster.subnetGroup,
    VpcSecurityGroups: securityGroupsOf(world, cluster).map((VpcSecurityGroupId) => ({ VpcSecurityGroupId, Status: 'active' })),
    DBClusterParameterGroup: cluster.parameterGroup,
    StorageEncrypted: contents.encryption !== 'none',
    StorageEncryptionType: contents.encryption,
    KmsKeyId: contents.keyArn,
    AllocatedStorage: 1,
    StorageType: contents.storageType === 'aurora' ? undefined : contents.storageType,
    IAMDatabaseAuthenticationEnabled: cluster.iamAuthentication,
    DeletionProtection: cluster.deletionProtection,
    HttpEndpointEnabled: cluster.httpEndpoint,
    EnabledCloudwatchLogsExports: cluster.logExports,
    BackupRetentionPeriod: cluster.backupRetentionDays,
    PreferredBackupWindow: contents.backupWindow,
    PreferredMaintenanceWindow: cluster.maintenanceWindow,
    CopyTagsToSnapshot: cluster.copyTagsToSnapshot,
    CrossAccountClone: false,
    ServerlessV2ScalingConfiguration:
      serverless === undefined
        ? undefined
        : { MinCapacity: serverless.min, MaxCapacity: serverless.max, SecondsUntilAutoPause: serverless.autoPauseSeconds },
    PendingModifiedValues: cluster.pendingId === undefined ? undefined : { DBClusterIdentifier: cluster.pendingId },
    AvailabilityZones: ['a', 'b', 'c'].map((zone) => `${cluster.region}${zone}`),
    ClusterCreateTime: cluster.createdAt,
    EarliestRestorableTime: window?.earliest,
    LatestRestorableTime: window?.latest,
    ActivityStreamStatus: 'stopped',
    AutoMinorVersionUpgrade: true,
    NetworkType: 'IPV4',
    DatabaseInsightsMode: 'standard',
    TagList: tagList(cluster.tags),
  };
}

/** Of the cluster, or the default group of its VPC. */
export function securityGroupsOf(
  world: World,
  { securityGroups, contents }: Pick<Cluster, 'securityGroups' | 'contents'>,
): readonly string[] {
  return securityGroups.length > 0 ? securityGroups : [defaultSecurityGroup(world, contents.vpcId)];
}

export function describeClusters(context: CallContext, input: ListRequest & { readonly DBClusterIdentifier?: string }): Output {
  const { state, now } = context;
  const id = input.DBClusterIdentifier;
  const seen =
    id === undefined || id === ''
      ? state.rds.clusters.filter((cluster) => cluster.createdAt <= now && cluster.visibleAt <= now && now < cluster.goneAt)
      : [findCluster(context, id)];
  const fitting = filtered(seen, input, {
    'db-cluster-id': (cluster) => [currentId(cluster, now), clusterArn(cluster, now)],
    'db-cluster-resource-id': (cluster) => [cluster.resourceId],
    engine: (cluster) => [cluster.contents.engine],
    domain: () => [],
    'clone-group-id': () => [],
  });
  const { items, Marker } = listed(
    context,
    input,
    fitting.toSorted((a, b) => (currentId(a, now) < currentId(b, now) ? -1 : 1)),
  );
  return {
    Marker,
    DBClusters: items.map((cluster) => {
      const output = clusterOutput(context, cluster);
      // During a rename whoever asks for the new name is answered under it.
      const asked = id?.toLowerCase();
      const renamed = asked !== undefined && !asked.startsWith('arn:') && asked !== currentId(cluster, now);
      return renamed ? { ...output, DBClusterIdentifier: asked, DBClusterArn: rdsArn(cluster, 'cluster', asked) } : output;
    }),
  };
}
