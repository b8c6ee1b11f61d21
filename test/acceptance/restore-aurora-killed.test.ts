import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { killedAt } from './killing.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';
const ACCOUNT = '222233334444';
/** Slow enough that a process dies about where it is killed. */
const SPEED = 1_500;
const INPUTS = {
  'source-cluster': 'webshop',
  account: ACCOUNT,
  region: 'us-east-1',
  'role-arn': 'arn:aws:iam::222233334444:role/breakwater-source',
  'external-id': 'webshop-dr',
  manifest: 'webshop.json',
  'master-password': 'managed',
  'publish-parameter': '/webshop/endpoint',
  archive: 'tag',
  'max-wait': '90h',
};

/** Kills restores in the production account, which take their settings from the manifest. */
function killed(rehearsal: Rehearsal, inputs: Readonly<Record<string, string>>, moments: readonly RegExp[]) {
  cpSync(path.join(rehearsal.workspace, 'plans/manifests/webshop.json'), path.join(rehearsal.workspace, 'webshop.json'));
  return killedAt(rehearsal, 'restore-aurora', { ...INPUTS, ...inputs }, moments);
}

function applied(rehearsal: Rehearsal, operation: string): number {
  return rehearsal.calls(operation).filter((call) => call.applied).length;
}

function view(rehearsal: Rehearsal) {
  const found = rehearsal.world.state().regions.find((region) => region.account === ACCOUNT)?.databases;
  assert.ok(found);
  return found;
}

test('new, killed at every step and resumed: one cluster, two instances, one of everything', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const { last, killed: kills } = await killed(rehearsal, { 'target-cluster': 'webshop-dr' }, [
    /snapshot \S+ is restored/,
    /RestoreDBClusterFromSnapshot is about to be sent/,
    /RestoreDBClusterFromSnapshot: webshop-dr/,
    /CreateDBInstance is about to be sent/,
    /CreateDBInstance: webshop-dr-1/,
    /CreateDBInstance: webshop-dr-2/,
    /MasterUserPassword\): webshop-dr/,
    /EnableHttpEndpoint: arn/,
    /PutParameter: /,
    /AddTagsToResource: /,
  ]);
  assert.equal(last.code, 0, last.log);
  assert.ok(kills >= 7, `${kills} killed`);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CreateDBInstance'), 2);
  assert.equal(applied(rehearsal, 'EnableHttpEndpoint'), 1);
  assert.deepEqual(
    view(rehearsal)
      .clusters.map(({ id }) => id)
      .sort(),
    ['webshop', 'webshop-dr'],
  );
  assert.equal(view(rehearsal).dbInstances.length, 4);
});

test('swap, killed at every rename and resumed: every name changes hands once, the old cluster is kept', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const { last, killed: kills } = await killed(rehearsal, { strategy: 'swap' }, [
    /RestoreDBClusterFromSnapshot: webshop-new-/,
    /CreateDBInstance: webshop-1-new-/,
    /CreateDBInstance: webshop-2-new-/,
    /MasterUserPassword\): webshop-new-/,
    /NewDBInstanceIdentifier\): webshop-1>webshop-1-old-/,
    /NewDBInstanceIdentifier\): webshop-2>webshop-2-old-/,
    /NewDBClusterIdentifier\): webshop>webshop-old-/,
    /NewDBInstanceIdentifier\): webshop-1-new-\w+>webshop-1/,
    /NewDBInstanceIdentifier\): webshop-2-new-\w+>webshop-2/,
    /NewDBClusterIdentifier\): webshop-new-\w+>webshop/,
    /PutParameter: /,
  ]);
  assert.equal(last.code, 0, last.log);
  assert.ok(kills >= 9, `${kills} killed`);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CreateDBInstance'), 2);
  assert.equal(applied(rehearsal, 'ModifyDBInstance'), 4);
  const { clusters, dbInstances } = view(rehearsal);
  assert.equal(clusters.find(({ id }) => id === 'webshop')?.tags['breakwater:owner'], 'breakwater');
  assert.equal(clusters.length, 2);
  assert.equal(dbInstances.length, 4);
  assert.equal(applied(rehearsal, 'DeleteDBCluster') + applied(rehearsal, 'DeleteDBInstance'), 0);
});

test('a swap that goes back, killed on its way and resumed: the old cluster has its names again', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  rehearsal.arm({
    match: { service: 'rds', operation: 'ModifyDBCluster', nth: 2 },
    effect: { kind: 'error', code: 'InvalidParameterCombination', status: 400, message: 'the name is reserved', when: 'before' },
  });
  const { last, killed: kills } = await killed(rehearsal, { strategy: 'swap', 'master-password': 'keep' }, [
    /NewDBClusterIdentifier\): webshop>webshop-old-/,
    /AddTagsToResource: webshop-new-/,
    /NewDBInstanceIdentifier\): webshop-\d>webshop-\d-new-/,
    /NewDBClusterIdentifier\): webshop-old-\w+>webshop/,
    /NewDBInstanceIdentifier\): webshop-1-old-\w+>webshop-1/,
  ]);
  assert.equal(last.code, 1, last.log);
  assert.equal(last.outputs['reason-code'], 'swap-rolled-back', last.log);
  assert.match(last.errors.at(-1) ?? '', /the name is reserved/);
  assert.ok(kills >= 4, `${kills} killed`);
  const live = view(rehearsal).clusters.find(({ id }) => id === 'webshop');
  assert.equal(live?.tags['breakwater:owner'], undefined);
  assert.deepEqual(live?.members.toSorted(), ['webshop-1', 'webshop-2']);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
});

test('replace, killed at every deletion and resumed: one deletion, one restore, the final snapshot kept', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const { last, killed: kills } = await killed(rehearsal, { strategy: 'replace', 'lift-protection': 'true' }, [
    /DeletionProtection\): webshop/,
    /DeleteDBInstance: webshop-2/,
    /DeleteDBInstance: webshop-1/,
    /DeleteDBCluster: webshop/,
    /RestoreDBClusterFromSnapshot: webshop/,
    /CreateDBInstance: webshop-1/,
    /CreateDBInstance: webshop-2/,
    /MasterUserPassword\): webshop/,
  ]);
  assert.equal(last.code, 0, last.log);
  assert.ok(kills >= 7, `${kills} killed`);
  assert.equal(applied(rehearsal, 'DeleteDBCluster'), 1);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CreateDBInstance'), 2);
  const { clusters, snapshots } = view(rehearsal);
  assert.deepEqual(
    clusters.map(({ id, tags }) => [id, tags['breakwater:owner']]),
    [['webshop', 'breakwater']],
  );
  assert.equal(snapshots.filter(({ id }) => id.startsWith('webshop-final-')).length, 1);
});
