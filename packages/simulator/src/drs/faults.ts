import { AwsFault } from '../aws-fault.ts';
import type { CallContext } from '../world/call-context.ts';

/** Recorded text of a server that a job holds. */
const BUSY = 'One or more of the Source Servers included in API call are currently being processed by a Job';

export function conflict(message: string, resourceId: string, resourceType: string): AwsFault {
  return new AwsFault('ConflictException', 409, message, { code: 'ConflictException', resourceId, resourceType });
}

export function busy(serverId: string): AwsFault {
  return conflict(BUSY, serverId, 'SourceServer');
}

export function notFound(what: string, id: string): AwsFault {
  return new AwsFault('ResourceNotFoundException', 404, `${what} ${id} was not found`, {
    code: 'ResourceNotFoundException',
    resourceId: id,
    resourceType: what,
  });
}

export function invalidToken(): AwsFault {
  return new AwsFault('ValidationException', 400, 'Invalid nextToken', {
    reason: 'fieldValidationFailed',
    fieldList: [{ name: 'nextToken', message: 'Invalid nextToken' }],
  });
}

export function quotaExceeded(message: string, quotaCode: string): AwsFault {
  return new AwsFault('ServiceQuotaExceededException', 402, message, {
    code: 'ServiceQuotaExceededException',
    serviceCode: 'drs',
    quotaCode,
  });
}

/** Every operation but InitializeService needs DRS initialised in the account and Region. */
export function requireInitialised({ state }: CallContext): void {
  if (state.drs.initialised) return;
  throw new AwsFault('UninitializedAccountException', 400, 'Account not initialized', { code: 'UninitializedAccountException' });
}
