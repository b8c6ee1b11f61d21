import { defaultKey, findKey, makeKey } from '../kms/keys.ts';
import { addHostedZone } from '../route53/zones.ts';
import type { ClusterSpec, DatabaseSpec, DbInstanceSpec, SnapshotSpec } from '../scenario/database-spec.ts';
import { putSecret } from '../secrets-manager/secrets.ts';
import type { RegionState } from '../world/region-state.ts';
import type { World } from '../world/world.ts';
import { defaultParameterGroup, subnetGroupVpc } from './catalogue.ts';
import { addSnapshot } from './make-snapshot.ts';
import { makeManagedSecret } from './master-secret.ts';
import type { Cluster, Contents, DbInstance } from './state.ts';

const DAY = 86_400_000;

/** Puts the scenario's databases, snapshots, keys, secrets and topics into a new world. */
export function populateDatabases(world: World): void {
  const { scenario, began } = world;
  for (const spec of scenario.kmsKeys) world.region(spec.account, spec.region).kms.set(spec.id, makeKey(spec, began - 900 * DAY));
  for (const spec of scenario.hostedZones) addHostedZone(world, spec);
  for (const spec of scenario.topics) world.region(spec.account, spec.region).topics.set(spec.name, []);
  for (const spec of scenario.secrets)
    putSecret(world, world.region(spec.account, spec.region), spec.name, spec.value, began - DAY);
  for (const spec of scenario.clusters) addCluster(world, spec);
  for (const spec of scenario.dbInstances) addInstance(world, spec);
  for (const spec of scenario.snapshots) addOldSnapshot(world, spec);
  for (const other of scenario.rds.otherCopies) {
    world.region(other.account, other.region).rds.otherCopies.push({
      family: other.family,
      copies: other.copies,
      from: began + other.after,
      until: began + other.after + other.for,
    });
  }
}

function keyArn(world: World, spec: Pick<DatabaseSpec, 'account' | 'region' | 'encryption' | 'kmsKey'>): string | undefined {
  if (spec.encryption !== 'sse-kms') return undefined;
  if (spec.kmsKey === undefined) return defaultKey(world, spec.account, spec.region).arn;
  return findKey(world, spec.kmsKey, spec)?.arn ?? spec.kmsKey;
}

function contents(world: World, state: RegionState, spec: DatabaseSpec, resourceId: string, createdAt: number): Contents {
  return {
    database: spec.id,
    resourceId,
    databaseCreatedAt: createdAt,
    engine: spec.engine,
    engineVersion: spec.engineVersion,
    port: spec.port,
    masterUsername: spec.masterUsername,
    masterPassword: spec.masterPassword,
    databaseName: spec.databaseName,
    gib: spec.gib,
    encryption: spec.encryption,
    keyArn: keyArn(world, spec),
    iamAuthentication: spec.iamAuthentication,
    storageType: spec.storageType,
    optionGroup: undefined,
    vpcId: subnetGroupVpc(world, state, spec.subnetGroup),
    backupRetentionDays: spec.automated === undefined ? 1 : Math.max(1, Math.round(spec.automated.keep / DAY)),
    backupWindow: spec.backupWindow,
    durations: spec.durations,
  };
}

function addCluster(world: World, spec: ClusterSpec): void {
  const state = world.region(spec.account, spec.region);
  const resourceId = `cluster-${world.random.base32(26, 'cluster', spec.account, spec.region, spec.id)}`;
  const createdAt = world.began - spec.age;
  const cluster: Cluster = {
    account: spec.account,
    region: spec.region,
    resourceId,
    createdAt,
    visibleAt: createdAt,
    firstId: spec.id,
    renames: [],
    phases: [],
    contents: contents(world, state, spec, resourceId, createdAt),
    restoredFrom: undefined,
    durations: spec.durations,
    masterPassword: spec.masterPassword,
    masterSecret: undefined,
    subnetGroup: spec.subnetGroup,
    securityGroups: spec.securityGroups,
    parameterGroup: spec.parameterGroup ?? defaultParameterGroup(spec.engine, spec.engineVersion),
    iamAuthentication: spec.iamAuthentication,
    deletionProtection: spec.deletionProtection,
    httpEndpoint: spec.httpEndpoint,
    logExports: spec.logExports,
    copyTagsToSnapshot: spec.copyTagsToSnapshot,
    maintenanceWindow: spec.maintenanceWindow,
    backupRetentionDays: spec.automated === undefined ? 1 : Math.max(1, Math.round(spec.automated.keep / DAY)),
    serverless: spec.serverless,
    automated: spec.automated,
    tags: spec.tags,
    pendingId: undefined,
    usedAt: world.began,
    deletedAt: undefined,
    goneAt: Number.POSITIVE_INFINITY,
  };
  state.rds.clusters.push(cluster);
  if (spec.managedSecret) cluster.masterSecret = makeManagedSecret(world, cluster, undefined, createdAt);
  for (const member of spec.members) {
    state.rds.instances.push({
      ...memberBase(world, cluster, member.id, createdAt),
      instanceClass: member.class,
      zone: member.zone,
      tier: member.tier,
      parameterGroup: member.parameterGroup ?? defaultParameterGroup(spec.engine, spec.engineVersion),
      publiclyAccessible: member.publiclyAccessible,
      performanceInsights: member.performanceInsights,
      monitoringInterval: member.monitoringInterval,
      monitoringRole: member.monitoringRole,
      tags: {},
    });
  }
}

