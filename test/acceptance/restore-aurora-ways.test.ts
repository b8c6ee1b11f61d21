import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { changedWorld } from './changed-world.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';
const SPEED = 3_000;
const VAULT = { account: '333344445555', region: 'eu-west-1' };
const VAULT_ROLE = `arn:aws:iam::${VAULT.account}:role/breakwater-vault`;
const VAULT_KEY = `arn:aws:kms:${VAULT.region}:${VAULT.account}:key/77777777-0000-4000-8000-000000000001`;

/** A restore at the recovery site from the newest copy there. */
const RECOVERY = {
  'source-cluster': 'webshop',
  site: 'dr-oregon',
  'snapshot-types': 'manual',
  manifest: 'plans/manifests/webshop.json',
  'subnet-group': 'webshop-dr',
  'security-groups': 'sg-0f1e2d3c4b5a69788',
  'target-cluster': 'webshop',
  'max-wait': '90h',
};

/** A third account that keeps copies in Ireland, and a key of its own there. */
function withVault(): string {
  return changedWorld(WEBSHOP, 'vault', (lists) => {
    lists['accounts']?.push({ id: VAULT.account, name: 'webshop-vault' });
    lists['roles']?.push({ arn: VAULT_ROLE, trust: ['444455556666'] });
    const keys = lists['kmsKeys'] ?? [];
    lists['kmsKeys'] = keys.map((key) => ({ ...Object(key), accounts: ['111122223333', VAULT.account] }));
    lists['kmsKeys']?.push({ ...VAULT, id: VAULT_KEY.split('/')[1], alias: 'alias/vault' });
  });
}

function databases(rehearsal: Rehearsal, account: string) {
  const found = rehearsal.world
    .state()
    .regions.find((region) => region.account === account && region.databases !== undefined)?.databases;
  assert.ok(found, `there are databases in ${account}`);
  return found;
}

function applied(rehearsal: Rehearsal, operation: string): number {
  return rehearsal.calls(operation).filter((call) => call.applied).length;
}

test('archive vault: a copy stands in the vault account and Region, under the vault’s own key, and nothing stays shared', async () => {
  await using rehearsal = await rehearse(withVault(), SPEED);
  const site = `apiVersion: breakwater/v1\nkind: Site\nname: vault-ireland\naccount: "${VAULT.account}"\nregion: ${VAULT.region}\nroleArn: ${VAULT_ROLE}\n`;
  writeFileSync(path.join(rehearsal.workspace, 'plans', 'vault.yaml'), site);
  const inputs = { ...RECOVERY, archive: 'vault', 'vault-site': 'vault-ireland', 'vault-kms-key': VAULT_KEY };
  const step = await rehearsal.step('restore-aurora', inputs);
  assert.equal(step.code, 0, step.log);
  assert.equal(step.outputs['status'], 'succeeded', step.log);
  const { archived } = JSON.parse(step.outputs['result'] ?? '').result;
  assert.match(archived, /^copied to arn:aws:rds:eu-west-1:333344445555:cluster-snapshot:/);
  const kept = databases(rehearsal, VAULT.account).snapshots;
  assert.equal(kept.length, 1);
  assert.equal(kept[0]?.status, 'available');
  assert.equal(kept[0]?.kmsKey, VAULT_KEY);
  assert.match(kept[0]?.tags['breakwater:source-arn'] ?? '', /webshop-/);
  const here = databases(rehearsal, '111122223333').snapshots;
  assert.deepEqual(
    here.filter(({ tags, sharedWith }) => sharedWith.length > 0 || tags['breakwater:transit'] !== undefined),
    [],
  );
  const copies = applied(rehearsal, 'CopyDBClusterSnapshot');
  const again = await rehearsal.step('restore-aurora', inputs);
  assert.equal(again.code, 0, again.log);
  assert.equal(applied(rehearsal, 'CopyDBClusterSnapshot'), copies, 'a second run makes no second copy');
});

test('archive vault: a key that is not there is a warning, and the restore stands', async () => {
  await using rehearsal = await rehearse(withVault(), SPEED);
  const site = `apiVersion: breakwater/v1\nkind: Site\nname: vault-ireland\naccount: "${VAULT.account}"\nregion: ${VAULT.region}\nroleArn: ${VAULT_ROLE}\n`;
  writeFileSync(path.join(rehearsal.workspace, 'plans', 'vault.yaml'), site);
  const inputs = { ...RECOVERY, archive: 'vault', 'vault-site': 'vault-ireland', 'vault-kms-key': 'alias/none' };
  const step = await rehearsal.step('restore-aurora', inputs);
  assert.equal(step.code, 0, step.log);
  assert.equal(step.outputs['status'], 'succeeded-with-warnings', step.log);
  assert.match(step.warnings.join(), /not copied to the vault.*alias\/none/s);
  assert.equal(step.outputs['cluster'], 'webshop');
});

