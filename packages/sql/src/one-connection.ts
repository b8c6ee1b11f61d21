import type { SqlAnswer } from '@breakwater/aws';
import type { Connection } from './direct-session.ts';
import { statementFault } from './driver-faults.ts';
import { isTimeout } from './scrub.ts';
import type { SqlEngine } from './session.ts';

/** What the two drivers do each in its own way. */
export interface Driver {
  readonly engine: SqlEngine;
  /** Begins a transaction in which the server refuses changes. */
  readonly beginReading: string;
  say(sql: string): Promise<SqlAnswer>;
  /** Cuts the connection, whatever is under way on it. */
  cut(): void;
  close(): Promise<void>;
}

/** Statements over one connection. One that was not answered in time takes its connection with it: whatever came next would wait behind it. */
export function oneConnection({ engine, beginReading, say, cut, close }: Driver): Connection {
  const tried = async (sql: string): Promise<SqlAnswer> => {
    try {
      return await say(sql);
    } catch (error) {
      const fault = statementFault(engine, error);
      if (isTimeout(fault)) cut();
      throw fault;
    }
  };
  return {
    async query(sql, reads) {
      if (!reads) return tried(sql);
      await tried(beginReading);
      const answer = await tried(sql).catch(async (fault: unknown) => {
        if (!isTimeout(fault)) await tried('ROLLBACK');
        throw fault;
      });
      await tried('ROLLBACK');
      return answer;
    },
    close,
  };
}
