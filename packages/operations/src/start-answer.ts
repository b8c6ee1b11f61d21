import { AwsError } from '@breakwater/core';

/** What an error to a call that was sent once, and must not be repeated blindly, lets us do. */
export type StartAnswer =
  /** It may have been done: look for it, and send again only when it is surely not there. */
  | 'look'
  /** Not done: AWS was too busy. */
  | 'throttled'
  /** Not done: no room. */
  | 'full'
  /** Not done, and trying again may help: credentials, connection. */
  | 'not-sent'
  /** Not AWS's error: nobody knows what was done. */
  | 'fault'
  /** Not done, and it will not be: AWS says no. */
  | 'refused';

/**
 * ConflictException counts as unclear: the SDK, a proxy or an earlier process may have sent the call that now stands in its own way
 * (AWS answers a repeated StartRecovery with the conflict of the job that the first one began).
 */
export function readStartError(error: unknown): StartAnswer {
  if (!(error instanceof AwsError)) return 'fault';
  if (error.ambiguous || error.call.awsCode === 'ConflictException' || (error.call.httpStatus ?? 0) >= 500) return 'look';
  switch (error.code) {
    case 'throttled':
      return 'throttled';
    case 'quota-exceeded':
      return 'full';
    case 'aws-unavailable':
    case 'credentials-expired':
    case 'credentials-missing':
    case 'credentials-invalid':
      return 'not-sent';
    default:
      return 'refused';
  }
}