test('archive export: it is started, not waited for, named for what it is, and started once', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const inputs = {
    ...RECOVERY,
    archive: 'export',
    'export-bucket': 'webshop-archive',
    'export-prefix': 'aurora/webshop',
    'export-role-arn': 'arn:aws:iam::111122223333:role/rds-export',
    'export-kms-key': 'alias/webshop-recovery',
  };
  const step = await rehearsal.step('restore-aurora', inputs);
  assert.equal(step.code, 0, step.log);
  assert.equal(step.outputs['status'], 'succeeded', step.log);
  const { archived } = JSON.parse(step.outputs['result'] ?? '').result;
  assert.match(archived, /^export webshop-export-[0-9a-f]{6} to S3 (starting|in_progress); no cluster can be restored from it$/);
  assert.equal(applied(rehearsal, 'StartExportTask'), 1);
  const again = await rehearsal.step('restore-aurora', inputs);
  assert.equal(again.code, 0, again.log);
  assert.equal(applied(rehearsal, 'StartExportTask'), 1, 'found again, not started again');
});

test('archive export: what AWS refuses is a warning with its reason', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const step = await rehearsal.step('restore-aurora', {
    ...RECOVERY,
    archive: 'export',
    'export-bucket': 'Not_A_Bucket',
    'export-role-arn': 'arn:aws:iam::111122223333:role/rds-export',
    'export-kms-key': 'alias/webshop-recovery',
  });
  assert.equal(step.code, 0, step.log);
  assert.equal(step.outputs['status'], 'succeeded-with-warnings');
  assert.match(step.warnings.join(), /the snapshot was not archived: .*Not_A_Bucket/s);
});

test('a member of a global database is neither swapped nor replaced: refused with the ways out, before anything is changed', async () => {
  const scenario = changedWorld(WEBSHOP, 'planet', (lists) => {
    lists['globalClusters'] = [
      { account: '222233334444', id: 'planet', members: ['arn:aws:rds:us-east-1:222233334444:cluster:webshop'] },
    ];
  });
  await using rehearsal = await rehearse(scenario, SPEED);
  const production = {
    'source-cluster': 'webshop',
    account: '222233334444',
    region: 'us-east-1',
    'role-arn': 'arn:aws:iam::222233334444:role/breakwater-source',
    'external-id': 'webshop-dr',
    manifest: 'plans/manifests/webshop.json',
    'max-wait': '90h',
  };
  for (const asked of [{ strategy: 'swap' }, { strategy: 'replace', 'lift-protection': 'true' }]) {
    const step = await rehearsal.step('restore-aurora', { ...production, ...asked });
    assert.equal(step.code, 1, step.log);
    assert.equal(step.outputs['reason-code'], 'global-database', step.log);
    assert.match(step.errors.at(-1) ?? '', /global database "planet"/);
    const { next } = JSON.parse(step.outputs['result'] ?? '').reason;
    for (const way of [/failover-global-cluster/, /remove-from-global-cluster/, /strategy new/]) assert.match(next, way);
  }
  assert.deepEqual(
    rehearsal.world.calls.filter((call) => call.applied && !/^(Describe|List|Get|Assume)/.test(call.operation)),
    [],
  );
  const beside = await rehearsal.step('restore-aurora', { ...production, 'target-cluster': 'webshop-beside' });
  assert.equal(beside.code, 0, beside.log);
});

test('wait false: it starts, hands over and ends well; the same inputs go on, and once more with nothing to do', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const inputs = { ...RECOVERY, 'master-password': 'managed', 'publish-parameter': '/webshop/host', wait: 'false' };
  const first = await rehearsal.step('restore-aurora', inputs);
  assert.equal(first.code, 0, first.log);
  assert.deepEqual([first.outputs['status'], first.outputs['reason-code']], ['in-progress', 'in-progress'], first.log);
  assert.equal(first.outputs['cluster'], 'webshop', 'what there is already is told');
  assert.match(first.summary, /Goes on in AWS.*cluster webshop goes on being restored in us-west-2/);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CreateDBInstance'), 0);
  assert.equal(applied(rehearsal, 'PutParameter'), 0, 'nothing is published before it can be used');
  let last = first;
  for (let round = 0; round < 30 && last.outputs['status'] === 'in-progress'; round += 1) {
    last = await rehearsal.step('restore-aurora', { ...inputs, wait: round < 3 ? 'false' : 'true' });
    assert.equal(last.code, 0, last.log);
  }
  assert.equal(last.outputs['status'], 'succeeded', last.log);
  assert.deepEqual(JSON.parse(last.outputs['instances'] ?? ''), ['webshop-1', 'webshop-2']);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CreateDBInstance'), 2);
  const wrong = await rehearsal.step('restore-aurora', { ...inputs, operation: 'clean-up' });
  assert.equal(wrong.outputs['reason-code'], 'usage');
  assert.match(wrong.errors.at(-1) ?? '', /"wait" false belongs to operation restore/);
});
