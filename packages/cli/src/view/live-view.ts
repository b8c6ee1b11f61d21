import type { Clock } from '@breakwater/core';
import type { Execution } from '@breakwater/history';
import type { Palette } from '../palette.ts';
import { liveFrame } from './live-frame.ts';
import { advanceLiveState, type LiveState } from './live-state.ts';
import type { RunView } from './run-view.ts';

/** Ten frames a second at most: the eye has no use for more, and a slow SSH line none at all. */
const FRAME = 100;

/** A place where frames replace each other; log-update is one. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  draw(frame: string): void;
  /** Leaves the last frame standing. */
  done(): void;
}

export interface LiveViewParts {
  readonly screen: Screen;
  readonly palette: Palette;
  /** The run's clock, which the elapsed time is read from. */
  readonly clock: Clock;
  /** Real time, which paces the frames. */
  readonly pace: Clock;
}

/** Redraws the state of a run in place, while journal lines come and while only time passes. */
export function liveView({ screen, palette, clock, pace }: LiveViewParts): RunView {
  let state: LiveState | undefined;
  let drawn = '';
  let told: string | undefined;
  const over = new AbortController();
  const draw = (rows: number) => {
    if (state === undefined) return;
    // A line as wide as the terminal makes some of them wrap.
    const frame = liveFrame(state, clock.now(), { columns: Math.max(20, screen.columns - 1), rows, palette }).join('\n');
    if (frame === drawn) return;
    drawn = frame;
    screen.draw(frame);
  };
  const redrawUntilOver = async () => {
    while (!over.signal.aborted) {
      draw(screen.rows - 1);
      await pace.sleep(FRAME, over.signal).catch(() => undefined);
    }
  };
  return {
    began: (header) => {
      // Told before it began: the shared history is looked at first.
      state = { execution: unbegun(header), notes: new Map(), ...(told === undefined ? {} : { told }) };
      void redrawUntilOver();
    },
    observe: (line, _stream, execution) => {
      if (state !== undefined) state = advanceLiveState(state, line, execution);
    },
    told: ({ message }) => {
      told = message;
      if (state !== undefined) state = { ...state, told: message };
    },
    stopping: (signal) => {
      if (state !== undefined) state = { ...state, stopping: signal };
    },
    end: () => {
      if (over.signal.aborted) return;
      over.abort('over');
      if (state !== undefined) state = { ...state, over: true };
      draw(screen.rows - 1);
      if (state !== undefined) screen.done();
    },
  };
}

/** The execution as it stands before its first journal line. */
function unbegun(header: Execution['header']): Execution {
  const { objectives, waves } = header.plan;
  return {
    header,
    verdict: 'in-progress',
    reason: { code: 'ok', message: 'about to begin' },
    startedAt: header.createdAt,
    rto: { objective: objectives.rto },
    rpo: { objective: objectives.rpo },
    waves: waves.map(({ name, dependsOn }) => ({ name, dependsOn, status: 'pending', steps: [], servers: [] })),
    finally: [],
    runs: [],
    problems: [],
  };
}
