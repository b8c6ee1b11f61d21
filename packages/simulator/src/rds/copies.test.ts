import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CopyDBSnapshotCommand, DeleteDBClusterSnapshotCommand } from '@aws-sdk/client-rds';
import { at, DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { clients, refused } from '../../test-support/sdk-clients.ts';
import { arn, copy, manual, one, snapshots, withShared } from '../../test-support/snapshot-calls.ts';

const MINUTE = 60_000;

describe('copying', () => {
  test('a copy waits at 0 %, moves, and carries key, source and explicit tags', async () => {
    const { destination, clock } = await withShared();
    const answer = await copy(destination.rds, arn('given'), 'there', {
      KmsKeyId: 'alias/dr',
      CopyTags: true,
      Tags: [{ Key: 'breakwater:owner', Value: 'breakwater' }],
    });
    assert.deepEqual([answer.DBClusterSnapshot?.Status, answer.DBClusterSnapshot?.PercentProgress], ['copying', 0]);
    const seen: [string | undefined, number | undefined][] = [];
    for (const seconds of [10, 60, 120, 200]) {
      await clock.sleep(seconds * 1_000);
      const now = await one(destination.rds, 'there');
      seen.push([now?.Status, now?.PercentProgress]);
    }
    assert.deepEqual(seen, [
      ['copying', 0],
      ['copying', 17],
      ['copying', 60],
      ['available', 100],
    ]);
    const there = await one(destination.rds, 'there');
    assert.equal(there?.SourceDBClusterSnapshotArn, arn('given'));
    assert.match(there?.KmsKeyId ?? '', /^arn:aws:kms:us-west-2:111122223333:key\//);
    assert.deepEqual(there?.TagList, [{ Key: 'breakwater:owner', Value: 'breakwater' }]);
    assert.ok(
      (there?.SnapshotCreateTime?.getTime() ?? 0) > Date.parse('2026-03-04T03:02:00Z'),
      'of a copy it is the copy’s own time',
    );
  });

  test('CopyTags works alone, within the account', async () => {
    const { source, clock } = databaseWorld();
    await copy(source.rds, 'rds:shop-2026-03-04-02-10', 'with', { CopyTags: true });
    await copy(source.rds, 'rds:shop-2026-03-04-02-10', 'without');
    await clock.sleep(MINUTE);
    assert.equal((await one(source.rds, 'with'))?.TagList?.length, 2);
    assert.equal((await one(source.rds, 'without'))?.TagList?.length ?? 0, 0);
    const shared = await withShared();
    await copy(shared.destination.rds, arn('given'), 'bare', { KmsKeyId: 'alias/dr', CopyTags: true });
    assert.deepEqual((await one(shared.destination.rds, 'bare'))?.TagList ?? [], []);
  });

  const matrix: readonly [what: string, cluster: string, key: string | undefined, code: string, message: RegExp][] = [
    ['no key for another Region', 'shop', undefined, 'InvalidParameterValue', /Must specify new KMS key/],
    ['a key of the source Region', 'shop', 'SOURCE', 'KMSKeyNotAccessibleFault', /Specified KMS key/],
    [
      'a key that does not exist',
      'shop',
      'alias/none',
      'KMSKeyNotAccessibleFault',
      /Specified KMS key \[alias\/none\] does not exist, is not enabled/,
    ],
    ['a key that is disabled', 'shop', 'alias/disabled', 'KMSKeyNotAccessibleFault', /Specified/],
    ['a key for an unencrypted cluster snapshot', 'plain', 'alias/dr', 'InvalidParameterValue', /unencrypted/],
  ];
  for (const [what, cluster, key, code, message] of matrix) {
    test(`keys: ${what} is refused`, async () => {
      const { destination, world } = await withShared(cluster);
      const foreign = [...world.region(SOURCE.account, SOURCE.region).kms.values()][0]?.arn;
      const KmsKeyId = key === 'SOURCE' ? foreign : key;
      const sent = copy(destination.rds, arn('given'), 'there', KmsKeyId === undefined ? {} : { KmsKeyId });
      await assert.rejects(sent, refused(code, 400, message));
      assert.equal(world.calls.at(-1)?.applied, false);
    });
  }

  for (const alias of ['alias/private', 'alias/no-grants']) {
    test(`keys: a source under ${alias} is refused in AWS’s words`, async () => {
      const { destination } = databaseWorld(
        `snapshots: [{ ${at(SOURCE)}, id: given, database: closed, kmsKey: ${alias}, sharedWith: ["${DESTINATION.account}"] }]\n`,
      );
      await assert.rejects(
        copy(destination.rds, arn('given'), 'there', { KmsKeyId: 'alias/dr' }),
        refused('KMSKeyNotAccessibleFault', 400, /^The source snapshot KMS key \[arn:aws:kms:us-east-1:222233334444:key\//),
      );
    });
  }

  test('keys: within the account and Region the key stays; shared without a key is refused', async () => {
    const { source, across } = await withShared();
    const kept = await copy(source.rds, 'given', 'same');
    assert.match(kept.DBClusterSnapshot?.KmsKeyId ?? '', /:222233334444:key/);
    const other = await copy(source.rds, 'given', 'other', { KmsKeyId: 'alias/private' });
    assert.notEqual(other.DBClusterSnapshot?.KmsKeyId, kept.DBClusterSnapshot?.KmsKeyId);
    await assert.rejects(
      copy(across.rds, arn('given'), 'mine'),
      refused('KMSKeyNotAccessibleFault', 400, /The target KMS key \[None\]/),
    );
    const mine = await copy(across.rds, arn('given'), 'mine', { KmsKeyId: 'alias/aws/rds' });
    assert.match(mine.DBClusterSnapshot?.KmsKeyId ?? '', /us-east-1:111122223333/);
  });

  test('keys: a caller that may not create grants is told of the key', async () => {
    const { source } = databaseWorld('', undefined, 'deny: ["kms:CreateGrant"]');
    await assert.rejects(
      copy(source.rds, 'rds:shop-2026-03-04-02-10', 'x', { KmsKeyId: 'alias/private' }),
      refused('KMSKeyNotAccessibleFault', 400),
    );
  });

  test('an unencrypted instance snapshot may be encrypted by copying', async () => {
    const { source } = databaseWorld();
    const answer = await source.rds.send(
      new CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: 'rds:open-2026-03-04-02-10',
        TargetDBSnapshotIdentifier: 'closed',
        KmsKeyId: 'alias/shop',
      }),
    );
    assert.equal(answer.DBSnapshot?.Encrypted, true);
    assert.equal(answer.DBSnapshot?.OriginalSnapshotCreateTime?.toISOString(), '2026-03-04T02:10:00.000Z');
  });

  test('the source must be there, known to the caller, and available', async () => {
    const { source, destination } = databaseWorld();
    const key = { KmsKeyId: 'alias/dr' };
    await assert.rejects(copy(source.rds, 'none', 'x'), refused('DBClusterSnapshotNotFoundFault', 404));
    await assert.rejects(
      copy(destination.rds, arn('rds:shop-2026-03-04-02-10'), 'x', key),
      refused('DBClusterSnapshotNotFoundFault', 404),
    );
    await assert.rejects(
      copy(destination.rds, 'arn:aws:rds:us-east-1:1:db:x', 'x', key),
      refused('DBClusterSnapshotNotFoundFault', 404),
    );
    await manual(source.rds, 'young');
    await assert.rejects(copy(source.rds, 'young', 'x'), refused('InvalidDBClusterSnapshotStateFault', 400, /creating/));
    await assert.rejects(
      copy(source.rds, 'rds:shop-2026-03-04-02-10', 'young'),
      refused('DBClusterSnapshotAlreadyExistsFault', 400),
    );
    await assert.rejects(copy(source.rds, 'rds:shop-2026-03-04-02-10', 'rds:x'), refused('InvalidParameterValue', 400));
  });

  test('across account and Region in one step, unless the scenario or the engine says no', async () => {
    const refuses = await withShared('shop', 'rds: { oneStepCopies: false }\n');
    const sent = (world: typeof refuses) => copy(world.destination.rds, arn('given'), 'there', { KmsKeyId: 'alias/dr' });
    await assert.rejects(sent(refuses), refused('InvalidParameterValue', 400, /another Region/));
    await copy(refuses.across.rds, arn('given'), 'relay', { KmsKeyId: 'alias/aws/rds' });
    await refuses.clock.sleep(10 * MINUTE);
    await copy(refuses.destination.rds, arn('relay', { ...SOURCE, account: DESTINATION.account }), 'there', {
      KmsKeyId: 'alias/dr',
    });
    const documents = databaseWorld(
      `snapshots: [{ ${at(SOURCE)}, id: given, database: d, engine: docdb, kmsKey: alias/shop, sharedWith: ["${DESTINATION.account}"] }]\n`,
    );
    await assert.rejects(sent(documents), refused('InvalidParameterValue', 400, /another Region/));
  });

  test('five cluster copies to a Region, everybody’s counted; a place is free again when one ends', async () => {
    const { source, world, clock } = databaseWorld(
      `rds: { otherCopies: [{ ${at(SOURCE)}, copies: 3, for: 5m }, { ${at(SOURCE)}, kind: instance, copies: 19 }] }\n`,
    );
    const id = 'rds:shop-2026-03-04-02-10';
    await copy(source.rds, id, 'a');
    await copy(source.rds, 'rds:plain-2026-03-04-02-10', 'b');
    await assert.rejects(copy(source.rds, id, 'c'), refused('SnapshotQuotaExceeded', 400, /5 snapshot copies/));
    assert.deepEqual(world.state().regions.find(({ region }) => region === SOURCE.region)?.databases.copies, {
      cluster: 5,
      instance: 19,
    });
    const instanceCopy = (to: string) =>
      source.rds.send(
        new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier: 'rds:ledger-2026-03-04-02-10', TargetDBSnapshotIdentifier: to }),
      );
    await instanceCopy('i');
    await assert.rejects(instanceCopy('j'), refused('SnapshotQuotaExceeded', 400, /20/));
    await clock.sleep(5 * MINUTE);
    await copy(source.rds, id, 'c');
  });

  test('a quota of manual snapshots has the same code and other words', async () => {
    const { source } = databaseWorld('rds: { manualSnapshots: 2 }\n');
    await manual(source.rds, 'one');
    await copy(source.rds, 'rds:plain-2026-03-04-02-10', 'two');
    const full = refused('SnapshotQuotaExceeded', 400, /^Cannot create more than 2 manual snapshots$/);
    await assert.rejects(manual(source.rds, 'three', 'plain'), full);
    await assert.rejects(copy(source.rds, 'rds:defaulted-2026-03-04-02-10', 'three'), full);
  });

  test('tags and crossing Regions need permissions of their own', async () => {
    const { source, world, keys } = databaseWorld(
      '',
      undefined,
      'deny: ["rds:AddTagsToResource", "rds:CrossRegionCommunication"]',
    );
    const tagged = { Tags: [{ Key: 'a', Value: 'b' }] };
    await assert.rejects(
      copy(source.rds, 'rds:plain-2026-03-04-02-10', 'a', tagged),
      refused('AccessDenied', 403, /rds:AddTagsToResource/),
    );
    await copy(source.rds, 'rds:plain-2026-03-04-02-10', 'a');
    const away = clients(world, { keys: keys.source, region: DESTINATION.region });
    await assert.rejects(
      copy(away.rds, arn('rds:plain-2026-03-04-02-10'), 'a'),
      refused('AccessDenied', 403, /rds:CrossRegionCommunication/),
    );
  });

  test('copies of one database queue behind one another at 0 %', async () => {
    const { source, clock } = databaseWorld();
    await copy(source.rds, 'rds:shop-2026-03-04-02-10', 'a');
    await copy(source.rds, 'rds:shop-2026-03-03-02-10', 'b');
    await clock.sleep(4 * MINUTE);
    assert.ok(((await one(source.rds, 'a'))?.PercentProgress ?? 0) > 50);
    assert.equal((await one(source.rds, 'b'))?.PercentProgress, 0);
    await clock.sleep(6 * MINUTE);
    assert.equal((await one(source.rds, 'b'))?.Status, 'available');
  });

  test('deleting the source fails the copy; deleting the target cancels it and frees its name and place', async () => {
    const { source, destination, clock } = await withShared();
    const key = { KmsKeyId: 'alias/dr' };
    await copy(destination.rds, arn('given'), 'cancelled', key);
    await clock.sleep(MINUTE);
    await destination.rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'cancelled' }));
    await assert.rejects(one(destination.rds, 'cancelled'), refused('DBClusterSnapshotNotFoundFault', 404));
    await copy(destination.rds, arn('given'), 'cancelled', key);
    await source.rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'given' }));
    assert.equal((await one(destination.rds, 'cancelled'))?.Status, 'failed');
    await destination.rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'cancelled' }));
  });

  test('a presigned URL is checked, never followed, never logged', async () => {
    const { destination, world } = await withShared();
    await copy(destination.rds, arn('given'), 'sdk', { KmsKeyId: 'alias/dr' });
    assert.equal(world.calls.at(-1)?.request?.['PreSignedUrl'], '***', 'the SDK sent one of its own');
    const url = (host: string, region: string, key: string) =>
      `https://${host}/?Action=CopyDBClusterSnapshot&DestinationRegion=${region}&KmsKeyId=${key}&SourceDBClusterSnapshotIdentifier=${arn('given')}`;
    const good = url('rds.us-east-1.amazonaws.com', 'us-west-2', 'alias/dr');
    await copy(destination.rds, arn('given'), 'good', { KmsKeyId: 'alias/dr', PreSignedUrl: good });
    for (const [wrong, why] of [
      [url('rds.us-west-2.amazonaws.com', 'us-west-2', 'alias/dr'), /host/],
      [url('rds.us-east-1.amazonaws.com', 'us-east-1', 'alias/dr'), /DestinationRegion/],
      [url('rds.us-east-1.amazonaws.com', 'us-west-2', 'alias/other'), /KmsKeyId/],
      [good.replace('snapshot:given', 'snapshot:other'), /source/],
      ['nonsense', /parsed/],
    ] as const)
      await assert.rejects(
        copy(destination.rds, arn('given'), 'bad', { KmsKeyId: 'alias/dr', PreSignedUrl: wrong }),
        refused('InvalidParameterValue', 400, why),
      );
  });
});

