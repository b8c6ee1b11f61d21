import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeJobsCommand, DescribeSourceServersCommand, StartRecoveryCommand } from '@aws-sdk/client-drs';
import { StartAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { VirtualClock } from '@breakwater/core';
import fc from 'fast-check';
import { clients, serverIds } from '../../test-support/sdk-clients.ts';
import { createWorld, loadScenario, parseScenario } from '../index.ts';
import { Randomness } from '../random.ts';
import { drsDateTime, isoDuration } from '../wire-time.ts';

async function play(seed: number) {
  const scenario = { ...loadScenario('plans/simulation/webshop.yaml'), seed };
  const clock = new VirtualClock(scenario.start ?? 0);
  const world = createWorld({ scenario, clock });
  const { sts } = clients(world);
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::111122223333:role/breakwater-recovery',
      RoleSessionName: 'x-1',
      ExternalId: 'webshop-dr',
    }),
  );
  const keys = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const { drs, ssm } = clients(world, { keys });
  const sourceServers = serverIds(world).map((sourceServerID) => ({ sourceServerID }));
  await Promise.all([
    drs.send(new StartRecoveryCommand({ isDrill: true, sourceServers: sourceServers.slice(0, 7) })),
    drs.send(new StartRecoveryCommand({ isDrill: true, sourceServers: sourceServers.slice(7) })),
    ssm.send(new StartAutomationExecutionCommand({ DocumentName: 'Webshop-WarmCaches' })),
  ]);
  await clock.sleep(3_000_000);
  await drs.send(new DescribeJobsCommand({}));
  await drs.send(new DescribeSourceServersCommand({}));
  return { calls: world.calls, state: world.state() };
}

test('the same seed and the same calls at the same times give the same world; another seed another one', async () => {
  const [one, two, other] = [await play(1), await play(1), await play(2)];
  assert.deepEqual(two, one);
  assert.notDeepEqual(other.state.regions, one.state.regions);
});

test('what is drawn for one label does not depend on what else is drawn', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.string()), fc.string(), (seed, others, label) => {
      const alone = new Randomness(seed).hex(17, 'x', label);
      const crowded = new Randomness(seed);
      for (const other of others) crowded.uuid('y', other);
      return crowded.hex(17, 'x', label) === alone && /^[0-9a-f]{17}$/.test(alone);
    }),
  );
  assert.match(new Randomness(1).uuid('a'), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('jitter stays within its bounds, for every seed', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 0.5, noNaN: true }), (seed, jitter) => {
      const drawn = 1 + jitter * (2 * new Randomness(seed).fraction('launch') - 1);
      return drawn >= 1 - jitter && drawn <= 1 + jitter;
    }),
  );
});

test('dates keep their microseconds, and durations can be read back', async () => {
  const { parseIsoDuration } = await import('@breakwater/core');
  assert.equal(drsDateTime(Date.parse('2022-12-07T19:15:38Z') + 846.723), '2022-12-07T19:15:38.846723+00:00');
  assert.equal(isoDuration(0), 'P0D');
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000_000 }),
      (seconds) => parseIsoDuration(isoDuration(seconds * 1_000)) === seconds * 1_000,
    ),
  );
  fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => Date.parse(drsDateTime(ms)) === ms));
});

test('a world of 300 servers stays quick', async () => {
  const scenario = parseScenario(
    'name: big\ncallers: [{ account: "111122223333" }]\nservers: [{ hostname: "web-{n}", count: 300, account: "111122223333", region: us-west-2 }]',
  );
  const clock = new VirtualClock(0);
  const world = createWorld({ scenario, clock });
  const { drs } = clients(world);
  const sourceServers = serverIds(world).map((sourceServerID) => ({ sourceServerID }));
  for (const from of [0, 100, 200])
    await drs.send(new StartRecoveryCommand({ isDrill: true, sourceServers: sourceServers.slice(from, from + 100) }));
  await clock.sleep(3_600_000);
  const { items = [] } = await drs.send(new DescribeJobsCommand({}));
  assert.deepEqual(
    items.map((job) => job.participatingServers?.filter((server) => server.launchStatus === 'LAUNCHED').length),
    [100, 100, 100],
  );
});
