import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartRecoveryCommand } from '@aws-sdk/client-drs';
import { DescribeInstanceStatusCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { awsError, serverIds, servers, worldOf } from '../../test-support/sdk-clients.ts';

async function launched(yaml: string) {
  const made = worldOf(yaml);
  const sourceServers = serverIds(made.world).map((sourceServerID) => ({ sourceServerID }));
  await made.drs.send(new StartRecoveryCommand({ isDrill: true, sourceServers }));
  const instances = made.world.state().regions[0]?.instances ?? [];
  const last = Math.max(...instances.map((instance) => instance.launchedAt));
  await made.clock.sleep(last - made.clock.now());
  return { ...made, ids: instances.map((instance) => instance.id) };
}

const TIMES = 'instances: { visibleAfter: 10s, statusOkAfter: 60s, agentOnlineAfter: 1s }\n';

test('a new id is not found for a moment, then its checks go from initializing to ok', async () => {
  const { ec2, clock, ids } = await launched(`${servers(2, 'tags: { Tier: web }')}${TIMES}`);
  const status = async () => {
    const { InstanceStatuses = [] } = await ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds: ids, IncludeAllInstances: true }),
    );
    return InstanceStatuses.map(
      (one) =>
        `${one.InstanceState?.Name} ${one.InstanceStatus?.Status} ${one.SystemStatus?.Status} ${one.AttachedEbsStatus?.Status}`,
    );
  };
  await assert.rejects(status(), awsError('InvalidInstanceID.NotFound', 400));
  await clock.sleep(12_000);
  assert.deepEqual(await status(), [
    'running initializing initializing initializing',
    'running initializing initializing initializing',
  ]);
  await clock.sleep(60_000);
  assert.deepEqual(await status(), ['running ok ok ok', 'running ok ok ok']);
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'tag:Tier', Values: ['web'] }], MaxResults: 5 }),
  );
  const [one] = Reservations[0]?.Instances ?? [];
  assert.equal(Reservations.length, 2);
  assert.equal(one?.State?.Name, 'running');
  assert.match(one?.PrivateIpAddress ?? '', /^10\.\d+\.\d+\.\d+$/);
  assert.ok(one?.Tags?.some((tag) => tag.Key === 'AWSElasticDisasterRecoverySourceServerID'));
});

test('an instance that is launched stopped has no status checks', async () => {
  const { ec2, clock, ids } = await launched(`${servers(1, 'launchDisposition: STOPPED')}${TIMES}`);
  await clock.sleep(120_000);
  const all = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: ids, IncludeAllInstances: true }));
  assert.deepEqual(
    all.InstanceStatuses?.map((one) => [one.InstanceState?.Name, one.InstanceStatus?.Status]),
    [['stopped', 'not-applicable']],
  );
  assert.deepEqual((await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: ids }))).InstanceStatuses, []);
});

test('unknown, malformed and mixed requests are refused as EC2 does', async () => {
  const { ec2 } = worldOf(servers(1));
  const unknown = 'i-00000000000000000';
  await assert.rejects(
    ec2.send(new DescribeInstancesCommand({ InstanceIds: [unknown] })),
    awsError('InvalidInstanceID.NotFound', 400, { message: `The instance ID '${unknown}' does not exist` }),
  );
  await assert.rejects(
    ec2.send(new DescribeInstancesCommand({ InstanceIds: ['x'] })),
    awsError('InvalidInstanceID.Malformed', 400),
  );
  await assert.rejects(
    ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'no', Values: [] }] })),
    awsError('InvalidParameterValue', 400),
  );
  await assert.rejects(ec2.send(new DescribeInstancesCommand({ NextToken: 'no' })), awsError('InvalidParameterValue', 400));
});
