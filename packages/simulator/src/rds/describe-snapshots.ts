import type { SnapshotFamily } from '../scenario/database-spec.ts';
import type { CallContext, Output } from '../world/call-context.ts';
import { parseRdsArn } from './arns.ts';
import { takeDueSnapshots } from './automated-snapshots.ts';
import { FAMILIES, type FamilyWords, snapshotNotFound } from './families.ts';
import { invalidCombination, invalidValue } from './faults.ts';
import { filtered, type ListRequest, listed } from './listing.ts';
import { type Snapshot, snapshotKey, snapshotProgress, snapshotStatus } from './state.ts';
import { tagList } from './tags.ts';

/** How far a caller is concerned with a snapshot. */
export type Standing = 'own' | 'shared' | 'public';

/** Whether another account sees a snapshot. */
export function sharedTo(snapshot: Snapshot, account: string, now: number): boolean {
  const from = snapshot.sharedWith.get(account) ?? snapshot.sharedWith.get('all');
  return from !== undefined && from <= now;
}

/** New snapshots may be hidden for a while, by the scenario or a fault. */
export function isVisible({ world, state, operation, now }: CallContext, snapshot: Snapshot): boolean {
  const lag = world.faults.standing(
    'visibility-lag',
    { service: 'rds', operation, account: state.account, region: state.region },
    now,
  );
  return (
    snapshotStatus(snapshot, now) !== undefined && Math.max(snapshot.visibleAt, snapshot.takenAt + (lag?.effect.by ?? 0)) <= now
  );
}

/** A snapshot as its owner (or the account it is shared with) sees it on the wire. */
export function snapshotOutput(snapshot: Snapshot, now: number, standing: Standing = 'own'): Output {
  const { contents, family } = snapshot;
  const own = standing === 'own';
  const identifier = own ? snapshot.id : snapshot.arn;
  const common = {
    Engine: contents.engine,
    EngineVersion: contents.engineVersion,
    Status: snapshotStatus(snapshot, now),
    PercentProgress: snapshotProgress(snapshot, now),
    SnapshotType: own ? snapshot.type : standing,
    StorageEncryptionType: contents.encryption,
    KmsKeyId: contents.keyArn,
    AllocatedStorage: contents.gib,
    Port: contents.port,
    VpcId: contents.vpcId,
    MasterUsername: contents.masterUsername,
    LicenseModel: contents.engine.includes('postgres') ? 'postgresql-license' : 'general-public-license',
    IAMDatabaseAuthenticationEnabled: contents.iamAuthentication,
    StorageType: contents.storageType,
    // The time is unknown until the snapshot has really been taken.
    SnapshotCreateTime: snapshot.sourceArn === undefined && now < snapshot.movesAt ? undefined : snapshot.takenAt,
    // Tags of a shared snapshot stay with its owner.
    TagList: own ? tagList(snapshot.tags) : undefined,
  };
  if (family === 'cluster') {
    return {
      ...common,
      DBClusterSnapshotIdentifier: identifier,
      DBClusterSnapshotArn: snapshot.arn,
      SourceDBClusterSnapshotArn: snapshot.sourceArn,
      DBClusterIdentifier: contents.database,
      DbClusterResourceId: contents.resourceId,
      ClusterCreateTime: contents.databaseCreatedAt,
      EngineMode: 'provisioned',
      StorageEncrypted: contents.encryption !== 'none',
      AvailabilityZones: ['a', 'b', 'c'].map((zone) => `${snapshot.region}${zone}`),
      BackupRetentionPeriod: contents.backupRetentionDays,
      PreferredBackupWindow: contents.backupWindow,
    };
  }
  return {
    ...common,
    DBSnapshotIdentifier: identifier,
    DBSnapshotArn: snapshot.arn,
    SourceDBSnapshotIdentifier: snapshot.sourceArn,
    SourceRegion: snapshot.sourceArn === undefined ? undefined : parseRdsArn(snapshot.sourceArn)?.region,
    DBInstanceIdentifier: contents.database,
    DbiResourceId: contents.resourceId,
    InstanceCreateTime: contents.databaseCreatedAt,
    OriginalSnapshotCreateTime: snapshot.originalAt,
    SnapshotDatabaseTime: snapshot.originalAt,
    Encrypted: contents.encryption !== 'none',
    AvailabilityZone: `${snapshot.region}a`,
    OptionGroupName: contents.optionGroup,
    SnapshotTarget: 'region',
  };
}

interface DescribeRequest extends ListRequest {
  readonly DBClusterIdentifier?: string;
  readonly DBClusterSnapshotIdentifier?: string;
  readonly DBInstanceIdentifier?: string;
  readonly DBSnapshotIdentifier?: string;
  readonly DbClusterResourceId?: string;
  readonly DbiResourceId?: string;
  readonly SnapshotType?: string;
  readonly IncludeShared?: boolean;
  readonly IncludePublic?: boolean;
}

interface Seen {
  readonly snapshot: Snapshot;
  readonly standing: Standing;
}

const TYPES = ['automated', 'manual', 'shared', 'public', 'awsbackup'];

