import { AwsFault } from '../aws-fault.ts';
import type { Violation } from '../model/validate.ts';
import type { FaultEffect } from '../scenario/scenario.ts';
import type { ServiceName } from '../wire/read-request.ts';

/** Throttling as each service says it. */
export function throttled(service: ServiceName): AwsFault {
  switch (service) {
    case 'drs':
      return new AwsFault('ThrottlingException', 429, 'Too Many Requests', {
        serviceCode: 'drs',
        quotaCode: 'L-SIMULATED',
        retryAfterSeconds: '1',
      });
    case 'ssm':
    case 'kms':
    case 'secretsmanager':
    case 'rds-data':
      return new AwsFault('ThrottlingException', 400, 'Rate exceeded');
    case 'ec2':
      return new AwsFault('RequestLimitExceeded', 503, 'Request limit exceeded.');
    case 'sts':
    case 'rds':
    case 'sns':
    case 'route53':
      return new AwsFault('Throttling', 400, 'Rate exceeded');
  }
}

/** A 5xx of the service, or of something in front of it. */
export function unavailable(service: ServiceName | undefined, status: number): AwsFault {
  if (status === 500 && service === 'drs') return new AwsFault('InternalServerException', 500, 'Internal server error');
  if (status === 500)
    return new AwsFault(service === 'ssm' ? 'InternalServerError' : 'InternalFailure', 500, 'Internal server error');
  return new AwsFault('ServiceUnavailable', status, 'The service is temporarily unavailable.');
}

export function injectedFault(effect: Extract<FaultEffect, { kind: 'error' }>): AwsFault {
  return new AwsFault(effect.code, effect.status, effect.message);
}

/** The service's own validation error for a request that breaks its model. */
export function invalidRequest(service: ServiceName, violations: readonly Violation[]): AwsFault {
  const count = `${violations.length} validation error${violations.length === 1 ? '' : 's'} detected: `;
  const all = count + violations.map((violation) => violation.message).join('; ');
  switch (service) {
    case 'drs':
      return new AwsFault('ValidationException', 400, all, {
        reason: 'fieldValidationFailed',
        fieldList: violations.map((violation) => ({ name: violation.path, message: violation.message })),
      });
    case 'ssm':
    case 'kms':
    case 'secretsmanager':
      return new AwsFault('ValidationException', 400, all);
    case 'rds-data':
      return new AwsFault('BadRequestException', 400, all);
    case 'sns':
      return new AwsFault('InvalidParameter', 400, `Invalid parameter: ${all}`);
    case 'route53':
      return new AwsFault('InvalidInput', 400, all);
    case 'sts':
    case 'rds':
      return new AwsFault('ValidationError', 400, all);
    case 'ec2': {
      const unknown = violations.find((violation) => violation.message.startsWith('Unknown member'));
      if (unknown !== undefined) return new AwsFault('UnknownParameter', 400, `The parameter ${unknown.path} is not recognized`);
      return new AwsFault('InvalidParameterValue', 400, violations[0]?.message ?? all);
    }
  }
}
