import { AwsError, InternalError } from '@breakwater/core';
import type { RdsGateway, RdsSnapshot, SnapshotKind } from './database-gateways.ts';
import { incomplete, missingIs, raise } from './odd-answers.ts';
import { tagsOfList } from './parse.ts';
import type { RdsCaller } from './rds-caller.ts';
import { nameOf, placeOf, sameId, toClusterSnapshot, toInstanceSnapshot } from './rds-read.ts';
import type { Place } from './service-caller.ts';

export type SnapshotMethods = Pick<
  RdsGateway,
  | 'describeSnapshots'
  | 'createSnapshot'
  | 'copySnapshot'
  | 'deleteSnapshot'
  | 'sharedWith'
  | 'share'
  | 'unshare'
  | 'tagsOf'
  | 'addTags'
>;

type SnapshotFilter = Parameters<RdsGateway['describeSnapshots']>[1];
type Share = { readonly ValuesToAdd: string[] } | { readonly ValuesToRemove: string[] };

const NOT_FOUND = ['DBClusterSnapshotNotFoundFault', 'DBSnapshotNotFound', 'DBSnapshotNotFoundFault'];
const WRONG_STATE = ['InvalidDBClusterSnapshotStateFault', 'InvalidDBSnapshotState', 'InvalidDBSnapshotStateFault'];
/** The attribute that names the accounts which may copy and restore a snapshot. */
const RESTORE = 'restore';

/** Snapshots of clusters and of instances: two families of calls that do the same. */
export function snapshotMethods(rds: RdsCaller, site: Pick<Place, 'account'>): SnapshotMethods {
  const describeSnapshots: SnapshotMethods['describeSnapshots'] = async (kind, filter) => {
    const found: RdsSnapshot[] = [];
    const items = kind === 'cluster' ? clusterSnapshots(rds, query(filter, site)) : instanceSnapshots(rds, query(filter, site));
    await missingIs(NOT_FOUND, undefined, async () => {
      for await (const item of items) if (item !== undefined && fits(item, filter)) found.push(item);
    });
    return found;
  };

  return {
    describeSnapshots,

    async createSnapshot(kind, { id, database, tags }) {
      if (kind === 'cluster') {
        const operation = 'CreateDBClusterSnapshot';
        const { DBClusterSnapshot: made } = await rds.call(operation, 'once', (sdk, client) =>
          client.send(
            new sdk.CreateDBClusterSnapshotCommand({
              DBClusterSnapshotIdentifier: id,
              DBClusterIdentifier: database,
              Tags: tagList(tags),
            }),
          ),
        );
        return snapshotOf(made && toClusterSnapshot(made), rds, operation);
      }
      const operation = 'CreateDBSnapshot';
      const { DBSnapshot: made } = await rds.call(operation, 'once', (sdk, client) =>
        client.send(
          new sdk.CreateDBSnapshotCommand({ DBSnapshotIdentifier: id, DBInstanceIdentifier: database, Tags: tagList(tags) }),
        ),
      );
      return snapshotOf(made && toInstanceSnapshot(made), rds, operation);
    },

    async copySnapshot(kind, { source, target, kmsKeyId, optionGroup, tags }) {
      if (kind === 'cluster') {
        const operation = 'CopyDBClusterSnapshot';
        const { DBClusterSnapshot: made } = await rds.call(
          operation,
          'once',
          (sdk, client) =>
            client.send(
              new sdk.CopyDBClusterSnapshotCommand({
                SourceDBClusterSnapshotIdentifier: source,
                TargetDBClusterSnapshotIdentifier: target,
                KmsKeyId: kmsKeyId,
                Tags: tagList(tags),
              }),
            ),
          { kmsKey: kmsKeyId },
        );
        return snapshotOf(made && toClusterSnapshot(made), rds, operation);
      }
      const operation = 'CopyDBSnapshot';
      const { DBSnapshot: made } = await rds.call(
        operation,
        'once',
        (sdk, client) =>
          client.send(
            new sdk.CopyDBSnapshotCommand({
              SourceDBSnapshotIdentifier: source,
              TargetDBSnapshotIdentifier: target,
              KmsKeyId: kmsKeyId,
              OptionGroupName: optionGroup,
              Tags: tagList(tags),
            }),
          ),
        { kmsKey: kmsKeyId },
      );
      return snapshotOf(made && toInstanceSnapshot(made), rds, operation);
    },

    async deleteSnapshot(kind, id) {
      const send = async () => {
        if (kind === 'cluster') {
          await rds.call('DeleteDBClusterSnapshot', 'once', (sdk, client) =>
            client.send(new sdk.DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id })),
          );
        } else {
          await rds.call('DeleteDBSnapshot', 'once', (sdk, client) =>
            client.send(new sdk.DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id })),
          );
        }
      };
      try {
        await missingIs(NOT_FOUND, undefined, send);
      } catch (error) {
        // One that is being deleted already is refused like one that is being made.
        if (!(error instanceof AwsError && WRONG_STATE.includes(error.call.awsCode))) throw error;
        const standing = await describeSnapshots(kind, { id });
        if (standing.some(({ status }) => status !== 'deleting')) throw error;
      }
    },

    async sharedWith(kind, id) {
      const attributes =
        kind === 'cluster'
          ? (
              await rds.call('DescribeDBClusterSnapshotAttributes', 'read', (sdk, client, options) =>
                client.send(new sdk.DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: id }), options),
              )
            ).DBClusterSnapshotAttributesResult?.DBClusterSnapshotAttributes
          : (
              await rds.call('DescribeDBSnapshotAttributes', 'read', (sdk, client, options) =>
                client.send(new sdk.DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: id }), options),
              )
            ).DBSnapshotAttributesResult?.DBSnapshotAttributes;
      return (attributes ?? []).flatMap(({ AttributeName, AttributeValues }) =>
        AttributeName === RESTORE ? (AttributeValues ?? []) : [],
      );
    },

    async share(kind, id, account) {
      await modifySharing(rds, kind, id, { ValuesToAdd: [oneAccount(account)] });
    },

    async unshare(kind, id, account) {
      await modifySharing(rds, kind, id, { ValuesToRemove: [oneAccount(account)] });
    },

    async tagsOf(arn) {
      const { TagList } = await rds.call('ListTagsForResource', 'read', (sdk, client, options) =>
        client.send(new sdk.ListTagsForResourceCommand({ ResourceName: arn }), options),
      );
      return tagsOfList(TagList);
    },

    async addTags(arn, tags) {
      const Tags = tagList(tags);
      if (Tags === undefined) return;
      await rds.call('AddTagsToResource', 'repeatable', (sdk, client) =>
        client.send(new sdk.AddTagsToResourceCommand({ ResourceName: arn, Tags })),
      );
    },
  };
}

