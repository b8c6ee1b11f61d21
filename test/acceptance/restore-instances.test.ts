import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { killedAt } from './killing.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { bundles } from './step.ts';

const LEDGER = 'test/acceptance/scenarios/ledger.yaml';
const SPEED = 3_000;
/** Slow enough that a process dies about where it is killed. */
const SLOW = 1_500;
const PRODUCTION = { account: '222233334444', region: 'us-east-1', 'role-arn': 'arn:aws:iam::222233334444:role/source' };
const RECOVERY = { account: '111122223333', region: 'us-west-2', 'role-arn': 'arn:aws:iam::111122223333:role/recovery' };
const COMMON = { 'source-instance': 'ledger', 'max-wait': '90h' };

function view(rehearsal: Rehearsal, { account, region }: { readonly account: string; readonly region: string }) {
  const { regions } = rehearsal.world.state();
  const found = regions.find((one) => one.account === account && one.region === region)?.databases;
  assert.ok(found);
  return found;
}

function applied(rehearsal: Rehearsal, operation: string): number {
  return rehearsal.calls(operation).filter((call) => call.applied).length;
}

/** Captures the live instance with the bundled command line, into the workspace. */
async function capture(rehearsal: Rehearsal): Promise<void> {
  const { account, region, 'role-arn': role } = PRODUCTION;
  const place = ['--account', account, '--region', region, '--role-arn', role];
  const args = [path.join(await bundles(), 'breakwater.js'), 'capture', 'ledger', '--instance', ...place];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: '/usr/bin:/bin', ...rehearsal.aws } });
  writeFileSync(path.join(rehearsal.workspace, 'ledger.json'), stdout);
}

test('an instance comes back as new across account and Region, as its manifest says; a re-run adopts it', async () => {
  await using rehearsal = await rehearse(LEDGER, SPEED);
  await capture(rehearsal);
  const { account, region, 'role-arn': role } = PRODUCTION;
  const inputs = {
    ...COMMON,
    ...RECOVERY,
    'source-account': account,
    'source-region': region,
    'source-role-arn': role,
    'kms-key': 'alias/recovery',
    manifest: 'ledger.json',
    'target-instance': 'ledger',
    'security-groups': 'sg-0f1e2d3c',
    'instance-class': 'db.r6g.xlarge',
    'master-password': 'managed',
    'publish-parameter': '/ledger/host',
  };
  const step = await rehearsal.step('restore-aurora', inputs);
  assert.equal(step.code, 0, step.log);
  const { outputs } = step;
  assert.equal(outputs['status'], 'succeeded', step.log);
  assert.deepEqual([outputs['instance'], outputs['cluster'], outputs['instances']], ['ledger', '', '["ledger"]']);
  assert.match(outputs['instance-arn'] ?? '', /^arn:aws:rds:us-west-2:111122223333:db:ledger$/);
  assert.match(outputs['endpoint'] ?? '', /^ledger\..*us-west-2\.rds\.amazonaws\.com$/);
  assert.match(outputs['snapshot-time'] ?? '', /^2026-11-20T02:10/);
  assert.match(outputs['master-secret-arn'] ?? '', /rds!db-/);
  assert.match(step.summary, /Instance restore: succeeded/);
  const there = view(rehearsal, RECOVERY);
  const [instance] = there.dbInstances;
  assert.deepEqual([instance?.class, instance?.deletionProtection, instance?.status], ['db.r6g.xlarge', true, 'available']);
  assert.equal(instance?.tags['CostCentre'], '0047');
  assert.match(instance?.kmsKey ?? '', /:111122223333:key\//);
  assert.equal(there.parameters['/ledger/host'], outputs['endpoint']);
  const again = await rehearsal.step('restore-aurora', inputs, { env: { GITHUB_RUN_ATTEMPT: '2' } });
  assert.equal(again.code, 0, again.log);
  assert.equal(JSON.parse(again.outputs['result'] ?? '').result.adopted, true);
  assert.equal(applied(rehearsal, 'RestoreDBInstanceFromDBSnapshot'), 1);
  assert.equal(view(rehearsal, PRODUCTION).snapshots.filter(({ type }) => type === 'manual').length, 0, 'no copy is left behind');
});

test('swap: the restored instance takes the name, the old one is kept until delete-old; a drill is cleaned up', async () => {
  await using rehearsal = await rehearse(LEDGER, SPEED);
  const inputs = { ...COMMON, ...PRODUCTION };
  const step = await rehearsal.step('restore-aurora', { ...inputs, strategy: 'swap', key: 'swap' });
  assert.equal(step.code, 0, step.log);
  const old = step.outputs['old-instance'] ?? '';
  assert.match(old, /^ledger-old-[0-9a-f]{6}$/);
  const names = () => view(rehearsal, PRODUCTION).dbInstances.flatMap(({ id, cluster }) => (cluster === null ? [id] : []));
  assert.deepEqual(names().sort(), ['ledger', old]);
  const drill = await rehearsal.step('restore-aurora', { ...inputs, mode: 'drill', key: 'drill' });
  assert.equal(drill.code, 0, drill.log);
  assert.match(drill.outputs['instance'] ?? '', /^ledger-drill-[0-9a-f]{6}$/);
  const cleaned = await rehearsal.step('restore-aurora', {
    ...PRODUCTION,
    operation: 'clean-up',
    key: 'drill',
    'max-wait': '90h',
  });
  assert.equal(cleaned.code, 0, cleaned.log);
  assert.deepEqual(names().sort(), ['ledger', old]);
  const removal = { ...inputs, operation: 'delete-old', key: 'swap', 'lift-protection': 'true' };
  const removed = await rehearsal.step('restore-aurora', removal);
  assert.equal(removed.code, 0, removed.log);
  assert.deepEqual(names(), ['ledger']);
});

test('a cluster to the latest point in time, and to a moment; a moment outside of the window is refused', async () => {
  await using rehearsal = await rehearse(LEDGER, SPEED);
  const inputs = { ...PRODUCTION, 'source-cluster': 'shop', 'max-wait': '90h' };
  const refused = await rehearsal.step('restore-aurora', { ...inputs, 'point-in-time': '2026-11-01T00:00:00Z', key: 'early' });
  assert.equal(refused.code, 1);
  assert.equal(refused.outputs['reason-code'], 'point-in-time-unavailable', refused.log);
  assert.match(refused.errors.at(-1) ?? '', /reach from 2026-11-13T\S+ to 2026-11-20T/);
  assert.equal(applied(rehearsal, 'RestoreDBClusterToPointInTime'), 0);
  const exact = { ...inputs, 'point-in-time': '2026-11-19T12:00:00+01:00', 'target-cluster': 'shop-yesterday', key: 'exact' };
  const step = await rehearsal.step('restore-aurora', exact);
  assert.equal(step.code, 0, step.log);
  assert.deepEqual(
    [step.outputs['cluster'], step.outputs['snapshot'], step.outputs['snapshot-time']],
    ['shop-yesterday', '', '2026-11-19T11:00:00.000Z'],
  );
  assert.match(step.summary, /Point in time of.*cluster:shop/);
  const latest = await rehearsal.step('restore-aurora', { ...inputs, 'point-in-time': 'latest', strategy: 'swap', key: 'swap' });
  assert.equal(latest.code, 0, latest.log);
  assert.match(latest.outputs['old-cluster'] ?? '', /^shop-old-/);
  assert.equal(applied(rehearsal, 'RestoreDBClusterToPointInTime'), 2);
});

test('what does not fit an instance is said before AWS is asked', async () => {
  await using rehearsal = await rehearse(LEDGER, SPEED);
  const inputs = { ...COMMON, ...PRODUCTION };
  const cases: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{ 'source-cluster': 'shop' }, /either "source-cluster" or "source-instance"/],
    [{ connection: 'data-api' }, /an instance has no Data API/],
    [{ 'instance-classes': 'db.r6g.large' }, /"instance-classes" does not go with "source-instance"/],
    [{ 'point-in-time': 'latest', snapshot: 'create' }, /"point-in-time" takes no snapshot/],
    [{ 'point-in-time': 'latest', archive: 'tag' }, /"point-in-time" has none/],
    [{ 'point-in-time': 'yesterday' }, /point-in-time/],
  ];
  for (const [wrong, expected] of cases) {
    const step = await rehearsal.step('restore-aurora', { ...inputs, ...wrong });
    assert.equal(step.code, 1);
    assert.match(step.errors.join(' '), expected);
  }
  assert.equal(rehearsal.world.calls.length, 0);
});

