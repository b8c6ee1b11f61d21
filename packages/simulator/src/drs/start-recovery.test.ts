import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DeleteRecoveryInstanceCommand,
  DescribeJobLogItemsCommand,
  DescribeJobsCommand,
  DescribeRecoveryInstancesCommand,
  DescribeSourceServersCommand,
  DisconnectRecoveryInstanceCommand,
  type DrsClient,
  StartRecoveryCommand,
  TerminateRecoveryInstancesCommand,
} from '@aws-sdk/client-drs';
import { ACCOUNT, awsError, REGION, serverIds, servers, worldOf } from '../../test-support/sdk-clients.ts';

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

describe('one job a server', () => {
  test('a second StartRecovery on a server in a job is a 409 with the real text, until the job has ended', async () => {
    const { world, clock, drs } = worldOf(servers(3));
    const [a = '', b = ''] = serverIds(world);
    await start(drs, [a]);
    await assert.rejects(
      start(drs, [b, a]),
      awsError('ConflictException', 409, {
        message: 'One or more of the Source Servers included in API call are currently being processed by a Job',
        resourceId: a,
        resourceType: 'SourceServer',
      }),
    );
    assert.equal(world.calls.filter((call) => call.operation === 'StartRecovery' && call.applied).length, 1);
    await clock.sleep(10 * MINUTE);
    await start(drs, [a, b]);
  });

  test('a TERMINATE job locks the server, takes its instance and lists nobody once it has ended', async () => {
    const { world, clock, drs } = worldOf(servers(1));
    const [a = ''] = serverIds(world);
    await start(drs, [a]);
    await clock.sleep(10 * MINUTE);
    const { items: before = [] } = await drs.send(new DescribeRecoveryInstancesCommand({}));
    const { job } = await drs.send(
      new TerminateRecoveryInstancesCommand({ recoveryInstanceIDs: [before[0]?.recoveryInstanceID ?? ''] }),
    );
    assert.equal(job?.type, 'TERMINATE');
    assert.deepEqual(job?.participatingServers, [{ sourceServerID: a, launchStatus: 'PENDING' }]);
    await assert.rejects(start(drs, [a]), { name: 'ConflictException' });
    await clock.sleep(2 * MINUTE);
    const ended = await describeJob(drs, job?.jobID ?? '');
    assert.equal(ended?.status, 'COMPLETED');
    assert.deepEqual(ended?.participatingServers, []);
    assert.deepEqual((await drs.send(new DescribeRecoveryInstancesCommand({}))).items, []);
    assert.equal(world.state().regions[0]?.instances[0]?.state, 'terminated');
    await start(drs, [a]);
  });
});

test('an instance cannot be terminated while its server is being launched again', async () => {
  const { world, drs } = worldOf(servers(1, 'recoveryInstance: { kind: drill, id: i-0aaaaaaaaaaaaaaaa }'));
  await start(drs, serverIds(world));
  const terminate = drs.send(new TerminateRecoveryInstancesCommand({ recoveryInstanceIDs: ['i-0aaaaaaaaaaaaaaaa'] }));
  await assert.rejects(terminate, awsError('ConflictException', 409));
});

describe('quotas', () => {
  const quota = (quotaCode: string) => awsError('ServiceQuotaExceededException', 402, { quotaCode, serviceCode: 'drs' });

  test('100 servers in one job', async () => {
    const { world, drs } = worldOf(servers(101));
    await assert.rejects(start(drs, serverIds(world)), quota('L-B827C881'));
    await start(drs, serverIds(world).slice(0, 100));
  });

  test('20 jobs at a time, other people’s included', async () => {
    const { world, clock, drs } = worldOf(
      `${servers(3)}drs: { otherJobs: [{ account: "${ACCOUNT}", region: ${REGION}, jobs: 19, for: 30m }] }\n`,
    );
    const [a = '', b = ''] = serverIds(world);
    await start(drs, [a]);
    await assert.rejects(start(drs, [b]), quota('L-D88FAC3A'));
    const { items = [] } = await drs.send(new DescribeJobsCommand({}));
    assert.equal(items.filter((job) => job.status !== 'COMPLETED' && job.tags?.['Owner'] === 'somebody-else').length, 19);
    await clock.sleep(30 * MINUTE);
    await start(drs, [b]);
  });

  test('500 servers in all jobs', async () => {
    const { world, drs } = worldOf(
      `${servers(50)}drs: { otherJobs: [{ account: "${ACCOUNT}", region: ${REGION}, jobs: 5, servers: 95 }] }\n`,
    );
    await assert.rejects(start(drs, serverIds(world).slice(0, 26)), quota('L-05AFA8C6'));
    await start(drs, serverIds(world).slice(0, 25));
  });

  test('TERMINATE jobs count', async () => {
    const { world, drs } = worldOf(`${servers(2, 'recoveryInstance: { kind: drill }')}drs: { quotas: { jobs: 1 } }\n`);
    const { items = [] } = await drs.send(new DescribeRecoveryInstancesCommand({}));
    await drs.send(new TerminateRecoveryInstancesCommand({ recoveryInstanceIDs: [items[0]?.recoveryInstanceID ?? ''] }));
    await assert.rejects(start(drs, serverIds(world).slice(1)), quota('L-D88FAC3A'));
  });
});

