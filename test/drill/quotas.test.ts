import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, VirtualDrill } from './virtual-drill.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';

test('twenty jobs of other people: the wave waits for room, starts when there is some, and says what it waits for', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  drill.world.arm({
    match: { account: '111122223333', region: 'us-west-2' },
    effect: { kind: 'other-jobs', jobs: 20, servers: 20, for: 8 * 60_000 },
  });
  const { execution } = await drill.run({ waves: ['database'] });
  const recover = execution.waves[0]?.steps.find(({ id }) => id === 'recover');
  assert.equal(recover?.status, 'succeeded', recover?.reason?.message);
  const [start] = drill.world.calls.filter(({ operation, applied }) => operation === 'StartRecovery' && applied);
  assert.ok(start !== undefined && start.at - drill.world.began >= 8 * 60_000, 'not before the others had ended');
  const refused = drill.world.calls.filter(({ operation, applied }) => operation === 'StartRecovery' && !applied);
  assert.deepEqual(refused, [], 'counted first, instead of running into the quota');
});

test('room that never comes ends in the wave’s own deadline, and names the quota', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  drill.world.arm({
    match: { account: '111122223333', region: 'us-west-2' },
    effect: { kind: 'other-jobs', jobs: 20, servers: 20, for: 24 * 3_600_000 },
  });
  const { execution } = await drill.run({ waves: ['database'] });
  assert.equal(execution.waves[0]?.status, 'timed-out');
  assert.match(execution.waves[0]?.reason?.message ?? '', /20 of 20 jobs/);
  assert.equal(drill.applied('StartRecovery'), 0);
});

test('a wave of 170 servers is two jobs, and three such waves never have more than 500 servers in jobs at once', async () => {
  const plan = `apiVersion: breakwater/v1
kind: RecoveryPlan
name: wide
owner: tester
tier: 1
objectives: { rto: 2h, rpo: 15m }
drill: { cleanUp: terminate }
waves:
${['a', 'b', 'c'].map((name) => `  - { name: ${name}, groups: [${name}], timeout: 90m }`).join('\n')}
${['a', 'b', 'c'].map((name) => `---\napiVersion: breakwater/v1\nkind: ProtectionGroup\nname: ${name}\nsite: dr\nselect: { tags: { Wave: ${name} } }`).join('\n')}
---
apiVersion: breakwater/v1
kind: Site
name: dr
account: "111122223333"
region: us-west-2
`;
  const drill = VirtualDrill.of(`name: wide
accounts: [{ id: "111122223333", regions: [us-west-2] }]
callers: [{ account: "111122223333" }]
servers:
${['a', 'b', 'c'].map((name) => `  - { count: 170, account: "111122223333", region: us-west-2, hostname: "${name}-{n}", tags: { Wave: ${name} }, replication: { lag: 2s } }`).join('\n')}
`);
  const folder = await folderWith({ 'wide.yaml': plan });
  const { execution } = await drill.run({ files: [folder] });
  assert.equal(execution.verdict, 'succeeded', execution.reason.message);
  const starts = drill.world.calls.filter(({ operation, applied }) => operation === 'StartRecovery' && applied);
  const sizes = starts.map(({ request }) => (request as { sourceServers: unknown[] }).sourceServers.length);
  assert.deepEqual(
    sizes.sort((a, b) => b - a),
    [100, 100, 100, 70, 70, 70],
  );
  const region = drill.world.state().regions.find(({ jobs }) => jobs.length > 0);
  const launches = region?.jobs.filter(({ type }) => type === 'LAUNCH') ?? [];
  const peak = Math.max(
    ...launches.map(({ createdAt }) =>
      launches
        .filter((other) => other.createdAt <= createdAt && createdAt < other.endedAt)
        .reduce((sum, { servers }) => sum + servers.length, 0),
    ),
  );
  assert.ok(peak <= 500, `${peak} servers in jobs at once`);
  assert.ok(peak >= 400, `${peak}: the quota is used`);
});
