import type { Scenario } from '../scenario/scenario.ts';
import { cannedBackend } from './canned-backend.ts';
import { pgliteBackend } from './pglite-backend.ts';
import type { SqlBackend } from './sql-backend.ts';

/** What answers SQL in the world of a scenario: its listed answers first, then its server. PGlite speaks for PostgreSQL alone. */
export function sqlBackendOf({ sqlAnswers, sqlServer }: Pick<Scenario, 'sqlAnswers' | 'sqlServer'>): SqlBackend {
  if (sqlServer === undefined) return cannedBackend(sqlAnswers);
  const other = cannedBackend([]);
  const postgresql = pgliteBackend(() => sqlServer.contents);
  return cannedBackend(sqlAnswers, {
    ...postgresql,
    execute: (request) => (request.engine.includes('postgres') ? postgresql : other).execute(request),
  });
}
