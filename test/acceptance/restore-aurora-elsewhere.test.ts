import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { temporaryFolder } from './step.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';
const SPEED = 3_000;
const KEY = 'arn:aws:kms:us-west-2:111122223333:key/0b9d4e18-3c5a-47f2-8e61-7d20f9a3c802';
/** From an automated snapshot of the production account to a cluster in the recovery account. */
const INPUTS = {
  'source-cluster': 'webshop',
  'snapshot-types': 'automated',
  site: 'dr-oregon',
  'source-account': '222233334444',
  'source-region': 'us-east-1',
  'source-role-arn': 'arn:aws:iam::222233334444:role/breakwater-source',
  'source-external-id': 'webshop-dr',
  'kms-key': KEY,
  'target-cluster': 'webshop-here',
  'subnet-group': 'webshop-dr',
  'security-groups': 'sg-0f1e2d3c4b5a69788',
  'max-wait': '90h',
};

/** The webshop's world with something else in it. */
function world(name: string, yaml: string): string {
  const file = path.join(temporaryFolder(name), `${name}.yaml`);
  writeFileSync(file, `extends: ${path.resolve(WEBSHOP)}\nname: ${name}\n${yaml}\n`);
  return path.relative('.', file);
}

function databases(rehearsal: Rehearsal, account: string) {
  const view = rehearsal.world
    .state()
    .regions.find((region) => region.account === account && region.databases.snapshots.length > 0)?.databases;
  assert.ok(view);
  return view;
}

for (const [way, scenario] of [
  ['at once', WEBSHOP],
  [
    'by a stop in the source’s Region, where AWS refuses to cross both borders at once',
    world('two-steps', 'rds: { oneStepCopies: false }'),
  ],
] as const) {
  test(`a snapshot of another account and Region is copied first, ${way}; nothing stays shared or on the way`, async () => {
    await using rehearsal = await rehearse(scenario, SPEED);
    const transit = 'arn:aws:kms:us-east-1:222233334444:key/6f1c7a52-8a1f-4c0e-9d3e-52a1b0c4d701';
    const step = await rehearsal.step('restore-aurora', { ...INPUTS, 'transit-kms-key': transit });
    assert.equal(step.code, 0, step.log);
    const { result } = JSON.parse(step.outputs['result'] ?? '');
    assert.match(result.snapshot.sourceArn, /:222233334444:cluster-snapshot:rds:webshop-2026-03-04/);
    assert.match(result.snapshot.time, /^2026-03-04T02:10/);
    assert.deepEqual(result.instances, ['webshop-here-1', 'webshop-here-2']);
    assert.equal(databases(rehearsal, '111122223333').clusters.find(({ id }) => id === 'webshop-here')?.kmsKey, KEY);
    assert.deepEqual(
      databases(rehearsal, '222233334444').snapshots.filter(({ type, sharedWith }) => type === 'manual' || sharedWith.length > 0),
      [],
      'the copy on the way is gone',
    );
  });
}

test('an unencrypted cluster is copied as it is, and encrypted by the restore: AWS cannot do it while copying', async () => {
  const plain = `{ account: "222233334444", region: us-east-1, id: webshop, engineVersion: "16.6", encryption: none }`;
  await using rehearsal = await rehearse(world('plain', `clusters: [${plain}]`), SPEED);
  const step = await rehearsal.step('restore-aurora', { ...INPUTS, 'instance-classes': 'db.r6g.large' });
  assert.equal(step.code, 0, step.log);
  const { clusters, snapshots } = databases(rehearsal, '111122223333');
  assert.equal(clusters.find(({ id }) => id === 'webshop-here')?.kmsKey, KEY);
  assert.equal(snapshots.filter(({ kmsKey }) => kmsKey === null).length, 1, 'the copy');
});
