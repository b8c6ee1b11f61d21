import type { SqlAnswer } from '@breakwater/aws';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { CONNECT_TIMEOUT, type Connection, type DirectTarget, STATEMENT_TIMEOUT } from './direct-session.ts';
import { connectionFault } from './driver-faults.ts';
import { oneConnection } from './one-connection.ts';
import { mysqlLiteral } from './quoting.ts';
import { tlsOptions } from './tls.ts';

export async function openMysql(target: DirectTarget, database: string | undefined): Promise<Connection> {
  const ssl = await tlsOptions(target.tls);
  const { statementTimeout: timeout = STATEMENT_TIMEOUT } = target;
  const opened = await createConnection({
    host: target.host,
    port: target.port,
    user: target.user,
    password: target.password,
    ...(database === undefined ? {} : { database }),
    // By itself mysql2 proves the certificate and not whose it is.
    ...(ssl === undefined ? {} : { ssl: { ...ssl, verifyIdentity: true } }),
    connectTimeout: target.connectTimeout ?? CONNECT_TIMEOUT,
    charset: 'utf8mb4',
    multipleStatements: false,
    rowsAsArray: true,
    typeCast: (field) => field.string('utf8'),
  }).catch((error: unknown) => {
    throw connectionFault(target, error);
  });
  // A connection that breaks between two statements; the next one reports it.
  opened.on('error', () => {});

  const one = async (sql: string): Promise<SqlAnswer> => {
    const [rows, fields] = await opened.query<RowDataPacket[][]>({ sql, rowsAsArray: true, timeout });
    if (fields === undefined) return { columns: [], rows: [], updated: affected(rows) };
    return { columns: fields.map(({ name }) => name), rows: rows.map((row) => row.map(text)), updated: undefined };
  };

  const connection = oneConnection({
    engine: target.engine,
    beginReading: 'START TRANSACTION READ ONLY',
    say: one,
    cut: () => opened.destroy(),
    close: () => opened.end(),
  });
  try {
    await useBackslashEscapes(connection);
  } catch (error) {
    opened.destroy();
    throw error;
  }
  return connection;
}

/** Our literals need them; only this session's mode is changed. */
async function useBackslashEscapes(connection: Connection): Promise<void> {
  const mode = (await connection.query('SELECT @@SESSION.sql_mode', false)).rows[0]?.[0] ?? '';
  const kept = mode.split(',').filter((each) => each !== 'NO_BACKSLASH_ESCAPES');
  await connection.query(`SET SESSION sql_mode = ${mysqlLiteral(kept.join(','))}`, false);
}

function affected(header: unknown): number | undefined {
  const rows: unknown = typeof header === 'object' && header !== null ? Reflect.get(header, 'affectedRows') : undefined;
  return typeof rows === 'number' ? rows : undefined;
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
