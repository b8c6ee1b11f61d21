import type { Execution, JournalLine, ServerRecord } from '@breakwater/history';

/** All that a frame shows, apart from the time and the size of the terminal. */
export interface LiveState {
  readonly execution: Execution;
  /** The last thing the journal said of a server, by its id: its phase while a launch is under way. */
  readonly notes: ReadonlyMap<string, string>;
  /** The last thing that was told beside the journal, as that the shared history is gone. */
  readonly told?: string;
  /** The signal that told us to stop, once one did. */
  readonly stopping?: string;
  /** The run is over, however it ended: this frame stays. */
  readonly over?: true;
}

/** The state after one more journal line. */
export function advanceLiveState(state: LiveState, line: JournalLine, execution: Execution): LiveState {
  if (line.type !== 'progress' || line.server === undefined) return { ...state, execution };
  return { ...state, execution, notes: new Map(state.notes).set(line.server, line.note) };
}

/** How far a server is, in a few words: the latest that is known of it. */
export function phaseOf(server: ServerRecord, note: string | undefined): string {
  if (server.status === 'failed' || server.status === 'timed-out' || server.status === 'cancelled') return server.status;
  if (server.healthyAt !== undefined) return 'healthy';
  // `launched: i-0123` and `launch failed: no capacity` begin with the phase.
  const [noted] = note?.split(': ') ?? [];
  return noted ?? (wasLaunched(server) ? 'launched' : 'not started');
}

/** Whether the server's launch is known. */
export function isLaunched(server: ServerRecord, note: string | undefined): boolean {
  const phase = phaseOf(server, note);
  return phase !== 'failed' && phase !== 'timed-out' && (phase === 'launched' || wasLaunched(server));
}

function wasLaunched({ launchedAt, instanceId, healthyAt }: ServerRecord): boolean {
  return launchedAt !== undefined || instanceId !== undefined || healthyAt !== undefined;
}