describe('faults of copies', () => {
  test('a copy fails on its way, or stands still', async () => {
    const { source, clock } = databaseWorld(`faults:
  - { match: { database: shop, times: 1 }, effect: { kind: copy-fails, at: 40 } }
  - { match: { database: plain }, effect: { kind: copy-stalls, by: 2h } }
`);
    await copy(source.rds, 'rds:shop-2026-03-04-02-10', 'fails');
    await copy(source.rds, 'rds:plain-2026-03-04-02-10', 'stalls');
    await clock.sleep(90 * MINUTE);
    const failed = await one(source.rds, 'fails');
    assert.deepEqual([failed?.Status, failed?.PercentProgress], ['failed', 40]);
    assert.equal((await one(source.rds, 'stalls'))?.PercentProgress, 0);
    await clock.sleep(60 * MINUTE);
    assert.equal((await one(source.rds, 'stalls'))?.Status, 'available');
    await copy(source.rds, 'rds:shop-2026-03-04-02-10', 'again');
    await clock.sleep(10 * MINUTE);
    assert.equal((await one(source.rds, 'again'))?.Status, 'available');
  });

  test('copies of other people come with a fault', async () => {
    const { source, clock } = databaseWorld('faults: [{ effect: { kind: other-copies, copies: 5, for: 10m }, after: 1m }]\n');
    await copy(source.rds, 'rds:shop-2026-03-04-02-10', 'early');
    await clock.sleep(MINUTE);
    await assert.rejects(copy(source.rds, 'rds:plain-2026-03-04-02-10', 'later'), refused('SnapshotQuotaExceeded', 400));
    await clock.sleep(10 * MINUTE);
    await copy(source.rds, 'rds:plain-2026-03-04-02-10', 'later');
  });

  test('a dropped answer: before, nothing was done; after, the copy exists', async () => {
    const { source, world } = databaseWorld(`faults:
  - { match: { operation: CopyDBClusterSnapshot, nth: 1 }, effect: { kind: drop, when: before } }
  - { match: { operation: CopyDBClusterSnapshot, nth: 2 }, effect: { kind: drop, when: after } }
`);
    const id = 'rds:shop-2026-03-04-02-10';
    await assert.rejects(copy(source.rds, id, 'one'), { name: 'TimeoutError' });
    await assert.rejects(one(source.rds, 'one'), refused('DBClusterSnapshotNotFoundFault', 404));
    await assert.rejects(copy(source.rds, id, 'one'), { name: 'TimeoutError' });
    assert.equal((await one(source.rds, 'one'))?.Status, 'copying');
    assert.deepEqual(
      world.calls
        .filter(({ operation }) => operation === 'CopyDBClusterSnapshot')
        .map(({ applied, outcome }) => [applied, outcome]),
      [
        [false, 'dropped'],
        [true, 'dropped'],
      ],
    );
  });

  test('throttling and denial in RDS’s words', async () => {
    const { source } = databaseWorld('faults: [{ match: { service: rds, times: 1 }, effect: { kind: throttle } }]\n');
    await assert.rejects(snapshots(source.rds, {}), refused('Throttling', 400, /Rate exceeded/));
    await snapshots(source.rds, {});
  });
});
