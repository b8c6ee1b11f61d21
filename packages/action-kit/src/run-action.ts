import {
  asBreakwaterError,
  BreakwaterError,
  CancelledError,
  type Clock,
  type Location,
  systemClock,
  UserError,
} from '@breakwater/core';
import { type Annotations, createAnnotations } from './annotations.ts';
import type { ActionDefinition, Inputs, Outcome } from './definition.ts';
import { type GithubContext, readGithubContext } from './github-context.ts';
import { readInputs } from './inputs.ts';
import { createLog, type Log, straight } from './log.ts';
import { tokenSource } from './oidc.ts';
import { createOutputs, type Outputs } from './outputs.ts';
import { type ReasonText, reasonText } from './reason-text.ts';
import { createRedactor, type Redactor } from './redaction.ts';
import { githubRunner, type Runner } from './runner.ts';
import { listenForSignals } from './signals.ts';
import { fitSummary } from './summary.ts';
import { demandTrustedRun } from './trust.ts';

/** Everything an action gets at its door. Inside there is no environment and no toolkit. */
export interface Door<D extends ActionDefinition> {
  readonly inputs: Inputs<D>;
  readonly outputs: Outputs<D>;
  readonly log: Log;
  readonly annotations: Annotations;
  /** Aborts when the step is cancelled; the reason is the signal's name, `SIGINT` or `SIGTERM`. */
  readonly signal: AbortSignal;
  readonly github: GithubContext;
  /** For what the AWS SDK and the clock are told by variables; read nothing else from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A fresh GitHub OIDC token for AWS. */
  readonly token: () => Promise<string>;
  /** Masks a secret in the log and keeps it out of everything else we write. Call it before the secret is used. */
  mask(secret: string): void;
  /** Adds Markdown to the job summary. Never fails the step: a lost summary is a warning. */
  summarise(markdown: string): Promise<void>;
}

/**
 * Runs an action from its door to its end. Whatever happens there is one status, one reason code and one result in the outputs, and at
 * most one error that fails the step: code, what is wrong, what to do next. Stack traces are told only to the debug log.
 */
export async function runAction<D extends ActionDefinition>(
  definition: D,
  work: (door: Door<D>) => Promise<Outcome>,
  runner: Runner = githubRunner,
  clock: Clock = systemClock,
): Promise<void> {
  const redactor = createRedactor();
  const ending = createEnding(definition, runner, redactor);
  let door: Door<D> | undefined;
  try {
    runner.onBreakdown((error) => {
      ending.withError(asBreakwaterError(error));
      runner.exit(1);
    });
    const { signal } = listenForSignals(runner, { clock, onTimeUp: () => ending.cutShort() });
    if (definition.onlyTrusted) demandTrustedRun(runner.environment);
    door = openDoor(definition, runner, redactor, ending, signal);
    const outcome = await work(door);
    door.annotations.close();
    ending.with(outcome);
  } catch (error) {
    door?.annotations.close();
    ending.withError(explain(error, door?.signal));
  }
  runner.exit();
}

/** What an aborted call throws is not a fault of ours: somebody told us to stop. */
function explain(error: unknown, signal: AbortSignal | undefined): BreakwaterError {
  if (!signal?.aborted || error instanceof BreakwaterError) return asBreakwaterError(error);
  return new CancelledError('interrupted', `stopped by ${signal.reason}`, {
    next: 'Run the same step again; what AWS was doing by then goes on and is found.',
    cause: error,
  });
}

