import { parseDuration } from '@breakwater/core';
import type { Randomness } from '../random.ts';
import {
  type ClusterSpec,
  type DatabaseScenario,
  type DatabaseSpec,
  type EngineVersionSpec,
  RDS_DURATIONS,
  type RdsDurations,
  type SnapshotSpec,
} from './database-spec.ts';
import type { RawCluster, RawDatabase, RawDatabases, RawRdsDurations, RawSnapshot } from './raw-databases.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Versions that exist where a scenario names none. */
const ENGINE_VERSIONS: readonly EngineVersionSpec[] = (
  [
    {
      engine: 'aurora-postgresql',
      versions: ['13.18', '14.15', '15.10', '16.4', '16.6', '16.8', '17.4'],
      default: '16.6',
    },
    {
      engine: 'aurora-mysql',
      versions: ['5.7.mysql_aurora.2.12.4', '8.0.mysql_aurora.3.05.2', '8.0.mysql_aurora.3.08.2'],
      default: '8.0.mysql_aurora.3.08.2',
    },
    { engine: 'postgres', versions: ['15.10', '16.6', '17.4'], default: '17.4' },
    { engine: 'mysql', versions: ['8.0.40', '8.4.3'], default: '8.4.3' },
    { engine: 'mariadb', versions: ['10.11.10', '11.4.4'], default: '11.4.4' },
    { engine: 'docdb', versions: ['4.0.0', '5.0.0'], default: '5.0.0' },
    { engine: 'neptune', versions: ['1.3.2.1', '1.4.1.0'], default: '1.4.1.0' },
  ] as const
).map((entry) => ({ ...entry, regions: undefined, classes: undefined, serverless: capacityOf(entry.engine) }));

/** As new versions have it. */
function capacityOf(engine: string): EngineVersionSpec['serverless'] {
  return engine.startsWith('aurora') ? { min: 0, max: 256 } : undefined;
}

/** Milliseconds; the schema has proved the text. */
function ms(text: string | undefined, fallback: number): number {
  return (text === undefined ? undefined : parseDuration(text)) ?? fallback;
}

