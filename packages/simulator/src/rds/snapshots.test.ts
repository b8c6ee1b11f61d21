import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AddTagsToResourceCommand,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBSnapshotAttributeCommand,
} from '@aws-sdk/client-rds';
import { at, DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { awsError, refused } from '../../test-support/sdk-clients.ts';
import { arn, manual, one, share, snapshots, withShared } from '../../test-support/snapshot-calls.ts';

const MINUTE = 60_000;

describe('describing cluster snapshots', () => {
  test('automated ones are taken by schedule, named after their time, and age out', async () => {
    const { source, clock } = databaseWorld();
    const ids = async () =>
      (await snapshots(source.rds, { DBClusterIdentifier: 'shop' })).map((s) => s.DBClusterSnapshotIdentifier);
    const first = await ids();
    assert.equal(first.length, 7);
    assert.equal(first.at(-1), 'rds:shop-2026-03-04-02-10');
    await clock.sleep(24 * 60 * MINUTE);
    const next = await ids();
    assert.deepEqual(next, [...first.slice(1), 'rds:shop-2026-03-05-02-10']);
  });

  test('an automated one is found by name only with its type; an unknown name is an error, an unknown filter value is not', async () => {
    const { source } = databaseWorld();
    const id = 'RDS:shop-2026-03-04-02-10';
    await assert.rejects(one(source.rds, id), refused('DBClusterSnapshotNotFoundFault', 404));
    const found = await snapshots(source.rds, { DBClusterSnapshotIdentifier: id, SnapshotType: 'automated' });
    assert.equal(found[0]?.SnapshotCreateTime?.toISOString(), '2026-03-04T02:10:00.000Z');
    assert.deepEqual(found[0]?.TagList, [
      { Key: 'Application', Value: 'shop' },
      { Key: 'Draco_Lifecycle', Value: 'weekly' },
    ]);
    await assert.rejects(one(source.rds, 'none'), awsError('DBClusterSnapshotNotFoundFault', 404));
    assert.deepEqual(await snapshots(source.rds, { Filters: [{ Name: 'db-cluster-id', Values: ['none'] }] }), []);
    const wrong = [{ Name: 'colour', Values: ['red'] }];
    await assert.rejects(snapshots(source.rds, { Filters: wrong }), refused('InvalidParameterValue', 400, /colour/));
    await assert.rejects(snapshots(source.rds, { MaxRecords: 5 }), refused('InvalidParameterValue', 400));
    await assert.rejects(snapshots(source.rds, { SnapshotType: 'old' }), refused('InvalidParameterValue', 400));
    await assert.rejects(
      snapshots(source.rds, { DBClusterSnapshotIdentifier: 'a', DBClusterIdentifier: 'b' }),
      refused('InvalidParameterCombination', 400),
    );
  });

  test('pages hold at most MaxRecords and join without gap', async () => {
    const { source } = databaseWorld();
    const all: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await source.rds.send(new DescribeDBClusterSnapshotsCommand({ MaxRecords: 20, Marker }));
      all.push(...(page.DBClusterSnapshots ?? []).map((snapshot) => snapshot.DBClusterSnapshotArn));
      Marker = page.Marker;
    } while (Marker !== undefined);
    assert.equal(all.length, 4 * 7);
    assert.equal(new Set(all).size, all.length);
    await assert.rejects(snapshots(source.rds, { Marker: 'nonsense' }), refused('InvalidParameterValue', 400));
  });

  test('a shared one shows its ARN as identifier and keeps its tags to itself', async () => {
    const { across, destination } = await withShared();
    assert.deepEqual(await snapshots(across.rds, {}), []);
    assert.deepEqual(await snapshots(across.rds, { SnapshotType: 'manual', IncludeShared: true }), []);
    const [seen] = await snapshots(across.rds, { SnapshotType: 'shared' });
    assert.deepEqual(
      [seen?.DBClusterSnapshotIdentifier, seen?.DBClusterSnapshotArn, seen?.SnapshotType, seen?.TagList],
      [arn('given'), arn('given'), 'shared', undefined],
    );
    assert.equal((await snapshots(across.rds, { IncludeShared: true })).length, 1);
    const byArn = { DBClusterSnapshotIdentifier: arn('given'), SnapshotType: 'shared' };
    assert.equal((await snapshots(across.rds, byArn)).length, 1);
    assert.deepEqual(await snapshots(destination.rds, { SnapshotType: 'shared' }), []);
    await assert.rejects(
      across.rds.send(new ListTagsForResourceCommand({ ResourceName: arn('given') })),
      refused('AccessDenied', 403),
    );
    await assert.rejects(
      destination.rds.send(
        new ListTagsForResourceCommand({ ResourceName: arn('given', { ...SOURCE, account: DESTINATION.account }) }),
      ),
      refused('InvalidParameterValue', 400, /in this region/),
    );
  });

  test('a new one may be hidden for a while, and a share too', async () => {
    const { source, across, clock } = databaseWorld('rds: { visibleAfter: 30s, sharesVisibleAfter: 1m }\n');
    await manual(source.rds, 'late');
    await assert.rejects(one(source.rds, 'late'), refused('DBClusterSnapshotNotFoundFault', 404));
    await clock.sleep(5 * MINUTE);
    assert.equal((await one(source.rds, 'late'))?.Status, 'available');
    await share(source.rds, 'late', DESTINATION.account);
    assert.equal((await snapshots(across.rds, { SnapshotType: 'shared' })).length, 0);
    await clock.sleep(MINUTE);
    assert.equal((await snapshots(across.rds, { SnapshotType: 'shared' })).length, 1);
  });
});

