import { UserError } from '@breakwater/core';
import type { CheckResult } from '@breakwater/operations';
import type { DatabaseCheck } from '@breakwater/plan';
import { mysqlIdentifier, mysqlLiteral, postgresqlIdentifier, postgresqlLiteral } from './quoting.ts';
import { whyNotReadOnly } from './read-only-statement.ts';
import { isStatementFault, Scrubber } from './scrub.ts';
import type { SqlSession } from './session.ts';

/** Characters of a value or message that go into the record. */
const FOUND_LENGTH = 200;

/**
 * Runs every check, in order, and answers with a result each: one that does not hold, or that the server refuses, is not `ok`. Nothing is
 * changed. Throws `UserError` (`usage`), before anything is asked, for a check that cannot be a check, and `AwsError` when the database
 * cannot be reached: then nothing is known of it.
 */
export async function verifyDatabase(session: SqlSession, checks: readonly DatabaseCheck[]): Promise<readonly CheckResult[]> {
  for (const check of checks) refuseUnfit(session, check);
  const results: CheckResult[] = [];
  for (const check of checks) results.push(await hold(session, check));
  return results;
}

/** Throws `UserError` for a check whose statement does more than read, or that could never or always hold. */
function refuseUnfit({ engine }: SqlSession, check: DatabaseCheck): void {
  if (check.kind === 'query') {
    const why = whyNotReadOnly(engine, check.sql);
    if (why !== undefined)
      throw new UserError('usage', `the check "${check.name}" is not one statement that only reads: ${why}`, {
        next: 'Write it as one SELECT without comments, backslashes and dollar quotes.',
      });
  }
  if (check.kind === 'rows') {
    const { table, min, max } = check;
    const wrong =
      min === undefined && max === undefined
        ? 'has neither min nor max'
        : [min, max].some((bound) => bound !== undefined && (!Number.isSafeInteger(bound) || bound < 0))
          ? 'has a bound that is no whole number from 0 up'
          : min !== undefined && max !== undefined && min > max
            ? 'has a min above its max'
            : undefined;
    if (wrong !== undefined)
      throw new UserError('usage', `the check of the rows of "${table}" ${wrong}`, { next: 'Correct the bounds of the check.' });
  }
}

async function hold(session: SqlSession, check: DatabaseCheck): Promise<CheckResult> {
  const said = inWords(check);
  try {
    const { ok, found } = await look(session, check);
    return { check: said, ok, found: short(found) };
  } catch (error) {
    if (!isStatementFault(error)) throw error;
    return { check: said, ok: false, found: short(`error: ${new Scrubber([]).error(error).message}`) };
  }
}

type Look = { readonly ok: boolean; readonly found: string };

function look(session: SqlSession, check: DatabaseCheck): Promise<Look> {
  switch (check.kind) {
    case 'engine-version':
      return engineVersion(session, check.version);
    case 'database':
      return database(session, check.name);
    case 'table':
      return table(session, check);
    case 'rows':
      return rows(session, check);
    case 'query':
      return query(session, check);
  }
}

function inWords(check: DatabaseCheck): string {
  const place = ({ database: name, schema }: { readonly database?: string; readonly schema?: string }, object: string): string =>
    [name, schema, object].filter((part) => part !== undefined).join('.');
  switch (check.kind) {
    case 'engine-version':
      return `engine version ${check.version}`;
    case 'database':
      return `database ${check.name} exists`;
    case 'table':
      return `table ${place(check, check.name)} exists`;
    case 'rows': {
      const bounds = [
        ...(check.min === undefined ? [] : [`at least ${check.min}`]),
        ...(check.max === undefined ? [] : [`at most ${check.max}`]),
      ];
      return `rows of ${place(check, check.table)}: ${bounds.join(', ')}`;
    }
    case 'query':
      return `${check.name}: ${short(check.expect)}`;
  }
}

