import type { ConnectOptions } from '@breakwater/aws';
import type { BreakwaterError, Clock } from '@breakwater/core';
import { TOOL } from './version.ts';

/** What an action’s door knows of how its step reaches AWS. */
export interface StepAccess {
  readonly inputs: { readonly 'role-to-assume': string | undefined };
  readonly signal: AbortSignal;
  readonly token: () => Promise<string>;
  readonly github: { readonly runId: string | undefined };
  mask(secret: string): void;
}

/** Our name and version among what AWS’s logs say of a caller. */
export const USER_AGENT: NonNullable<ConnectOptions['userAgent']> = [['breakwater', TOOL.replace(/^\D*/, '')]];

/** How a step connects to the sites it acts on: by the role of its input, or the credentials that its job has. */
export function stepConnection(door: StepAccess, clock: Clock, onWarning: (error: BreakwaterError) => void): ConnectOptions {
  const role = door.inputs['role-to-assume'];
  return {
    clock,
    signal: door.signal,
    credentials: role === undefined ? { kind: 'default' } : { kind: 'web-identity', roleArn: role, token: door.token },
    sessionName: `breakwater-${door.github.runId ?? 'local'}`,
    onSecret: door.mask,
    onWarning,
    userAgent: USER_AGENT,
  };
}