describe('creating and deleting', () => {
  test('creating takes its time; the same id twice is refused; a deleted id is free again', async () => {
    const { source, clock } = databaseWorld();
    const { DBClusterSnapshot: made } = await manual(source.rds, 'By-Hand', 'shop', [{ Key: 'Why', Value: 'test' }]);
    assert.deepEqual([made?.DBClusterSnapshotIdentifier, made?.Status], ['by-hand', 'creating']);
    assert.deepEqual(made?.TagList, [{ Key: 'Why', Value: 'test' }], 'beside given ones CopyTagsToSnapshot brings none');
    const { DBClusterSnapshot: bare } = await manual(source.rds, 'bare');
    assert.ok(
      bare?.TagList?.some(({ Key }) => Key === 'Application'),
      'CopyTagsToSnapshot brings the cluster’s tags',
    );
    await assert.rejects(manual(source.rds, 'BY-HAND'), refused('DBClusterSnapshotAlreadyExistsFault', 400));
    const gone = new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'by-hand' });
    await assert.rejects(source.rds.send(gone), refused('InvalidDBClusterSnapshotStateFault', 400, /creating/));
    await clock.sleep(2 * MINUTE);
    assert.equal((await one(source.rds, 'by-hand'))?.Status, 'available');
    assert.equal((await source.rds.send(gone)).DBClusterSnapshot?.Status, 'available');
    assert.equal((await one(source.rds, 'by-hand'))?.Status, 'deleting');
    await clock.sleep(2_000);
    await assert.rejects(source.rds.send(gone), refused('DBClusterSnapshotNotFoundFault', 404));
    await manual(source.rds, 'by-hand');
  });

  test('what cannot be', async () => {
    const { source } = databaseWorld();
    await assert.rejects(manual(source.rds, 'x', 'none'), refused('DBClusterNotFoundFault', 404));
    for (const id of ['1st', 'a--b', 'a-', 'a:b', 'a'.repeat(64)])
      await assert.rejects(manual(source.rds, id), refused('InvalidParameterValue', 400), id);
    const automated = { DBClusterSnapshotIdentifier: 'rds:shop-2026-03-04-02-10' };
    await assert.rejects(
      source.rds.send(new DeleteDBClusterSnapshotCommand(automated)),
      refused('InvalidDBClusterSnapshotStateFault', 400, /manual/),
    );
    for (const Key of ['aws:x', 'rds:x', 'AWS:x'])
      await assert.rejects(
        manual(source.rds, 'tagged', 'shop', [{ Key, Value: '' }]),
        refused('InvalidParameterValue', 400, /reserved/),
      );
    await manual(source.rds, 'tagged');
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    await assert.rejects(
      source.rds.send(new AddTagsToResourceCommand({ ResourceName: arn('tagged'), Tags: many })),
      refused('InvalidParameterValue', 400, /50/),
    );
  });
});

