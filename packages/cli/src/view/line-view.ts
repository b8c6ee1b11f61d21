import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { lineOf } from './line-mode.ts';
import { type RunView, toldText } from './run-view.ts';

/** Writes one line a change, for pipes, logs and terminals that cannot redraw. */
export function lineView({ stdout, stderr }: Terminal): RunView {
  return {
    began: ({ id }, place) => stdout.write(`execution ${printable(id)}, recorded in ${printable(place)}\n`),
    observe: (line, stream, execution) => stdout.write(`${lineOf(line, stream, execution)}\n`),
    told: (reason) => stderr.write(toldText(reason)),
    stopping: (_signal, text) => stderr.write(text),
    end: () => undefined,
  };
}
