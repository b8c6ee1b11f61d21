import { createLogUpdate } from 'log-update';
import type { Screen } from './view/live-view.ts';

/**
 * The terminal's own screen. The cursor stays visible: a process that is killed could not bring it back.
 *
 * log-update 7.2.0 writes only the lines that changed, and loses its place in two cases, which are kept from it: when the number of
 * lines changes, and when the last line that changed is empty.
 */
export function terminalScreen(stream: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(stream, { showCursor: true });
  let height = 0;
  return {
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    draw: (frame) => {
      const lines = frame.split('\n').map((line) => (line === '' ? ' ' : line));
      if (lines.length !== height) update.clear();
      height = lines.length;
      update(lines.join('\n'));
    },
    done: () => update.done(),
  };
}
