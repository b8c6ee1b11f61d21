import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { killedAt } from './killing.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { temporaryFolder } from './step.ts';
import { openVpc } from './vpc.ts';

const LEDGER = path.resolve('test/acceptance/scenarios/ledger.yaml');
const SAFE = { account: '111122223333', region: 'us-west-2' };
const ROLE = 'arn:aws:iam::111122223333:role/recovery';

/** A stand-by of the ledger lives in the recovery account, and its users' passwords are there. */
function world(): string {
  const { dbInstances, roles } = parse(readFileSync(LEDGER, 'utf8'));
  const policy = (name: string) => path.resolve(`infrastructure/policies/${name}.json`);
  const names = ['restore-aurora', 'restore-aurora-finish', 'restore-aurora-live', 'copy-snapshot-destination'];
  const production = ['copy-snapshot-source', 'capture'];
  const [source] = roles;
  const file = path.join(temporaryFolder('stand-by'), 'stand-by.yaml');
  const lists = {
    extends: LEDGER,
    name: 'stand-by',
    roles: [
      { ...source, policies: production.map(policy) },
      { arn: ROLE, trust: ['444455556666'], policies: names.map(policy) },
    ],
    dbInstances: [...dbInstances, { ...dbInstances[0], ...SAFE, kmsKey: 'alias/recovery', subnetGroup: 'ledger' }],
    secrets: [
      {
        ...SAFE,
        name: 'ledger/users',
        value: {
          database: 'ledger',
          app_username: 'ledger_app',
          app_password: 'simulated-ledger-app',
          readonly_username: 'ledger_reader',
          readonly_password: 'simulated-ledger-reader',
        },
      },
    ],
  };
  writeFileSync(file, JSON.stringify(lists));
  return path.relative('.', file);
}

const INPUTS = {
  'source-instance': 'ledger',
  account: SAFE.account,
  region: SAFE.region,
  'role-arn': ROLE,
  'source-account': '222233334444',
  'source-region': 'us-east-1',
  'source-role-arn': 'arn:aws:iam::222233334444:role/source',
  'kms-key': 'alias/recovery',
  'security-groups': 'sg-0f1e2d3c',
  strategy: 'swap',
  'master-password': 'managed',
  'users-secret': 'ledger/users',
  checks: '- table: { name: entries, minRows: 42, maxRows: 42 }',
  key: 'swap-with-users',
  'max-wait': '90h',
};

function view(rehearsal: Rehearsal, account: string) {
  const found = rehearsal.world.state().regions.find((one) => one.account === account && one.databases.dbInstances.length > 0);
  assert.ok(found);
  return found.databases;
}

test('an instance is swapped for a snapshot of another account, with its users, killed on its way and resumed', async () => {
  await using vpc = await openVpc('CREATE TABLE entries (id int PRIMARY KEY); INSERT INTO entries SELECT generate_series(1, 42)');
  await using rehearsal = await rehearse(world(), 2_000);
  const moments = [/the users are set up: /, /NewDBInstanceIdentifier\): ledger>ledger-old-/];
  const { last, killed } = await killedAt(rehearsal, 'restore-aurora', INPUTS, moments, vpc.env);
  assert.equal(last.code, 0, last.log);
  assert.equal(last.outputs['status'], 'succeeded', last.log);
  assert.ok(killed >= 1, `${killed} killed`);
  const applied = (operation: string) => rehearsal.calls(operation).filter((call) => call.applied);
  assert.equal(applied('CopyDBSnapshot').length, 2, 'the transit copy and the copy');
  assert.equal(applied('RestoreDBInstanceFromDBSnapshot').length, 1);
  assert.equal(applied('ModifyDBInstance').filter(({ request }) => request?.['NewDBInstanceIdentifier'] !== undefined).length, 2);
  assert.equal(applied('DeleteDBInstance').length, 0);

  const { dbInstances } = view(rehearsal, SAFE.account);
  const old = last.outputs['old-instance'] ?? '';
  assert.match(old, /^ledger-old-[0-9a-f]{6}$/);
  const owners = dbInstances.map(({ id, tags }) => [id, tags['breakwater:owner']] as const).sort();
  assert.deepEqual(owners, [
    ['ledger', 'breakwater'],
    [old, undefined],
  ]);
  assert.match(dbInstances.find(({ id }) => id === 'ledger')?.kmsKey ?? '', /:us-west-2:111122223333:key\//);
  assert.deepEqual(
    view(rehearsal, '222233334444').snapshots.filter(({ type, sharedWith }) => type === 'manual' || sharedWith.length > 0),
    [],
    'nothing stays shared or on the way',
  );

  const privilege = (user: string, what: string) => `has_table_privilege('${user}', 'entries', '${what}')`;
  const asked = ['app', 'reader'].flatMap((user) => ['SELECT', 'INSERT'].map((what) => privilege(`ledger_${user}`, what)));
  const { rows } = await vpc.database.query<boolean[]>(`SELECT ${asked.join(', ')}`, [], { rowMode: 'array' });
  assert.deepEqual(rows, [[true, true, true, false]], 'the application writes, the reader does not');
  const connected = vpc.connected();
  assert.ok(connected.length >= 3, connected.join());
  for (const line of connected) assert.match(line, /^ledger(-new-[0-9a-f]{6})?\..*\.us-west-2\.rds\.amazonaws\.com proved$/);
  assert.match(connected[0] ?? '', /^ledger-new-/, 'proved beside the live one first');
  for (const secret of ['simulated-ledger-app', 'simulated-ledger-reader']) {
    assert.ok(!last.log.includes(secret) && !last.summary.includes(secret), 'not told');
  }
});
