import { AwsError } from '@breakwater/core';

/** An error of RDS, as the gateway throws it. */
export function rdsError(awsCode: string, options: { ambiguous?: boolean; message?: string } = {}): AwsError {
  return new AwsError(options.ambiguous === true ? 'aws-unavailable' : 'aws-fault', options.message ?? awsCode, {
    next: 'Look at it.',
    call: {
      service: 'rds',
      operation: 'x',
      account: '111122223333',
      region: 'us-west-2',
      requestId: undefined,
      httpStatus: 400,
      awsCode,
    },
    ambiguous: options.ambiguous ?? false,
  });
}

/** KMS does not let the caller look. */
export function denied(): AwsError {
  const { call } = rdsError('AccessDeniedException');
  return new AwsError('permission-denied', 'no kms:DescribeKey', { next: 'Allow it.', call });
}

export function fail(error: Error): never {
  throw error;
}
