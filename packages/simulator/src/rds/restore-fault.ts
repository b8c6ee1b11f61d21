import type { CallContext } from '../world/call-context.ts';

/** The armed fault, if any, of a restore that has to do with one of these names: what is made, of what, from where. */
export function restoreFault({ world, state, operation, now }: CallContext, names: readonly string[]) {
  const { account, region } = state;
  const touches = (name: string) => names.includes(name);
  return world.faults.take('restore-fails', { service: 'rds', operation, account, region, touches }, now);
}