/** Aurora has a version of its own beside the engine's: RDS shows `15.4` and `8.0.mysql_aurora.3.05.2`. */
async function engineVersion(session: SqlSession, wanted: string): Promise<Look> {
  const mysql = session.engine === 'mysql';
  const own = await first(session, mysql ? 'SELECT VERSION()' : 'SHOW server_version');
  // Debian writes `15.18 (Debian …)`, MariaDB `10.11.19-MariaDB…`.
  const version = own?.split(/[ -]/)[0] ?? '';
  const aurora = /^([\d.]+)\.mysql_aurora\.([\d.]+)$/.exec(wanted);
  if (aurora === null || begins(version, wanted)) return { ok: begins(version, wanted), found: version };
  const edition = (await first(session, 'SELECT AURORA_VERSION()')) ?? '';
  return {
    ok: begins(version, aurora[1] ?? '') && begins(edition, aurora[2] ?? ''),
    found: `${version}, Aurora ${edition}`,
  };
}

function begins(version: string, wanted: string): boolean {
  return version === wanted || version.startsWith(`${wanted}.`);
}

async function database(session: SqlSession, name: string): Promise<Look> {
  const there = await first(
    session,
    session.engine === 'mysql'
      ? `SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ${mysqlLiteral(name)}`
      : `SELECT count(*) FROM pg_database WHERE datname = ${postgresqlLiteral(name)}`,
  );
  return existence(there);
}

async function table(session: SqlSession, check: DatabaseCheck & { readonly kind: 'table' }): Promise<Look> {
  const place = check.schema ?? (session.engine === 'mysql' ? check.database : 'public');
  const there = await first(
    session,
    session.engine === 'mysql'
      ? `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ${place === undefined ? 'DATABASE()' : mysqlLiteral(place)} AND table_name = ${mysqlLiteral(check.name)}`
      : `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = ${postgresqlLiteral(place ?? 'public')} AND c.relname = ${postgresqlLiteral(check.name)}`,
    check.database,
  );
  return existence(there);
}

function existence(count: string | null): Look {
  return count === '1' ? { ok: true, found: 'it exists' } : { ok: false, found: 'it does not exist' };
}

/** Counts no further than the bounds need: a full count of a large table outlasts the 45 seconds of the Data API. */
async function rows(session: SqlSession, check: DatabaseCheck & { readonly kind: 'rows' }): Promise<Look> {
  const { min = 0, max } = check;
  const limit = max === undefined ? min : max + 1;
  const counted = Number(
    await first(
      session,
      `SELECT count(*) FROM (SELECT 1 AS one FROM ${tableName(session, check)} LIMIT ${limit}) AS counted`,
      check.database,
    ),
  );
  const found = counted === limit ? `at least ${counted}` : `${counted}`;
  return { ok: counted >= min && (max === undefined || counted <= max), found };
}

function tableName({ engine }: SqlSession, check: DatabaseCheck & { readonly kind: 'rows' }): string {
  if (engine === 'postgresql') return `${postgresqlIdentifier(check.schema ?? 'public')}.${postgresqlIdentifier(check.table)}`;
  const place = check.schema ?? check.database;
  return place === undefined ? mysqlIdentifier(check.table) : `${mysqlIdentifier(place)}.${mysqlIdentifier(check.table)}`;
}

async function query(session: SqlSession, check: DatabaseCheck & { readonly kind: 'query' }): Promise<Look> {
  const sql = check.sql.trim().replace(/;$/, '');
  const { rows: answer } = await session.query(sql, { ...inDatabase(check.database), reads: true });
  const value = answer[0]?.[0];
  if (value === undefined) return { ok: false, found: 'no row' };
  return value === null ? { ok: check.expect === 'NULL', found: 'NULL' } : { ok: value === check.expect, found: value };
}

async function first(session: SqlSession, sql: string, place?: string): Promise<string | null> {
  return (await session.query(sql, { ...inDatabase(place), reads: true })).rows[0]?.[0] ?? null;
}

function inDatabase(name: string | undefined): { readonly database?: string } {
  return name === undefined ? {} : { database: name };
}

function short(text: string): string {
  return text.length > FOUND_LENGTH ? `${text.slice(0, FOUND_LENGTH)}…` : text;
}
