import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { UserError } from '@breakwater/core';
import type { PGlite } from '@electric-sql/pglite';
import { bindParameters } from './bind-parameters.ts';
import type { SqlBackend, SqlError, SqlRequest, SqlResult, SqlValue } from './sql-backend.ts';

type Pglite = typeof import('@electric-sql/pglite');

/** A backend, and how to look behind it. */
export interface PgliteBackend extends SqlBackend {
  /** What was asked, in order. */
  readonly asked: readonly SqlRequest[];
  /** Makes a server in advance, so that the first statement does not wait for one. Throws `UserError` `usage` without PGlite. */
  ready(): Promise<void>;
  /** Says SQL to a cluster's database as the superuser. */
  admin(resourceId: string, sql: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * PostgreSQL behind the Data API: each cluster is a PGlite of its own, filled by `contents` when it is first asked. A cluster has one
 * database, whatever it is called, and says that it has the cluster's version. The master user is no superuser, as on RDS; any other user
 * must have the right password. The package is no part of Breakwater: it is loaded when the first server is made.
 */
export function pgliteBackend(
  contents: (request: SqlRequest) => string,
  load: () => Promise<Pglite> = () => import('@electric-sql/pglite'),
): PgliteBackend {
  const servers = new Map<string, Promise<PGlite>>();
  const asked: SqlRequest[] = [];
  const make = serverMaker(load);
  let spare: Promise<PGlite> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const open = async (request: SqlRequest): Promise<PGlite> => {
    const made = spare ?? make();
    spare = undefined;
    const db = await made;
    const { username } = request.credentials;
    if (request.isMaster && username !== 'postgres') {
      const master = quoted(username);
      await db.exec(`CREATE ROLE ${master} LOGIN CREATEROLE CREATEDB`);
      await db.exec(`ALTER DATABASE postgres OWNER TO ${master}; ALTER SCHEMA public OWNER TO ${master}`);
      await db.exec(`SET SESSION AUTHORIZATION ${master}`);
    }
    await db.exec(contents(request));
    return db;
  };
  const serverOf = (request: SqlRequest): Promise<PGlite> => {
    const found = servers.get(request.resourceId) ?? open(request);
    servers.set(request.resourceId, found);
    return found;
  };

  const execute = async (request: SqlRequest): Promise<SqlResult | SqlError> => {
    const { sql, credentials, isMaster } = request;
    asked.push(request);
    if (/^show server_version$/i.test(sql)) {
      return { columns: ['server_version'], rows: [[request.engineVersion]], updated: 0 };
    }
    try {
      const db = await serverOf(request);
      await db.exec('SET SESSION AUTHORIZATION postgres');
      if (!isMaster && !(await letsIn(db, credentials))) {
        const message = `FATAL: password authentication failed for user "${credentials.username}"`;
        return { error: { message, sqlState: '28P01' } };
      }
      await db.exec(`SET SESSION AUTHORIZATION ${quoted(credentials.username)}`);
      const { text, values } = bindParameters(sql, request.parameters, 'postgres');
      const answer = await db.query<unknown[]>(text, [...values], { rowMode: 'array' });
      return {
        columns: answer.fields.map(({ name }) => name),
        rows: answer.rows.map((row) => row.map(asSqlValue)),
        updated: answer.affectedRows ?? 0,
      };
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
      const message = `ERROR: ${error instanceof Error ? error.message : String(error)}`;
      return { error: typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? { message, sqlState: code } : { message } };
    }
  };

  return {
    asked,
    async ready() {
      spare ??= make();
      await spare.catch((error: unknown) => {
        spare = undefined;
        throw error;
      });
    },
    /** One after another: PGlite is one session, and each request puts on its user. */
    execute(request) {
      const turn = last.then(() => execute(request));
      last = turn;
      return turn;
    },
    async admin(resourceId, sql) {
      const db = await servers.get(resourceId);
      if (db === undefined) throw new Error(`nothing was asked of ${resourceId} yet`);
      await last;
      await db.exec('SET SESSION AUTHORIZATION postgres');
      await db.exec(sql);
    },
    async close() {
      await last;
      for (const made of await Promise.allSettled([...servers.values(), spare]))
        if (made.status === 'fulfilled') await made.value?.close();
      servers.clear();
      spare = undefined;
    },
  };
}

/** Makes empty servers. The first one leaves its files: from them the next start in a quarter of the time. */
function serverMaker(load: () => Promise<Pglite>): () => Promise<PGlite> {
  let files: Promise<Blob> | undefined;
  return async () => {
    const { PGlite, types } = await load().catch((cause: unknown) => {
      throw notInstalled(cause);
    });
    // Text as the server writes it, where PGlite would make an object of it.
    const asText = [types.NUMERIC, types.DATE, types.TIMESTAMP, types.TIMESTAMPTZ, types.JSON, types.JSONB];
    const parsers = Object.fromEntries(asText.map((type) => [type, (text: string) => text]));
    if (files !== undefined) return PGlite.create({ parsers, loadDataDir: await files });
    const first = PGlite.create({ parsers });
    files = first.then((db) => db.dumpDataDir('none'));
    await files;
    return first;
  };
}

function notInstalled(cause: unknown): unknown {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  if (code !== 'ERR_MODULE_NOT_FOUND') return cause;
  return new UserError('usage', 'the scenario wants PostgreSQL behind the Data API, and @electric-sql/pglite is not installed', {
    next: 'Install it where you are (npm install --no-save @electric-sql/pglite), or write `sqlServer: none` in the scenario and list its `sqlAnswers`.',
    cause,
  });
}

/** Whether the password is the one whose SCRAM verifier is stored; ASCII only. */
async function letsIn(db: PGlite, { username, password }: SqlRequest['credentials']): Promise<boolean> {
  const { rows } = await db.query<[string | null]>(
    'SELECT rolpassword FROM pg_authid WHERE rolname = $1 AND rolcanlogin',
    [username],
    { rowMode: 'array' },
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
