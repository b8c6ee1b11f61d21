import type { SqlAnswer } from '@breakwater/aws';
import { Client, type QueryArrayConfig } from 'pg';
import { CONNECT_TIMEOUT, type Connection, type DirectTarget, STATEMENT_TIMEOUT } from './direct-session.ts';
import { connectionFault } from './driver-faults.ts';
import { oneConnection } from './one-connection.ts';
import { tlsOptions } from './tls.ts';

const BOOLEAN = 16;
/** How much longer the server gets to say that it has ended a statement. */
const GRACE = 1.1;

export async function openPostgresql(target: DirectTarget, database: string | undefined): Promise<Connection> {
  const ssl = await tlsOptions(target.tls);
  const { statementTimeout = STATEMENT_TIMEOUT } = target;
  const client = new Client({
    host: target.host,
    port: target.port,
    user: target.user,
    password: target.password,
    database: database ?? 'postgres',
    ssl: ssl ?? false,
    connectionTimeoutMillis: target.connectTimeout ?? CONNECT_TIMEOUT,
    // The server ends it first, where it can: what is only given up here goes on there.
    statement_timeout: statementTimeout,
    query_timeout: Math.ceil(statementTimeout * GRACE),
    application_name: 'breakwater',
    client_encoding: 'UTF8',
  });
  // A connection that breaks between two statements; the next one reports it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw connectionFault(target, error);
  }

  /** The extended protocol takes exactly one statement. Values stay the server's text. */
  const one = async (sql: string): Promise<SqlAnswer> => {
    const query: QueryArrayConfig & { readonly queryMode: 'extended' } = {
      text: sql,
      rowMode: 'array',
      queryMode: 'extended',
      types: { getTypeParser: (type: number) => (type === BOOLEAN ? booleanText : asText) },
    };
    const answer = await client.query<(string | null)[]>(query);
    return {
      columns: answer.fields.map(({ name }) => name),
      rows: answer.rows,
      updated: answer.fields.length > 0 ? undefined : (answer.rowCount ?? undefined),
    };
  };

  return oneConnection({
    engine: target.engine,
    beginReading: 'BEGIN READ ONLY',
    say: one,
    cut: () => void client.end().catch(() => {}),
    close: () => client.end(),
  });
}

/** As the Data API spells it. */
function booleanText(value: string): string {
  return value === 't' ? 'true' : 'false';
}

function asText(value: string): string {
  return value;
}