function openDoor<D extends ActionDefinition>(
  definition: D,
  runner: Runner,
  redactor: Redactor,
  ending: Ending<D>,
  signal: AbortSignal,
): Door<D> {
  const { environment } = runner;
  const masked = new Set<string>();
  const mask = (secret: string) => {
    if (masked.has(secret)) return;
    masked.add(secret);
    redactor.add(secret);
    for (const line of secret.split(/\r?\n/)) if (line.trim() !== '') runner.mask(line);
  };
  // The default credential chain reads these from the environment: nobody else tells us of them.
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']) {
    const secret = environment[name];
    if (secret) mask(secret);
  }
  const log = createLog(runner, redactor);
  const annotate = {
    annotate: (level: 'error' | 'warning' | 'notice', title: string, message: string, at?: Location) =>
      runner[level](straight(redactor.redact(message)), straight(redactor.redact(title)), at),
    log: log.info,
  };
  const { inputs, unknown } = readInputs(definition, environment);
  if (unknown.length > 0) runner.warning(`not known to this action, and not used: ${unknown.join(', ')}`, 'Unknown inputs');
  return {
    inputs,
    outputs: ending.outputs,
    log,
    annotations: createAnnotations(annotate),
    signal,
    github: readGithubContext(environment),
    environment,
    token: tokenSource(runner, mask),
    mask,
    async summarise(markdown) {
      try {
        await runner.appendSummary(fitSummary(straight(redactor.redact(markdown))));
      } catch (error) {
        runner.warning(redactor.redact(asBreakwaterError(error).message), 'The job summary could not be written');
      }
    },
  };
}

interface Ending<D extends ActionDefinition> {
  readonly outputs: Outputs<D>;
  with(outcome: Outcome): void;
  withError(error: BreakwaterError): void;
  /** The grace period after a signal is over and the work has not come back. */
  cutShort(): void;
}

function createEnding<D extends ActionDefinition>(definition: D, runner: Runner, { redact }: Redactor): Ending<D> {
  const outputs = createOutputs(definition, {
    write(name, value) {
      try {
        runner.setOutput(name, redact(value));
      } catch (error) {
        // A runner with a full disk must not take the recovery down with it.
        runner.warning(redact(asBreakwaterError(error).message), `Output "${name}" could not be written`);
      }
    },
    warn: (message) => runner.warning(message, 'Output too large'),
  });
  const common = (status: string, reason: string, result: string) => {
    outputs.set('status', status);
    outputs.set('reason-code', reason);
    outputs.set('result', result);
  };
  const fail = (reason: ReasonText, location?: Location) => runner.setFailed(straight(redact(reasonText(reason))), location);
  return {
    outputs,
    with(outcome) {
      common(outcome.status, outcome.reason, outcome.result);
      if (outcome.failure !== undefined) fail({ code: outcome.reason, ...outcome.failure });
    },
    withError(error) {
      runner.debug(redact(describeCauses(error)));
      common(statusOf(error), error.code, errorResult(definition.name, error));
      fail(error, error instanceof UserError ? error.location : undefined);
    },
    cutShort() {
      common(
        'in-progress',
        'interrupted',
        errorJson(definition.name, 'in-progress', 'interrupted', 'stopped before it could write more'),
      );
      fail({
        code: 'interrupted',
        message: 'stopped before the record was complete',
        next: 'What AWS was doing goes on; run the same step again to resume.',
      });
      runner.exit(1);
    },
  };
}

/** A word for the `status` output when nothing but an error came back. */
function statusOf(error: BreakwaterError): string {
  if (error.kind === 'cancelled') return 'cancelled';
  return error.kind === 'timed-out' ? 'in-progress' : 'failed';
}

function errorResult(action: string, error: BreakwaterError): string {
  return errorJson(action, statusOf(error), error.code, error.message, error.next);
}

function errorJson(action: string, status: string, code: string, message: string, next?: string): string {
  return JSON.stringify({ schema: 'breakwater.error/1', action, status, reason: { code, message, next } });
}

/** The stacks of an error and of everything that caused it; also of each member of an AggregateError. */
function describeCauses(error: unknown, depth = 0): string {
  if (depth > 8 || !(error instanceof Error)) return String(error);
  const parts = [error.stack ?? error.message];
  if (error.cause !== undefined) parts.push(`caused by: ${describeCauses(error.cause, depth + 1)}`);
  if (error instanceof AggregateError) parts.push(...error.errors.map((each) => `among: ${describeCauses(each, depth + 1)}`));
  return parts.join('\n');
}
