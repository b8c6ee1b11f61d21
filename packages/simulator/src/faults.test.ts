import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DescribeJobsCommand,
  DescribeRecoveryInstancesCommand,
  DescribeSourceServersCommand,
  StartRecoveryCommand,
} from '@aws-sdk/client-drs';
import { DescribeInstanceStatusCommand } from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  GetAutomationExecutionCommand,
  StartAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { ACCOUNT, awsError, clients, serverIds, servers, worldOf } from '../test-support/sdk-clients.ts';
import { parseFault } from './index.ts';

type Made = ReturnType<typeof worldOf>;

function start({ world, drs }: Made, ids = serverIds(world)) {
  return drs.send(new StartRecoveryCommand({ isDrill: true, sourceServers: ids.map((sourceServerID) => ({ sourceServerID })) }));
}

function arm({ world }: Made, fault: object): void {
  world.arm(parseFault(fault));
}

describe('faults of a call', () => {
  test('throttle in the words of each service', async () => {
    const made = worldOf(servers(1));
    arm(made, { effect: { kind: 'throttle' }, match: { times: 4 } });
    const { drs, ssm, sts, ec2 } = made;
    await assert.rejects(drs.send(new DescribeJobsCommand({})), (error) => {
      awsError('ThrottlingException', 429, { retryAfterSeconds: '1' })(error);
      return true;
    });
    await assert.rejects(
      ssm.send(new GetAutomationExecutionCommand({ AutomationExecutionId: 'x' })),
      awsError('ThrottlingException', 400),
    );
    await assert.rejects(ec2.send(new DescribeInstanceStatusCommand({})), awsError('RequestLimitExceeded', 503));
    await assert.rejects(sts.send(new GetCallerIdentityCommand({})), awsError('Throttling', 400));
    await drs.send(new DescribeJobsCommand({}));
    assert.deepEqual(
      made.world.calls.flatMap((call) => call.faults),
      ['throttle', 'throttle', 'throttle', 'throttle'],
    );
  });

  for (const when of ['before', 'after'] as const) {
    test(`a dropped connection ${when} the change is applied is an ECONNRESET`, async () => {
      const made = worldOf(servers(1));
      arm(made, { match: { operation: 'StartRecovery', times: 1 }, effect: { kind: 'drop', when } });
      await assert.rejects(start(made), { code: 'ECONNRESET' });
      const applied = when === 'after';
      assert.deepEqual(
        made.world.calls.map((call) => [call.outcome, call.applied, call.status]),
        [['dropped', applied, undefined]],
      );
      assert.equal(made.world.state().regions[0]?.jobs.length, applied ? 1 : 0);
      if (applied) await assert.rejects(start(made), awsError('ConflictException', 409));
      else await start(made);
    });

    test(`a 503 ${when} the change is applied`, async () => {
      const made = worldOf(servers(1));
      arm(made, { match: { operation: 'StartRecovery', times: 1 }, effect: { kind: 'unavailable', status: 503, when } });
      await assert.rejects(start(made), awsError('ServiceUnavailable', 503));
      assert.equal(made.world.calls[0]?.applied, when === 'after');
    });

    test(`any error ${when} the change is applied`, async () => {
      const made = worldOf(servers(1));
      arm(made, { match: { times: 1 }, effect: { kind: 'error', code: 'Odd', status: 418, message: 'short and stout', when } });
      await assert.rejects(start(made), awsError('Odd', 418, { message: 'short and stout' }));
      assert.equal(made.world.calls[0]?.applied, when === 'after');
    });
  }

  test('an SDK client that may retry repeats StartRecovery after a lost answer and meets its own job', async () => {
    const made = worldOf(servers(1));
    arm(made, { match: { operation: 'StartRecovery', times: 1 }, effect: { kind: 'drop', when: 'after' } });
    const { drs: retrying } = clients(made.world, { maxAttempts: 3 });
    const sourceServers = serverIds(made.world).map((sourceServerID) => ({ sourceServerID }));
    await assert.rejects(retrying.send(new StartRecoveryCommand({ sourceServers })), awsError('ConflictException', 409));
    assert.equal(made.world.calls.length, 2);
  });

  test('a slow answer takes simulated time, after the change', async () => {
    const made = worldOf(servers(1));
    arm(made, { match: { operation: 'StartRecovery' }, effect: { kind: 'slow', by: '45s' } });
    const before = made.clock.now();
    await start(made);
    assert.equal(made.clock.now() - before, 45_050);
  });

  test('a client that gives up while the answer is slow has changed the world all the same', async () => {
    const made = worldOf(servers(1));
    arm(made, { match: { operation: 'StartRecovery' }, effect: { kind: 'slow', by: '45s' } });
    const controller = new AbortController();
    const sourceServers = serverIds(made.world).map((sourceServerID) => ({ sourceServerID }));
    const sent = made.drs.send(new StartRecoveryCommand({ sourceServers }), { abortSignal: controller.signal });
    const gone = assert.rejects(sent, { name: 'AbortError' });
    await made.clock.sleep(1_000);
    controller.abort();
    await gone;
    assert.deepEqual([made.world.calls[0]?.outcome, made.world.calls[0]?.applied], ['aborted', true]);
  });

  test('strike the n-th matching call, by operation, account, Region, server and document', async () => {
    const made = worldOf(`${servers(2)}documents: [{ name: A-1 }, { name: B-2 }]\n`);
    const [a = '', b = ''] = serverIds(made.world);
    arm(made, { match: { server: 'server-02', operation: 'DescribeSourceServers', nth: 2 }, effect: { kind: 'throttle' } });
    arm(made, { match: { document: 'B-2' }, effect: { kind: 'throttle' } });
    arm(made, { match: { account: '999999999999' }, effect: { kind: 'throttle' } });
    arm(made, { match: { region: 'eu-west-1' }, effect: { kind: 'throttle' } });
    const describeServer = (id: string) =>
      made.drs.send(new DescribeSourceServersCommand({ filters: { sourceServerIDs: [id] } }));
    await describeServer(b);
    await describeServer(a);
    await assert.rejects(describeServer(b), awsError('ThrottlingException', 429));
    await describeServer(b);
    await made.ssm.send(new StartAutomationExecutionCommand({ DocumentName: 'A-1' }));
    await assert.rejects(
      made.ssm.send(new StartAutomationExecutionCommand({ DocumentName: 'B-2' })),
      awsError('ThrottlingException', 400),
    );
    const elsewhere = clients(made.world, { region: 'eu-west-1' }).drs;
    await assert.rejects(elsewhere.send(new DescribeJobsCommand({})), awsError('ThrottlingException', 429));
  });

  test('begin after a while and end', async () => {
    const made = worldOf(`${servers(1)}faults: [{ effect: { kind: throttle }, after: 1m, for: 1m }]\n`);
    const describe = () => made.drs.send(new DescribeJobsCommand({}));
    await describe();
    await made.clock.sleep(60_000);
    await assert.rejects(describe(), awsError('ThrottlingException', 429));
    await made.clock.sleep(60_000);
    await describe();
  });

  test('credentials expire now; a new session works', async () => {
    const made = worldOf(`roles: [{ arn: "arn:aws:iam::${ACCOUNT}:role/here" }]\n`);
    const assume = async () => {
      const { Credentials } = await made.sts.send(
        new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/here`, RoleSessionName: 'test' }),
      );
      const keys = {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      };
      return clients(made.world, { keys });
    };
    const session = await assume();
    arm(made, { match: { operation: 'GetCallerIdentity', times: 1 }, effect: { kind: 'credentials-expire' } });
    await assert.rejects(session.sts.send(new GetCallerIdentityCommand({})), awsError('ExpiredToken', 403));
    await assert.rejects(session.sts.send(new GetCallerIdentityCommand({})), awsError('ExpiredToken', 403));
    await (await assume()).sts.send(new GetCallerIdentityCommand({}));
  });
});

describe('faults of the world', () => {
  test('a partial launch', async () => {
    const made = worldOf(servers(3));
    arm(made, { match: { server: 'server-02' }, effect: { kind: 'launch-fails', phase: 'launch', rawError: 'no capacity' } });
    await start(made);
    await made.clock.sleep(600_000);
    const job = made.world.state().regions[0]?.jobs[0];
    assert.deepEqual(
      job?.servers.map((server) => server.launchStatus),
      ['LAUNCHED', 'FAILED', 'LAUNCHED'],
    );
    assert.equal(job?.log.find((item) => item.event === 'LAUNCH_FAILED')?.rawError, 'no capacity');
    assert.equal(made.world.faults.all[0]?.hits, 1);
  });

  test('an agent that never comes online, and one that does late', async () => {
    const made = worldOf(
      `${servers(2)}faults: [{ match: { server: server-01 }, effect: { kind: agent-never-online }, for: 2h }]\n`,
    );
    await start(made);
    await made.clock.sleep(3_600_000);
    const online = async () =>
      (await made.ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList?.map((node) => node.ComputerName);
    assert.deepEqual(await online(), ['server-02']);
    await made.clock.sleep(3_600_000);
    assert.deepEqual(await online(), ['server-01', 'server-02']);
  });

  test('status checks that fail', async () => {
    const made = worldOf(servers(1));
    arm(made, { effect: { kind: 'status-impaired' } });
    await start(made);
    await made.clock.sleep(1_200_000);
    const { InstanceStatuses } = await made.ec2.send(new DescribeInstanceStatusCommand({}));
    assert.deepEqual(
      [InstanceStatuses?.[0]?.InstanceStatus?.Status, InstanceStatuses?.[0]?.SystemStatus?.Status],
      ['impaired', 'ok'],
    );
  });

  test('an automation that hangs, and one that ends otherwise', async () => {
    const made = worldOf('documents: [{ name: Doc }]\n');
    arm(made, { match: { document: 'Doc', times: 1 }, effect: { kind: 'automation-hangs' } });
    arm(made, {
      match: { document: 'Doc', nth: 1 },
      effect: { kind: 'automation-ends', status: 'Exited', message: 'left early' },
    });
    const run = async () => {
      const { AutomationExecutionId } = await made.ssm.send(new StartAutomationExecutionCommand({ DocumentName: 'Doc' }));
      await made.clock.sleep(3_600_000);
      const { AutomationExecution } = await made.ssm.send(new GetAutomationExecutionCommand({ AutomationExecutionId }));
      return [AutomationExecution?.AutomationExecutionStatus, AutomationExecution?.FailureMessage];
    };
    assert.deepEqual(await run(), ['Exited', 'left early']);
    assert.deepEqual(await run(), ['InProgress', undefined]);
    assert.deepEqual(await run(), ['Success', undefined]);
  });

  test('new jobs and instances that are not visible for a while', async () => {
    const made = worldOf(servers(1));
    arm(made, { match: { service: 'drs' }, effect: { kind: 'visibility-lag', by: '30s' } });
    await start(made);
    assert.deepEqual((await made.drs.send(new DescribeJobsCommand({}))).items, []);
    await made.clock.sleep(30_000);
    assert.equal((await made.drs.send(new DescribeJobsCommand({}))).items?.length, 1);
    const endsAt = made.world.state().regions[0]?.jobs[0]?.servers[0]?.endsAt ?? 0;
    await made.clock.sleep(endsAt - made.clock.now() + 10_000);
    assert.deepEqual((await made.drs.send(new DescribeRecoveryInstancesCommand({}))).items, []);
    await made.clock.sleep(25_000);
    assert.equal((await made.drs.send(new DescribeRecoveryInstancesCommand({}))).items?.length, 1);
  });

  test('the jobs of other people', async () => {
    const made = worldOf(servers(1));
    arm(made, { effect: { kind: 'other-jobs', jobs: 20, servers: 2, for: '10m' } });
    await assert.rejects(start(made), awsError('ServiceQuotaExceededException', 402));
    await made.clock.sleep(600_000);
    await start(made);
  });

  test('a fault that is not one is refused with the path', () => {
    for (const [fault, expected] of [
      [{ effect: { kind: 'explode' } }, /\/effect/],
      [{ effect: { kind: 'drop', when: 'sometimes' } }, /\/effect\/when.*before, after/],
      [{ match: { colour: 'red' }, effect: { kind: 'throttle' } }, /\/match.*colour/],
      [{ effect: { kind: 'slow' } }, /by/],
      [{ effect: { kind: 'slow', by: 'ages' } }, /\/effect\/by/],
      ['nonsense', /must be object/],
    ] as const) {
      assert.throws(
        () => parseFault(fault),
        (error) => {
          assert.ok(error instanceof Error);
          assert.match(error.message, expected);
          assert.equal(Reflect.get(error, 'code'), 'scenario-invalid');
          return true;
        },
      );
    }
  });
});
