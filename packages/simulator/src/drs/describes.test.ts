import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DescribeJobLogItemsCommand,
  DescribeJobsCommand,
  DescribeRecoveryInstancesCommand,
  DescribeRecoverySnapshotsCommand,
  DescribeSourceServersCommand,
  type DrsClient,
  GetLaunchConfigurationCommand,
  InitializeServiceCommand,
  StartRecoveryCommand,
  TagResourceCommand,
  TerminateRecoveryInstancesCommand,
} from '@aws-sdk/client-drs';
import { ACCOUNT, awsError, clients, REGION, serverIds, servers, worldOf } from '../../test-support/sdk-clients.ts';

const MINUTE = 60_000;

async function start(drs: DrsClient, ids: readonly string[], isDrill = true): Promise<string> {
  const { job } = await drs.send(
    new StartRecoveryCommand({ isDrill, sourceServers: ids.map((sourceServerID) => ({ sourceServerID })) }),
  );
  return job?.jobID ?? '';
}

async function describeJob(drs: DrsClient, jobID: string) {
  const { items = [] } = await drs.send(new DescribeJobsCommand({ filters: { jobIDs: [jobID] } }));
  return items[0];
}

async function events(drs: DrsClient, jobID: string, sourceServerID?: string): Promise<readonly (string | undefined)[]> {
  const { items = [] } = await drs.send(new DescribeJobLogItemsCommand({ jobID }));
  return items
    .filter((item) => sourceServerID === undefined || item.eventData?.sourceServerID === sourceServerID)
    .map((item) => item.event);
}

describe('recovery snapshots', () => {
  test('follow the policy, newest first on request, the expected one without a timestamp, and age out', async () => {
    const { world, clock, drs } = worldOf(servers(1));
    const sourceServerID = serverIds(world)[0] ?? '';
    const list = async () =>
      (await drs.send(new DescribeRecoverySnapshotsCommand({ sourceServerID, order: 'DESC' }))).items ?? [];
    const before = await list();
    // At 03:00:00 the 03:00 snapshot is due but not yet taken.
    assert.equal(before[0]?.expectedTimestamp, '2026-03-04T03:00:00.000000+00:00');
    assert.equal(before[0]?.timestamp, undefined);
    assert.equal(before[1]?.expectedTimestamp, '2026-03-04T02:50:00.000000+00:00');
    assert.match(before[1]?.ebsSnapshots?.[0] ?? '', /^snap-0[0-9a-f]{16}$/);
    const aging = before[2]?.snapshotID;
    await clock.sleep(2 * 60 * MINUTE);
    assert.ok(!(await list()).some((snapshot) => snapshot.snapshotID === aging));
    const filtered = await drs.send(
      new DescribeRecoverySnapshotsCommand({
        sourceServerID,
        filters: { toDateTime: '2026-03-04T03:05:00Z', fromDateTime: '2026-03-04T02:00:00Z' },
      }),
    );
    assert.deepEqual(
      filtered.items?.map((snapshot) => snapshot.expectedTimestamp),
      ['2026-03-04T02:00:00.000000+00:00', '2026-03-04T03:00:00.000000+00:00'],
    );
  });

  test('a pinned one is used instead of a new one, and is the recovery point of the instance', async () => {
    const { world, clock, drs } = worldOf(servers(1, 'snapshots: [{ id: pit-11111111111111111, age: 2h }]'));
    const [sourceServerID = ''] = serverIds(world);
    const { job } = await drs.send(
      new StartRecoveryCommand({
        isDrill: true,
        sourceServers: [{ sourceServerID, recoverySnapshotID: 'pit-11111111111111111' }],
      }),
    );
    await clock.sleep(10 * MINUTE);
    const seen = await events(drs, job?.jobID ?? '');
    assert.ok(seen.includes('USING_PREVIOUS_SNAPSHOT') && !seen.includes('SNAPSHOT_START'));
    const { items = [] } = await drs.send(new DescribeRecoveryInstancesCommand({}));
    assert.equal(items[0]?.pointInTimeSnapshotDateTime, '2026-03-04T01:00:00.000000+00:00');
  });

  test('one that has aged out fails its server', async () => {
    const { world, clock, drs } = worldOf(servers(1));
    const [sourceServerID = ''] = serverIds(world);
    const { job } = await drs.send(
      new StartRecoveryCommand({
        isDrill: true,
        sourceServers: [{ sourceServerID, recoverySnapshotID: 'pit-99999999999999999' }],
      }),
    );
    await clock.sleep(10 * MINUTE);
    assert.ok((await events(drs, job?.jobID ?? '')).includes('USING_PREVIOUS_SNAPSHOT_FAILED'));
    assert.equal((await describeJob(drs, job?.jobID ?? ''))?.participatingServers?.[0]?.launchStatus, 'FAILED');
  });

  test('the latest data is as old as the lag; a source that is gone has what it had', async () => {
    const { clock, drs, world } = worldOf(
      `${servers(1, 'replication: { lag: 20s }')}  - { hostname: gone, account: "${ACCOUNT}", region: ${REGION}, replication: { state: DISCONNECTED, lag: 1m } }\n`,
    );
    await clock.sleep(30 * MINUTE);
    const called = clock.now();
    await start(drs, serverIds(world));
    await clock.sleep(10 * MINUTE);
    const { items = [] } = await drs.send(new DescribeRecoveryInstancesCommand({}));
    const ages = items.map((ri) => Math.round((called - Date.parse(ri.pointInTimeSnapshotDateTime ?? '')) / 1_000));
    assert.deepEqual(ages, [19, 31 * 60]);
  });
});

