import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerRecord } from '@breakwater/history';
import { dieAndCarryOn, everyDeath } from './testing/crashing.ts';
import { launch, waveServers } from './testing/launching.ts';
import { action, serverId, serverYaml, simulated } from './testing/simulated.ts';

const TWO = [serverYaml('web', '', 1), serverYaml('web', '', 2)].join('\n');
const DOCUMENTS = `
documents:
  - { name: Promote, steps: [{ name: promote, duration: 6s, outputs: { Endpoint: db.example.com } }] }
  - { name: Restart, kind: command, duration: 6s, output: restarted }
`;

for (const recordLost of [false, true]) {
  const how = recordLost ? 'and its record with it' : 'but not its record';

  test(`a process dies at any moment of a launch, ${how}: one job, and every server launched by it`, async () => {
    const deaths = await everyDeath(async (death) => {
      const aws = simulated({ servers: TWO });
      const servers = await waveServers(aws);
      const { end, died, journal } = await dieAndCarryOn(aws, () => aws.deeds().recover(aws.wave, servers), death, {
        recordLost,
      });
      const where = JSON.stringify(death);
      assert.equal(end.state, 'done', where);
      assert.equal(aws.changes('StartRecovery').length, 1, where);
      assert.equal(new Set(end.servers?.map(({ jobId }) => jobId)).size, 1, where);
      assert.ok(
        end.servers?.every(({ instanceId }) => instanceId !== undefined),
        where,
      );
      const told = journal.of('progress').map(({ note, server }) => `${server} ${note}`);
      if (!recordLost) assert.equal(new Set(told).size, told.length, `${where}: nothing is told twice`);
      return died;
    });
    assert.ok(deaths > 20, `${deaths} deaths`);
  });

  test(`a process dies at any moment of an automation, ${how}: one execution`, async () => {
    const deaths = await everyDeath(async (death) => {
      const aws = simulated({ servers: TWO, more: DOCUMENTS });
      const act = () => aws.deeds().act(action({ document: 'Promote' }), 'pre', aws.wave, []);
      const { end, died } = await dieAndCarryOn(aws, act, death, { recordLost });
      assert.equal(end.state, 'done', JSON.stringify(death));
      assert.equal(aws.world.state().regions.flatMap(({ automations }) => automations).length, 1, JSON.stringify(death));
      return died;
    });
    assert.ok(deaths > 5, `${deaths} deaths`);
  });
}

test('a process dies at any moment of a command: one command', async () => {
  for (const recordLost of [false, true]) {
    const deaths = await everyDeath(async (death) => {
      const { aws, servers } = await launchedAndOnline();
      const act = () =>
        aws
          .deeds()
          .act(action({ document: 'Restart', kind: 'command', target: 'recovered-instances' }), 'post', aws.wave, servers);
      const { end, died } = await dieAndCarryOn(aws, act, death, { recordLost });
      assert.equal(end.state, 'done', JSON.stringify(death));
      assert.equal(aws.changes('SendCommand').length, 1, JSON.stringify(death));
      return died;
    });
    assert.ok(deaths > 5, `${deaths} deaths`);
  }
});

test('a process dies at any moment of a clean-up: everything of ours ends, with one call', async () => {
  const deaths = await everyDeath(async (death) => {
    const { aws, servers } = await launchedAndOnline();
    const { end, died } = await dieAndCarryOn(aws, () => aws.deeds().cleanUp(servers), death, { recordLost: true, later: 1_000 });
    assert.equal(end.state, 'done', JSON.stringify(death));
    assert.equal(aws.changes('TerminateRecoveryInstances').length, 1, JSON.stringify(death));
    const left = await aws.aws.drs.describeRecoveryInstances({ sourceServerIds: [serverId('web', 1), serverId('web', 2)] });
    assert.deepEqual(
      left.filter(({ ec2State }) => ec2State !== 'TERMINATED'),
      [],
      JSON.stringify(death),
    );
    return died;
  });
  assert.ok(deaths > 3, `${deaths} deaths`);
});

async function launchedAndOnline(): Promise<{ aws: ReturnType<typeof simulated>; servers: readonly ServerRecord[] }> {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const { end } = await launch(aws);
  await aws.clock.sleep(60_000);
  return { aws, servers: end.servers ?? [] };
}
