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

/** Marks that reverse the reading direction: a line must say what it says. */
const BIDIRECTIONAL = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text for people, without what would make it read otherwise than it is. */
export function straight(text: string): string {
  return text.replaceAll(BIDIRECTIONAL, '');
}

/**
 * A line that starts with `::`, and one that has `##[` anywhere, is a command to the runner. What comes from AWS (an output, a host name)
 * must not give any: a zero-width space takes the meaning away and changes nothing to the eye. It stands within `##[`, because in front of
 * it the runner would find the three signs all the same. .NET trims U+0085 too, which JavaScript counts as no space.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
function inert(text: string): string {
  return straight(text)
    .replaceAll(/^([\s\u0085]*)::/gm, '$1\u200b::')
    .replaceAll('##[', '##\u200b[');
}