describe('what describes say', () => {
  test('unknown ids are simply missing', async () => {
    const { drs } = worldOf(servers(1));
    assert.deepEqual(
      (await drs.send(new DescribeSourceServersCommand({ filters: { sourceServerIDs: ['s-00000000000000000'] } }))).items,
      [],
    );
    assert.deepEqual((await drs.send(new DescribeJobsCommand({ filters: { jobIDs: ['drsjob-00000000000000000'] } }))).items, []);
    assert.deepEqual((await drs.send(new DescribeJobLogItemsCommand({ jobID: 'drsjob-00000000000000000' }))).items, []);
    assert.deepEqual(
      (await drs.send(new DescribeRecoveryInstancesCommand({ filters: { recoveryInstanceIDs: ['i-00000000000000000'] } }))).items,
      [],
    );
  });

  test('jobs come newest first, and may be asked for by date', async () => {
    const { world, clock, drs } = worldOf(servers(2));
    const [a = '', b = ''] = serverIds(world);
    const first = await start(drs, [a]);
    await clock.sleep(MINUTE);
    const second = await start(drs, [b]);
    const listed = async (filters: object) =>
      (await drs.send(new DescribeJobsCommand({ filters }))).items?.map((job) => job.jobID);
    assert.deepEqual(await listed({}), [second, first]);
    assert.deepEqual(await listed({ fromDate: '2026-03-04T03:00:30Z' }), [second]);
    assert.deepEqual(await listed({ toDate: '2026-03-04T03:00:30.000Z' }), [first]);
  });

  test('things that are changed by id must exist', async () => {
    const { drs } = worldOf(servers(1));
    const missing = awsError('ResourceNotFoundException', 404);
    await assert.rejects(start(drs, ['s-00000000000000000']), missing);
    await assert.rejects(
      drs.send(new TerminateRecoveryInstancesCommand({ recoveryInstanceIDs: ['i-00000000000000000'] })),
      missing,
    );
    await assert.rejects(drs.send(new GetLaunchConfigurationCommand({ sourceServerID: 's-00000000000000000' })), missing);
    await assert.rejects(drs.send(new DescribeRecoverySnapshotsCommand({ sourceServerID: 's-00000000000000000' })), missing);
    await assert.rejects(
      drs.send(new TagResourceCommand({ resourceArn: 'arn:aws:drs:us-west-2:111122223333:job/none', tags: { a: 'b' } })),
      missing,
    );
  });

  test('pages are as small as the scenario says, and a foreign token is refused', async () => {
    const { drs } = worldOf(`${servers(7)}pageSize: 3\n`);
    const sizes: number[] = [];
    let nextToken: string | undefined;
    do {
      const answer = await drs.send(
        new DescribeSourceServersCommand({ maxResults: 100, ...(nextToken === undefined ? {} : { nextToken }) }),
      );
      sizes.push(answer.items?.length ?? 0);
      nextToken = answer.nextToken;
    } while (nextToken !== undefined);
    assert.deepEqual(sizes, [3, 3, 1]);
    await assert.rejects(drs.send(new DescribeJobsCommand({ nextToken: 'nonsense' })), {
      name: 'ValidationException',
      reason: 'fieldValidationFailed',
    });
  });

  test('a Region where DRS was never initialised says so to every describe, until it is', async () => {
    const { world } = worldOf(servers(1));
    const { drs } = clients(world, { region: 'eu-central-1' });
    const uninitialised = awsError('UninitializedAccountException', 400);
    await assert.rejects(drs.send(new DescribeSourceServersCommand({})), uninitialised);
    await assert.rejects(drs.send(new DescribeJobsCommand({})), uninitialised);
    await assert.rejects(drs.send(new DescribeRecoveryInstancesCommand({})), uninitialised);
    await assert.rejects(start(drs, serverIds(world)), uninitialised);
    await drs.send(new InitializeServiceCommand({}));
    assert.deepEqual((await drs.send(new DescribeSourceServersCommand({}))).items, []);
  });

  test('replication state, lag and error are told as AWS tells them', async () => {
    const { clock, drs } = worldOf(`
servers:
  - { hostname: a, account: "${ACCOUNT}", region: ${REGION} }
  - { hostname: b, account: "${ACCOUNT}", region: ${REGION}, replication: { state: STALLED, lag: 90s, error: AGENT_NOT_SEEN } }
  - { hostname: c, account: "${ACCOUNT}", region: ${REGION}, replication: { lag: null } }
`);
    await clock.sleep(60 * MINUTE - 50);
    const { items = [] } = await drs.send(new DescribeSourceServersCommand({}));
    assert.deepEqual(
      items.map((server) => [
        server.dataReplicationInfo?.dataReplicationState,
        server.dataReplicationInfo?.lagDuration,
        server.dataReplicationInfo?.dataReplicationError?.error,
      ]),
      [
        ['CONTINUOUS', 'P0D', undefined],
        ['STALLED', 'PT1H1M30S', 'AGENT_NOT_SEEN'],
        ['CONTINUOUS', undefined, undefined],
      ],
    );
  });
});
