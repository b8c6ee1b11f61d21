import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largePlan, largeScenario } from '../../bench/large-failover.ts';
import { folderWith, VirtualDrill } from './virtual-drill.ts';

test('300 servers in 12 waves over four hours: each launched once, by one job a wave', async () => {
  const drill = VirtualDrill.of(largeScenario());
  const folder = await folderWith({ 'large.yaml': largePlan() });
  const { execution } = await drill.run({ files: [folder], mode: 'recovery' });
  assert.equal(execution.verdict, 'succeeded', execution.reason.message);
  const servers = execution.waves.flatMap((wave) => wave.servers);
  assert.equal(servers.length, 300);
  assert.equal(new Set(servers.map(({ instanceId }) => instanceId)).size, 300);
  assert.equal(drill.applied('StartRecovery'), 12);
  const hours = (execution.rto.actual ?? 0) / 3_600_000;
  assert.ok(hours > 3.5 && hours < 4.5, `${hours} h`);
});
