import type { AwsAccess, RunEnvironment, RunOutcome, RunRequest } from '@breakwater/assembly';
import { type Clock, systemClock } from '@breakwater/core';
import type { Execution, ExecutionHeader, JsonObject } from '@breakwater/history';
import { EXIT_CODES, type ExitCode, exitCodeOfVerdict } from '../exit-codes.ts';
import { listenForSignals, type SignalSource } from '../interruption.ts';
import { palette } from '../palette.ts';
import { lookOf, type Terminal } from '../terminal.ts';
import { lineView } from '../view/line-view.ts';
import type { Screen } from '../view/live-view.ts';
import { quietView, type RunView } from '../view/run-view.ts';
import { endingText, verdictText } from './ending.ts';
import { historyToken } from './history-token.ts';
import type { RunCommand } from './requests.ts';
import { resumeCommand } from './resume-command.ts';

/** How a run reaches AWS, or what stands for it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly aws: AwsAccess;
  readonly simulated: boolean;
  close(): Promise<void>;
}

/** What the run command is put together from; main.ts gives the real parts, tests give others. */
export interface RunParts {
  readonly terminal: Terminal;
  readonly signals: SignalSource;
  readonly actor: string;
  surroundings(command: RunCommand): Promise<Surroundings>;
  /** The commit of the plan files, if they are as committed. */
  commitOf(files: string): Promise<string | undefined>;
  runPlan(request: RunRequest, environment: RunEnvironment): Promise<RunOutcome>;
  screen(): Promise<Screen>;
  renderText(execution: Execution): string;
  reportJson(execution: Execution): JsonObject;
}

/** `breakwater run`. Throws what the run throws before it has an outcome; afterwards the verdict is the answer. */
export async function run(command: RunCommand, parts: RunParts): Promise<ExitCode> {
  const { terminal } = parts;
  const colours = palette(lookOf(terminal));
  const surroundings = await parts.surroundings(command);
  const view = await viewOf(command, parts, surroundings.clock);
  let begun: ExecutionHeader | undefined;
  const say = (text: string) => terminal.stderr.write(text);
  const interruption = listenForSignals(parts.signals, {
    clock: systemClock,
    onFirst: (signal) => {
      view.stopping(signal, stoppingText(signal, command, begun));
    },
    onTimeUp: () => {
      view.end();
      say(
        `The run did not stop in time and is left as it is; its record holds all that was begun.\n${resumeText(command, begun)}`,
      );
      return EXIT_CODES.bad;
    },
    onSecond: () => {
      view.end();
      say(resumeText(command, begun));
      return EXIT_CODES.stoppedAtOnce;
    },
  });
  try {
    const commit = await parts.commitOf(command.files);
    const outcome = await parts.runPlan(requestOf(command, parts.actor, commit, terminal.env), {
      clock: surroundings.clock,
      signal: interruption.signal,
      aws: surroundings.aws,
      simulated: surroundings.simulated,
      ...(command.simulation === undefined ? {} : { locks: 'none' as const }),
      began: (header, place) => {
        begun = header;
        view.began(header, place);
      },
      environment: terminal.env,
      warn: (reason) => view.told(reason),
      ...(view.observe === undefined ? {} : { observe: view.observe }),
    });
    view.end();
    const { execution } = outcome;
    terminal.stdout.write(
      command.json
        ? `${JSON.stringify(parts.reportJson(execution), null, 2)}\n`
        : `\n${verdictText(parts.renderText(execution), execution.verdict, terminal, colours)}\n\n${endingText(outcome, command, colours)}`,
    );
    return exitCodeOfVerdict(execution.verdict);
  } finally {
    view.end();
    interruption.dispose();
    await surroundings.close();
  }
}

/** The request that `runPlan` takes. */
export function requestOf(command: RunCommand, actor: string, commit: string | undefined, env: Terminal['env'] = {}): RunRequest {
  const { branch } = command;
  return {
    files: [command.files],
    mode: command.mode,
    waves: command.waves,
    history: command.history,
    approvals: command.approvals,
    replaceLive: command.replaceLive,
    actor,
    ...(command.plan === undefined ? {} : { plan: command.plan }),
    ...(command.execution === undefined ? {} : { execution: command.execution }),
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch: { ...branch, ...historyToken(env) } }),
  };
}

async function viewOf(command: RunCommand, parts: RunParts, clock: Clock): Promise<RunView> {
  if (command.json) return quietView(parts.terminal.stderr);
  const look = lookOf(parts.terminal);
  if (!look.live) return lineView(parts.terminal);
  const { liveView } = await import('../view/live-view.ts');
  return liveView({ screen: await parts.screen(), palette: palette(look), clock, pace: systemClock });
}

function stoppingText(signal: string, command: RunCommand, begun: ExecutionHeader | undefined): string {
  return `\n${signal}: stopping. What AWS was doing goes on. Once more: leave at once.\n${resumeText(command, begun)}`;
}

function resumeText(command: RunCommand, begun: ExecutionHeader | undefined): string {
  if (begun === undefined) return 'Nothing was started.\n';
  if (command.simulation !== undefined) return '';
  return `To resume: ${resumeCommand(command, begun.id)}\n`;
}
