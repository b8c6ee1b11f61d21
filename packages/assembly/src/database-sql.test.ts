import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUsers } from './database-sql.ts';

const USERS = { app_username: 'a', app_password: 'b', readonly_username: 'c', readonly_password: 'd' };
const MANAGED = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:rds!cluster-1-abc';

/** Which database the users get, and which secrets were read for it. */
async function databaseOf(
  secrets: Readonly<Record<string, object>>,
  options: { readonly asked?: string; readonly master?: string; readonly cluster?: string } = {},
) {
  const read: string[] = [];
  const { asked, master = 'master', cluster } = options;
  const users = await readUsers(
    {
      async getSecret(id) {
        read.push(id);
        const secret = secrets[id];
        assert.ok(secret, `there is a secret ${id}`);
        return JSON.stringify(secret);
      },
    },
    { users: { secret: 'users', ...(asked === undefined ? {} : { database: asked }) }, master, clusterDatabase: cluster },
  );
  return [users.database, ...read];
}

test('the users’ database: as asked, or of their secret, or of the master user’s secret, or the cluster’s own', async () => {
  const master = { username: 'm', password: 'p', database: 'of_master' };
  const named = { users: { ...USERS, database: 'of_users' }, master };
  assert.deepEqual(await databaseOf(named, { asked: 'asked', cluster: 'own' }), ['asked', 'users']);
  assert.deepEqual(await databaseOf(named, { cluster: 'own' }), ['of_users', 'users']);
  assert.deepEqual(await databaseOf({ users: USERS, master }, { cluster: 'own' }), ['of_master', 'users', 'master']);
  const bare = { username: 'm', password: 'p' };
  assert.deepEqual(await databaseOf({ users: USERS, master: bare }, { cluster: 'own' }), ['own', 'users', 'master']);
  await assert.rejects(databaseOf({ users: USERS, master: bare }), { code: 'users-failed', message: /"database"/ });
  await assert.rejects(databaseOf({ users: { ...USERS, database: 7 }, master }), { code: 'users-failed', message: /"database"/ });
});

test('a secret that RDS keeps names no database and is not read for one', async () => {
  const secrets = { users: USERS };
  assert.deepEqual(await databaseOf(secrets, { master: MANAGED, cluster: 'own' }), ['own', 'users']);
});