describe('sharing', () => {
  test('only manual ones, under a customer key, with at most 20 accounts', async () => {
    const { source, clock } = databaseWorld();
    await assert.rejects(
      share(source.rds, 'rds:shop-2026-03-04-02-10', DESTINATION.account),
      refused('InvalidDBClusterSnapshotStateFault', 400, /manual/),
    );
    await manual(source.rds, 'mine');
    await manual(source.rds, 'under-default', 'defaulted');
    await assert.rejects(share(source.rds, 'mine', DESTINATION.account), refused('InvalidDBClusterSnapshotStateFault', 400));
    await clock.sleep(3 * MINUTE);
    await assert.rejects(
      share(source.rds, 'under-default', DESTINATION.account),
      refused('InvalidDBClusterSnapshotStateFault', 400, /default/),
    );
    await assert.rejects(share(source.rds, 'mine', 'all'), refused('InvalidParameterValue', 400));
    await assert.rejects(share(source.rds, 'mine', 'me'), refused('InvalidParameterValue', 400));
    const twenty = Array.from({ length: 20 }, (_, index) => String(300_000_000_000 + index));
    await share(source.rds, 'mine', ...twenty);
    await share(source.rds, 'mine', twenty[0] ?? '');
    await assert.rejects(share(source.rds, 'mine', DESTINATION.account), refused('SharedSnapshotQuotaExceeded', 400));
    const taken = await source.rds.send(
      new ModifyDBClusterSnapshotAttributeCommand({
        DBClusterSnapshotIdentifier: 'mine',
        AttributeName: 'restore',
        ValuesToRemove: twenty.slice(1),
      }),
    );
    assert.deepEqual(taken.DBClusterSnapshotAttributesResult?.DBClusterSnapshotAttributes?.[0]?.AttributeValues, [twenty[0]]);
  });

  test('a key that AWS owns, and a Multi-AZ cluster, cannot be shared', async () => {
    const { source } = databaseWorld(
      `snapshots: [{ ${at(SOURCE)}, id: owned, database: x, encryption: sse-rds }, { ${at(SOURCE)}, id: multi, database: y, engine: mysql, kmsKey: alias/shop }]\n`,
    );
    for (const id of ['owned', 'multi'])
      await assert.rejects(share(source.rds, id, DESTINATION.account), refused('InvalidDBClusterSnapshotStateFault', 400));
  });

  test('an unencrypted one may be public, and is then seen by all who ask', async () => {
    const { source, across, clock } = databaseWorld();
    await manual(source.rds, 'open', 'plain');
    await clock.sleep(3 * MINUTE);
    await share(source.rds, 'open', 'all');
    assert.equal((await snapshots(across.rds, { SnapshotType: 'shared' })).length, 0);
    assert.equal((await snapshots(across.rds, { IncludePublic: true }))[0]?.SnapshotType, 'public');
  });

  test('the instance family has its own codes', async () => {
    const { source } = databaseWorld();
    const attribute = (DBSnapshotIdentifier: string) =>
      source.rds.send(
        new ModifyDBSnapshotAttributeCommand({
          DBSnapshotIdentifier,
          AttributeName: 'restore',
          ValuesToAdd: [DESTINATION.account],
        }),
      );
    await assert.rejects(attribute('rds:ledger-2026-03-04-02-10'), refused('InvalidDBSnapshotState', 400));
    await assert.rejects(attribute('none'), refused('DBSnapshotNotFound', 404));
    await assert.rejects(attribute('none'), awsError('DBSnapshotNotFoundFault', 404));
  });
});
