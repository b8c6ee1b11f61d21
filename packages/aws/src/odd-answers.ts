import { AwsError } from '@breakwater/core';
import { type CallContext, callLabel } from './call-context.ts';

/** Takes some of AWS's errors for an answer. */
export async function missingIs<T, Missing>(
  awsCodes: readonly string[],
  missing: Missing,
  ask: () => Promise<T>,
): Promise<T | Missing> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AwsError && awsCodes.includes(error.call.awsCode)) return missing;
    throw error;
  }
}

/** AWS answered without what the answer is for. After a change that may have been applied, the error is ambiguous. */
export function incomplete(call: CallContext, what: string): AwsError {
  const { service, operation, account, region, effect } = call;
  const next =
    effect === 'read'
      ? 'Run it again. If it stays, something between this machine and AWS alters its answers.'
      : 'Do not send it by hand: run the same execution again, which looks first.';
  return new AwsError('aws-fault', `${callLabel(call)} was accepted but answered without ${what}`, {
    next,
    call: { service, operation, account, region, requestId: undefined, httpStatus: undefined, awsCode: 'IncompleteAnswer' },
    ambiguous: effect !== 'read',
  });
}

export function raise(error: Error): never {
  throw error;
}