/** DescribeDBClusterSnapshots and DescribeDBSnapshots. */
export function describeSnapshots(family: SnapshotFamily): (context: CallContext, input: DescribeRequest) => Output {
  const words = FAMILIES[family];
  return (context, input) => {
    const { now } = context;
    const id = input.DBClusterSnapshotIdentifier ?? input.DBSnapshotIdentifier;
    const database = input.DBClusterIdentifier ?? input.DBInstanceIdentifier;
    if (id !== undefined && database !== undefined) {
      throw invalidCombination(`The database identifier and the ${words.noun} identifier cannot be used together.`);
    }
    const type = input.SnapshotType?.toLowerCase();
    if (type !== undefined && !TYPES.includes(type)) throw invalidValue(`Invalid snapshot type: ${input.SnapshotType}`);
    let seen = visibleSnapshots(context, words, type, input);
    if (id !== undefined) {
      seen = seen.filter(({ snapshot, standing }) => isNamed(snapshot, standing, id));
      // An automated snapshot is found by name only if its type is given too.
      if (type === undefined) seen = seen.filter(({ snapshot }) => snapshot.type !== 'automated');
      if (seen.length === 0) throw snapshotNotFound(words, id);
    }
    const resource = input.DbClusterResourceId ?? input.DbiResourceId;
    const fitting = filtered(
      seen.filter(
        ({ snapshot: { contents } }) =>
          (database === undefined || contents.database === lastOf(database)) &&
          (resource === undefined || contents.resourceId === resource),
      ),
      input,
      family === 'cluster'
        ? {
            'db-cluster-id': ({ snapshot }) => databaseNames(snapshot, 'cluster'),
            'db-cluster-snapshot-id': ({ snapshot, standing }) => snapshotNames(snapshot, standing),
            'snapshot-type': ({ snapshot, standing }) => [standing === 'own' ? snapshot.type : standing],
            engine: ({ snapshot }) => [snapshot.contents.engine],
          }
        : {
            'db-instance-id': ({ snapshot }) => databaseNames(snapshot, 'db'),
            'db-snapshot-id': ({ snapshot, standing }) => snapshotNames(snapshot, standing),
            'dbi-resource-id': ({ snapshot }) => [snapshot.contents.resourceId],
            'snapshot-type': ({ snapshot, standing }) => [standing === 'own' ? snapshot.type : standing],
            engine: ({ snapshot }) => [snapshot.contents.engine],
          },
    );
    const { items, Marker } = listed(context, input, fitting);
    return {
      Marker,
      [`${words.noun}s`]: items.map(({ snapshot, standing }) => snapshotOutput(snapshot, now, standing)),
    };
  };
}

/** Own snapshots, and those of other accounts if they are asked for, ordered by id. */
function visibleSnapshots(
  context: CallContext,
  words: FamilyWords,
  type: string | undefined,
  { IncludeShared, IncludePublic }: DescribeRequest,
): readonly Seen[] {
  const { world, state, now } = context;
  const seen: Seen[] = [];
  const mayOwn = type === undefined || type === 'automated' || type === 'manual' || type === 'awsbackup';
  const wantsShared = type === 'shared' || (type === undefined && IncludeShared === true);
  const wantsPublic = type === 'public' || (type === undefined && IncludePublic === true);
  for (const other of world.regions) {
    if (other.region !== state.region) continue;
    takeDueSnapshots(world, other, now);
    for (const snapshot of other.rds.snapshots.values()) {
      if (snapshot.family !== words.family || !isVisible(context, snapshot)) continue;
      if (other.account === state.account) {
        const wanted = type === undefined ? snapshot.type !== 'awsbackup' : snapshot.type === type;
        if (mayOwn && wanted) seen.push({ snapshot, standing: 'own' });
        continue;
      }
      const isPublic = snapshot.sharedWith.has('all');
      if (!sharedTo(snapshot, state.account, now)) continue;
      if (isPublic ? wantsPublic : wantsShared) seen.push({ snapshot, standing: isPublic ? 'public' : 'shared' });
    }
  }
  return seen.sort((a, b) => (a.snapshot.arn < b.snapshot.arn ? -1 : 1));
}

function lastOf(text: string): string {
  return (parseRdsArn(text)?.id ?? text).toLowerCase();
}

function isNamed(snapshot: Snapshot, standing: Standing, id: string): boolean {
  const wanted = id.toLowerCase();
  return wanted === snapshot.arn.toLowerCase() || (standing === 'own' && wanted === snapshot.id);
}

function snapshotNames(snapshot: Snapshot, standing: Standing): readonly string[] {
  return standing === 'own' ? [snapshot.id, snapshot.arn] : [snapshot.arn];
}

function databaseNames({ contents, region, account }: Snapshot, type: string): readonly string[] {
  return [contents.database, `arn:aws:rds:${region}:${account}:${type}:${contents.database}`];
}

/** A snapshot of the caller's own account and Region that can be changed, by id or ARN. */
export function ownSnapshot(context: CallContext, words: FamilyWords, id: string): Snapshot {
  const { world, state, now } = context;
  takeDueSnapshots(world, state, now);
  const arn = parseRdsArn(id);
  const foreign =
    arn !== undefined && (arn.account !== state.account || arn.region !== state.region || arn.type !== words.arnType);
  const snapshot = state.rds.snapshots.get(snapshotKey(words.family, arn?.id ?? id));
  if (foreign || snapshot === undefined || snapshotStatus(snapshot, now) === undefined) throw snapshotNotFound(words, id);
  return snapshot;
}
