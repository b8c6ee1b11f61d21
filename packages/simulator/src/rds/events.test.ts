import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CopyDBClusterSnapshotCommand,
  CopyDBSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
} from '@aws-sdk/client-rds';
import { DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { serve } from '../index.ts';

test('an event is what EventBridge sends', async () => {
  const { source, world, clock } = databaseWorld();
  await source.rds.send(
    new CreateDBClusterSnapshotCommand({
      DBClusterIdentifier: 'plain',
      DBClusterSnapshotIdentifier: 'by-hand',
      Tags: [{ Key: 'a', Value: 'b' }],
    }),
  );
  const ids = () =>
    world.events.filter(({ detail }) => detail.SourceIdentifier === 'by-hand').map(({ detail }) => detail.EventID);
  assert.deepEqual(ids(), ['RDS-EVENT-0074']);
  await clock.sleep(180_000);
  assert.deepEqual(ids(), ['RDS-EVENT-0074', 'RDS-EVENT-0075']);
  const arn = `arn:aws:rds:${SOURCE.region}:${SOURCE.account}:cluster-snapshot:by-hand`;
  const event = world.events.at(-1);
  assert.match(event?.id ?? '', /^[0-9a-f-]{36}$/);
  assert.deepEqual(
    { ...event, id: '' },
    {
      version: '0',
      id: '',
      'detail-type': 'RDS DB Cluster Snapshot Event',
      source: 'aws.rds',
      account: SOURCE.account,
      time: '2026-03-04T03:02:00Z',
      region: SOURCE.region,
      resources: [arn],
      detail: {
        EventCategories: ['backup'],
        SourceType: 'CLUSTER_SNAPSHOT',
        SourceArn: arn,
        Date: '2026-03-04T03:02:00.050Z',
        Message: 'Manual cluster snapshot created',
        SourceIdentifier: 'by-hand',
        EventID: 'RDS-EVENT-0075',
        Tags: { a: 'b' },
      },
    },
  );
});

test('the copy of an instance snapshot is told of, that of a cluster snapshot is not', async () => {
  const { source, world, clock } = databaseWorld();
  await source.rds.send(
    new CopyDBClusterSnapshotCommand({
      SourceDBClusterSnapshotIdentifier: 'rds:plain-2026-03-04-02-10',
      TargetDBClusterSnapshotIdentifier: 'quiet',
    }),
  );
  await source.rds.send(
    new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier: 'rds:open-2026-03-04-02-10', TargetDBSnapshotIdentifier: 'loud' }),
  );
  await clock.sleep(3_600_000);
  const of = (id: string) =>
    world.events.filter(({ detail }) => detail.SourceIdentifier === id).map(({ detail }) => detail.EventID);
  assert.deepEqual([of('quiet'), of('loud')], [[], ['RDS-EVENT-0196', 'RDS-EVENT-0197']]);
  assert.ok(!world.events.some(({ account }) => account === DESTINATION.account));
});

test('events are served beside the calls', async () => {
  const { world, source } = databaseWorld();
  await source.rds.send(new DescribeDBClusterSnapshotsCommand({}));
  const server = await serve(world);
  after(() => server.close());
  const response = await fetch(`${server.url}/_simulator/events`);
  assert.equal(response.status, 200);
  assert.ok(world.events.length > 0);
  assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(world.events)));
});
