import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { pgliteBackend } from '@breakwater/simulator';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { bundles } from './step.ts';

/** The webshop's world; AWS enforces the policies that Breakwater ships. */
const WEBSHOP = 'test/acceptance/scenarios/least-privilege.yaml';
const SPEED = 3_000;
const PRODUCTION = {
  account: '222233334444',
  region: 'us-east-1',
  'role-arn': 'arn:aws:iam::222233334444:role/breakwater-source',
  'external-id': 'webshop-dr',
};
const RECOVERY = {
  site: 'dr-oregon',
  'snapshot-types': 'manual',
  'subnet-group': 'webshop-dr',
  'security-groups': 'sg-0f1e2d3c4b5a69788',
};
const COMMON = { 'source-cluster': 'webshop', manifest: 'webshop.json', 'max-wait': '90h' };

/** Captures the production cluster with the bundled command line, into the workspace. */
async function capture(rehearsal: Rehearsal): Promise<void> {
  const { account, region, 'role-arn': role, 'external-id': external } = PRODUCTION;
  const main = path.join(await bundles(), 'breakwater.js');
  const args = [
    main,
    'capture',
    'webshop',
    '--account',
    account,
    '--region',
    region,
    '--role-arn',
    role,
    '--external-id',
    external,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: '/usr/bin:/bin', ...rehearsal.aws } });
  writeFileSync(path.join(rehearsal.workspace, 'webshop.json'), stdout);
}

function databases(rehearsal: Rehearsal, account: string) {
  const view = rehearsal.world
    .state()
    .regions.find((region) => region.account === account && region.databases !== undefined)?.databases;
  assert.ok(view, 'there are databases');
  return view;
}

function applied(rehearsal: Rehearsal, operation: string): number {
  return rehearsal.calls(operation).filter((call) => call.applied).length;
}

/** The cluster that now bears the name, and whether a restore made it. */
function bearer(rehearsal: Rehearsal, account: string, id = 'webshop') {
  const cluster = databases(rehearsal, account).clusters.find((each) => each.id === id);
  return { cluster, restored: cluster?.tags['breakwater:owner'] === 'breakwater' };
}

test('new: the newest copy in the recovery account, with the settings of the manifest; a re-run adopts it', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  await capture(rehearsal);
  const inputs = {
    ...COMMON,
    ...RECOVERY,
    'target-cluster': 'webshop',
    'master-password': 'managed',
    'publish-parameter': '/webshop/database/endpoint',
    archive: 'tag',
    'notify-topic': 'arn:aws:sns:us-west-2:111122223333:webshop-on-call',
  };
  const step = await rehearsal.step('restore-aurora', inputs);
  assert.equal(step.code, 0, step.log);
  const { outputs } = step;
  // The manifest is of another account and Region: that its security groups were given is no loss, that its zones are not taken neither.
  assert.equal(outputs['status'], 'succeeded', step.log);
  assert.equal(outputs['cluster'], 'webshop');
  assert.ok(Number(outputs['duration']) > 900, `${outputs['duration']} s: cluster and instances take a quarter of an hour`);
  assert.match(outputs['endpoint'] ?? '', /^webshop\.cluster-.*us-west-2\.rds\.amazonaws\.com$/);
  assert.deepEqual(JSON.parse(outputs['instances'] ?? ''), ['webshop-1', 'webshop-2']);
  assert.match(outputs['snapshot'] ?? '', /:111122223333:cluster-snapshot:webshop-202603040210$/);
  assert.match(outputs['snapshot-time'] ?? '', /^2026-03-04T02:10/);
  assert.match(outputs['master-secret-arn'] ?? '', /^arn:aws:secretsmanager:us-west-2/);
  assert.equal(JSON.parse(outputs['result'] ?? '').schema, 'breakwater.restore-aurora/1');
  assert.match(step.summary, /Aurora restore: succeeded/);
  assert.match(step.summary, /Simulated/);
  const view = databases(rehearsal, '111122223333');
  const cluster = view.clusters.find(({ id }) => id === 'webshop');
  assert.equal(cluster?.engineVersion, '16.6');
  assert.equal(cluster?.deletionProtection, true, 'as in the manifest');
  assert.equal(cluster?.httpEndpoint, true);
  assert.equal(cluster?.tags['CostCentre'], '4711');
  assert.deepEqual(
    view.dbInstances.map((instance) => instance.class),
    ['db.r6g.xlarge', 'db.r6g.xlarge'],
  );
  assert.equal(view.parameters['/webshop/database/endpoint'], outputs['endpoint']);
  assert.equal(view.topics['webshop-on-call']?.length, 1);
  assert.ok(view.snapshots.find(({ id }) => id === 'webshop-202603040210')?.tags['breakwater:archived']);

  const again = await rehearsal.step('restore-aurora', inputs, { env: { GITHUB_RUN_ATTEMPT: '2' } });
  assert.equal(again.code, 0, again.log);
  assert.equal(again.outputs['cluster-arn'], outputs['cluster-arn']);
  assert.equal(JSON.parse(again.outputs['result'] ?? '').result.adopted, true);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CreateDBInstance'), 2);

  const other = await rehearsal.step('restore-aurora', { ...inputs, key: 'another' });
  assert.equal(other.code, 1);
  assert.equal(other.outputs['reason-code'], 'cluster-exists', other.log);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
});

