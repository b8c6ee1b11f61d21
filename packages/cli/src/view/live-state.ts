import type { Execution, JournalLine, ServerRecord } from '@breakwater/history';

/** All that a frame shows, apart from the time and the size of the terminal. */
export interface LiveState {
  readonly execution: Execution;
  /** The last thing the journal said of a server, by its id: its phase while a launch is under way. */
  readonly notes: ReadonlyMap<string, string>;
  /** The signal that told us to stop, once one did. */
  readonly stopping?: string;
}

/** The state after one more journal line. */
export function advanceLiveState(state: LiveState, line: JournalLine, execution: Execution): LiveState {
  if (line.type !== 'progress' || line.server === undefined) return { ...state, execution };
  return { ...state, execution, notes: new Map(state.notes).set(line.server, line.note) };
}

/** How far a server is, in a word or two. */
export function phaseOf(server: ServerRecord, note: string | undefined): string {
  if (server.status === 'failed' || server.status === 'timed-out' || server.status === 'cancelled') return server.status;
  if (server.healthyAt !== undefined) return 'healthy';
  if (server.launchedAt !== undefined || server.instanceId !== undefined) return 'launched';
  // `launched: i-0123` and `held by DRS job …` begin with the phase.
  return note?.split(': ')[0] ?? 'not started';
}

/** Whether the server's launch is proved. */
export function isLaunched(server: ServerRecord, note: string | undefined): boolean {
  const phase = phaseOf(server, note);
  return phase === 'healthy' || phase === 'launched';
}
