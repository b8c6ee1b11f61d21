import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import {
  bindParameters,
  type SqlBackend,
  type SqlError,
  type SqlRequest,
  type SqlResult,
  type SqlValue,
} from '@breakwater/simulator';
import { PGlite, types } from '@electric-sql/pglite';

/** Text as the server writes it, where PGlite would make an object of it. */
const AS_TEXT = [types.NUMERIC, types.DATE, types.TIMESTAMP, types.TIMESTAMPTZ, types.JSON, types.JSONB];

/** A backend, and how to look behind it. */
export interface PgliteBackend extends SqlBackend {
  /** The statements that came, in order. */
  readonly statements: readonly string[];
  /** Says SQL to a cluster's database as the superuser. */
  admin(resourceId: string, sql: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * PostgreSQL behind the simulator's Data API: each cluster is a PGlite of its own, filled by `restore` when it is first asked. A cluster has
 * one database, whatever it is called. The master user is no superuser, as on RDS; any other user must have the right password.
 */
export function pgliteBackend(restore: (request: SqlRequest) => string): PgliteBackend {
  const clusters = new Map<string, Promise<PGlite>>();
  const statements: string[] = [];
  let last: Promise<unknown> = Promise.resolve();

  const open = async (request: SqlRequest): Promise<PGlite> => {
    const db = await PGlite.create({ parsers: Object.fromEntries(AS_TEXT.map((type) => [type, (text: string) => text])) });
    if (request.isMaster && request.credentials.username !== 'postgres') {
      const master = quoted(request.credentials.username);
      await db.exec(`CREATE ROLE ${master} LOGIN CREATEROLE CREATEDB`);
      await db.exec(`ALTER DATABASE postgres OWNER TO ${master}; ALTER SCHEMA public OWNER TO ${master}`);
      await db.exec(`SET SESSION AUTHORIZATION ${master}`);
    }
    await db.exec(restore(request));
    return db;
  };
  const clusterOf = (request: SqlRequest): Promise<PGlite> => {
    const found = clusters.get(request.resourceId) ?? open(request);
    clusters.set(request.resourceId, found);
    return found;
  };

  const execute = async (request: SqlRequest): Promise<SqlResult | SqlError> => {
    statements.push(request.sql);
    try {
      const db = await clusterOf(request);
      await db.exec('SET SESSION AUTHORIZATION postgres');
      if (!request.isMaster && !(await letsIn(db, request.credentials)))
        return {
          error: {
            message: `FATAL: password authentication failed for user "${request.credentials.username}"`,
            sqlState: '28P01',
          },
        };
      await db.exec(`SET SESSION AUTHORIZATION ${quoted(request.credentials.username)}`);
      const { text, values } = bindParameters(request.sql, request.parameters, 'postgres');
      const answer = await db.query<unknown[]>(text, [...values], { rowMode: 'array' });
      return {
        columns: answer.fields.map(({ name }) => name),
        rows: answer.rows.map((row) => row.map(asSqlValue)),
        updated: answer.affectedRows ?? 0,
      };
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
      const message = `ERROR: ${error instanceof Error ? error.message : String(error)}`;
      return { error: typeof code === 'string' ? { message, sqlState: code } : { message } };
    }
  };

  return {
    statements,
    /** One after another: PGlite is one session, and each request puts on its user. */
    execute(request) {
      const turn = last.then(() => execute(request));
      last = turn;
      return turn;
    },
    async admin(resourceId, sql) {
      const db = await clusters.get(resourceId);
      if (db === undefined) throw new Error(`nothing was asked of ${resourceId} yet`);
      await last;
      await db.exec('SET SESSION AUTHORIZATION postgres');
      await db.exec(sql);
    },
    async close() {
      await last;
      for (const db of clusters.values()) await (await db).close();
    },
  };
}

/** Whether the password is the one whose SCRAM verifier is stored; ASCII only. */
async function letsIn(db: PGlite, { username, password }: SqlRequest['credentials']): Promise<boolean> {
  const { rows } = await db.query<[string | null]>(
    'SELECT rolpassword FROM pg_authid WHERE rolname = $1 AND rolcanlogin',
    [username],
    {
      rowMode: 'array',
    },
  );
  const [, iterations, salt, storedKey] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(rows[0]?.[0] ?? '') ?? [];
  if (salt === undefined) return false;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
  const client = createHmac('sha256', salted).update('Client Key').digest();
  return createHash('sha256').update(client).digest('base64') === storedKey;
}

function asSqlValue(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return value;
  return value instanceof Uint8Array ? value : JSON.stringify(value);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