/** What AWS is asked; `fits` holds the answer to the rest. */
interface Query {
  readonly id: string | undefined;
  readonly database: string | undefined;
  readonly type: string | undefined;
  readonly shared: boolean;
}

/**
 * Own snapshots are asked for by name and shared ones by ARN, which is what AWS calls them. An automated one is found only when its
 * type is asked for too. A database is asked for by filter: the plain parameter is documented to want one that exists, and the
 * databases of copies mostly stand in another account.
 */
function query({ id, database, type }: SnapshotFilter, site: Pick<Place, 'account'>): Query {
  const foreign = id !== undefined && (placeOf(id)?.account ?? site.account) !== site.account;
  const listed = type === 'shared' && !foreign;
  return {
    id: id === undefined || listed ? undefined : foreign ? id : nameOf(id).toLowerCase(),
    database: id !== undefined || listed ? undefined : database?.toLowerCase(),
    type: type ?? (id === undefined || foreign ? undefined : systemType(nameOf(id))),
    shared: foreign || listed,
  };
}

/** Names that only AWS gives. */
function systemType(name: string): string | undefined {
  return /^rds:/i.test(name) ? 'automated' : /^awsbackup:/i.test(name) ? 'awsbackup' : undefined;
}

function fits(snapshot: RdsSnapshot, { id, database }: SnapshotFilter): boolean {
  if (id !== undefined && !sameId(id, placeOf(id) === undefined ? snapshot.id : snapshot.arn)) return false;
  return database === undefined || sameId(nameOf(database), snapshot.database);
}

async function* clusterSnapshots(rds: RdsCaller, asked: Query): AsyncGenerator<RdsSnapshot | undefined> {
  const items = rds.everyItem('DescribeDBClusterSnapshots', async (sdk, client, Marker, options) => {
    const input = {
      DBClusterSnapshotIdentifier: asked.id,
      ...common('db-cluster-id', asked),
      Marker,
    };
    const page = await client.send(new sdk.DescribeDBClusterSnapshotsCommand(input), options);
    return { items: page.DBClusterSnapshots ?? [], nextToken: page.Marker };
  });
  for await (const item of items) yield toClusterSnapshot(item);
}

async function* instanceSnapshots(rds: RdsCaller, asked: Query): AsyncGenerator<RdsSnapshot | undefined> {
  const items = rds.everyItem('DescribeDBSnapshots', async (sdk, client, Marker, options) => {
    const input = {
      DBSnapshotIdentifier: asked.id,
      ...common('db-instance-id', asked),
      Marker,
    };
    const page = await client.send(new sdk.DescribeDBSnapshotsCommand(input), options);
    return { items: page.DBSnapshots ?? [], nextToken: page.Marker };
  });
  for await (const item of items) yield toInstanceSnapshot(item);
}

function common(filter: string, { database, type, shared }: Query) {
  return {
    Filters: database === undefined ? undefined : [{ Name: filter, Values: [database] }],
    SnapshotType: type,
    IncludeShared: shared || undefined,
  };
}

async function modifySharing(rds: RdsCaller, kind: SnapshotKind, id: string, change: Share): Promise<void> {
  if (kind === 'cluster') {
    await rds.call('ModifyDBClusterSnapshotAttribute', 'repeatable', (sdk, client) =>
      client.send(
        new sdk.ModifyDBClusterSnapshotAttributeCommand({ DBClusterSnapshotIdentifier: id, AttributeName: RESTORE, ...change }),
      ),
    );
  } else {
    await rds.call('ModifyDBSnapshotAttribute', 'repeatable', (sdk, client) =>
      client.send(new sdk.ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier: id, AttributeName: RESTORE, ...change })),
    );
  }
}

/** The value `all` would hand a database to everybody: nothing but one account's number ever leaves this machine. */
function oneAccount(account: string): string {
  if (/^\d{12}$/.test(account)) return account;
  throw new InternalError('internal', `a snapshot is shared with one account of 12 digits, not with ${JSON.stringify(account)}`, {
    next: 'Nothing was sent. This is a fault of Breakwater: report it.',
  });
}

/** No tags are no list: an empty one is refused. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] | undefined {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return list.length === 0 ? undefined : list;
}

function snapshotOf(made: RdsSnapshot | undefined, rds: RdsCaller, operation: string): RdsSnapshot {
  return made ?? raise(incomplete(rds.context(operation, 'once'), 'a snapshot'));
}
