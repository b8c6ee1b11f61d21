import type { Redactor } from './redaction.ts';
import type { Runner } from './runner.ts';

/** What an action prints. Every text is redacted on its way out. */
export interface Log {
  info(line: string): void;
  /** Seen only when debug logging is on. */
  debug(message: string): void;
  /** A foldable group of lines, closed also when the work in it throws. Groups do not nest on GitHub. */
  group<T>(name: string, work: () => T | Promise<T>): Promise<T>;
}

export function createLog(runner: Runner, { redact }: Redactor): Log {
  return {
    info: (line) => runner.info(inert(redact(line))),
    debug: (message) => runner.debug(redact(message)),
    async group(name, work) {
      runner.startGroup(redact(name));
      try {
        return await work();
      } finally {
        runner.endGroup();
      }
    },
  };
}

/**
 * A line that starts with `::` or `##[` is a command to the runner. What comes from AWS (an output, a host name) must not give any:
 * a zero-width space in front takes the meaning away and changes nothing to the eye.
 */
function inert(text: string): string {
  return text.replaceAll(/^(\s*)(::|##\[)/gm, '$1\u200b$2');
}
