import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect } from '@breakwater/aws';
import { VirtualClock } from '@breakwater/core';
import { createWorld, parseScenario, pgliteBackend, requestHandler } from '@breakwater/simulator';
import { applyUsers, dataApiSession, usersFromSecret, verifyDatabase } from '@breakwater/sql';

const ACCOUNT = '111122223333';
const REGION = 'us-west-2';
const PLACE = `account: "${ACCOUNT}", region: ${REGION}`;
const USERS = {
  app_username: 'shop_app',
  app_password: "app:word'; --",
  readonly_username: 'shop "reader" :x',
  readonly_password: 'reader:word',
};
const SCENARIO = `
name: sql
jitter: 0
callers: [{ account: "${ACCOUNT}" }]
clusters: [{ ${PLACE}, id: shop, engineVersion: "16.6", databaseName: shop, masterUsername: shop_master, masterPassword: master-word }]
secrets:
  - { ${PLACE}, name: shop/master, value: { username: shop_master, password: master-word } }
  - { ${PLACE}, name: shop/users, value: ${JSON.stringify(USERS)} }
  - { ${PLACE}, name: shop/credentials/app, value: ${JSON.stringify({ username: USERS.app_username, password: USERS.app_password })} }
  - { ${PLACE}, name: shop/credentials/reader, value: ${JSON.stringify({ username: USERS.readonly_username, password: USERS.readonly_password })} }
`;

const backend = pgliteBackend(() => "CREATE TABLE orders (id int, note text); INSERT INTO orders VALUES (1, 'restored')");
after(() => backend.close());

test('users and checks over the Data API, down to a real server', async () => {
  const clock = new VirtualClock(Date.parse('2026-03-01T03:00:00Z'));
  const world = createWorld({ scenario: parseScenario(SCENARIO), clock, sql: backend });
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = world.credentials;
  const told: string[] = [];
  const site = connect({
    clock,
    credentials: { kind: 'static', accessKeyId, secretAccessKey },
    sessionName: 'sql',
    requestHandler: requestHandler(world),
    onSecret: (secret) => told.push(secret),
  })({ name: 'dr', account: ACCOUNT, region: REGION });
  const [cluster] = await site.rds.describeClusters('shop');
  assert.ok(cluster !== undefined);
  await site.rds.enableHttpEndpoint(cluster.arn);
  const session = (secretArn: string) =>
    dataApiSession(site.rdsData, { engine: 'postgresql', clusterArn: cluster.arn, secretArn, database: 'shop' });

  const spec = usersFromSecret(await site.secrets.getSecret('shop/users'), 'shop');
  const changes = await applyUsers(session('shop/master'), spec);
  assert.ok(changes.includes('created the user "shop_app"'));
  assert.equal((await applyUsers(session('shop/master'), spec)).length, 2, 'a second run sets the passwords only');
  assert.ok(told.includes(USERS.app_password) && told.includes(USERS.readonly_password), 'masked before use');

  for (const { sql } of backend.asked) {
    assert.doesNotMatch(sql, /:|;/, 'nothing that a parser of parameters or statements could trip over');
    assert.doesNotMatch(sql, /(app|reader).{0,6}word/, 'no password');
  }

  const app = session('shop/credentials/app');
  assert.equal((await app.query("INSERT INTO orders VALUES (2, 'new')", { reads: false })).updated, 1);
  const reader = session('shop/credentials/reader');
  assert.deepEqual((await reader.query('SELECT id FROM orders ORDER BY id', { reads: true })).rows, [['1'], ['2']]);
  await assert.rejects(reader.query('DELETE FROM orders', { reads: false }), /permission denied/);

  assert.deepEqual(
    await verifyDatabase(session('shop/master'), [
      { kind: 'rows', table: 'orders', min: 1, max: 10 },
      { kind: 'table', name: 'missing' },
      { kind: 'query', name: 'first note', sql: 'SELECT note FROM orders WHERE id = 1', expect: 'restored' },
      { kind: 'query', name: 'truth', sql: 'SELECT count(*) = 2 FROM orders', expect: 'true' },
      { kind: 'query', name: 'broken', sql: 'SELECT nothing FROM orders', expect: '1' },
    ]).then((results) => results.map(({ ok, found }) => ({ ok, found: found.replace(/error: .*/, 'error') }))),
    [
      { ok: true, found: '2' },
      { ok: false, found: 'it does not exist' },
      { ok: true, found: 'restored' },
      { ok: true, found: 'true' },
      { ok: false, found: 'error' },
    ],
  );
  const version = await verifyDatabase(session('shop/master'), [{ kind: 'engine-version', version: '1' }]);
  assert.match(version[0]?.found ?? '', /^\d+\.\d+$/);
});

test('a database that cannot be reached is no failed check: nothing is known of it', async () => {
  const gateway = {
    execute: () => Promise.reject(Object.assign(new Error('HTTP endpoint is not enabled'), { code: 'aws-fault' })),
  };
  const session = dataApiSession(gateway, { engine: 'postgresql', clusterArn: 'arn', secretArn: 'arn' });
  await assert.rejects(verifyDatabase(session, [{ kind: 'database', name: 'shop' }]), /not enabled/);
});
