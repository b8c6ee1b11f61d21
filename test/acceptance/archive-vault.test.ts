import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { killedAt } from './killing.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { temporaryFolder } from './step.ts';

const LEDGER = path.resolve('test/acceptance/scenarios/ledger.yaml');
const SPEED = 2_000;
const HOME = { account: '222233334444', region: 'us-east-1', 'role-arn': 'arn:aws:iam::222233334444:role/source' };
const INPUTS = { ...HOME, key: 'archived', archive: 'vault', 'vault-site': 'vault', 'max-wait': '90h' };

/** Restores in production; copies made there are kept elsewhere. AWS enforces what Breakwater ships. */
async function withVault(lists: object, vault: { readonly account: string; readonly region: string; readonly role: string }) {
  const file = path.join(temporaryFolder('vault'), 'vault.yaml');
  writeFileSync(file, JSON.stringify({ extends: LEDGER, name: 'vault', ...lists }));
  const rehearsal = await rehearse(path.relative('.', file), SPEED);
  const { account, region, role } = vault;
  const site = { apiVersion: 'breakwater/v1', kind: 'Site', name: 'vault', account, region, roleArn: role };
  writeFileSync(path.join(rehearsal.workspace, 'plans', 'vault.yaml'), JSON.stringify(site));
  return rehearsal;
}

function snapshots(rehearsal: Rehearsal, account: string, region: string) {
  const place = rehearsal.world.state().regions.find((one) => one.account === account && one.region === region);
  return place?.databases.snapshots.filter(({ status, type }) => status !== 'deleting' && type !== 'automated') ?? [];
}

function shared(rehearsal: Rehearsal): readonly string[] {
  const all = rehearsal.world.state().regions.flatMap(({ databases }) => databases.snapshots);
  return all.flatMap(({ id, sharedWith }) => (sharedWith.length > 0 ? [id] : []));
}

test('an instance’s snapshot goes to a vault over both borders in two steps, killed on its way and resumed', async () => {
  const vault = { account: '111122223333', region: 'us-west-2', role: 'arn:aws:iam::111122223333:role/recovery' };
  await using rehearsal = await withVault({ rds: { oneStepCopies: false } }, vault);
  const inputs = { ...INPUTS, 'source-instance': 'ledger', 'vault-kms-key': 'alias/recovery' };
  const { last, killed } = await killedAt(rehearsal, 'restore-aurora', inputs, [
    /CopyDBSnapshot: \S+-relay-/,
    /CopyDBSnapshot: arn:aws:rds:us-west-2:/,
  ]);
  assert.equal(last.code, 0, last.log);
  assert.equal(last.outputs['status'], 'succeeded', last.log);
  assert.ok(killed >= 1, `${killed} killed`);
  const { archived } = JSON.parse(last.outputs['result'] ?? '').result;
  assert.match(archived, /^copied to arn:aws:rds:us-west-2:111122223333:snapshot:ledger-202611200210-/);
  const [copy, ...others] = snapshots(rehearsal, vault.account, vault.region);
  assert.deepEqual([copy?.status, others], ['available', []]);
  assert.match(copy?.kmsKey ?? '', /^arn:aws:kms:us-west-2:111122223333:key\//);
  assert.match(copy?.tags['breakwater:source-arn'] ?? '', /:222233334444:snapshot:rds:ledger-2026-11-20/);
  assert.deepEqual(snapshots(rehearsal, HOME.account, HOME.region), [], 'the transit copy is gone');
  assert.deepEqual(snapshots(rehearsal, vault.account, HOME.region), [], 'the copy at the relay is gone');
  assert.deepEqual(shared(rehearsal), []);
  const applied = (operation: string) => rehearsal.calls(operation).filter((call) => call.applied).length;
  assert.deepEqual([applied('CopyDBSnapshot'), applied('RestoreDBInstanceFromDBSnapshot')], [3, 1]);
});

test('a cluster’s snapshot goes to a vault of the same account in another Region: nothing is shared, its own key there', async () => {
  const role = 'arn:aws:iam::222233334444:role/vault';
  const vault = { account: HOME.account, region: 'eu-west-1', role };
  const policies = [path.resolve('infrastructure/policies/copy-snapshot-destination.json')];
  const names = ['copy-snapshot-source', 'restore-aurora', 'restore-aurora-finish'];
  const key = { account: HOME.account, id: '0b9d4e18-3c5a-47f2-8e61-7d20f9a3c811', region: 'eu-west-1', alias: 'alias/vault' };
  const lists = {
    roles: [
      {
        arn: HOME['role-arn'],
        trust: ['444455556666'],
        policies: names.map((name) => path.resolve(`infrastructure/policies/${name}.json`)),
      },
      { arn: role, trust: ['444455556666'], policies },
    ],
    kmsKeys: [{ account: HOME.account, region: HOME.region, alias: 'alias/ledger' }, key],
    dbInstances: [],
    optionGroups: [],
  };
  await using rehearsal = await withVault(lists, vault);
  const inputs = { ...INPUTS, 'source-cluster': 'shop', 'instance-classes': 'db.r6g.large', 'vault-kms-key': 'alias/vault' };
  const step = await rehearsal.step('restore-aurora', inputs);
  assert.equal(step.code, 0, step.log);
  assert.equal(step.outputs['status'], 'succeeded', step.log);
  const [copy, ...others] = snapshots(rehearsal, vault.account, vault.region);
  assert.deepEqual([copy?.status, others], ['available', []]);
  assert.match(copy?.kmsKey ?? '', /^arn:aws:kms:eu-west-1:222233334444:key\//);
  assert.equal(copy?.tags['breakwater:owner'], 'breakwater');
  const { archived } = JSON.parse(step.outputs['result'] ?? '').result;
  assert.equal(archived, `copied to ${copy?.arn}`);
  assert.equal(rehearsal.calls('ModifyDBClusterSnapshotAttribute').length, 0, 'nothing was shared');
  assert.deepEqual(snapshots(rehearsal, HOME.account, HOME.region), []);
});
