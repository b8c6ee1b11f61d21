import { asInput } from '../boundary.ts';
import type { Principal } from './identities.ts';
import type { RegionState } from './region-state.ts';
import type { World } from './world.ts';

/** What an operation's handler works with. */
export interface CallContext {
  readonly world: World;
  readonly state: RegionState;
  readonly operation: string;
  readonly principal: Principal;
  readonly accessKeyId: string | undefined;
  /** The moment at which the call is applied. */
  readonly now: number;
  /** Says that the call changed the world. */
  changed(): void;
}

export type Output = Readonly<Record<string, unknown>>;
/** Answers one validated call, or throws `AwsFault`; later only where a database stands behind the answer. */
export type Handler = (context: CallContext, input: unknown) => Output | Promise<Output>;

/** A handler with its input typed: `T` is the operation's input shape, which has been validated before. */
export function handler<T>(handle: (context: CallContext, input: T) => Output | Promise<Output>): Handler {
  return (context, input) => handle(context, asInput<T>(input));
}
