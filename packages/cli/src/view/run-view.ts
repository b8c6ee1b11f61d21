import type { Execution, ExecutionHeader, JournalLine } from '@breakwater/history';
import type { Output } from '../terminal.ts';

/** What shows a run while it goes on. */
export interface RunView {
  /** The execution has its id; nothing has started. */
  began(header: ExecutionHeader, place: string): void;
  /** A journal line is durable. */
  /** None: nobody looks, and the execution is not folded again for every line. */
  readonly observe?: (line: JournalLine, stream: string, execution: Execution) => void;
  /** A signal told us to stop; `text` says how to resume. */
  stopping(signal: string, text: string): void;
  /** Nothing more will come: leaves the last state standing. Safe to call twice. */
  end(): void;
}

/** Shows no progress, only that we were told to stop: for `--json`. */
export function quietView(stderr: Output): RunView {
  return {
    began: () => undefined,
    stopping: (_signal, text) => stderr.write(text),
    end: () => undefined,
  };
}
