/** A step may show ten annotations a level; the last error is kept for the step's own failure. Longer messages are cut. */
const MOST = { error: 9, warning: 10 } as const;
const LONGEST = 4_000;

export interface Annotations {
  /** One failed unit: a server, an action, a wave. */
  error(title: string, message: string): void;
  warning(title: string, message: string): void;
  /** Says how many did not fit. */
  close(): void;
}

interface Sink {
  annotate(level: 'error' | 'warning', title: string, message: string): void;
  log(line: string): void;
}

/** Annotations are scarce on GitHub: what does not fit goes to the log, and the last one says how many those are. */
export function createAnnotations(sink: Sink): Annotations {
  const held = { error: [] as [string, string][], warning: [] as [string, string][] };
  const shown = { error: 0, warning: 0 };
  const add = (level: 'error' | 'warning', title: string, message: string) => {
    const text = message.length > LONGEST ? `${message.slice(0, LONGEST)} …` : message;
    // One place is kept back for the count of what did not fit.
    if (shown[level] < MOST[level] - 1) {
      shown[level]++;
      sink.annotate(level, title, text);
    } else {
      held[level].push([title, text]);
    }
  };
  return {
    error: (title, message) => add('error', title, message),
    warning: (title, message) => add('warning', title, message),
    close() {
      for (const level of ['error', 'warning'] as const) {
        const rest = held[level].splice(0);
        const only = rest.length === 1 ? rest[0] : undefined;
        if (only !== undefined) sink.annotate(level, ...only);
        else if (rest.length > 0) {
          for (const [title, message] of rest) sink.log(`${level}: ${title}: ${message}`);
          sink.annotate(level, `${rest.length} more`, `${rest.length} more ${level}s are in the log and in the summary.`);
        }
      }
    },
  };
}