describe('a launch job', () => {
  test('launchStatus stays PENDING through snapshot and conversion; the id is shown only between launch and end', async () => {
    const { world, clock, drs } = worldOf(servers(1));
    const jobID = await start(drs, serverIds(world));
    const seen: string[] = [];
    for (let second = 0; second <= 560; second++) {
      const job = await describeJob(drs, jobID);
      const server = job?.participatingServers?.[0];
      const state = `${job?.status} ${server?.launchStatus} ${server?.recoveryInstanceID === undefined ? '-' : 'id'}`;
      if (seen.at(-1) !== state) seen.push(state);
      await clock.sleep(1_000);
    }
    assert.deepEqual(seen, [
      'PENDING PENDING -',
      'STARTED PENDING -',
      'STARTED IN_PROGRESS -',
      'STARTED LAUNCHED id',
      'COMPLETED LAUNCHED -',
    ]);
  });

  test('a scenario may keep recoveryInstanceID in finished jobs', async () => {
    const { world, clock, drs } = worldOf(`${servers(1)}drs: { omitFinishedInstanceIds: false }\n`);
    const jobID = await start(drs, serverIds(world));
    await clock.sleep(10 * MINUTE);
    assert.match((await describeJob(drs, jobID))?.participatingServers?.[0]?.recoveryInstanceID ?? '', /^i-0[0-9a-f]{16}$/);
  });

  test('is COMPLETED although a server FAILED; the reason stands in the log', async () => {
    for (const [phase, event] of [
      ['skipped', 'SERVER_SKIPPED'],
      ['snapshot', 'SNAPSHOT_FAIL'],
      ['conversion', 'CONVERSION_FAIL'],
      ['launch', 'LAUNCH_FAILED'],
    ]) {
      const { world, clock, drs } = worldOf(
        `${servers(2)}  - { hostname: bad, account: "${ACCOUNT}", region: ${REGION}, fails: { phase: ${phase}, rawError: "no luck" } }\n`,
      );
      const jobID = await start(drs, serverIds(world));
      await clock.sleep(10 * MINUTE);
      const job = await describeJob(drs, jobID);
      assert.equal(job?.status, 'COMPLETED');
      assert.deepEqual(
        job?.participatingServers?.map((server) => server.launchStatus),
        ['LAUNCHED', 'LAUNCHED', 'FAILED'],
      );
      const { items = [] } = await drs.send(new DescribeJobLogItemsCommand({ jobID }));
      assert.equal(items.find((item) => item.event === event)?.eventData?.rawError, 'no luck');
      assert.equal((await drs.send(new DescribeRecoveryInstancesCommand({}))).items?.length, 2);
      const { items: sources = [] } = await drs.send(new DescribeSourceServersCommand({}));
      assert.deepEqual(
        sources.map((server) => server.lastLaunchResult),
        ['SUCCEEDED', 'SUCCEEDED', 'FAILED'],
      );
    }
  });

  test('first destroys what was launched before, a live recovery instance too', async () => {
    const { world, clock, drs } = worldOf(servers(1, 'recoveryInstance: { kind: recovery, id: i-0aaaaaaaaaaaaaaaa }'));
    const [a = ''] = serverIds(world);
    const { items: before = [] } = await drs.send(new DescribeRecoveryInstancesCommand({ filters: { sourceServerIDs: [a] } }));
    assert.deepEqual(
      before.map((ri) => [ri.recoveryInstanceID, ri.isDrill, ri.ec2InstanceState]),
      [['i-0aaaaaaaaaaaaaaaa', false, 'RUNNING']],
    );
    const jobID = await start(drs, [a], true);
    await clock.sleep(11 * MINUTE);
    assert.deepEqual((await events(drs, jobID, a)).slice(0, 3), ['CLEANUP_START', 'CLEANUP_END', 'SNAPSHOT_START']);
    assert.equal(
      world.state().regions[0]?.instances.find((instance) => instance.id === 'i-0aaaaaaaaaaaaaaaa')?.state,
      'terminated',
    );
    const { items: after = [] } = await drs.send(new DescribeRecoveryInstancesCommand({ filters: { sourceServerIDs: [a] } }));
    assert.deepEqual(
      after.map((ri) => [ri.jobID, ri.isDrill]),
      [[jobID, true]],
    );
  });

  test('leaves a disconnected recovery instance alone', async () => {
    const { world, clock, drs } = worldOf(servers(1, 'recoveryInstance: { kind: recovery, id: i-0aaaaaaaaaaaaaaaa }'));
    await assert.rejects(drs.send(new DeleteRecoveryInstanceCommand({ recoveryInstanceID: 'i-0aaaaaaaaaaaaaaaa' })), {
      name: 'ConflictException',
    });
    await drs.send(new DisconnectRecoveryInstanceCommand({ recoveryInstanceID: 'i-0aaaaaaaaaaaaaaaa' }));
    const jobID = await start(drs, serverIds(world));
    await clock.sleep(10 * MINUTE);
    assert.ok(!(await events(drs, jobID)).includes('CLEANUP_START'));
    assert.equal(world.state().regions[0]?.instances[0]?.state, 'running');
  });

  test('without isDrill it is a real recovery', async () => {
    const { world, clock, drs } = worldOf(servers(1));
    const { job } = await drs.send(new StartRecoveryCommand({ sourceServers: [{ sourceServerID: serverIds(world)[0] ?? '' }] }));
    assert.equal(job?.initiatedBy, 'START_RECOVERY');
    await clock.sleep(10 * MINUTE);
    assert.equal((await drs.send(new DescribeRecoveryInstancesCommand({}))).items?.[0]?.isDrill, false);
  });

  test('is accepted and then fails each server if its caller lacks an EC2 permission', async () => {
    const { world: other, clock, drs } = worldOf(servers(1), 'deny: ["ec2:RunInstances"]');
    const jobID = await start(drs, serverIds(other));
    await clock.sleep(10 * MINUTE);
    assert.equal((await describeJob(drs, jobID))?.participatingServers?.[0]?.launchStatus, 'FAILED');
    const { items = [] } = await drs.send(new DescribeJobLogItemsCommand({ jobID }));
    assert.equal(
      items.find((item) => item.event === 'LAUNCH_FAILED')?.eventData?.rawError,
      'UnauthorizedOperation when calling RunInstances operation',
    );
  });

  test('an extended server in error is listed and skipped; an extended one has a conversion job in its staging account', async () => {
    const { world, clock, drs } = worldOf(`
accounts: [{ id: "222222222222", regions: [${REGION}] }]
servers:
  - { hostname: good, account: "${ACCOUNT}", region: ${REGION}, staging: { status: EXTENDED, account: "222222222222" } }
  - { hostname: bad, account: "${ACCOUNT}", region: ${REGION}, staging: { status: EXTENSION_ERROR, account: "222222222222", error: "gone" } }
`);
    const { items: sources = [] } = await drs.send(
      new DescribeSourceServersCommand({ filters: { stagingAccountIDs: ['222222222222'] } }),
    );
    assert.deepEqual(
      sources.map((server) => [server.stagingArea?.status, server.stagingArea?.errorMessage]),
      [
        ['EXTENDED', undefined],
        ['EXTENSION_ERROR', 'gone'],
      ],
    );
    const jobID = await start(drs, serverIds(world));
    await clock.sleep(10 * MINUTE);
    assert.deepEqual(
      (await describeJob(drs, jobID))?.participatingServers?.map((server) => server.launchStatus),
      ['LAUNCHED', 'FAILED'],
    );
    const staging = world.region('222222222222', REGION).drs.jobs.values().next().value;
    assert.deepEqual([staging?.type, staging?.initiatedBy], ['CREATE_CONVERTED_SNAPSHOT', 'TARGET_ACCOUNT']);
  });
});
