import { BreakwaterError } from '@breakwater/core';
import { applyMysqlUsers } from './mysql-users.ts';
import { applyPostgresqlUsers } from './postgresql-users.ts';
import { isStatementFault, Scrubber, sqlFault } from './scrub.ts';
import type { SqlSession } from './session.ts';
import { checkUsers, type UsersSpec } from './users-spec.ts';

/** Statements of one deed, answers as records. */
export interface UsersDialogue {
  /** Rows by column name; `null` is NULL. */
  ask(sql: string): Promise<readonly Readonly<Record<string, string | null>>[]>;
  change(sql: string): Promise<void>;
  /** A line of the answer, in words without secrets. */
  note(change: string): void;
  /** What a statement must not show, beside the passwords. */
  hide(secret: string): void;
}

/**
 * Makes the application user and the read-only user what they should be, whatever the restored database had of them: created or altered,
 * password set, grants on present and future tables, and nothing through which the read-only user could write. Answers with what was
 * changed, in words without secrets. It can be run again: then only the passwords are set anew.
 *
 * The session's user is the master user. Throws `UserError` before the first change for what cannot be set up, and `AwsError` with
 * `users-failed` for what the server refuses or what is not as it should be at the end. No error holds a password.
 */
export async function applyUsers(session: SqlSession, spec: UsersSpec): Promise<readonly string[]> {
  checkUsers(session.engine, spec);
  const changes: string[] = [];
  const secrets = [spec.app.password, spec.readonly.password];
  const dialogue: UsersDialogue = {
    async ask(sql) {
      const { columns, rows } = await session.query(sql, { database: spec.database, reads: true });
      return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
    },
    async change(sql) {
      await session.query(sql, { database: spec.database, reads: false });
    },
    note: (change) => changes.push(change),
    hide: (secret) => secrets.push(secret),
  };
  try {
    await (session.engine === 'postgresql' ? applyPostgresqlUsers(dialogue, spec) : applyMysqlUsers(dialogue, spec));
    return changes;
  } catch (error) {
    throw usersFault(session, error, new Scrubber(secrets));
  }
}

function usersFault(session: SqlSession, error: unknown, scrubber: Scrubber): unknown {
  if (!(error instanceof BreakwaterError)) return error;
  const clean = scrubber.error(error);
  if (!isStatementFault(clean)) return clean;
  return sqlFault('users-failed', `the database users could not be set up: ${clean.message}`, {
    engine: session.engine,
    state: clean.call.awsCode,
    next: 'Correct what the server objects to and run the same execution again: what is done already is kept.',
  });
}
