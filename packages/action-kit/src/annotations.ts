import type { Location } from '@breakwater/core';

/** A step may show ten annotations a level; the last error is kept for the step's own failure. Longer messages are cut. */
const MOST = { error: 9, warning: 10, notice: 10 } as const;
type Level = keyof typeof MOST;
const LONGEST = 4_000;

export interface Annotations {
  /** One failed unit: a server, an action, a wave, or a place in a file. */
  error(title: string, message: string, at?: Location): void;
  warning(title: string, message: string, at?: Location): void;
  notice(title: string, message: string, at?: Location): void;
  /** Says how many did not fit. */
  close(): void;
}

interface Sink {
  annotate(level: Level, title: string, message: string, at?: Location): void;
  log(line: string): void;
}

/** Annotations are scarce on GitHub: what does not fit goes to the log, and the last one says how many those are. */
export function createAnnotations(sink: Sink): Annotations {
  const held = new Map<Level, (readonly [string, string, Location | undefined])[]>();
  const shown = { error: 0, warning: 0, notice: 0 };
  const add = (level: Level, title: string, message: string, at: Location | undefined) => {
    const text = message.length > LONGEST ? `${message.slice(0, LONGEST)} …` : message;
    // One place is kept back for the count of what did not fit.
    if (shown[level] < MOST[level] - 1) {
      shown[level]++;
      sink.annotate(level, title, text, at);
    } else {
      held.set(level, [...(held.get(level) ?? []), [title, text, at]]);
    }
  };
  return {
    error: (title, message, at) => add('error', title, message, at),
    warning: (title, message, at) => add('warning', title, message, at),
    notice: (title, message, at) => add('notice', title, message, at),
    close() {
      for (const [level, rest] of held) {
        held.delete(level);
        const only = rest.length === 1 ? rest[0] : undefined;
        if (only !== undefined) sink.annotate(level, ...only);
        else if (rest.length > 0) {
          for (const [title, message, at] of rest) sink.log(`${placeOf(at)}${level}: ${title}: ${message}`);
          sink.annotate(level, `${rest.length} more`, `${rest.length} more ${level}s are in the log and in the summary.`);
        }
      }
    },
  };
}

function placeOf(at: Location | undefined): string {
  return at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
}
