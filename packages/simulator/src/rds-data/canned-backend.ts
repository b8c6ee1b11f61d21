import type { SqlAnswerSpec } from '../scenario/database-spec.ts';
import type { SqlBackend, SqlError, SqlRequest, SqlResult } from './sql-backend.ts';

/** Statements that always succeed and change nothing that could be read back. */
const SILENT = /^(BEGIN|COMMIT|ROLLBACK|START TRANSACTION|SET)\b/i;

/**
 * Answers with what the scenario lists, before a server is asked. Where there is none, the version, the user and the database are known;
 * any other statement is an error, so that nothing seems to have been done that was not.
 */
export function cannedBackend(answers: readonly SqlAnswerSpec[], server?: SqlBackend): SqlBackend {
  const listed = answers.map((answer) => ({ answer, pattern: patternOf(answer.sql) }));
  return {
    execute(request) {
      const sql = normal(request.sql);
      const answer = listed.find(({ pattern }) => pattern.test(sql))?.answer;
      if (answer === undefined) return server?.execute(request) ?? Promise.resolve(builtIn(request, sql));
      if (answer.error !== undefined) return Promise.resolve({ error: { message: answer.error } });
      return Promise.resolve({ columns: answer.columns, rows: answer.rows, updated: answer.updated });
    },
    async ready() {
      await server?.ready?.();
    },
    async close() {
      await server?.close?.();
    },
  };
}

function normal(sql: string): string {
  return sql.trim().replaceAll(/\s+/g, ' ').replace(/;$/, '');
}

/** `*` stands for anything; case does not matter. */
function patternOf(text: string): RegExp {
  const parts = normal(text)
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}

function builtIn(request: SqlRequest, sql: string): SqlResult | SqlError {
  const one = (column: string, value: string | number): SqlResult => ({ columns: [column], rows: [[value]], updated: 0 });
  if (/^select version\(\)$/i.test(sql)) return one('version', versionText(request));
  if (/^select aurora_version\(\)$/i.test(sql)) return one('aurora_version', request.engineVersion);
  if (/^show server_version$/i.test(sql)) return one('server_version', request.engineVersion);
  if (/^select 1$/i.test(sql)) return one('?column?', 1);
  if (/^select current_user$/i.test(sql)) return one('current_user', request.credentials.username);
  if (/^select current_database\(\)$/i.test(sql)) return one('current_database', request.database ?? 'postgres');
  if (SILENT.test(sql)) return { columns: [], rows: [], updated: 0 };
  return { error: { message: 'ERROR: the simulator has no database behind this statement', sqlState: '0A000' } };
}

function versionText({ engine, engineVersion }: SqlRequest): string {
  if (!engine.includes('postgres')) return engineVersion;
  return `PostgreSQL ${engineVersion} on aarch64-unknown-linux-gnu, compiled by aarch64-unknown-linux-gnu-gcc (GCC) 10.5.0, 64-bit`;
}
