import { AwsError, asBreakwaterError } from '@breakwater/core';

/** What AWS's errors mean to a copy. RDS spells the codes of the two families differently, some with `Fault` at the end. */

function codeOf(error: unknown): string {
  return error instanceof AwsError ? error.call.awsCode : '';
}

/** Will pass, or is not about the copy at all: the engine looks again, or ends the run as one that can be resumed. */
export function isPassing(error: unknown): boolean {
  const { code, kind } = asBreakwaterError(error);
  return (
    code === 'throttled' ||
    code === 'aws-unavailable' ||
    code.startsWith('credentials-') ||
    kind === 'cancelled' ||
    kind === 'internal'
  );
}

export function isAlreadyThere(error: unknown): boolean {
  return /SnapshotAlreadyExists/.test(codeOf(error));
}

export function isNotFound(error: unknown): boolean {
  return /SnapshotNotFound/.test(codeOf(error));
}

export function isSnapshotState(error: unknown): boolean {
  return /^InvalidDB(Cluster)?SnapshotState/.test(codeOf(error));
}

/** Too many copies in flight; the quota of manual snapshots has the same code, but no waiting helps there. */
export function isCopyLimit(error: unknown): boolean {
  return /^SnapshotQuotaExceeded/.test(codeOf(error)) && !/manual snapshot/i.test(error instanceof Error ? error.message : '');
}

export function isKeyRefusal(error: unknown): boolean {
  return asBreakwaterError(error).code === 'key-not-accessible';
}

/** AWS does not take the request as it stands: so it refuses a copy across account and Region at once where it does not offer that. */
export function isRequestRefusal(error: unknown): boolean {
  return /^(InvalidParameter(Value|Combination)|UnsupportedOperation|OperationNotSupported|InvalidDB(Cluster)?SnapshotState)/.test(
    codeOf(error),
  );
}
