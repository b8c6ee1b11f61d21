import { mapping, present } from './boundary.ts';
import { DEFAULTS, type Reader } from './draft.ts';
import {
  type DatabaseArchive,
  type DatabaseCheck,
  type DatabaseMember,
  type DatabaseRecovery,
  type MasterPassword,
  type PublishDns,
  RESTORE_STRATEGIES,
  type SnapshotSelection,
} from './model.ts';
import type { Path } from './yaml-file.ts';

/** The databases of a wave, in the order in which they are written. */
export function databases(reader: Reader, path: Path): readonly DatabaseRecovery[] {
  return reader.items(path).map((item) => database(reader, item));
}

function database(reader: Reader, path: Path): DatabaseRecovery {
  const text = (key: string) => reader.text([...path, key]);
  const instance = text('instance');
  const members = reader.items([...path, 'members']).map((item) => member(reader, item));
  return reader.keep(path, {
    name: text('name') ?? '',
    site: text('site') ?? '',
    snapshot: snapshot(reader, [...path, 'snapshot']),
    strategy: reader.oneOf([...path, 'strategy'], RESTORE_STRATEGIES) ?? DEFAULTS.strategy,
    verification: reader.items([...path, 'verification']).flatMap((item) => check(reader, item) ?? []),
    connection:
      reader.oneOf([...path, 'connection'], ['data-api', 'direct']) ?? (instance === undefined ? DEFAULTS.connection : 'direct'),
    criticality: reader.oneOf([...path, 'criticality'], ['critical', 'optional']) ?? DEFAULTS.criticality,
    timeout: reader.duration([...path, 'timeout']) ?? DEFAULTS.databaseTimeout,
    ...present({
      cluster: text('cluster'),
      instance,
      description: text('description'),
      source: text('source'),
      target: text('target'),
      replaces: text('replaces'),
      liftProtection: reader.flag([...path, 'liftProtection']),
      finalSnapshot: reader.flag([...path, 'finalSnapshot']),
      manifest: text('manifest'),
      settings: settings(reader, [...path, 'settings']),
      members: members.length === 0 ? undefined : members,
      kmsKeyId: text('kmsKeyId'),
      transitKmsKeyId: text('transitKmsKeyId'),
      masterPassword: masterPassword(reader, [...path, 'masterPassword']),
      users: users(reader, [...path, 'users']),
      publish: publish(reader, [...path, 'publish']),
      connectionTimeout: reader.duration([...path, 'connectionTimeout']),
      archive: archive(reader, [...path, 'archive']),
      notify: text('notify'),
      drillTtl: reader.duration([...path, 'drillTtl']),
      rpo: reader.duration([...path, 'rpo']),
    }),
  });
}

function snapshot(reader: Reader, path: Path): SnapshotSelection {
  const id = reader.text([...path, 'id']);
  if (id !== undefined) return reader.keep<SnapshotSelection>(path, { kind: 'id', id });
  if (reader.text(path) === 'create') return { kind: 'create' };
  const moment = reader.text([...path, 'pointInTime']);
  if (moment !== undefined) {
    const time = moment === 'latest' ? moment : Date.parse(moment);
    return reader.keep<SnapshotSelection>(path, { kind: 'point-in-time', time });
  }
  const newest = [...path, 'newest'];
  const written = reader.texts([...newest, 'types']);
  const types = DEFAULTS.snapshotTypes.filter((type) => written.length === 0 || written.includes(type));
  const before = reader.text([...newest, 'before']);
  return reader.keep<SnapshotSelection>(path, {
    kind: 'newest',
    types,
    ...present({
      maxAge: reader.duration([...newest, 'maxAge']),
      before: before === undefined ? undefined : Date.parse(before),
      tags: reader.textMap([...newest, 'tags']),
    }),
  });
}

function settings(reader: Reader, path: Path): DatabaseRecovery['settings'] {
  if (mapping(reader.at(path)) === undefined) return undefined;
  const text = (key: string) => reader.text([...path, key]);
  const flag = (key: string) => reader.flag([...path, key]);
  const list = (key: string) => (reader.at([...path, key]) === undefined ? undefined : reader.texts([...path, key]));
  const min = reader.number([...path, 'serverless', 'min']);
  const max = reader.number([...path, 'serverless', 'max']);
  const autoPauseSeconds = reader.number([...path, 'serverless', 'autoPauseSeconds']);
  return present({
    port: reader.number([...path, 'port']),
    subnetGroup: text('subnetGroup'),
    securityGroups: list('securityGroups'),
    parameterGroup: text('parameterGroup'),
    iamAuthentication: flag('iamAuthentication'),
    deletionProtection: flag('deletionProtection'),
    httpEndpoint: flag('httpEndpoint'),
    logExports: list('logExports'),
    copyTagsToSnapshot: flag('copyTagsToSnapshot'),
    storageType: text('storageType'),
    backupRetentionDays: reader.number([...path, 'backupRetentionDays']),
    backupWindow: text('backupWindow'),
    serverless: min === undefined || max === undefined ? undefined : { min, max, ...present({ autoPauseSeconds }) },
    tags: reader.textMap([...path, 'tags']),
    instanceClass: text('instanceClass'),
    multiAz: flag('multiAz'),
    availabilityZone: text('availabilityZone'),
    optionGroup: text('optionGroup'),
    publiclyAccessible: flag('publiclyAccessible'),
    iops: reader.number([...path, 'iops']),
    storageThroughput: reader.number([...path, 'storageThroughput']),
    performanceInsights: flag('performanceInsights'),
    monitoringInterval: reader.number([...path, 'monitoringInterval']),
    monitoringRoleArn: text('monitoringRoleArn'),
  });
}

