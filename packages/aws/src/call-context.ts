/**
 * What a call does to the cloud. `read`: nothing. `repeatable`: a change that AWS recognises when it is sent twice (a client token,
 * a tag, a stop). `once`: a change that must never be sent twice by itself.
 */
export type Effect = 'read' | 'repeatable' | 'once';

/** Which call it is, for messages and records. */
export interface CallContext {
  /** Lower case, as the signature has it: `drs`, `ssm`, `rds-data`, … */
  readonly service: string;
  readonly operation: string;
  /** The site's account; `undefined` before it is known (base credentials). */
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly effect: Effect;
  /** The KMS key the call asks for, if it does: AWS's refusals often name none. */
  readonly kmsKey?: string | undefined;
}

/** `drs:StartRecovery in 111122223333/eu-west-1`, a fragment for messages. */
export function callLabel({ service, operation, account, region }: CallContext): string {
  const place = [account, region].filter((part) => part !== undefined).join('/');
  return place === '' ? `${service}:${operation}` : `${service}:${operation} in ${place}`;
}