test('a drill restores beside under a name of its own, and its clean-up deletes that and nothing else', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const inputs = {
    'source-cluster': 'webshop',
    ...PRODUCTION,
    mode: 'drill',
    strategy: 'replace',
    'lift-protection': 'true',
    'max-wait': '90h',
  };
  const refused = await rehearsal.step('restore-aurora', inputs);
  assert.equal(refused.code, 0, refused.log);
  const own = refused.outputs['cluster'] ?? '';
  assert.match(own, /^webshop-drill-[0-9a-f]{6}$/);
  const cluster = databases(rehearsal, '222233334444').clusters.find(({ id }) => id === own);
  assert.match(cluster?.tags['breakwater:expires'] ?? '', /^2026-03-05T/);
  assert.equal(cluster?.deletionProtection, false);
  const key = refused.outputs['key'] ?? '';
  const expired = await rehearsal.step('restore-aurora', { ...PRODUCTION, operation: 'clean-up-expired' });
  assert.equal(expired.code, 0, expired.log);
  assert.ok(bearer(rehearsal, '222233334444', own).cluster, 'its time is not over');
  const cleaned = await rehearsal.step('restore-aurora', { ...PRODUCTION, operation: 'clean-up', key, 'max-wait': '90h' });
  assert.equal(cleaned.code, 0, cleaned.log);
  assert.deepEqual(
    databases(rehearsal, '222233334444').clusters.map(({ id }) => id),
    ['webshop'],
  );
  assert.equal(bearer(rehearsal, '222233334444').restored, false);
});

test('swap: the restored cluster takes the name, the old one is kept', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const step = await rehearsal.step('restore-aurora', {
    'source-cluster': 'webshop',
    ...PRODUCTION,
    strategy: 'swap',
    'max-wait': '90h',
  });
  assert.equal(step.code, 0, step.log);
  assert.equal(bearer(rehearsal, '222233334444').restored, true);
  const old = step.outputs['old-cluster'] ?? '';
  assert.match(old, /^webshop-old-[0-9a-f]{6}$/);
  const view = databases(rehearsal, '222233334444');
  assert.deepEqual(view.clusters.map(({ id }) => id).sort(), ['webshop', old]);
  assert.deepEqual(view.clusters.find(({ id }) => id === 'webshop')?.members.toSorted(), ['webshop-1', 'webshop-2']);
  assert.deepEqual(JSON.parse(step.outputs['instances'] ?? ''), ['webshop-1', 'webshop-2']);
  assert.match(step.outputs['endpoint'] ?? '', /^webshop\.cluster-/);
  assert.equal(applied(rehearsal, 'DeleteDBCluster'), 0);

  const asked = {
    'source-cluster': 'webshop',
    ...PRODUCTION,
    operation: 'delete-old',
    key: step.outputs['key'] ?? '',
    'max-wait': '90h',
  };
  const shielded = await rehearsal.step('restore-aurora', asked);
  assert.equal(shielded.outputs['reason-code'], 'deletion-protected', shielded.log);
  const removed = await rehearsal.step('restore-aurora', { ...asked, 'lift-protection': 'true' });
  assert.equal(removed.code, 0, removed.log);
  const after = databases(rehearsal, '222233334444');
  assert.deepEqual(
    after.clusters.map(({ id }) => id),
    ['webshop'],
  );
  assert.equal(bearer(rehearsal, '222233334444').restored, true);
  assert.ok(after.snapshots.some(({ id }) => id.startsWith('webshop-final-')));
});