/** What every member of a cluster has of the cluster. */
export function memberBase(world: World, cluster: Cluster, id: string, createdAt: number) {
  return {
    account: cluster.account,
    region: cluster.region,
    resourceId: `db-${world.random.base32(26, 'db', cluster.account, cluster.region, id, Math.round(createdAt))}`,
    createdAt,
    visibleAt: createdAt,
    firstId: id,
    renames: [],
    phases: [],
    cluster,
    contents: cluster.contents,
    restoredFrom: undefined,
    masterPassword: cluster.masterPassword,
    masterSecret: undefined,
    iamAuthentication: cluster.iamAuthentication,
    logExports: cluster.logExports,
    multiAz: false,
    iops: undefined,
    storageThroughput: undefined,
    backupRetentionDays: cluster.backupRetentionDays,
    durations: cluster.durations,
    subnetGroup: cluster.subnetGroup,
    securityGroups: cluster.securityGroups,
    maintenanceWindow: cluster.maintenanceWindow,
    automated: undefined,
    copyTagsToSnapshot: false,
    deletionProtection: false,
    pendingId: undefined,
    deletedAt: undefined,
    goneAt: Number.POSITIVE_INFINITY,
  } satisfies Partial<DbInstance>;
}

function addInstance(world: World, spec: DbInstanceSpec): void {
  const state = world.region(spec.account, spec.region);
  const resourceId = `db-${world.random.base32(26, 'db', spec.account, spec.region, spec.id)}`;
  const createdAt = world.began - spec.age;
  const instance: DbInstance = {
    account: spec.account,
    region: spec.region,
    resourceId,
    createdAt,
    visibleAt: createdAt,
    firstId: spec.id,
    renames: [],
    phases: [],
    cluster: undefined,
    restoredFrom: undefined,
    masterPassword: spec.masterPassword,
    masterSecret: undefined,
    iamAuthentication: spec.iamAuthentication,
    logExports: spec.logExports,
    multiAz: spec.multiAz,
    iops: spec.iops,
    storageThroughput: spec.storageThroughput,
    backupRetentionDays: spec.automated === undefined ? 0 : Math.max(1, Math.round(spec.automated.keep / DAY)),
    contents: { ...contents(world, state, spec, resourceId, createdAt), optionGroup: spec.optionGroup },
    instanceClass: spec.class,
    zone: spec.zone,
    tier: 1,
    parameterGroup: spec.parameterGroup ?? defaultParameterGroup(spec.engine, spec.engineVersion),
    publiclyAccessible: spec.publiclyAccessible,
    performanceInsights: spec.performanceInsights,
    monitoringInterval: spec.monitoringInterval,
    monitoringRole: spec.monitoringRole,
    durations: spec.durations,
    subnetGroup: spec.subnetGroup,
    securityGroups: spec.securityGroups,
    maintenanceWindow: spec.maintenanceWindow,
    automated: spec.automated,
    copyTagsToSnapshot: spec.copyTagsToSnapshot,
    deletionProtection: spec.deletionProtection,
    tags: spec.tags,
    pendingId: undefined,
    deletedAt: undefined,
    goneAt: Number.POSITIVE_INFINITY,
  };
  state.rds.instances.push(instance);
  if (spec.managedSecret) instance.masterSecret = makeManagedSecret(world, instance, undefined, createdAt);
}

function addOldSnapshot(world: World, spec: SnapshotSpec): void {
  const state = world.region(spec.account, spec.region);
  const takenAt = world.began - spec.age;
  const originalAt = world.began - spec.sourceAge;
  const time = new Date(originalAt).toISOString();
  const fill = (text: string): string =>
    text
      .replaceAll('{time}', time.replace(/\.\d{3}Z$/, 'Z'))
      .replaceAll('{date}', time.slice(0, 16).replace(/[T:]/g, '-'))
      .replaceAll('{stamp}', time.slice(0, 16).replace(/[-T:]/g, ''));
  const readyAt = spec.status === 'creating' ? Number.POSITIVE_INFINITY : takenAt;
  const snapshot = addSnapshot(state, {
    family: spec.family,
    id: fill(spec.id),
    type: spec.type,
    contents: {
      database: spec.database,
      resourceId: `${spec.family === 'cluster' ? 'cluster' : 'db'}-${world.random.base32(26, 'old-database', spec.account, spec.region, spec.database)}`,
      databaseCreatedAt: world.began - 400 * DAY,
      engine: spec.engine,
      engineVersion: spec.engineVersion,
      port: spec.port,
      masterUsername: spec.masterUsername,
      masterPassword: spec.masterPassword,
      databaseName: undefined,
      gib: spec.gib,
      encryption: spec.encryption,
      keyArn: keyArn(world, spec),
      iamAuthentication: spec.iamAuthentication,
      storageType: spec.storageType,
      optionGroup: spec.family === 'instance' ? spec.optionGroup : undefined,
      vpcId: subnetGroupVpc(world, state, 'default'),
      backupRetentionDays: 7,
      backupWindow: '02:00-02:30',
      durations: spec.durations,
    },
    takenAt,
    originalAt,
    readyAt,
    failsAt: spec.status === 'failed' ? takenAt : undefined,
    sourceArn: spec.sourceArn === undefined ? undefined : fill(spec.sourceArn),
    tags: Object.fromEntries(Object.entries(spec.tags).map(([key, value]) => [key, fill(value)])),
  });
  for (const account of spec.sharedWith) snapshot.sharedWith.set(account, takenAt);
}
