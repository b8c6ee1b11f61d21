import * as core from '@actions/core';
import type { Location } from '@breakwater/core';

/**
 * The runner as the kit sees it: the few things that only GitHub can give. Nothing else in Breakwater reads `process.env` or calls
 * the toolkit; tests give a runner of their own.
 */
export interface Runner {
  readonly environment: Readonly<Record<string, string | undefined>>;
  info(line: string): void;
  debug(message: string): void;
  warning(message: string, title: string, at?: Location): void;
  error(message: string, title: string, at?: Location): void;
  notice(message: string, title: string, at?: Location): void;
  /** Marks the step as failed and shows the message as its error, at a place in a file if it has one. */
  setFailed(message: string, location?: Location): void;
  startGroup(name: string): void;
  endGroup(): void;
  setOutput(name: string, value: string): void;
  /** Tells the runner to mask the text in its log from now on. */
  mask(secret: string): void;
  /** Adds Markdown to the step's summary. */
  appendSummary(markdown: string): Promise<void>;
  idToken(audience: string): Promise<string>;
  onSignal(listener: (signal: NodeJS.Signals) => void): void;
  /** Told an error that nobody caught, and of a standstill: nothing can happen any more, although the work has not ended. */
  onBreakdown(listener: (error: unknown) => void): void;
  /** Ends the process once what was written has left it. Without a code: the code that `setFailed` left. */
  exit(code?: number): void;
}

/** The runner of a real step, by way of @actions/core. */
export const githubRunner: Runner = {
  environment: process.env,
  info: core.info,
  debug: core.debug,
  warning: (message, title, at) => core.warning(message, { title, ...placed(at) }),
  error: (message, title, at) => core.error(message, { title, ...placed(at) }),
  notice: (message, title, at) => core.notice(message, { title, ...placed(at) }),
  setFailed(message, location) {
    process.exitCode = core.ExitCode.Failure;
    core.error(message, placed(location));
  },
  startGroup: core.startGroup,
  endGroup: core.endGroup,
  setOutput(name, value) {
    // Without the file core falls back to a command that runners ignore: on a terminal it would only be noise.
    if (process.env['GITHUB_OUTPUT']) core.setOutput(name, value);
  },
  mask(secret) {
    // The command carries the secret itself: only a runner may be told it, never a terminal.
    if (process.env['GITHUB_ACTIONS'] === 'true') core.setSecret(secret);
  },
  async appendSummary(markdown) {
    if (process.env['GITHUB_STEP_SUMMARY']) await core.summary.addRaw(markdown, true).write();
  },
  idToken: core.getIDToken,
  onSignal(listener) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, listener);
  },
  onBreakdown(listener) {
    process.once('uncaughtException', listener);
    process.once('beforeExit', () => listener(new Error('the work came to a standstill before its end')));
  },
  exit(code) {
    // Keep-alive sockets and dangling promises would hold the process; pipes are flushed first.
    process.stdout.write('', () => process.stderr.write('', () => process.exit(code ?? process.exitCode)));
  },
};

function placed(at: Location | undefined) {
  return at === undefined ? {} : { file: at.file, startLine: at.line, startColumn: at.column };
}
