import { UserError } from '@breakwater/core';
import type { DatabaseSql, SqlTarget } from '@breakwater/operations';
import {
  applyUsers,
  dataApiSession,
  directSession,
  type SqlSession,
  sqlEngineOf,
  usersFromSecret,
  verifyDatabase,
} from '@breakwater/sql';

/** SQL for restored databases, over the Data API or a connection of our own, as the target says. */
export function databaseSql(): DatabaseSql {
  return {
    async applyUsers(target, { secret, database }) {
      const spec = usersFromSecret(await target.site.aws.secrets.getSecret(secret), database, target.database.databaseName);
      return withSession(target, (session) => applyUsers(session, spec));
    },
    verify: (target, checks) => withSession(target, (session) => verifyDatabase(session, checks)),
  };
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
