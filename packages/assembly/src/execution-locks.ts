import type { DeedContext, Deeds, ExecutionLocks } from '@breakwater/engine';
import type { ExecutionHeader, LockOwner, RecoveryLocks } from '@breakwater/history';

/** What this run says of itself to whoever wants the same servers. */
export interface RunOrigin {
  readonly actor: string;
  /** Host, or the repository whose workflow it is. */
  readonly host: string;
  /** Page of the workflow run. */
  readonly page?: string;
}

export interface LockPlaces {
  readonly locks: RecoveryLocks;
  readonly origin: RunOrigin;
  /** Stops the process of a drill, where its platform can. */
  readonly stopDrill?: (drill: LockOwner) => Promise<void>;
  /** The deeds of an execution, done at the sites of this one. */
  readonly deedsIn: (context: DeedContext) => Pick<Deeds, 'cleanUp' | 'cleanUpDatabases'>;
}

/** The locks of one execution, for the engine. */
export function executionLocks(header: ExecutionHeader, context: DeedContext, places: LockPlaces): ExecutionLocks {
  const { locks, origin, stopDrill, deedsIn } = places;
  const { id, plan, mode } = header;
  return {
    locks,
    owner: {
      execution: id,
      plan: plan.name,
      mode,
      actor: origin.actor,
      host: origin.host,
      at: new Date(context.clock.now()).toISOString(),
      ...(origin.page === undefined ? {} : { run: origin.page }),
    },
    ...(stopDrill === undefined ? {} : { stopDrill }),
    deedsOf: ({ execution, since }) => deedsIn({ ...context, execution, mode: 'drill', createdAt: since, replaceLive: [] }),
  };
}
