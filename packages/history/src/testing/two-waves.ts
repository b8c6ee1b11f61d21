/** An execution of two waves, `database` and `web`, and what may become of it. */
import type { Status } from '@breakwater/core';
import type { JournalEvent, JournalLine, Reason } from '../events.ts';
import type { Execution, ServerRecord } from '../execution.ts';
import { foldExecution } from '../fold.ts';
import { header, lines, OK, runStarted, server, stepStarted, wavesNamed, wholeWave } from './records.ts';

export type Streams = Readonly<Record<string, readonly JournalLine[]>>;

export const base = header(wavesNamed('database', 'web'));

export function fold(
  streams: Streams,
  { of = base, problems = [] }: { of?: typeof base; problems?: readonly string[] } = {},
): Execution {
  return foldExecution(of, new Map(Object.entries(streams)), problems);
}

/** Both waves end well, after ten minutes each. */
export const good: Streams = {
  'runs/run-1': lines([0, runStarted('run-1')]),
  'waves/database': wholeWave(0, 10, [server('db-1'), server('db-2')]),
  'waves/web': wholeWave(10, 20, [server('web-1')]),
};

/** The same, with another end of the second wave. */
export const web = (servers: readonly ServerRecord[], status: Status = 'succeeded', reason: Reason = OK): Streams => ({
  ...good,
  'waves/web': wholeWave(10, 20, servers, status, reason),
});

export const optional = (overrides: Partial<ServerRecord> = {}) => server('web-2', { criticality: 'optional', ...overrides });

/** The same, with work after the last wave. */
export const last = (...events: readonly JournalEvent[]): Streams => ({
  ...good,
  finally: lines(...events.map((event, i) => [21 + i, event] as const)),
});

export const interrupted = (...stillRunning: readonly string[]): JournalEvent => ({
  type: 'run-interrupted',
  signal: 'SIGINT',
  stillRunning,
  resume: 'Run X again.',
});

/** The second wave, on its way. */
export const running = lines(
  [10, { type: 'wave-started', servers: [server('web-1', { status: 'pending' })] }],
  [10, stepStarted('recover', 'recover')],
);

/** The same, without one of its streams. */
export const without = (name: string): Streams => Object.fromEntries(Object.entries(good).filter(([stream]) => stream !== name));
