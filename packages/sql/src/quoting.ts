import { UserError } from '@breakwater/core';
import type { SqlEngine } from './session.ts';

/**
 * Names and literals for statements that take no parameters (CREATE USER, GRANT). PostgreSQL text is encoded rather than escaped: what
 * is between the quotes is letters, digits and escapes, so neither a server setting nor a proxy that looks for `;` or `:name` can read it
 * otherwise. MySQL has no such form: there quotes and backslashes are doubled, and the text ends where it should whatever the sql_mode.
 */

/** NAMEDATALEN - 1: PostgreSQL would cut a longer name, and mean another role. */
const POSTGRESQL_NAME_BYTES = 63;
const MYSQL_USER_CHARACTERS = 32;
const MYSQL_NAME_CHARACTERS = 64;
/** MAX_PLAINTEXT_LENGTH of caching_sha2_password. */
const PASSWORD_BYTES = 256;

const PLAIN_NAME = /^[A-Za-z0-9_]+$/;
const HARMLESS = /^[A-Za-z0-9_ -]$/;

/** `"name"`, or `U&"…"` with every odd character as its code point. The case is kept. */
export function postgresqlIdentifier(name: string): string {
  if (PLAIN_NAME.test(name)) return `"${name}"`;
  return `U&"${encode(name, (code) => (code > 0xffff ? `\\+${hex(code, 6)}` : `\\${hex(code, 4)}`))}"`;
}

/** `E'…'`: read the same whatever `standard_conforming_strings` and `backslash_quote` say. */
export function postgresqlLiteral(text: string): string {
  return `E'${encode(text, (code) => (code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`))}'`;
}

export function mysqlIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Means the text only where backslash escapes are on; see `requireBackslashEscapes`. */
export function mysqlLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** The account of a user from any host, which is what an application in a VPC needs. */
export function mysqlAccount(user: string): string {
  return `${mysqlLiteral(user)}@'%'`;
}

/** A database in GRANT is a pattern, where `_` and `%` stand for others: without the escapes `my_shop` would open `myxshop` too. */
export function mysqlGrantDatabase(name: string): string {
  return mysqlIdentifier(name.replaceAll(/[_%]/g, '\\$&'));
}

/**
 * Under NO_BACKSLASH_ESCAPES a backslash is an ordinary character, and our literals would mean a text with twice as many. A direct session
 * switches the mode off for itself; over the Data API, where each statement may meet another connection, a backslash is refused.
 */
export function requireBackslashEscapes(sqlMode: string, texts: Readonly<Record<string, string>>): void {
  if (!sqlMode.toUpperCase().split(',').includes('NO_BACKSLASH_ESCAPES')) return;
  for (const [what, text] of Object.entries(texts)) {
    if (!text.includes('\\')) continue;
    throw new UserError('users-failed', `the ${what} has a backslash, and the server runs with NO_BACKSLASH_ESCAPES`, {
      next: `Give a ${what} without a backslash in the secret, or take NO_BACKSLASH_ESCAPES out of the parameter group's sql_mode.`,
    });
  }
}

/** Refuses what an engine cannot take as a user's name, or would silently change. */
export function checkUserName(engine: SqlEngine, what: string, name: string): void {
  const wrong =
    nameFault(name) ?? (engine === 'postgresql' ? postgresqlNameFault(name) : mysqlNameFault(name, MYSQL_USER_CHARACTERS));
  if (wrong !== undefined) refuse(what, wrong);
}

export function checkDatabaseName(engine: SqlEngine, name: string): void {
  const wrong =
    nameFault(name) ??
    (engine === 'postgresql'
      ? postgresqlNameFault(name)
      : (mysqlNameFault(name, MYSQL_NAME_CHARACTERS) ??
        (name.includes('\\') ? 'has a backslash, which GRANT would read as an escape' : undefined)));
  if (wrong !== undefined) refuse('database name', wrong);
}

export function checkPassword(engine: SqlEngine, what: string, password: string): void {
  const wrong = textFault(password);
  if (wrong !== undefined) refuse(what, wrong);
  if (Buffer.byteLength(password) > PASSWORD_BYTES) refuse(what, `is longer than ${PASSWORD_BYTES} bytes`);
  if (engine === 'mysql' && /[\u{10000}-\u{10ffff}]/u.test(password))
    refuse(what, 'has a character beyond the Basic Multilingual Plane, which MySQL would replace');
}

function textFault(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (text.includes('\0')) return 'has a NUL character';
  if (!text.isWellFormed()) return 'is not valid Unicode';
  return undefined;
}

function nameFault(name: string): string | undefined {
  return textFault(name) ?? (name.trim() === name ? undefined : 'begins or ends with white space');
}

function postgresqlNameFault(name: string): string | undefined {
  return Buffer.byteLength(name) > POSTGRESQL_NAME_BYTES ? `is longer than ${POSTGRESQL_NAME_BYTES} bytes` : undefined;
}

function mysqlNameFault(name: string, limit: number): string | undefined {
  if (/[\u{10000}-\u{10ffff}]/u.test(name)) return 'has a character beyond the Basic Multilingual Plane';
  return name.length > limit ? `is longer than ${limit} characters` : undefined;
}

function refuse(what: string, wrong: string): never {
  throw new UserError('users-failed', `the ${what} ${wrong}`, { next: `Correct the ${what} in the secret and run again.` });
}

function encode(text: string, spell: (code: number) => string): string {
  return Array.from(text, (character) => (HARMLESS.test(character) ? character : spell(character.codePointAt(0) ?? 0))).join('');
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