function member(reader: Reader, path: Path): DatabaseMember {
  return {
    instanceClass: reader.text([...path, 'instanceClass']) ?? '',
    ...present({
      promotionTier: reader.number([...path, 'promotionTier']),
      availabilityZone: reader.text([...path, 'availabilityZone']),
      parameterGroup: reader.text([...path, 'parameterGroup']),
    }),
  };
}

function masterPassword(reader: Reader, path: Path): MasterPassword | undefined {
  const word = reader.oneOf(path, ['keep', 'managed']);
  if (word !== undefined) return { kind: word };
  const keep = reader.text([...path, 'keep']);
  if (keep !== undefined) return { kind: 'keep', secret: keep };
  const managed = reader.text([...path, 'managed']);
  if (managed !== undefined) return { kind: 'managed', kmsKeyId: managed };
  const secret = reader.text([...path, 'secret']);
  return secret === undefined ? undefined : { kind: 'secret', secret };
}

function users(reader: Reader, path: Path): DatabaseRecovery['users'] {
  const secret = reader.text([...path, 'secret']);
  if (secret === undefined) return undefined;
  return { secret, ...present({ database: reader.text([...path, 'database']) }) };
}

function publish(reader: Reader, path: Path): DatabaseRecovery['publish'] {
  if (mapping(reader.at(path)) === undefined) return undefined;
  return present({
    parameter: reader.text([...path, 'parameter']),
    readerParameter: reader.text([...path, 'readerParameter']),
    secret: reader.text([...path, 'secret']),
    dns: publishDns(reader, [...path, 'dns']),
  });
}

function publishDns(reader: Reader, path: Path): PublishDns | undefined {
  const [zone, name] = [reader.text([...path, 'zone']), reader.text([...path, 'name'])];
  if (zone === undefined || name === undefined) return undefined;
  const ttl = reader.number([...path, 'ttl']) ?? DEFAULTS.dnsTtl;
  const [readerName, site] = [reader.text([...path, 'readerName']), reader.text([...path, 'site'])];
  return { zone, name, ttl, ...present({ readerName, site }) };
}

function archive(reader: Reader, path: Path): DatabaseArchive | undefined {
  if (reader.text(path) === 'tag') return { kind: 'tag' };
  const vault = (key: string) => reader.text([...path, 'vault', key]);
  const site = vault('site');
  if (site !== undefined) {
    const keys = present({ kmsKeyId: vault('kmsKeyId'), transitKmsKeyId: vault('transitKmsKeyId') });
    return { kind: 'vault', site, ...keys };
  }
  const parquet = (key: string) => reader.text([...path, 'export', key]);
  const [bucket, roleArn, kmsKeyId] = [parquet('bucket'), parquet('roleArn'), parquet('kmsKeyId')];
  if (bucket === undefined || roleArn === undefined || kmsKeyId === undefined) return undefined;
  return { kind: 'export', bucket, roleArn, kmsKeyId, ...present({ prefix: parquet('prefix') }) };
}

function check(reader: Reader, path: Path): DatabaseCheck | undefined {
  const keep = (value: DatabaseCheck) => reader.keep(path, value);
  const version = reader.text([...path, 'engineVersion']);
  if (version !== undefined) return keep({ kind: 'engine-version', version });
  const name = reader.text([...path, 'database']);
  if (name !== undefined) return keep({ kind: 'database', name });
  const table = [...path, 'table'];
  const tableName = reader.text([...table, 'name']);
  if (tableName !== undefined) {
    const where = present({ database: reader.text([...table, 'database']), schema: reader.text([...table, 'schema']) });
    const bounds = present({ min: reader.number([...table, 'minRows']), max: reader.number([...table, 'maxRows']) });
    if (Object.keys(bounds).length === 0) return keep({ kind: 'table', name: tableName, ...where });
    return keep({ kind: 'rows', table: tableName, ...where, ...bounds });
  }
  const query = [...path, 'query'];
  const queryName = reader.text([...query, 'name']);
  const sql = reader.text([...query, 'sql']);
  const expect = reader.text([...query, 'expect']);
  if (queryName === undefined || sql === undefined || expect === undefined) return undefined;
  return keep({ kind: 'query', name: queryName, sql, expect, ...present({ database: reader.text([...query, 'database']) }) });
}
