import { type AwsError, BreakwaterError } from '@breakwater/core';
import type { DirectTarget } from './direct-session.ts';
import { sqlFault, TIMED_OUT } from './scrub.ts';
import type { SqlEngine } from './session.ts';

/**
 * What the drivers throw, in the error family. Their errors carry the statement (mysql2) or parts of it, so they are never kept as a
 * cause. SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */

/** Class 28 of SQLSTATE, and MySQL's ER_ACCESS_DENIED_ERROR, which has the same. */
const BAD_LOGIN = /^28/;

export function connectionFault(target: DirectTarget, error: unknown): AwsError {
  const { state, code, message } = factsOf(error);
  const where = `${target.host}:${target.port}`;
  const facts = { engine: target.engine, state: state ?? code };
  if (state !== undefined && BAD_LOGIN.test(state))
    return sqlFault('permission-denied', `${where} does not let the user ${target.user} in: ${message}`, {
      ...facts,
      next: 'See that the secret holds the password the cluster has now.',
    });
  if (state !== undefined)
    return sqlFault('aws-fault', `${where} refused the connection: ${message}`, {
      ...facts,
      next: 'See that the database exists.',
    });
  return sqlFault('aws-unavailable', `cannot connect to ${where}: ${message} (${code})`, {
    ...facts,
    next: 'A direct connection needs a runner inside the VPC and a security group that lets it in; the Data API needs neither.',
  });
}

/**
 * `state` of a statement the server read; without one the connection broke, or no answer came in time, and the statement may have been
 * done.
 */
export function statementFault(engine: SqlEngine, error: unknown): BreakwaterError {
  if (error instanceof BreakwaterError) return error;
  const { state, code, message } = factsOf(error);
  if (code === 'PROTOCOL_SEQUENCE_TIMEOUT' || message === 'Query read timeout')
    return sqlFault('aws-fault', 'the database did not answer in time', {
      engine,
      state: TIMED_OUT,
      next: 'See what holds the statement up: a lock, a query that reads too much, or the network.',
      ambiguous: true,
    });
  if (state === undefined)
    return sqlFault('aws-unavailable', `the connection to the database broke: ${message} (${code})`, {
      engine,
      state: code,
      next: 'Run the same execution again.',
      ambiguous: true,
    });
  return sqlFault('aws-fault', `the database refused: ${message} (${state})`, {
    engine,
    state,
    next: "The message is the server's own.",
  });
}

/** A certificate that is not trusted or an unknown host has a code, but no SQLSTATE. */
function factsOf(error: unknown): { readonly state: string | undefined; readonly code: string; readonly message: string } {
  const read = (key: string): string | undefined => {
    const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const code = read('code') ?? 'unknown';
  // pg puts the SQLSTATE into `code`, mysql2 into `sqlState`.
  const state = read('sqlState') ?? (read('severity') === undefined ? undefined : code);
  return { state, code, message: read('sqlMessage') ?? read('message') ?? code };
}
