import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { killedAt } from './killing.ts';
import { rehearse } from './rehearsal.ts';
import { temporaryFolder } from './step.ts';

/** As many as AWS takes: what makes the copy's retention, and 49 others. */
const TAGS = { Draco_Lifecycle: 'weekly', ...Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`t${i + 10}`, 'x'])) };
const INPUTS = {
  'source-account': '222233334444',
  'source-region': 'us-east-1',
  'source-role-arn': 'arn:aws:iam::222233334444:role/breakwater-snapshots',
  'destination-account': '111122223333',
  'destination-region': 'us-west-2',
  'destination-role-arn': 'arn:aws:iam::111122223333:role/breakwater-snapshots',
  'kms-key': 'alias/dr',
  'snapshot-id': 'shop-full',
  'max-wait': '90h',
};

/** The world of the copies, with AWS's policies enforced, and one snapshot that somebody made and tagged. */
function world(): string {
  const file = path.join(temporaryFolder('full'), 'full.yaml');
  const place = { account: '222233334444', region: 'us-east-1' };
  const full = { ...place, id: 'shop-full', database: 'shop', kmsKey: 'alias/shop', age: '2h', tags: TAGS };
  const base = path.resolve('test/acceptance/scenarios/copy-snapshot.yaml');
  writeFileSync(file, JSON.stringify({ extends: base, name: 'full', snapshots: [full] }));
  return path.relative('.', file);
}

test('a snapshot with 50 tags, killed on its way and resumed: what has no room is named, whose the copy is stays', async () => {
  await using rehearsal = await rehearse(world());
  const snapshots = () => rehearsal.world.state().regions.flatMap(({ databases }) => databases.snapshots);
  const { last, killed } = await killedAt(rehearsal, 'copy-snapshot', INPUTS, [
    /CopyDBClusterSnapshot \S+-transit-/,
    /ModifyDBClusterSnapshotAttribute \S+ \+111122223333/,
    /CopyDBClusterSnapshot arn:aws:rds:us-west-2:/,
  ]);
  assert.ok(killed >= 1, `${killed} killed`);
  assert.equal(last.code, 0, last.log);
  assert.equal(last.outputs['status'], 'succeeded-with-warnings', last.log);
  assert.equal(last.outputs['reason-code'], 'degraded');
  const expected = /6 of the tags of snapshot shop-full have no room on it beside ours: t53, t54, t55, t56, t57, t58/;
  assert.match(last.warnings.join(), expected);
  assert.match(last.summary, expected);
  const copy = snapshots().find(({ arn }) => arn === last.outputs['snapshot-arn']);
  assert.equal(copy?.status, 'available');
  const { 'breakwater:owner': owner, 'breakwater:source-arn': from, Draco_Lifecycle: policy, t52 } = copy?.tags ?? {};
  assert.deepEqual(
    [owner, from, policy, t52],
    ['breakwater', 'arn:aws:rds:us-east-1:222233334444:cluster-snapshot:shop-full', 'weekly', 'x'],
  );
  assert.equal(Object.keys(copy?.tags ?? {}).length, 48);
  const full = snapshots().find(({ id }) => id === 'shop-full');
  assert.deepEqual([full?.tags, full?.sharedWith], [TAGS, []], 'it is left as it was');
  assert.deepEqual(
    snapshots().filter(({ id, status }) => id.includes('-transit-') && status !== 'deleting'),
    [],
  );
  const again = await rehearsal.step('copy-snapshot', INPUTS);
  assert.equal(again.outputs['snapshot-arn'], last.outputs['snapshot-arn']);
  assert.match(again.warnings.join(), expected);
  assert.equal(rehearsal.calls('CopyDBClusterSnapshot').filter(({ applied }) => applied).length, 2);
});