test('swap that AWS refuses after renames: every name is changed back, and the step says so', async () => {
  // Patience with a rename that stands still is 40 minutes: a second of a busy machine must not be as long.
  await using rehearsal = await rehearse(WEBSHOP, 1_000);
  rehearsal.arm({
    match: { service: 'rds', operation: 'ModifyDBCluster', nth: 2 },
    effect: { kind: 'error', code: 'InvalidParameterCombination', status: 400, message: 'the name is reserved', when: 'before' },
  });
  const inputs = { 'source-cluster': 'webshop', ...PRODUCTION, strategy: 'swap', 'max-wait': '90h', key: 'swap-webshop' };
  const step = await rehearsal.step('restore-aurora', inputs);
  assert.equal(step.code, 1, step.log);
  assert.equal(step.outputs['reason-code'], 'swap-rolled-back');
  assert.match(step.errors.at(-1) ?? '', /the name is reserved/);
  const { cluster, restored } = bearer(rehearsal, '222233334444');
  assert.equal(restored, false, 'the old cluster serves again');
  assert.deepEqual(cluster?.members.toSorted(), ['webshop-1', 'webshop-2']);
  // Each run counts its attempts from 1: another run with the same key is a new try all the same.
  const later = await rehearsal.step('restore-aurora', inputs, { env: { GITHUB_RUN_ID: '4712' } });
  assert.equal(later.code, 0, later.log);
  assert.equal(bearer(rehearsal, '222233334444').restored, true);
});

test('replace: named, with a manifest and leave to lift the protection; a final snapshot is kept', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  await capture(rehearsal);
  const inputs = { ...COMMON, ...PRODUCTION, strategy: 'replace' };
  const before = rehearsal.world.calls.length;
  const bare = await rehearsal.step('restore-aurora', { ...inputs, manifest: '' });
  assert.equal(bare.outputs['reason-code'], 'usage', bare.log);
  const shielded = await rehearsal.step('restore-aurora', inputs);
  assert.equal(shielded.outputs['reason-code'], 'deletion-protected', shielded.log);
  assert.equal(
    rehearsal.world.calls.slice(before).filter((call) => call.applied && /^(Delete|Modify|Restore)/.test(call.operation)).length,
    0,
  );
  const step = await rehearsal.step('restore-aurora', { ...inputs, 'lift-protection': 'true' });
  assert.equal(step.code, 0, step.log);
  const { cluster, restored } = bearer(rehearsal, '222233334444');
  assert.equal(restored, true);
  assert.equal(cluster?.deletionProtection, true);
  const final = step.outputs['final-snapshot'] ?? '';
  assert.match(final, /^webshop-final-[0-9a-f]{6}$/);
  const view = databases(rehearsal, '222233334444');
  assert.equal(view.snapshots.find(({ id }) => id === final)?.status, 'available');
  assert.ok(
    view.snapshots.some(({ type }) => type === 'automated'),
    'automated backups are kept',
  );
});

test('a cluster or a writer that AWS fails is named, and nothing is called usable', async () => {
  const inputs = { ...COMMON, ...RECOVERY, manifest: 'plans/manifests/webshop.json', 'target-cluster': 'webshop' };
  for (const [effect, expected] of [
    [{ kind: 'restore-fails', status: 'migration-failed' }, /cluster webshop is migration-failed/],
    [{ kind: 'instance-fails', status: 'incompatible-network' }, /instance webshop-\d is incompatible-network/],
  ] as const) {
    await using rehearsal = await rehearse(WEBSHOP, SPEED);
    rehearsal.arm({ match: { database: 'webshop' }, effect });
    const step = await rehearsal.step('restore-aurora', inputs);
    assert.equal(step.code, 1, step.log);
    assert.equal(step.outputs['reason-code'], 'restore-failed');
    assert.match(step.errors.at(-1) ?? '', expected);
  }
});

