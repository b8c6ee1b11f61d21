import type { RdsDataGateway, SqlAnswer } from '@breakwater/aws';
import type { QueryOptions, SqlEngine, SqlSession } from './session.ts';

export interface DataApiTarget {
  readonly engine: SqlEngine;
  readonly clusterArn: string;
  /** Secret `{username, password}` of the user to act as. */
  readonly secretArn: string;
  readonly database?: string;
}

/** SQL over the RDS Data API, which needs no way into the VPC. Each statement is a transaction, and perhaps a connection, of its own. */
export function dataApiSession(gateway: RdsDataGateway, target: DataApiTarget): SqlSession {
  return {
    engine: target.engine,
    query(sql: string, { database = target.database, reads }: QueryOptions): Promise<SqlAnswer> {
      return gateway.execute({
        clusterArn: target.clusterArn,
        secretArn: target.secretArn,
        ...(database === undefined ? {} : { database }),
        sql,
        reads,
      });
    },
    async close() {},
  };
}