test('an instance, killed at every step and resumed: one instance, one of everything', async () => {
  await using rehearsal = await rehearse(LEDGER, SLOW);
  const inputs = {
    ...COMMON,
    ...PRODUCTION,
    strategy: 'swap',
    snapshot: 'create',
    'master-password': 'managed',
    'publish-parameter': '/ledger/host',
    key: 'killed',
  };
  const { last, killed } = await killedAt(rehearsal, 'restore-aurora', inputs, [
    /CreateDBSnapshot: ledger-snapshot-/,
    /RestoreDBInstanceFromDBSnapshot is about to be sent/,
    /RestoreDBInstanceFromDBSnapshot: ledger-new-/,
    /ModifyDBInstance\(Monitoring\): ledger-new-/,
    /MasterUserPassword\): ledger-new-/,
    /NewDBInstanceIdentifier\): ledger>ledger-old-/,
    /NewDBInstanceIdentifier\): ledger-new-\w+>ledger/,
    /PutParameter: /,
  ]);
  assert.equal(last.code, 0, last.log);
  assert.ok(killed >= 5, `${killed} killed`);
  assert.equal(applied(rehearsal, 'CreateDBSnapshot'), 1);
  assert.equal(applied(rehearsal, 'RestoreDBInstanceFromDBSnapshot'), 1);
  const names = view(rehearsal, PRODUCTION).dbInstances.flatMap(({ id, cluster }) => (cluster === null ? [id] : []));
  assert.equal(names.length, 2, names.join());
  assert.equal(view(rehearsal, PRODUCTION).dbInstances.find(({ id }) => id === 'ledger')?.tags['breakwater:owner'], 'breakwater');
});
