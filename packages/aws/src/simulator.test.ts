import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deterministicUuid, VirtualClock } from '@breakwater/core';
import { createWorld, parseFault, parseScenario, requestHandler } from '@breakwater/simulator';
import { type AwsSite, type ConnectOptions, connect } from './connect.ts';
import { START } from './scripted-site.ts';

const ACCOUNT = '111122223333';
const MINUTE = 60_000;
const SITE: AwsSite = {
  name: 'recovery',
  account: ACCOUNT,
  region: 'eu-west-1',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/dr`,
  externalId: 'handshake-1',
};
const WORLD = `
name: gateways
pageSize: 2
jitter: 0
callers: [{ account: "444455556666" }]
accounts: [{ id: "${ACCOUNT}", name: recovery, regions: [eu-west-1] }]
roles: [{ arn: "${SITE.roleArn}", externalId: handshake-1, trust: ["444455556666"] }]
ssm: { stepsShown: 1 }
servers:
  - { hostname: "web-{n}", count: 3, account: "${ACCOUNT}", region: eu-west-1, tags: { Tier: web }, replication: { lag: 5s } }
documents:
  - { name: Warm-Caches, parameters: { Ids: { type: StringList, required: false } }, steps: [{ name: one, duration: 5s, outputs: { Said: warm } }, { name: two, duration: 5s }] }
  - { name: Hang, steps: [{ name: wait, duration: 9h }] }
  - { name: Run-It, kind: command, duration: 4s, output: done }
`;

function simulated(options: Partial<ConnectOptions> = {}) {
  const clock = new VirtualClock(START);
  const world = createWorld({ scenario: parseScenario(WORLD), clock });
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = world.credentials;
  const at = connect({
    clock,
    credentials: { kind: 'static', accessKeyId, secretAccessKey },
    sessionName: 'contract',
    requestHandler: requestHandler(world),
    ...options,
  });
  const calls = (operation: string) => world.calls.filter((call) => call.operation === operation);
  return { clock, world, at, calls, fault: (spec: object) => world.arm(parseFault(spec)), ...at(SITE) };
}

test('a drill from the first look to the clean-up, every method against the simulator', async () => {
  const { clock, world, drs, ec2, ssm, identity } = simulated();
  assert.deepEqual(await identity(), { account: ACCOUNT, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/dr/contract` });

  const servers = await drs.describeSourceServers();
  assert.equal(servers.length, 3, 'every page');
  const ids = servers.map(({ id }) => id);
  assert.deepEqual(
    servers.map(({ replicationState, lag, tags }) => [replicationState, lag, tags['Tier']]),
    ids.map(() => ['CONTINUOUS', 5_000, 'web']),
  );
  assert.deepEqual(await drs.describeSourceServers([ids[0] ?? '', `s-${'9'.repeat(17)}`]), servers.slice(0, 1));

  const first = ids[0] ?? '';
  const taken = async (options: { limit: number; notAfter?: number }) =>
    (await drs.describeRecoverySnapshots(first, options)).find(({ takenAt }) => takenAt !== undefined);
  const newest = await taken({ limit: 1 });
  assert.ok(newest?.takenAt !== undefined && newest.takenAt <= clock.now());
  const older = await taken({ limit: 1, notAfter: newest.takenAt - 1 });
  assert.ok(older?.takenAt !== undefined && older.takenAt < newest.takenAt);

  const job = await drs.startRecovery({
    servers: ids.map((id) => (id === first ? { id, snapshotId: older.id } : { id })),
    isDrill: true,
    tags: { execution: 'e-1' },
  });
  assert.equal(job.type, 'LAUNCH');
  assert.deepEqual(job.tags, { execution: 'e-1' });
  await clock.sleep(30 * MINUTE);
  const [done] = await drs.describeJobsById([job.id]);
  assert.equal(done?.status, 'COMPLETED');
  assert.deepEqual(
    done.participants.map(({ launchStatus }) => launchStatus),
    ['LAUNCHED', 'LAUNCHED', 'LAUNCHED'],
  );
  assert.ok(done.createdAt !== undefined && done.endedAt !== undefined && done.endedAt > done.createdAt);
  assert.deepEqual(await drs.describeJobsSince(START - MINUTE), [done]);
  assert.deepEqual(await drs.describeJobsById([`drsjob-${'9'.repeat(17)}`]), []);
  const log = await drs.describeJobLog(job.id);
  assert.equal(log.at(0)?.event, 'JOB_START');
  assert.equal(log.at(-1)?.event, 'JOB_END');
  assert.equal(log.filter(({ event, targetInstanceId }) => event === 'LAUNCH_END' && targetInstanceId !== undefined).length, 3);

  const recovered = await drs.describeRecoveryInstances({ sourceServerIds: ids });
  assert.deepEqual(new Set(recovered.map(({ jobId, isDrill }) => `${jobId} ${isDrill}`)), new Set([`${job.id} true`]));
  assert.equal(recovered.find(({ sourceServerId }) => sourceServerId === first)?.pointInTime, older.takenAt);
  const instanceIds = recovered.map(({ ec2InstanceId }) => ec2InstanceId);
  assert.equal((await drs.describeRecoveryInstances({ ids: instanceIds.slice(0, 1) })).length, 1);

  const strangers = [...instanceIds, 'i-0fffffffffffffff1'];
  const health = await ec2.describeInstanceHealth(strangers);
  assert.deepEqual(
    health.map(({ state, instanceStatus, systemStatus }) => [state, instanceStatus, systemStatus]),
    instanceIds.map(() => ['running', 'ok', 'ok']),
  );
  const instances = await ec2.describeInstances(strangers);
  assert.deepEqual(new Set(instances.map(({ instanceId }) => instanceId)), new Set(instanceIds));
  assert.ok(instances.every(({ launchedAt }) => launchedAt !== undefined && launchedAt > START));
  const managed = await ssm.describeManagedInstances(strangers);
  assert.deepEqual(
    managed.map(({ pingStatus }) => pingStatus),
    instanceIds.map(() => 'Online'),
  );

  const arn = servers[0]?.arn ?? '';
  await drs.tagResource(arn, { drilled: 'yes' });
  assert.equal((await drs.describeSourceServers([first]))[0]?.tags['drilled'], 'yes');

  const ended = await drs.terminateRecoveryInstances(instanceIds);
  assert.equal(ended.type, 'TERMINATE');
  await clock.sleep(30 * MINUTE);
  assert.equal((await drs.describeJobsById([ended.id]))[0]?.status, 'COMPLETED');
  assert.ok(world.calls.every(({ status }) => status !== undefined && status < 500));
});