test('users and checks on a PostgreSQL behind the Data API; no password is told to anybody', async () => {
  const sql = pgliteBackend(() => 'CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 42);');
  await using rehearsal = await rehearse(WEBSHOP, SPEED, sql);
  const inputs = {
    ...COMMON,
    ...RECOVERY,
    manifest: 'plans/manifests/webshop.json',
    'target-cluster': 'webshop',
    'master-password': 'secret',
    'master-secret': 'webshop/database-master',
    'users-secret': 'webshop/database-users',
    'users-database': 'webshop',
    checks:
      '- table: { name: orders, minRows: 42, maxRows: 42 }\n- query: { name: newest, sql: "SELECT max(id) FROM orders", expect: "42" }',
  };
  const step = await rehearsal.step('restore-aurora', inputs);
  assert.equal(step.code, 0, step.log);
  const { result } = JSON.parse(step.outputs['result'] ?? '');
  assert.ok(result.users.length > 2, JSON.stringify(result.users));
  assert.deepEqual(
    result.checks.map(({ ok }: { ok: boolean }) => ok),
    [true, true],
  );
  assert.equal(step.outputs['cluster'], 'webshop', 'the name of a database in a secret is no secret');
  assert.match(step.summary, /\| Check \| Holds \| Found \|/);
  const roles = sql.asked.filter((request) => /CREATE ROLE/i.test(request.sql)).length;
  assert.equal(roles, 2);
  for (const secret of ['simulated-webshop-master', 'simulated-webshop-app', 'simulated-webshop-readonly']) {
    assert.ok(!step.log.includes(secret) && !step.summary.includes(secret), 'not told');
    assert.ok(!Object.values(step.outputs).some((output) => output.includes(secret)));
    assert.ok(step.masked.includes(secret));
  }
  const wrong = await rehearsal.step('restore-aurora', { ...inputs, checks: '- table: { name: orders, minRows: 43 }' });
  assert.equal(wrong.code, 1);
  assert.equal(wrong.outputs['reason-code'], 'verification-failed', wrong.log);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  await sql.close();
});

test('inputs that contradict each other are refused before AWS is asked', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const base = { 'source-cluster': 'webshop', ...PRODUCTION };
  const cases: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [PRODUCTION, /operation restore needs "source-cluster"/],
    [{ 'source-cluster': 'webshop' }, /give either "site", or "account" and "region"/],
    [{ ...base, site: 'dr-oregon' }, /"site" is given, and so are parts of another place/],
    [{ 'source-cluster': 'webshop', site: 'nowhere' }, /no site "nowhere" is in plans\. Legal: .*dr-oregon/],
    [{ ...base, 'lift-protection': 'true' }, /"lift-protection" belongs to strategy replace/],
    [{ ...base, snapshot: 'x', 'max-age': '1h' }, /belong to snapshot newest/],
    [{ ...base, 'snapshot-before': '2026-02-30T03:00:00Z' }, /is not a day of the calendar/],
    [{ ...base, 'snapshot-before': 'yesterday' }, /date, time and time zone as 2026-11-20T03:00:00Z/],
    [{ ...base, 'snapshot-types': 'weekly' }, /takes automated and manual/],
    [{ ...base, 'users-secret': 'u' }, /users and checks need "master-secret"/],
    [{ ...base, 'master-password': 'secret' }, /needs "master-secret"/],
    [{ ...base, port: '80' }, /"80" is not valid for "port"/],
    [{ ...base, 'serverless-min': '1' }, /belong together/],
    [{ ...base, archive: 'export' }, /archive export needs/],
    [{ ...base, archive: 'vault' }, /needs "vault-site"/],
    [{ ...base, 'security-groups': 'web' }, /not the id of a security group/],
    [{ ...base, 'instance-classes': 'large' }, /is not an instance class/],
    [{ ...base, tags: 'a: {b: c}' }, /has a value for "a" that is not a text/],
    [{ ...base, checks: 'a: b' }, /"checks" is not a list/],
    [{ ...base, checks: '- rows: 5' }, /check 1 is a "rows"; legal are/],
    [{ ...base, checks: '- table: {name: a, minRows: few}' }, /"minRows" of check 1 must be a whole number/],
    [{ ...base, 'target-cluster': 'web--shop' }, /"web--shop" is not valid for "target-cluster"/],
  ];
  for (const [inputs, message] of cases) {
    const step = await rehearsal.step('restore-aurora', inputs);
    assert.equal(step.outputs['reason-code'], 'usage', step.log);
    assert.match(step.errors.at(-1) ?? '', message);
  }
  assert.equal(rehearsal.world.calls.length, 0);
  const missing = await rehearsal.step('restore-aurora', { ...base, manifest: 'nowhere.json' });
  assert.equal(missing.outputs['reason-code'], 'file-unreadable');
});
