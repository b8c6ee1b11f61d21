import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadScenario, pgliteBackend, type SqlBackend } from '@breakwater/simulator';
import { killedAt } from './killing.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';
/** Slow enough that a process dies about where it is killed. */
const SPEED = 1_500;
const PRODUCTION = '222233334444';
const RECOVERY = '111122223333';
/** From an automated snapshot of production to a published, archived, announced cluster in the recovery account: every step there is. */
const INPUTS = {
  'source-cluster': 'webshop',
  'snapshot-types': 'automated',
  'source-account': PRODUCTION,
  'source-region': 'us-east-1',
  'source-role-arn': 'arn:aws:iam::222233334444:role/breakwater-source',
  'source-external-id': 'webshop-dr',
  'kms-key': 'arn:aws:kms:us-west-2:111122223333:key/0b9d4e18-3c5a-47f2-8e61-7d20f9a3c802',
  'transit-kms-key': 'arn:aws:kms:us-east-1:222233334444:key/6f1c7a52-8a1f-4c0e-9d3e-52a1b0c4d701',
  site: 'dr-oregon',
  'target-cluster': 'webshop-here',
  'subnet-group': 'webshop-dr',
  'security-groups': 'sg-0f1e2d3c4b5a69788',
  manifest: 'plans/manifests/webshop.json',
  'master-password': 'secret',
  'master-secret': 'webshop/database-master',
  'users-secret': 'webshop/database-users',
  'users-database': 'webshop',
  checks: '- table: { name: orders, minRows: 1000 }',
  'publish-parameter': '/webshop/endpoint',
  'publish-secret': 'webshop/database-master',
  archive: 'tag',
  'notify-topic': 'arn:aws:sns:us-west-2:111122223333:webshop-on-call',
  'max-wait': '90h',
};

function applied(rehearsal: Rehearsal, operation: string): number {
  return rehearsal.calls(operation).filter((call) => call.applied).length;
}

function databases(rehearsal: Rehearsal, account: string) {
  const found = rehearsal.world
    .state()
    .regions.find((region) => region.account === account && region.databases.clusters.length > 0)?.databases;
  assert.ok(found);
  return found;
}

test('copied first, killed at every step and resumed: one copy, one cluster, one of everything, nothing left on the way', async () => {
  await using rehearsal = await rehearse(WEBSHOP, SPEED);
  const { last, killed } = await killedAt(rehearsal, 'restore-aurora', INPUTS, [
    /CopyDBClusterSnapshot: \S+-transit-/,
    /-transit-\w+ is shared with account/,
    /CopyDBClusterSnapshot: arn:aws:rds:us-west-2:/,
    /is available and as wanted/,
    /DeleteDBClusterSnapshot: \S+-transit-/,
    /RestoreDBClusterFromSnapshot: webshop-here/,
    /CreateDBInstance: webshop-here-1/,
    /CreateDBInstance: webshop-here-2/,
    /MasterUserPassword\): webshop-here/,
    /EnableHttpEndpoint: webshop-here/,
    /the users are set up: /,
    /1 checks hold/,
    /PutParameter: \/webshop/,
    /PutSecretValue: webshop/,
    /AddTagsToResource: arn/,
    /sns:Publish: /,
  ]);
  assert.equal(last.code, 0, last.log);
  assert.ok(killed >= 13, `${killed} killed`);
  assert.equal(applied(rehearsal, 'CopyDBClusterSnapshot'), 2, 'the transit copy and the copy');
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CreateDBInstance'), 2);
  assert.equal(applied(rehearsal, 'EnableHttpEndpoint'), 1);
  assert.equal(applied(rehearsal, 'DeleteDBCluster') + applied(rehearsal, 'DeleteDBInstance'), 0);
  const { clusters, dbInstances, snapshots, topics } = databases(rehearsal, RECOVERY);
  assert.deepEqual(
    clusters.map(({ id, members }) => [id, members.toSorted()]),
    [['webshop-here', ['webshop-here-1', 'webshop-here-2']]],
  );
  assert.equal(dbInstances.length, 2);
  assert.equal(snapshots.filter(({ tags }) => tags['breakwater:archived'] !== undefined).length, 1);
  const told = topics['webshop-on-call']?.length ?? 0;
  assert.ok(told === 1 || told === 2, 'a process that dies between the message and its mark leaves it to be said again');
  assert.deepEqual(
    databases(rehearsal, PRODUCTION).snapshots.filter(({ type, sharedWith }) => type === 'manual' || sharedWith.length > 0),
    [],
  );
});

test('killed between the statements that set up users, the next process finishes them on the same server', async () => {
  const contents = loadScenario(WEBSHOP).sqlServer?.contents ?? '';
  const server = pgliteBackend(() => contents);
  await server.ready();
  const deaths: AbortController[] = [];
  let changes = 0;
  const sql: SqlBackend = {
    async execute(request) {
      const answer = await server.execute(request);
      if (/^(CREATE|ALTER|GRANT|REVOKE)/i.test(request.sql)) changes += 1;
      // After the first role, between the grants, and near their end.
      if ([1, 6, 12].includes(changes)) deaths.at(-1)?.abort();
      return answer;
    },
  };
  await using rehearsal = await rehearse(WEBSHOP, SPEED, sql);
  const inputs = { ...INPUTS, 'snapshot-types': 'manual', 'source-account': '', 'source-region': '', 'source-role-arn': '' };
  const here = { ...inputs, 'source-external-id': '', 'kms-key': '', 'transit-kms-key': '' };
  let killed = 0;
  for (let run = 0; run < 3; run += 1) {
    deaths.push(new AbortController());
    const when = deaths.at(-1)?.signal ?? AbortSignal.abort();
    const { code } = await rehearsal.step('restore-aurora', here, { interrupt: { when, signal: 'SIGKILL' } });
    if (code === undefined) killed += 1;
  }
  deaths.push(new AbortController());
  const last = await rehearsal.step('restore-aurora', here);
  assert.equal(last.code, 0, last.log);
  assert.ok(killed >= 2, `${killed} killed`);
  assert.equal(server.asked.filter((request) => /^CREATE ROLE "webshop_app"/.test(request.sql)).length, 1);
  const [first] = server.asked;
  assert.ok(first !== undefined);
  const reader = { username: 'webshop_readonly', password: 'simulated-webshop-readonly' };
  const asReader = (statement: string) => server.execute({ ...first, credentials: reader, isMaster: false, sql: statement });
  assert.deepEqual(await asReader('SELECT count(*) FROM orders'), { columns: ['count'], rows: [[1200]], updated: 0 });
  const refused = await asReader("INSERT INTO customers VALUES (0, 'x')");
  assert.ok('error' in refused && /permission denied/.test(refused.error.message));
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  await server.close();
});