/** Fills in the defaults of everything that concerns databases, and expands counted entries. */
export function resolveDatabases(raw: RawDatabases, random: Randomness): DatabaseScenario {
  const durations = resolveDurations(raw.rds?.durations, undefined);
  const engineVersions = [
    ...(raw.engineVersions ?? []).map((entry) => ({
      engine: entry.engine,
      versions: entry.versions,
      default: entry.default ?? entry.versions.at(-1) ?? '',
      regions: entry.regions,
      classes: entry.classes,
      serverless: entry.serverless === false ? undefined : (entry.serverless ?? capacityOf(entry.engine)),
    })),
    ...ENGINE_VERSIONS.filter(({ engine }) => !raw.engineVersions?.some((entry) => entry.engine === engine)),
  ];
  const versionOf = (engine: string) => engineVersions.find((entry) => entry.engine === engine)?.default ?? '1.0';
  return {
    rds: {
      copyLimits: { cluster: raw.rds?.copyLimits?.cluster ?? 5, instance: raw.rds?.copyLimits?.instance ?? 20 },
      manualSnapshots: raw.rds?.manualSnapshots,
      oneStepCopies: raw.rds?.oneStepCopies ?? true,
      durations,
      visibleAfter: ms(raw.rds?.visibleAfter, 0),
      sharesVisibleAfter: ms(raw.rds?.sharesVisibleAfter, 0),
      otherCopies: (raw.rds?.otherCopies ?? []).map((other) => ({
        account: other.account,
        region: other.region,
        family: other.kind ?? 'cluster',
        copies: other.copies ?? 1,
        after: ms(other.after, 0),
        for: ms(other.for, HOUR),
      })),
    },
    kmsKeys: (raw.kmsKeys ?? []).map((key, index) => ({
      account: key.account,
      region: key.region,
      id: key.id ?? random.uuid('kms-key', key.account, key.region, index),
      alias: key.alias,
      manager: key.manager ?? 'CUSTOMER',
      state: key.state ?? 'Enabled',
      usage: key.usage ?? 'ENCRYPT_DECRYPT',
      multiRegion: key.multiRegion ?? false,
      accounts: (key.accounts ?? []).map((entry) =>
        typeof entry === 'string' ? { id: entry, without: [] } : { id: entry.id, without: entry.without ?? [] },
      ),
    })),
    engineVersions,
    clusters: (raw.clusters ?? []).flatMap((cluster) =>
      expand(cluster, (id) => resolveCluster(cluster, id, random, durations, versionOf)),
    ),
    dbInstances: (raw.dbInstances ?? []).flatMap((instance) =>
      expand(instance, (id) => ({
        ...resolveDatabase(instance, id, random, durations, versionOf, 'postgres'),
        class: instance.class ?? 'db.m6g.large',
        zone: instance.zone ?? `${instance.region}a`,
        optionGroup: instance.optionGroup ?? `default:${instance.engine ?? 'postgres'}`,
        multiAz: instance.multiAz ?? false,
        iops: instance.iops,
        storageThroughput: instance.storageThroughput,
        publiclyAccessible: instance.publiclyAccessible ?? false,
        performanceInsights: instance.performanceInsights ?? false,
        monitoringInterval: instance.monitoringInterval ?? 0,
        monitoringRole: instance.monitoringRole,
        managedSecret: instance.managedSecret ?? false,
      })),
    ),
    snapshots: (raw.snapshots ?? []).flatMap((snapshot) => resolveSnapshot(snapshot, durations, versionOf)),
    subnetGroups: (raw.subnetGroups ?? []).map((group) => ({
      account: group.account,
      region: group.region,
      name: group.name,
      vpcId: group.vpcId ?? `vpc-0${random.hex(16, 'vpc', group.account, group.region)}`,
      subnets:
        group.subnets ?? ['a', 'b'].map((zone) => `subnet-0${random.hex(16, 'db-subnet', group.account, group.region, zone)}`),
      securityGroups: group.securityGroups ?? [],
    })),
    parameterGroups: (raw.parameterGroups ?? []).map((group) => ({
      account: group.account,
      region: group.region,
      kind: group.kind ?? 'cluster',
      name: group.name,
      family: group.family ?? 'aurora-postgresql16',
    })),
    optionGroups: (raw.optionGroups ?? []).map((group) => ({
      account: group.account,
      region: group.region,
      name: group.name,
      engine: group.engine ?? 'postgres',
      majorVersion: group.majorVersion,
    })),
    globalClusters: (raw.globalClusters ?? []).map((global) => ({
      account: global.account,
      id: global.id,
      engine: global.engine ?? 'aurora-postgresql',
      members: global.members.map((member, index) =>
        typeof member === 'string'
          ? { arn: member, writer: index === 0 }
          : { arn: member.arn, writer: member.writer ?? index === 0 },
      ),
    })),
    secrets: (raw.secrets ?? []).map((secret) => ({
      account: secret.account,
      region: secret.region,
      name: secret.name,
      value: typeof secret.value === 'string' ? secret.value : JSON.stringify(secret.value),
      kmsKey: secret.kmsKey,
    })),
    dnsSpreads: ms(raw.route53?.insyncAfter, 35_000),
    hostedZones: (raw.hostedZones ?? []).map((zone, index) => ({
      account: zone.account,
      id: zone.id ?? `Z0${random.hex(18, 'hosted-zone', zone.account, index).toUpperCase()}`,
      name: absolute(zone.name),
      records: (zone.records ?? []).map((record) => ({
        name: absolute(record.name),
        type: record.type ?? (record.alias === undefined ? 'CNAME' : 'A'),
        ttl: record.alias === undefined ? (record.ttl ?? 300) : undefined,
        values: record.values ?? [],
        alias: record.alias === undefined ? undefined : absolute(record.alias),
        setIdentifier: record.setIdentifier,
        weight: record.weight,
      })),
    })),
    topics: (raw.topics ?? []).map(({ account, region, name, kmsKey }) => ({ account, region, name, kmsKey })),
    sqlAnswers: (raw.sqlAnswers ?? []).map((answer) => ({
      sql: answer.sql,
      columns: answer.columns ?? [],
      rows: answer.rows ?? [],
      updated: answer.updated ?? 0,
      error: answer.error,
    })),
  };
}

/** A name of DNS as Route 53 keeps it. */
function absolute(name: string): string {
  return `${name.toLowerCase().replace(/\.$/, '')}.`;
}

function resolveDurations(raw: RawRdsDurations | undefined, base: RdsDurations | undefined): RdsDurations {
  const of = (name: keyof typeof RDS_DURATIONS): number => ms(raw?.[name], base?.[name] ?? ms(RDS_DURATIONS[name], 0));
  return {
    copyQueue: of('copyQueue'),
    copy: of('copy'),
    copyPerGiB: of('copyPerGiB'),
    snapshot: of('snapshot'),
    deleteSnapshot: of('deleteSnapshot'),
    restore: of('restore'),
    instance: of('instance'),
    rename: of('rename'),
    reboot: of('reboot'),
    deleteInstance: of('deleteInstance'),
    deleteCluster: of('deleteCluster'),
    password: of('password'),
    secret: of('secret'),
    exportStart: of('exportStart'),
    export: of('export'),
    resume: of('resume'),
  };
}

/** `{n}` in the id is the number of a counted entry. */
function expand<T>(raw: RawDatabase, make: (id: string) => T): readonly T[] {
  const total = raw.count ?? 1;
  return Array.from({ length: total }, (_, i) =>
    make(raw.id.replaceAll('{n}', String(i + 1).padStart(Math.max(2, String(total).length), '0')).toLowerCase()),
  );
}

function portOf(engine: string): number {
  if (engine.includes('postgres')) return 5_432;
  if (engine === 'docdb') return 27_017;
  return engine === 'neptune' ? 8_182 : 3_306;
}

function sizeOf(gib: RawDatabase['gib'], id: string, random: Randomness): number {
  return typeof gib === 'object' ? random.integer(gib.from, gib.to, 'gib', id) : (gib ?? 100);
}

