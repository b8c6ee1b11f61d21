import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StartRecoveryCommand } from '@aws-sdk/client-drs';
import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { awsError, serverIds, servers, worldOf } from '../../test-support/sdk-clients.ts';

const RECOVERED = `${servers(2)}instances: { visibleAfter: 3s, statusOkAfter: 60s, agentOnlineAfter: 30s }\n`;

async function recovered(yaml: string) {
  const made = worldOf(`${RECOVERED}${yaml}`);
  const sourceServers = serverIds(made.world).map((sourceServerID) => ({ sourceServerID }));
  await made.drs.send(new StartRecoveryCommand({ isDrill: true, sourceServers }));
  const launchedAt = Math.max(...(made.world.state().regions[0]?.instances.map((instance) => instance.launchedAt) ?? []));
  await made.clock.sleep(launchedAt - made.clock.now() + 1_000);
  const ids = made.world.state().regions[0]?.instances.map((instance) => instance.id) ?? [];
  return { ...made, ids };
}

describe('managed instances', () => {
  test('come online after their status checks, and are absent before', async () => {
    const { ssm, clock, ids } = await recovered('');
    const online = async () => {
      const answer = await ssm.send(
        new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [...ids] }] }),
      );
      return answer.InstanceInformationList ?? [];
    };
    assert.deepEqual(await online(), []);
    const older = ssm.send(
      new DescribeInstanceInformationCommand({ InstanceInformationFilterList: [{ key: 'InstanceIds', valueSet: [...ids] }] }),
    );
    await assert.rejects(older, awsError('InvalidInstanceId', 400));
    await clock.sleep(90_000);
    const nodes = await online();
    assert.deepEqual(
      nodes.map((node) => node.PingStatus),
      ['Online', 'Online'],
    );
    assert.ok((nodes[0]?.LastPingDateTime?.getTime() ?? 0) <= clock.now());
  });
});

describe('a command', () => {
  test('needs online instances, is unknown for a moment, then runs on each', async () => {
    const { ssm, clock, ids } = await recovered('documents: [{ name: Start-It, kind: command, duration: 8s, output: started }]');
    const send = () => ssm.send(new SendCommandCommand({ DocumentName: 'Start-It', InstanceIds: [...ids] }));
    await assert.rejects(send(), awsError('InvalidInstanceId', 400));
    await clock.sleep(90_000);
    const { Command } = await send();
    const CommandId = Command?.CommandId ?? '';
    const invocation = () => ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: ids[0] }));
    await assert.rejects(invocation(), awsError('InvocationDoesNotExist', 400));
    assert.deepEqual((await ssm.send(new ListCommandInvocationsCommand({ CommandId }))).CommandInvocations, []);
    await clock.sleep(2_000);
    assert.deepEqual([(await invocation()).Status, (await invocation()).ResponseCode], ['InProgress', -1]);
    await clock.sleep(10_000);
    const done = await invocation();
    assert.deepEqual([done.Status, done.ResponseCode, done.StandardOutputContent], ['Success', 0, 'started']);
    const listed = await ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true }));
    assert.deepEqual(
      listed.CommandInvocations?.map((one) => [one.Status, one.CommandPlugins?.[0]?.Output]),
      [
        ['Success', 'started'],
        ['Success', 'started'],
      ],
    );
  });

  test('has no client token: two sends are two commands', async () => {
    const { ssm, clock, ids, world } = await recovered('documents: [{ name: Start-It, kind: command }]');
    await clock.sleep(90_000);
    const input = { DocumentName: 'Start-It', InstanceIds: [...ids], Comment: 'same' };
    const first = await ssm.send(new SendCommandCommand(input));
    const second = await ssm.send(new SendCommandCommand(input));
    assert.notEqual(first.Command?.CommandId, second.Command?.CommandId);
    assert.equal(world.state().regions[0]?.commands.length, 2);
    const listed = await ssm.send(new ListCommandsCommand({}));
    assert.deepEqual(
      listed.Commands?.map((command) => command.Comment),
      ['same', 'same'],
    );
  });

  test('can fail, hang and be cancelled', async () => {
    const { ssm, clock, ids } = await recovered(`
documents:
  - { name: Fail-It, kind: command, exitCode: 3, errorOutput: "no such unit" }
  - { name: Hang-It, kind: command, hangs: true }
`);
    await clock.sleep(90_000);
    const failing = await ssm.send(new SendCommandCommand({ DocumentName: 'Fail-It', InstanceIds: [...ids] }));
    const hanging = await ssm.send(new SendCommandCommand({ DocumentName: 'Hang-It', InstanceIds: [...ids] }));
    await clock.sleep(3_600_000);
    const failed = await ssm.send(new GetCommandInvocationCommand({ CommandId: failing.Command?.CommandId, InstanceId: ids[0] }));
    assert.deepEqual([failed.Status, failed.ResponseCode, failed.StandardErrorContent], ['Failed', 3, 'no such unit']);
    const CommandId = hanging.Command?.CommandId ?? '';
    const status = async () => (await ssm.send(new ListCommandsCommand({ CommandId }))).Commands?.[0]?.Status;
    assert.equal(await status(), 'InProgress');
    await ssm.send(new CancelCommandCommand({ CommandId }));
    assert.equal(await status(), 'Cancelling');
    await clock.sleep(2_000);
    assert.equal(await status(), 'Cancelled');
    await assert.rejects(
      ssm.send(new CancelCommandCommand({ CommandId: '00000000-0000-4000-8000-000000000001' })),
      awsError('InvalidCommandId', 400),
    );
  });

  test('is refused for unknown documents, parameters and doubled instances', async () => {
    const { ssm, clock, ids } = await recovered('documents: [{ name: Auto, kind: automation }]');
    await clock.sleep(90_000);
    const send = (DocumentName: string, InstanceIds: readonly string[], Parameters = {}) =>
      ssm.send(new SendCommandCommand({ DocumentName, InstanceIds: [...InstanceIds], Parameters }));
    await assert.rejects(send('Nobody', ids), awsError('InvalidDocument', 400));
    await assert.rejects(send('Auto', ids), awsError('InvalidDocument', 400));
    await assert.rejects(send('AWS-RunShellScript', ids), awsError('InvalidParameters', 400));
    const twice = [ids[0] ?? '', ids[0] ?? ''];
    await assert.rejects(send('AWS-RunShellScript', twice, { commands: ['true'] }), awsError('DuplicateInstanceId', 400));
    await assert.rejects(send('AWS-RunShellScript', [], { commands: ['true'] }), awsError('InvalidInstanceId', 400));
    const { Command } = await send('AWS-RunShellScript', ids, { commands: ['true', 'false'] });
    assert.equal(Command?.TargetCount, 2);
  });
});
