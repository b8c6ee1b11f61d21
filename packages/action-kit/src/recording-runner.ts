import type { Location } from '@breakwater/core';
import type { Runner } from './runner.ts';

/** What a step did to its runner, for tests. */
export interface RecordingRunner extends Runner {
  readonly lines: string[];
  readonly warnings: string[];
  readonly errors: string[];
  readonly notices: string[];
  /** `file:line:column` of every annotation that has a place. */
  readonly places: string[];
  readonly failures: string[];
  readonly masked: string[];
  readonly outputs: Record<string, string>;
  readonly exits: (number | undefined)[];
  summary: string;
  /** Lets the process break down, as an uncaught error does. */
  breakDown(error: unknown): void;
  /** Sends a signal to the listeners. */
  send(signal: NodeJS.Signals): void;
}

/** A runner that remembers everything. `environment` is all that the action sees: nothing is inherited. */
export function recordingRunner(
  environment: Readonly<Record<string, string | undefined>> = {},
  overrides: Partial<Runner> = {},
): RecordingRunner {
  const listeners: ((signal: NodeJS.Signals) => void)[] = [];
  const breakdowns: ((error: unknown) => void)[] = [];
  const tell = (list: string[], message: string, title: string, at: Location | undefined) => {
    list.push(`${title}: ${message}`);
    if (at !== undefined) recording.places.push(`${at.file}:${at.line}:${at.column}`);
  };
  const recording: RecordingRunner = {
    environment,
    lines: [],
    warnings: [],
    errors: [],
    notices: [],
    places: [],
    failures: [],
    masked: [],
    outputs: {},
    exits: [],
    summary: '',
    info: (line) => recording.lines.push(line),
    debug: (message) => recording.lines.push(`[debug] ${message}`),
    warning: (message, title, at) => tell(recording.warnings, message, title, at),
    error: (message, title, at) => tell(recording.errors, message, title, at),
    notice: (message, title, at) => tell(recording.notices, message, title, at),
    setFailed: (message) => recording.failures.push(message),
    startGroup: (name) => recording.lines.push(`> ${name}`),
    endGroup: () => recording.lines.push('<'),
    setOutput(name, value) {
      recording.outputs[name] = value;
    },
    mask: (secret) => recording.masked.push(secret),
    async appendSummary(markdown) {
      recording.summary += markdown;
    },
    idToken: async (audience) => `token-for-${audience}`,
    onSignal: (listener) => listeners.push(listener),
    onBreakdown: (listener) => breakdowns.push(listener),
    breakDown: (error) => {
      for (const listener of breakdowns) listener(error);
    },
    exit: (code) => recording.exits.push(code),
    send: (signal) => {
      for (const listener of listeners) listener(signal);
    },
    ...overrides,
  };
  return recording;
}
