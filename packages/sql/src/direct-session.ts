import type { SqlAnswer } from '@breakwater/aws';
import { isTimeout } from './scrub.ts';
import type { QueryOptions, SqlEngine, SqlSession } from './session.ts';

/** Milliseconds, unless another time is asked for; a security group that lets nothing through answers nothing at all. */
export const CONNECT_TIMEOUT = 15_000;

/**
 * Milliseconds, unless another time is asked for. Far longer than a statement of ours takes; one that waits for a lock, or for an answer
 * that the network has lost, must not keep a recovery waiting for ever.
 */
export const STATEMENT_TIMEOUT = 600_000;

export interface DirectTarget {
  readonly engine: SqlEngine;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** For PostgreSQL `postgres` if left out. */
  readonly database?: string;
  /** How long a connection may take to be made, milliseconds; `CONNECT_TIMEOUT` if left out. */
  readonly connectTimeout?: number;
  /** How long a statement may take to be answered, milliseconds; `STATEMENT_TIMEOUT` if left out. */
  readonly statementTimeout?: number;
  /**
   * `rds`: encrypted, and the server proved with Amazon's certificates. An authority of one's own in PEM is given as `ca`. `off` is for
   * servers on the same machine.
   */
  readonly tls: 'rds' | 'off' | { readonly ca: string };
}

/** One connection to one database. */
export interface Connection {
  query(sql: string, reads: boolean): Promise<SqlAnswer>;
  close(): Promise<void>;
}

/**
 * SQL over a connection of our own, for a runner inside the VPC. The driver is loaded with the first statement; each database gets its
 * connection on first use. Statements run one after another.
 */
export function directSession(target: DirectTarget): SqlSession {
  const connections = new Map<string, Promise<Connection>>();
  const connectionTo = (database: string | undefined): Promise<Connection> => {
    const key = database ?? '';
    const found = connections.get(key);
    if (found !== undefined) return found;
    const opened = connect(target, database);
    connections.set(key, opened);
    // One that failed is not kept: the next statement tries again.
    opened.catch(() => connections.delete(key));
    return opened;
  };
  return {
    engine: target.engine,
    async query(sql: string, { database = target.database, reads }: QueryOptions): Promise<SqlAnswer> {
      const connection = await connectionTo(database);
      try {
        return await connection.query(sql, reads);
      } catch (error) {
        // Its connection was given up with it.
        if (isTimeout(error)) connections.delete(database ?? '');
        throw error;
      }
    },
    async close() {
      const open = await Promise.allSettled(connections.values());
      connections.clear();
      await Promise.allSettled(open.map((each) => (each.status === 'fulfilled' ? each.value.close() : undefined)));
    },
  };
}

async function connect(target: DirectTarget, database: string | undefined): Promise<Connection> {
  if (target.engine === 'postgresql') return (await import('./postgresql-connection.ts')).openPostgresql(target, database);
  return (await import('./mysql-connection.ts')).openMysql(target, database);
}
