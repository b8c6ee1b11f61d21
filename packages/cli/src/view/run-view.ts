import type { Execution, ExecutionHeader, JournalLine, Reason } from '@breakwater/history';
import { printable } from '../printable.ts';
import type { Output } from '../terminal.ts';

/** What shows a run while it goes on. */
export interface RunView {
  /** The execution has its id; nothing has started. */
  began(header: ExecutionHeader, place: string): void;
  /** A journal line is durable. */
  /** None: nobody looks, and the execution is not folded again for every line. */
  readonly observe?: (line: JournalLine, stream: string, execution: Execution) => void;
  /** Something that a person must know, which is in no journal line: the shared history is gone, or back. */
  told(reason: Reason): void;
  /** A signal told us to stop; `text` says how to resume. */
  stopping(signal: string, text: string): void;
  /** Nothing more will come: leaves the last state standing. Safe to call twice. */
  end(): void;
}

/** Shows no progress, only that we were told to stop: for `--json`. */
export function quietView(stderr: Output): RunView {
  return {
    began: () => undefined,
    told: (reason) => stderr.write(toldText(reason)),
    stopping: (_signal, text) => stderr.write(text),
    end: () => undefined,
  };
}

/** What was told, as a line. */
export function toldText({ code, message, next }: Reason): string {
  const then = next === undefined ? '' : `\n  next: ${printable(next)}`;
  return `breakwater: ${printable(message)}${code === 'ok' ? '' : ` [${code}]${then}`}\n`;
}
