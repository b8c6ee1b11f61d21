import { UserError } from '@breakwater/core';
import { checkDatabaseName, checkPassword, checkUserName } from './quoting.ts';
import type { SqlEngine } from './session.ts';

export interface UserCredentials {
  readonly username: string;
  readonly password: string;
}

/** The two users of a restored database. */
export interface UsersSpec {
  /** Their database; grants are on what it holds. */
  readonly database: string;
  /** Reads and writes data. */
  readonly app: UserCredentials;
  /** Reads. */
  readonly readonly: UserCredentials;
}

/** Names that belong to the engine or to RDS. */
const RESERVED: Readonly<Record<SqlEngine, RegExp>> = {
  postgresql: /^(pg_.*|rds_.*|rds|rdsadmin|rdsrepladmin|rdstopmgr|postgres|public|none)$/i,
  mysql: /^(root|rdsadmin|rdsrepladmin|rdsproxyadmin|public|(mysql|mariadb)\..*|aws_.*|rds_.*)$/i,
};

/**
 * Reads a secret's text: `{app_username, app_password, readonly_username, readonly_password}`. The users' database is `database`, or the one
 * the secret names, or `otherwise`.
 * Throws a `UserError` that names the key and shows no value.
 */
export function usersFromSecret(secret: string, database?: string, otherwise?: string): UsersSpec {
  const fields = objectOf(secret);
  const field = (key: string): string => {
    const value: unknown = fields.get(key);
    if (typeof value === 'string' && value !== '') return value;
    throw new UserError('users-failed', `the secret of the database users has no text under "${key}"`, {
      next: 'Its JSON needs app_username, app_password, readonly_username and readonly_password, each a string.',
    });
  };
  return {
    app: { username: field('app_username'), password: field('app_password') },
    readonly: { username: field('readonly_username'), password: field('readonly_password') },
    database: database ?? (fields.has('database') ? undefined : otherwise) ?? field('database'),
  };
}

/** Refuses what cannot be set up safely, before the first statement. */
export function checkUsers(engine: SqlEngine, spec: UsersSpec): void {
  checkDatabaseName(engine, spec.database);
  for (const [what, { username, password }] of [
    ['application user', spec.app],
    ['read-only user', spec.readonly],
  ] as const) {
    checkUserName(engine, `name of the ${what}`, username);
    checkPassword(engine, `password of the ${what}`, password);
    if (RESERVED[engine].test(username))
      refuse(
        `"${username}" is a name of the engine or of RDS and cannot be the ${what}`,
        'Give the user another name in the secret.',
      );
  }
  if (spec.app.username === spec.readonly.username)
    refuse('the application user and the read-only user have the same name', 'Give them different names in the secret.');
}

/** The user we act as must stay what it is. */
export function refuseSelf(spec: UsersSpec, self: string): void {
  if (spec.app.username !== self && spec.readonly.username !== self) return;
  refuse(
    `"${self}" is the user that sets the others up`,
    'Name application and read-only users other than the master user in the secret.',
  );
}

function refuse(message: string, next: string): never {
  throw new UserError('users-failed', message, { next });
}

/** JSON.parse quotes the text in its error, so that error goes no further. */
function objectOf(secret: string): ReadonlyMap<string, unknown> {
  const parsed: unknown = parseQuietly(secret);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new UserError('users-failed', 'the secret of the database users is not a JSON object', {
      next: 'Store {"app_username": …, "app_password": …, "readonly_username": …, "readonly_password": …} in it.',
    });
  return new Map(Object.entries(parsed));
}

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
