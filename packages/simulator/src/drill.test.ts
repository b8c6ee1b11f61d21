import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeJobLogItemsCommand,
  DescribeJobsCommand,
  DescribeRecoveryInstancesCommand,
  DescribeSourceServersCommand,
  DrsClient,
  StartRecoveryCommand,
} from '@aws-sdk/client-drs';
import { DescribeInstanceStatusCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetAutomationExecutionCommand, SSMClient, StartAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { VirtualClock } from '@breakwater/core';
import { createWorld, loadScenario, requestHandler } from './index.ts';

test('the webshop world can be drilled with unmodified SDK clients in process', async () => {
  const scenario = loadScenario('plans/simulation/webshop.yaml');
  const clock = new VirtualClock(scenario.start ?? 0);
  const world = createWorld({ scenario, clock });
  const base = { accessKeyId: world.credentials.AWS_ACCESS_KEY_ID, secretAccessKey: world.credentials.AWS_SECRET_ACCESS_KEY };
  const region = 'us-west-2';
  const sts = new STSClient({ region, credentials: base, requestHandler: requestHandler(world) });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::111122223333:role/breakwater-recovery',
      RoleSessionName: 'test',
      ExternalId: 'webshop-dr',
    }),
  );
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const config = { region, credentials, requestHandler: requestHandler(world) };
  const who = await new STSClient(config).send(new GetCallerIdentityCommand({}));
  assert.equal(who.Account, '111122223333');

  const drs = new DrsClient(config);
  const { items = [] } = await drs.send(new DescribeSourceServersCommand({}));
  const database = items.filter((server) => server.tags?.['Tier'] === 'database');
  assert.equal(items.length, 14);
  assert.equal(database.length, 3);
  const { job } = await drs.send(
    new StartRecoveryCommand({
      isDrill: true,
      sourceServers: database.map((server) => ({ sourceServerID: server.sourceServerID })),
      tags: { run: '1' },
    }),
  );
  assert.equal(job?.status, 'PENDING');
  const jobIDs = [job?.jobID ?? ''];
  for (let polls = 0; polls < 100; polls++) {
    const { items: jobs = [] } = await drs.send(new DescribeJobsCommand({ filters: { jobIDs } }));
    if (jobs[0]?.status === 'COMPLETED') break;
    await clock.sleep(15_000);
  }
  const { items: jobs = [] } = await drs.send(new DescribeJobsCommand({ filters: { jobIDs } }));
  assert.deepEqual(
    jobs[0]?.participatingServers?.map((server) => server.launchStatus),
    ['LAUNCHED', 'LAUNCHED', 'LAUNCHED'],
  );
  const log = await drs.send(new DescribeJobLogItemsCommand({ jobID: jobIDs[0] ?? '' }));
  assert.equal(log.items?.[0]?.event, 'JOB_START');
  const { items: instances = [] } = await drs.send(
    new DescribeRecoveryInstancesCommand({ filters: { sourceServerIDs: database.map((server) => server.sourceServerID ?? '') } }),
  );
  assert.deepEqual(
    instances.map((instance) => [instance.jobID, instance.isDrill]),
    [
      [jobIDs[0], true],
      [jobIDs[0], true],
      [jobIDs[0], true],
    ],
  );
  await clock.sleep(120_000);
  const health = await new EC2Client(config).send(
    new DescribeInstanceStatusCommand({
      InstanceIds: instances.map((instance) => instance.ec2InstanceID ?? ''),
      IncludeAllInstances: true,
    }),
  );
  assert.deepEqual(
    health.InstanceStatuses?.map((status) => [status.InstanceState?.Name, status.InstanceStatus?.Status]),
    [
      ['running', 'ok'],
      ['running', 'ok'],
      ['running', 'ok'],
    ],
  );

  const ssm = new SSMClient(config);
  const started = await ssm.send(
    new StartAutomationExecutionCommand({ DocumentName: 'Webshop-PromoteDatabase', Parameters: { Cluster: ['x'] } }),
  );
  await clock.sleep(70_000);
  const { AutomationExecution: automation } = await ssm.send(
    new GetAutomationExecutionCommand({ AutomationExecutionId: started.AutomationExecutionId ?? '' }),
  );
  assert.equal(automation?.AutomationExecutionStatus, 'Success');
  assert.deepEqual(automation?.Outputs?.['promote.Endpoint'], ['webshop-db.dr.example.com']);
  assert.ok(world.calls.every((call) => call.outcome === 'ok'));
});
