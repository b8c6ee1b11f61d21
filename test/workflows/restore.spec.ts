import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTeam, output, type Team, WEBSHOP } from './team.ts';

const MANIFEST = 'plans/manifests/of-the-team.json';
const RESTORE = {
  'source-cluster': 'webshop',
  site: 'dr-oregon',
  'snapshot-types': 'manual',
  'subnet-group': 'webshop-dr',
  'security-groups': 'sg-0f1e2d3c4b5a69788',
  'master-password': 'managed',
  manifest: MANIFEST,
};

/** What breakwater capture has written of production. */
async function capture(team: Team): Promise<void> {
  const site = ['--account', '222233334444', '--region', 'us-east-1', '--external-id', 'webshop-dr'];
  const role = ['--role-arn', 'arn:aws:iam::222233334444:role/breakwater-source'];
  team.write(MANIFEST, await team.breakwater('capture', 'webshop', ...site, ...role));
}

const clusters = (team: Team) =>
  team.aws.world
    .state()
    .regions.filter(({ account }) => account === '111122223333')
    .flatMap(({ databases }) => databases.clusters.map(({ id }) => id));

test('a cluster is rehearsed and cleaned up; restored for real only when its name is typed', async () => {
  await using team = await openTeam(WEBSHOP);
  await capture(team);
  const restore = (runId: string, inputs: Readonly<Record<string, string>>) =>
    team.run({ workflow: 'restore-aurora.yml', event: 'workflow_dispatch', runId, inputs: { ...RESTORE, ...inputs } });

  const drill = await restore('991', { mode: 'drill' });
  assert.equal(drill.code, 0, drill.log);
  assert.equal(team.aws.calls('RestoreDBClusterFromSnapshot').filter(({ applied }) => applied).length, 1);
  assert.equal(team.aws.calls('DeleteDBCluster').filter(({ applied }) => applied).length, 1);
  assert.deepEqual(clusters(team), []);

  const calls = team.aws.world.calls.length;
  for (const [runId, confirmation] of [
    ['992', ''],
    ['993', 'webshopp'],
  ] as const) {
    const refused = await restore(runId, { mode: 'recovery', confirmation });
    assert.notEqual(refused.code, 0);
    assert.match(refused.log, /::error title=Not confirmed::/);
  }
  const strange = await restore('994', { mode: 'recover', confirmation: 'webshop' });
  assert.notEqual(strange.code, 0);
  const nowhere = await restore('995', { mode: 'drill', site: 'dr-oregn' });
  assert.match(nowhere.log, /::error[^\n]*dr-oregn/);
  assert.equal(team.aws.world.calls.length, calls, 'nothing was asked');

  const recovery = await restore('996', { mode: 'recovery', confirmation: 'webshop', 'target-cluster': 'webshop' });
  assert.equal(recovery.code, 0, recovery.log);
  assert.equal(output(recovery, 'status'), 'succeeded');
  assert.deepEqual(clusters(team), ['webshop']);
});