test('an automation and a command, started, watched and stopped', async () => {
  const { clock, drs, ssm } = simulated();
  const request = {
    document: 'Warm-Caches',
    parameters: { Ids: ['a', 'b'] },
    clientToken: deterministicUuid('contract', '1'),
    tags: { run: '1' },
  };
  const id = await ssm.startAutomation(request);
  assert.equal(await ssm.startAutomation(request), id, 'the same token, the same execution');
  await clock.sleep(MINUTE);
  const automation = await ssm.getAutomation(id);
  assert.equal(automation?.status, 'Success');
  assert.deepEqual(
    automation.steps.map(({ name, status }) => [name, status]),
    [
      ['one', 'Success'],
      ['two', 'Success'],
    ],
    'also the steps that AWS cut off',
  );
  assert.deepEqual(automation.outputs['one.Said'], ['warm']);
  assert.equal(automation.endedAt, (automation.startedAt ?? 0) + 10_000);
  await ssm.stopAutomation(id);
  assert.equal(await ssm.getAutomation(deterministicUuid('nobody')), undefined);
  const bare = { document: 'Hang', parameters: {}, clientToken: deterministicUuid('contract', '2'), tags: {} };
  const hanging = await ssm.startAutomation(bare);
  await clock.sleep(MINUTE);
  await ssm.stopAutomation(hanging);
  await clock.sleep(MINUTE);
  assert.equal((await ssm.getAutomation(hanging))?.status, 'Cancelled');

  const servers = await drs.describeSourceServers();
  await drs.startRecovery({ servers: servers.map((server) => ({ id: server.id })), isDrill: true, tags: {} });
  await clock.sleep(40 * MINUTE);
  const recovered = await drs.describeRecoveryInstances({});
  const instanceIds = recovered.map(({ ec2InstanceId }) => ec2InstanceId);
  const send = { document: 'Run-It', parameters: {}, instanceIds, comment: 'breakwater e-1 check', deliveryTimeout: 10 * MINUTE };
  const since = clock.now();
  const command = await ssm.sendCommand(send);
  await clock.sleep(MINUTE);
  assert.deepEqual(
    (await ssm.listCommandsSince(since)).map(({ id: found, comment, status }) => [found, comment, status]),
    [[command.id, 'breakwater e-1 check', 'Success']],
  );
  assert.deepEqual(
    (await ssm.listInvocations(command.id)).map(({ status, responseCode, output }) => [status, responseCode, output.trim()]),
    instanceIds.map(() => ['Success', 0, 'done']),
  );
  const second = await ssm.sendCommand(send);
  await ssm.cancelCommand(second.id);
  await clock.sleep(MINUTE);
  assert.equal((await ssm.listCommandsSince(since))[0]?.status, 'Cancelled');
});

test('twelve hours of polling, on chained credentials that last one', async () => {
  const { clock, drs, ssm, world, calls } = simulated();
  for (let poll = 0; poll < 12 * 12; poll++) {
    await Promise.all([drs.describeSourceServers(), ssm.describeManagedInstances(['i-0000000000000000a'])]);
    await clock.sleep(5 * MINUTE);
  }
  assert.ok(
    world.calls.every(({ outcome }) => outcome === 'ok'),
    'not one call was refused',
  );
  assert.ok(calls('AssumeRole').length >= 12 && calls('AssumeRole').length <= 14);
});

test('a wrong external id, a deny and an account without DRS are named', async () => {
  const { at } = simulated();
  const stranger = at({ ...SITE, externalId: 'guess' });
  await assert.rejects(stranger.identity(), { code: 'permission-denied', missing: 'sts:AssumeRole' });
  await assert.rejects(at({ ...SITE, region: 'ap-south-1' }).drs.describeSourceServers(), { code: 'drs-uninitialised' });
});

for (const kind of ['drop', 'unavailable'] as const) {
  test(`an answer lost after StartRecovery was applied (${kind}) is ambiguous, and one call was made`, async () => {
    const { drs, fault, calls, clock } = simulated();
    const servers = (await drs.describeSourceServers()).map(({ id }) => ({ id }));
    fault({ match: { service: 'drs', operation: 'StartRecovery', times: 1 }, effect: { kind, when: 'after' } });
    await assert.rejects(drs.startRecovery({ servers, isDrill: true, tags: { a: 'b' } }), {
      code: 'aws-unavailable',
      ambiguous: true,
    });
    assert.deepEqual(
      calls('StartRecovery').map(({ applied }) => applied),
      [true],
    );
    assert.equal((await drs.describeJobsSince(clock.now() - MINUTE)).length, 1);
    await assert.rejects(drs.startRecovery({ servers, isDrill: true, tags: {} }), {
      code: 'aws-fault',
      message: /ConflictException, HTTP 409/,
    });
  });
}
