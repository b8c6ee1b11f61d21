import type { SecretsGateway } from '@breakwater/aws';
import { UserError } from '@breakwater/core';
import type { DatabaseSql, SqlTarget } from '@breakwater/operations';
import type { DatabaseUsers } from '@breakwater/plan';
import {
  applyUsers,
  dataApiSession,
  directSession,
  type SqlSession,
  sqlEngineOf,
  type UsersSpec,
  usersFromSecret,
  verifyDatabase,
} from '@breakwater/sql';

/** SQL for restored databases, over the Data API or a connection of our own, as the target says. */
export function databaseSql(): DatabaseSql {
  return {
    async applyUsers(target, users) {
      const { site, secret: master, database } = target;
      const spec = await readUsers(site.aws.secrets, { users, master, clusterDatabase: database.databaseName });
      return withSession(target, (session) => applyUsers(session, spec));
    },
    verify: (target, checks) => withSession(target, (session) => verifyDatabase(session, checks)),
  };
}

/** Secrets that RDS keeps hold nothing but the master user's name and password. */
const KEPT_BY_RDS = /:secret:rds!/;

/** The two users as their secret has them. Where neither the request nor that secret names their database, the master user's secret may. */
export async function readUsers(
  secrets: Pick<SecretsGateway, 'getSecret'>,
  {
    users: { secret, database },
    master,
    clusterDatabase,
  }: { readonly users: DatabaseUsers; readonly master: string; readonly clusterDatabase: string | undefined },
): Promise<UsersSpec> {
  const text = await secrets.getSecret(secret);
  const named = database !== undefined || fieldsOf(text).has('database');
  const elsewhere = named || KEPT_BY_RDS.test(master) ? undefined : fieldsOf(await secrets.getSecret(master)).get('database');
  return usersFromSecret(text, database, typeof elsewhere === 'string' && elsewhere !== '' ? elsewhere : clusterDatabase);
}

async function withSession<T>(target: SqlTarget, work: (session: SqlSession) => Promise<T>): Promise<T> {
  const session = await open(target);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function open({ site, database, secret, connection, connectionTimeout }: SqlTarget): Promise<SqlSession> {
  const engine = sqlEngineOf(database.engine);
  if (engine === undefined) {
    throw new UserError('engine-unavailable', `nothing is known of the SQL of ${database.engine}`, {
      next: 'Users and checks work with PostgreSQL, MySQL and MariaDB.',
    });
  }
  const place = database.databaseName === undefined ? {} : { database: database.databaseName };
  if (connection === 'data-api') {
    return dataApiSession(site.aws.rdsData, { engine, clusterArn: database.arn, secretArn: secret, ...place });
  }
  const { username, password } = credentialsIn(await site.aws.secrets.getSecret(secret), secret);
  return directSession({
    engine,
    host: database.endpoint ?? '',
    port: database.port ?? (engine === 'postgresql' ? 5432 : 3306),
    user: username,
    password,
    tls: 'rds',
    ...(connectionTimeout === undefined ? {} : { connectTimeout: connectionTimeout }),
    ...place,
  });
}

/** The secret as RDS writes it. An error never shows what is in it. */
function credentialsIn(text: string, secret: string): { readonly username: string; readonly password: string } {
  const fields = fieldsOf(text);
  const [username, password] = [fields.get('username'), fields.get('password')];
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  throw new UserError('users-failed', `secret ${secret} is no JSON object with "username" and "password"`, {
    next: 'Name the secret that holds the credentials of the master user.',
  });
}

function fieldsOf(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  } catch {
    return new Map();
  }
}
