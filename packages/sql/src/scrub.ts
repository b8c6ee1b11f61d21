import { AwsError, type BreakwaterError, type ReasonCode } from '@breakwater/core';
import type { SqlEngine } from './session.ts';

/** The secrets of one deed, and texts without them. */
export class Scrubber {
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[]) {
    // The longest first: one secret may hold another.
    this.#secrets = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  }

  /**
   * The error without secrets, and without its cause, which may hold the statement. A parser quotes the statement from the place it
   * stumbled at, so a password may be cut anywhere: what follows `near` goes.
   */
  error(error: BreakwaterError): BreakwaterError {
    if (!(error instanceof AwsError)) return error;
    return new AwsError(error.code, this.text(withoutQuotation(error.message)), {
      next: this.text(error.next),
      call: error.call,
      missing: error.missing,
      ambiguous: error.ambiguous,
    });
  }
}

function withoutQuotation(message: string): string {
  return message.replace(/\bnear\b[\s\S]*/i, 'near …');
}

/** The server, or the way to it, refused. */
export function sqlFault(
  code: ReasonCode,
  message: string,
  facts: { readonly engine: SqlEngine; readonly state: string; readonly next: string; readonly ambiguous?: boolean },
): AwsError {
  return new AwsError(code, message, {
    next: facts.next,
    call: {
      service: facts.engine,
      operation: 'query',
      account: undefined,
      region: undefined,
      requestId: undefined,
      httpStatus: undefined,
      awsCode: facts.state,
    },
    ambiguous: facts.ambiguous ?? false,
  });
}

/** Classes of SQLSTATE that are not about the statement: connection, login, resources, somebody's intervention, the machine. */
const ELSEWHERE = /^(08|28|53|57P|58)/;
/** How the Data API, which logs in for each statement, tells that it was not let in. */
const NOT_LET_IN = /SQLState: 28|password authentication failed/i;

/** As the Data API calls a statement that was not answered in time. */
export const TIMED_OUT = 'StatementTimeoutException';

export function isTimeout(error: unknown): boolean {
  return error instanceof AwsError && error.call.awsCode === TIMED_OUT;
}

/** Whether the server read the statement and refused it, as opposed to the way to it being broken, busy or shut. */
export function isStatementFault(error: unknown): error is AwsError {
  return (
    error instanceof AwsError &&
    !NOT_LET_IN.test(error.message) &&
    ((/^[0-9A-Z]{5}$/.test(error.call.awsCode) && !ELSEWHERE.test(error.call.awsCode)) ||
      ['DatabaseErrorException', 'BadRequestException', TIMED_OUT, 'UnsupportedResultException'].includes(error.call.awsCode))
  );
}
