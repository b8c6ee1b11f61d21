import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import { ec2Answer, ec2Error } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const idsOf = (input: Readonly<Record<string, unknown>>) =>
  Object.entries(input)
    .filter(([key]) => key.startsWith('InstanceId.'))
    .map(([, value]) => String(value));

test('instance health: every field, also for instances that are not running', async () => {
  const { ec2, aws } = scriptedSite(({ input }) =>
    input['NextToken'] === undefined
      ? ec2Answer(
          'DescribeInstanceStatus',
          `<instanceStatusSet><item><instanceId>i-0000000a</instanceId><instanceState><code>16</code><name>running</name></instanceState>
           <instanceStatus><status>ok</status></instanceStatus><systemStatus><status>initializing</status></systemStatus>
           <attachedEbsStatus><status>ok</status></attachedEbsStatus></item></instanceStatusSet><nextToken>more</nextToken>`,
        )
      : ec2Answer(
          'DescribeInstanceStatus',
          '<instanceStatusSet><item><instanceId>i-0000000b</instanceId></item><item/></instanceStatusSet>',
        ),
  );
  assert.deepEqual(await ec2.describeInstanceHealth(['i-0000000a', 'i-0000000b', 'i-0000000a']), [
    { instanceId: 'i-0000000a', state: 'running', instanceStatus: 'ok', systemStatus: 'initializing', attachedEbsStatus: 'ok' },
    {
      instanceId: 'i-0000000b',
      state: 'unknown',
      instanceStatus: undefined,
      systemStatus: undefined,
      attachedEbsStatus: undefined,
    },
  ]);
  assert.equal(aws.sent[0]?.input['IncludeAllInstances'], 'true');
  assert.deepEqual(idsOf(aws.sent[0]?.input ?? {}), ['i-0000000a', 'i-0000000b']);
});

test('instances: launch time, address and tags', async () => {
  const { ec2 } = scriptedSite(() =>
    ec2Answer(
      'DescribeInstances',
      `<reservationSet><item><instancesSet><item><instanceId>i-0000000a</instanceId><instanceState><name>running</name></instanceState>
       <launchTime>2026-11-20T02:00:00.000Z</launchTime><privateIpAddress>10.0.0.1</privateIpAddress><instanceType>m5.large</instanceType>
       <subnetId>subnet-1</subnetId><tagSet><item><key>Name</key><value>web</value></item></tagSet></item></instancesSet></item></reservationSet>`,
    ),
  );
  assert.deepEqual(await ec2.describeInstances(['i-0000000a']), [
    {
      instanceId: 'i-0000000a',
      state: 'running',
      launchedAt: Date.parse('2026-11-20T02:00:00Z'),
      privateIp: '10.0.0.1',
      instanceType: 'm5.large',
      subnetId: 'subnet-1',
      tags: { Name: 'web' },
    },
  ]);
});

test('security groups: asked for by a filter, those that are there with their VPC, over several pages', async () => {
  const { ec2, aws } = scriptedSite(({ input }) =>
    input['NextToken'] === undefined
      ? ec2Answer(
          'DescribeSecurityGroups',
          '<securityGroupInfo><item><groupId>sg-0a</groupId><vpcId>vpc-1</vpcId></item></securityGroupInfo><nextToken>more</nextToken>',
        )
      : ec2Answer(
          'DescribeSecurityGroups',
          '<securityGroupInfo><item><groupId>sg-0b</groupId></item><item><groupId>sg-0x</groupId></item><item/></securityGroupInfo>',
        ),
  );
  assert.deepEqual(await ec2.describeSecurityGroups(['sg-0a', 'sg-0b', 'sg-0c', 'sg-0a']), [
    { id: 'sg-0a', vpc: 'vpc-1' },
    { id: 'sg-0b', vpc: undefined },
  ]);
  const { Version: _, Action: action, ...asked } = aws.sent[0]?.input ?? {};
  assert.deepEqual(
    [action, asked],
    [
      'DescribeSecurityGroups',
      { 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': 'sg-0a', 'Filter.1.Value.2': 'sg-0b', 'Filter.1.Value.3': 'sg-0c' },
    ],
  );
});

test('security groups that may not be looked at are an error that names the permission', async () => {
  const { ec2 } = scriptedSite(() => ec2Error(403, 'UnauthorizedOperation', 'You are not authorized to perform this operation.'));
  await assert.rejects(ec2.describeSecurityGroups(['sg-0a']), (error) => {
    assert.ok(error instanceof AwsError);
    assert.equal(error.code, 'permission-denied');
    assert.match(error.next, /ec2:DescribeSecurityGroups/);
    return true;
  });
});

test('no ids, no request: an empty list means every instance to EC2', async () => {
  const { ec2, aws } = scriptedSite(() => ec2Error(500, 'InternalError'));
  assert.deepEqual(await ec2.describeInstances([]), []);
  assert.deepEqual(await ec2.describeInstanceHealth([]), []);
  assert.deepEqual(await ec2.describeSecurityGroups([]), []);
  assert.equal(aws.sent.length, 0);
});

for (const named of [true, false]) {
  test(`instances not visible yet are missing, ${named ? 'left out by name' : 'found by halving'}`, async () => {
    const unknown = new Set(['i-0000000b', 'i-0000000d']);
    const { ec2, aws } = scriptedSite(({ input }) => {
      const asked = idsOf(input);
      const missing = asked.filter((id) => unknown.has(id));
      if (missing.length > 0) {
        return ec2Error(
          400,
          'InvalidInstanceID.NotFound',
          named ? `The instance IDs '${missing.join(', ')}' do not exist` : 'Nope',
        );
      }
      const items = asked.map((id) => `<item><instanceId>${id}</instanceId></item>`).join('');
      return ec2Answer('DescribeInstanceStatus', `<instanceStatusSet>${items}</instanceStatusSet>`);
    });
    const health = await ec2.describeInstanceHealth(['i-0000000a', 'i-0000000b', 'i-0000000c', 'i-0000000d']);
    assert.deepEqual(
      health.map(({ instanceId }) => instanceId),
      ['i-0000000a', 'i-0000000c'],
    );
    assert.ok(aws.sent.length <= 7);
    assert.deepEqual(await ec2.describeInstanceHealth(['i-0000000b']), []);
  });
}

test('a hundred ids a request', async () => {
  const { ec2, aws } = scriptedSite(() => ec2Answer('DescribeInstanceStatus', '<instanceStatusSet/>'));
  await ec2.describeInstanceHealth(Array.from({ length: 250 }, (_, n) => `i-${String(n).padStart(8, '0')}`));
  assert.deepEqual(
    aws.sent.map(({ input }) => idsOf(input).length),
    [100, 100, 50],
  );
});

test('RequestLimitExceeded with its 503 is throttling, and is retried', async () => {
  const { ec2, aws } = scriptedSite((_, nth) =>
    nth < 3 ? ec2Error(503, 'RequestLimitExceeded') : ec2Answer('DescribeInstances', '<reservationSet/>'),
  );
  assert.deepEqual(await ec2.describeInstances(['i-0000000a']), []);
  assert.equal(aws.sent.length, 4);
});

test('any other refusal is not taken for an answer', async () => {
  const { ec2 } = scriptedSite(() => ec2Error(403, 'UnauthorizedOperation', 'You are not authorized to perform this operation.'));
  await assert.rejects(ec2.describeInstances(['i-0000000a']), { code: 'permission-denied', missing: 'ec2:DescribeInstances' });
});