/** `02:10` in milliseconds after midnight. */
function timeOfDay(text: string): number {
  const [hours, minutes] = text.split(':');
  return Number(hours) * HOUR + Number(minutes) * MINUTE;
}

function resolveDatabase(
  raw: RawDatabase,
  id: string,
  random: Randomness,
  durations: RdsDurations,
  versionOf: (engine: string) => string,
  defaultEngine: string,
): DatabaseSpec {
  const engine = raw.engine ?? defaultEngine;
  return {
    account: raw.account,
    region: raw.region,
    id,
    engine,
    engineVersion: raw.engineVersion ?? versionOf(engine),
    port: raw.port ?? portOf(engine),
    databaseName: raw.databaseName,
    masterUsername: raw.masterUsername ?? (engine.includes('postgres') ? 'postgres' : 'admin'),
    masterPassword: raw.masterPassword ?? 'simulated-master-password',
    gib: sizeOf(raw.gib, id, random),
    encryption: raw.encryption ?? 'sse-kms',
    kmsKey: raw.kmsKey,
    storageType: raw.storageType ?? (engine.startsWith('aurora') ? 'aurora' : 'gp3'),
    subnetGroup: raw.subnetGroup ?? 'default',
    securityGroups: raw.securityGroups ?? [],
    parameterGroup: raw.parameterGroup,
    iamAuthentication: raw.iamAuthentication ?? false,
    deletionProtection: raw.deletionProtection ?? false,
    logExports: raw.logExports ?? [],
    copyTagsToSnapshot: raw.copyTagsToSnapshot ?? false,
    backupWindow: raw.backupWindow ?? '02:00-02:30',
    maintenanceWindow: raw.maintenanceWindow ?? 'sun:04:00-sun:04:30',
    tags: raw.tags ?? {},
    automated:
      raw.automated === false
        ? undefined
        : { at: timeOfDay(raw.automated?.at ?? '02:10'), keep: ms(raw.automated?.keep, 7 * DAY) },
    age: ms(raw.age, 400 * DAY),
    durations: resolveDurations(raw.durations, durations),
  };
}

function resolveCluster(
  raw: RawCluster,
  id: string,
  random: Randomness,
  durations: RdsDurations,
  versionOf: (engine: string) => string,
): ClusterSpec {
  return {
    ...resolveDatabase(raw, id, random, durations, versionOf, 'aurora-postgresql'),
    httpEndpoint: raw.httpEndpoint ?? false,
    serverless:
      raw.serverless === undefined
        ? undefined
        : { min: raw.serverless.min, max: raw.serverless.max, autoPauseSeconds: raw.serverless.autoPauseSeconds },
    members: (raw.members ?? [{}]).map((member, index) => ({
      id: (member.id ?? `${id}-${index + 1}`).toLowerCase(),
      class: member.class ?? (raw.serverless === undefined ? 'db.r6g.large' : 'db.serverless'),
      tier: member.tier ?? 1,
      zone: member.zone ?? `${raw.region}${'abc'.charAt(index % 3)}`,
      parameterGroup: member.parameterGroup,
      publiclyAccessible: member.publiclyAccessible ?? false,
      performanceInsights: member.performanceInsights ?? false,
      monitoringInterval: member.monitoringInterval ?? 0,
      monitoringRole: member.monitoringRole,
    })),
    managedSecret: raw.managedSecret ?? false,
  };
}

function resolveSnapshot(
  raw: RawSnapshot,
  durations: RdsDurations,
  versionOf: (engine: string) => string,
): readonly SnapshotSpec[] {
  const family = raw.kind ?? 'cluster';
  const engine = raw.engine ?? (family === 'cluster' ? 'aurora-postgresql' : 'postgres');
  const age = ms(raw.age, DAY);
  return Array.from({ length: raw.series?.count ?? 1 }, (_, index): SnapshotSpec => {
    const older = index * ms(raw.series?.every, DAY);
    return {
      account: raw.account,
      region: raw.region,
      family,
      id: raw.id.toLowerCase().replaceAll('{n}', String(index + 1).padStart(2, '0')),
      type: raw.type ?? 'manual',
      database: raw.database.toLowerCase(),
      engine,
      engineVersion: raw.engineVersion ?? versionOf(engine),
      port: raw.port ?? portOf(engine),
      masterUsername: raw.masterUsername ?? (engine.includes('postgres') ? 'postgres' : 'admin'),
      masterPassword: raw.masterPassword ?? 'simulated-master-password',
      gib: raw.gib ?? 100,
      encryption: raw.encryption ?? 'sse-kms',
      kmsKey: raw.kmsKey,
      storageType: raw.storageType ?? (family === 'cluster' ? 'aurora' : 'gp3'),
      optionGroup: raw.optionGroup ?? `default:${engine}`,
      iamAuthentication: raw.iamAuthentication ?? false,
      status: raw.status ?? 'available',
      age: age + older,
      sourceAge: ms(raw.sourceAge, age) + older,
      sourceArn: raw.sourceArn,
      sharedWith: raw.sharedWith ?? [],
      tags: raw.tags ?? {},
      durations: resolveDurations(raw.durations, durations),
    };
  });
}
