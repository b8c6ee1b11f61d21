import { createLogUpdate } from 'log-update';
import type { Screen } from './view/live-view.ts';

/** The terminal's own screen. The cursor stays visible: a process that is killed could not bring it back. */
export function terminalScreen(stream: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(stream, { showCursor: true });
  return {
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    draw: (frame) => update(frame),
    done: () => update.done(),
  };
}
