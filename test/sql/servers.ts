import type { SqlAnswer } from '@breakwater/aws';
import { type DirectTarget, directSession, type SqlEngine, type SqlSession } from '@breakwater/sql';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** A real server on loopback, with a master user that may do what RDS's may: everything but be a superuser. */
export interface TestServer {
  readonly name: string;
  readonly engine: SqlEngine;
  readonly database: string;
  /** PGlite lets everybody in and is one session: there we put on a user instead of logging in. */
  readonly logsIn: boolean;
  /** Our session as the master user. */
  master(): SqlSession;
  /** As the superuser. */
  admin(sql: string): Promise<SqlAnswer>;
  /** One statement as that user, who has switched read-only transactions off. */
  as(user: string, password: string, sql: string): Promise<SqlAnswer>;
  close(): Promise<void>;
}

export const MASTER = 'master_user';
const MASTER_PASSWORD = 'Master-4711';

/** The files of an empty server: from them the next one starts in a quarter of the time. */
let pristine: Promise<Blob> | undefined;

async function emptyPglite(): Promise<Blob> {
  const db = await PGlite.create();
  await db.exec(`CREATE ROLE ${MASTER} LOGIN CREATEROLE CREATEDB`);
  await db.exec(`ALTER DATABASE postgres OWNER TO ${MASTER}; ALTER SCHEMA public OWNER TO ${MASTER}`);
  const files = await db.dumpDataDir('none');
  await db.close();
  return files;
}

/** PostgreSQL that npm brings: the real thing, compiled to WebAssembly, behind its own socket server. */
export async function pgliteServer(): Promise<TestServer> {
  pristine ??= emptyPglite();
  const db = await PGlite.create({ loadDataDir: await pristine });
  const socket = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: 8 });
  await socket.start();
  const port = Number(/:(\d+)$/.exec(socket.getServerConn())?.[1]);
  const target: DirectTarget = {
    engine: 'postgresql',
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: 'any',
    database: 'postgres',
    tls: 'off',
  };
  const session = directSession(target);
  const wearing = async (user: string | undefined, sql: string): Promise<SqlAnswer> => {
    await session.query('SET SESSION AUTHORIZATION postgres', { reads: false });
    if (user !== undefined) await session.query(`SET SESSION AUTHORIZATION "${user.replaceAll('"', '""')}"`, { reads: false });
    try {
      return await session.query(sql, { reads: false });
    } finally {
      await session.query('SET SESSION AUTHORIZATION postgres', { reads: false });
      await session.query(`SET SESSION AUTHORIZATION ${MASTER}`, { reads: false });
    }
  };
  await wearing(undefined, 'SELECT 1');
  return {
    name: 'PGlite',
    engine: 'postgresql',
    database: 'postgres',
    logsIn: false,
    master: () => ({ ...session, close: async () => {} }),
    admin: (sql) => wearing(undefined, sql),
    as: (user, _password, sql) => wearing(user, sql),
    async close() {
      await session.close();
      await socket.stop();
      await db.close();
    },
  };
}

/** A server that is there already, by its superuser's address: `postgresql://user:password@127.0.0.1:port` or `mysql://…`. */
export async function runningServer(address: string, database: string): Promise<TestServer> {
  const url = new URL(address);
  const engine: SqlEngine = url.protocol === 'mysql:' ? 'mysql' : 'postgresql';
  const at = { engine, host: url.hostname, port: Number(url.port), tls: 'off' } as const;
  const root = directSession({ ...at, user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) });
  const change = (sql: string) => root.query(sql, { reads: false });
  if (engine === 'postgresql') {
    await change(`DROP DATABASE IF EXISTS ${database}`);
    const there = await root.query(`SELECT 1 FROM pg_roles WHERE rolname = '${MASTER}'`, { reads: true });
    if (there.rows.length === 0) await change(`CREATE ROLE ${MASTER} LOGIN CREATEROLE CREATEDB PASSWORD '${MASTER_PASSWORD}'`);
    await change(`CREATE DATABASE ${database} OWNER ${MASTER}`);
  } else {
    await change(`DROP DATABASE IF EXISTS ${database}`);
    await change(`CREATE DATABASE ${database}`);
    await change(`CREATE OR REPLACE USER ${MASTER}@'%' IDENTIFIED BY '${MASTER_PASSWORD}'`);
    await change(
      `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER ON *.* TO ${MASTER}@'%' WITH GRANT OPTION`,
    );
  }
  return {
    name: engine === 'mysql' ? 'MariaDB' : 'PostgreSQL',
    engine,
    database,
    logsIn: true,
    master: () => directSession({ ...at, user: MASTER, password: MASTER_PASSWORD, database }),
    admin: (sql) => root.query(sql, { database, reads: false }),
    async as(user, password, sql) {
      const session = directSession({ ...at, user, password, database });
      try {
        if (engine === 'postgresql') await session.query('SET default_transaction_read_only = off', { reads: false });
        return await session.query(sql, { reads: false });
      } finally {
        await session.close();
      }
    },
    close: () => root.close(),
  };
}
