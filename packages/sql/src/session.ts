import type { SqlAnswer } from '@breakwater/aws';

/** The two languages. Aurora MySQL, MySQL and MariaDB speak the same one where it matters here. */
export const SQL_ENGINES = ['postgresql', 'mysql'] as const;
export type SqlEngine = (typeof SQL_ENGINES)[number];

export interface QueryOptions {
  /** The session's own database if left out. */
  readonly database?: string;
  /** It changes nothing: it may be repeated, and where the connection can, the server is told to refuse changes. */
  readonly reads: boolean;
}

/** A way to say SQL to one server as one user. */
export interface SqlSession {
  readonly engine: SqlEngine;
  /**
   * One statement; several in one text are refused. What the server refuses is an `AwsError` whose `call.awsCode` is the SQLSTATE or the
   * error's name, without the statement in its message or cause: a statement may carry a password.
   */
  query(sql: string, options: QueryOptions): Promise<SqlAnswer>;
  close(): Promise<void>;
}

/** The language of an engine as RDS names it (`aurora-postgresql`, `mysql`, …); `undefined` for one that speaks neither. */
export function sqlEngineOf(rdsEngine: string): SqlEngine | undefined {
  if (/^(aurora-)?postgres(ql)?$/.test(rdsEngine)) return 'postgresql';
  if (/^(aurora|aurora-mysql|mysql|mariadb)$/.test(rdsEngine)) return 'mysql';
  return undefined;
}
