import { AwsError, BreakwaterError } from '@breakwater/core';
import { type CallContext, callLabel } from './call-context.ts';
import { ERROR_TABLE, type ErrorRow, UNKNOWN_ERROR } from './error-table.ts';
import { type Fault, readFault } from './fault.ts';

/**
 * Any error of an AWS call as an `AwsError`: named by `ERROR_TABLE`, with AWS's own words kept. `ambiguous` is set when a changing
 * call may have been applied all the same. What is already in the error family passes through unchanged.
 */
export function toAwsError(error: unknown, call: CallContext): BreakwaterError {
  if (error instanceof BreakwaterError) return error;
  const fault = readFault(error);
  const row = ERROR_TABLE.find((candidate) => fits(candidate, fault, call)) ?? UNKNOWN_ERROR;
  const facts = [
    fault.code,
    fault.httpStatus === undefined || fault.code === `Http${fault.httpStatus}` ? undefined : `HTTP ${fault.httpStatus}`,
    fault.requestId === undefined ? undefined : `request ${fault.requestId}`,
  ].filter((fact) => fact !== undefined);
  return new AwsError(row.reason, `${callLabel(call)} failed: ${fault.message} (${facts.join(', ')})`, {
    next: row.next(fault, call),
    cause: error,
    call: {
      service: call.service,
      operation: call.operation,
      account: call.account,
      region: call.region,
      requestId: fault.requestId,
      httpStatus: fault.httpStatus,
      awsCode: fault.code,
    },
    missing: row.missing?.(fault, call),
    // A throttled request was turned away at the door, whatever its status.
    ambiguous: call.effect !== 'read' && fault.lost && row.reason !== 'throttled',
  });
}

function fits(row: ErrorRow, fault: Fault, call: CallContext): boolean {
  if (row.codes.length > 0 && !row.codes.includes(fault.code)) return false;
  return row.when?.(fault, call) ?? row.codes.length > 0;
}

/** Whether an error says that the credentials it was signed with have run out; the call was turned away, not applied. */
export function saysExpired(error: unknown): boolean {
  const { code, httpStatus } = readFault(error);
  return httpStatus !== undefined && (code === 'ExpiredToken' || code === 'ExpiredTokenException' || code === 'RequestExpired');
}
