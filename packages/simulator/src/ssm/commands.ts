import { AwsFault } from '../aws-fault.ts';
import { page } from '../paging.ts';
import type { DocumentSpec } from '../scenario/scenario.ts';
import { epochSeconds, xmlDateTime } from '../wire-time.ts';
import { type CallContext, handler } from '../world/call-context.ts';
import { invalidNextToken } from './automations.ts';
import { findDocument, parameterProblem, resolveVersion, withDefaults } from './documents.ts';
import { isOnline } from './managed-instances.ts';
import type { Invocation, RunCommand } from './state.ts';

interface SendCommandRequest {
  readonly DocumentName: string;
  readonly DocumentVersion?: string;
  readonly InstanceIds?: readonly string[];
  readonly Targets?: readonly unknown[];
  readonly Parameters?: Readonly<Record<string, readonly string[]>>;
  readonly TimeoutSeconds?: number;
  readonly Comment?: string;
}

const DEFAULT_TIMEOUT_SECONDS = 3_600;
const DELIVERY = 700;

/** Every account has it. */
const RUN_SHELL_SCRIPT: DocumentSpec = {
  name: 'AWS-RunShellScript',
  kind: 'command',
  versions: 1,
  accounts: undefined,
  assumeRole: undefined,
  parameters: {
    commands: { type: 'StringList', required: true, default: undefined, allowed: undefined },
    workingDirectory: { type: 'String', required: false, default: [''], allowed: undefined },
    executionTimeout: { type: 'String', required: false, default: ['3600'], allowed: undefined },
  },
  steps: [],
  phases: [],
  end: 'Success',
  command: { duration: 5_000, exitCode: 0, status: undefined, output: '', errorOutput: '', hangs: false },
};

/** Not idempotent: two sends are two commands. */
export const sendCommand = handler<SendCommandRequest>((context, input) => {
  const { world, state, now } = context;
  const document =
    findDocument(context, input.DocumentName, 'command') ??
    (input.DocumentName === RUN_SHELL_SCRIPT.name ? RUN_SHELL_SCRIPT : undefined);
  if (document === undefined)
    throw new AwsFault('InvalidDocument', 400, `document ${input.DocumentName} does not exist as a Command document.`);
  const version = resolveVersion(document, input.DocumentVersion);
  if (version === undefined)
    throw new AwsFault('InvalidDocumentVersion', 400, `Version ${input.DocumentVersion ?? ''} does not exist.`);
  const problem = parameterProblem(document, input.Parameters ?? {});
  if (problem !== undefined) throw new AwsFault('InvalidParameters', 400, problem);
  if (input.Targets !== undefined)
    throw new AwsFault('SimulatorNotImplemented', 501, 'The simulator sends commands to InstanceIds only.');
  const ids = input.InstanceIds ?? [];
  if (ids.length === 0) throw new AwsFault('InvalidInstanceId', 400, 'InstanceIds must name at least one managed node.');
  if (new Set(ids).size < ids.length) throw new AwsFault('DuplicateInstanceId', 400, 'An instance id is listed twice.');
  const absent = ids.filter((id) => !isOnline(context, id));
  if (absent.length > 0) {
    throw new AwsFault(
      'InvalidInstanceId',
      400,
      `Instances [[${absent.join(', ')}]] not in a valid state for account ${state.account}`,
    );
  }
  const id = world.random.uuid('command', state.account, state.region, state.ssm.commands.size);
  const visibleAt = now + world.scenario.ssm.invocationVisibleAfter;
  const command: RunCommand = {
    id,
    document,
    documentVersion: version,
    parameters: withDefaults(document, input.Parameters ?? {}),
    comment: input.Comment,
    requestedAt: now,
    timeoutSeconds: input.TimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    invocations: ids.map((instanceId): Invocation => {
      const jitter = 1 + world.scenario.jitter * (2 * world.random.fraction('command', id, instanceId) - 1);
      const startsAt = now + DELIVERY;
      const endsAt = document.command.hangs ? Number.POSITIVE_INFINITY : startsAt + document.command.duration * jitter;
      return { instanceId, hostname: state.instances.get(instanceId)?.hostname ?? instanceId, startsAt, endsAt, visibleAt };
    }),
    cancelledAt: undefined,
  };
  state.ssm.commands.set(id, command);
  context.changed();
  return { Command: commandView(context, command) };
});

interface InvocationView {
  readonly status: string;
  readonly details: string;
  readonly responseCode: number;
  readonly ended: boolean;
}

export function invocationAt(command: RunCommand, invocation: Invocation, now: number): InvocationView {
  const { command: spec } = command.document;
  if (command.cancelledAt !== undefined && command.cancelledAt <= now && command.cancelledAt < invocation.endsAt) {
    return now < command.cancelledAt + 1_000
      ? { status: 'Cancelling', details: 'Cancelling', responseCode: -1, ended: false }
      : { status: 'Cancelled', details: 'Cancelled', responseCode: -1, ended: true };
  }
  if (now < invocation.startsAt) return { status: 'Pending', details: 'Pending', responseCode: -1, ended: false };
  if (now < invocation.endsAt) return { status: 'InProgress', details: 'InProgress', responseCode: -1, ended: false };
  const status = spec.status ?? (spec.exitCode === 0 ? 'Success' : 'Failed');
  const details = status === 'TimedOut' ? 'Execution Timed Out' : status;
  return { status, details, responseCode: status === 'Success' || status === 'Failed' ? spec.exitCode : -1, ended: true };
}

/** A command is as far as its least advanced invocation, and as good as its worst. */
export function commandStatus(command: RunCommand, now: number): string {
  const views = command.invocations.map((invocation) => invocationAt(command, invocation, now));
  if (views.some((view) => view.status === 'Cancelling')) return 'Cancelling';
  if (views.every((view) => view.status === 'Pending')) return 'Pending';
  if (views.some((view) => !view.ended)) return 'InProgress';
  return ['Failed', 'TimedOut', 'Cancelled'].find((bad) => views.some((view) => view.status === bad)) ?? 'Success';
}

function commandView({ now }: CallContext, command: RunCommand): Readonly<Record<string, unknown>> {
  const status = commandStatus(command, now);
  const views = command.invocations.map((invocation) => invocationAt(command, invocation, now));
  return {
    CommandId: command.id,
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    Comment: command.comment ?? '',
    ExpiresAfter: epochSeconds(command.requestedAt + command.timeoutSeconds * 1_000),
    Parameters: command.parameters,
    InstanceIds: command.invocations.map((invocation) => invocation.instanceId),
    Targets: [],
    RequestedDateTime: epochSeconds(command.requestedAt),
    Status: status,
    StatusDetails: status,
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: views.length,
    CompletedCount: views.filter((view) => view.ended).length,
    ErrorCount: views.filter((view) => view.ended && view.status !== 'Success').length,
    DeliveryTimedOutCount: 0,
    TimeoutSeconds: command.timeoutSeconds,
  };
}

interface ListCommandsRequest {
  readonly CommandId?: string;
  readonly InstanceId?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly Filters?: readonly { readonly key: string; readonly value: string }[];
}

const COMMAND_FILTERS = ['InvokedAfter', 'InvokedBefore', 'Status', 'DocumentName'];

export const listCommands = handler<ListCommandsRequest>((context, input) => {
  const odd = input.Filters?.find(({ key }) => !COMMAND_FILTERS.includes(key));
  if (odd !== undefined) throw new AwsFault('InvalidFilterKey', 400, `The simulator cannot filter commands by ${odd.key}.`);
  const { state, now, world } = context;
  const all = [...state.ssm.commands.values()]
    .filter(
      (command) =>
        (input.CommandId === undefined || command.id === input.CommandId) &&
        (input.InstanceId === undefined ||
          command.invocations.some((invocation) => invocation.instanceId === input.InstanceId)) &&
        (input.Filters ?? []).every(({ key, value }) => filterCommand(command, now, key, value)),
    )
    .toSorted((a, b) => b.requestedAt - a.requestedAt);
  const { items, nextToken } = page(all, {
    listing: 'ListCommands',
    token: input.NextToken,
    size: Math.min(input.MaxResults ?? 50, world.scenario.pageSize),
    invalidToken: invalidNextToken,
  });
  return { Commands: items.map((command) => commandView(context, command)), NextToken: nextToken };
});

function filterCommand(command: RunCommand, now: number, key: string, value: string): boolean {
  switch (key) {
    case 'InvokedAfter':
      return command.requestedAt >= Date.parse(value);
    case 'InvokedBefore':
      return command.requestedAt <= Date.parse(value);
    case 'Status':
      return commandStatus(command, now) === value;
    default:
      return command.document.name === value;
  }
}

/** What a page of invocations shows of the output. */
const OUTPUT_SHOWN = 2_500;

interface ListCommandInvocationsRequest {
  readonly CommandId?: string;
  readonly InstanceId?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly Details?: boolean;
}

/** Invocations that are not visible yet are simply missing. */
export const listCommandInvocations = handler<ListCommandInvocationsRequest>((context, input) => {
  const { state, now, world } = context;
  const all = [...state.ssm.commands.values()]
    .filter((command) => input.CommandId === undefined || command.id === input.CommandId)
    .flatMap((command) => command.invocations.map((invocation) => ({ command, invocation })))
    .filter(
      ({ invocation }) =>
        invocation.visibleAt <= now && (input.InstanceId === undefined || invocation.instanceId === input.InstanceId),
    );
  const { items, nextToken } = page(all, {
    listing: `invocations/${input.CommandId ?? ''}`,
    token: input.NextToken,
    size: Math.min(input.MaxResults ?? 50, world.scenario.pageSize),
    invalidToken: invalidNextToken,
  });
  return {
    CommandInvocations: items.map(({ command, invocation }) => {
      const view = invocationAt(command, invocation, now);
      const plugin = {
        Name: 'aws:runShellScript',
        Status: view.status === 'Cancelling' ? 'Cancelled' : view.status,
        StatusDetails: view.details,
        ResponseCode: view.responseCode,
        ResponseStartDateTime: epochSeconds(invocation.startsAt),
        ResponseFinishDateTime: view.ended && Number.isFinite(invocation.endsAt) ? epochSeconds(invocation.endsAt) : undefined,
        Output: view.ended ? outputOf(command, view).slice(0, OUTPUT_SHOWN) : '',
      };
      return {
        CommandId: command.id,
        InstanceId: invocation.instanceId,
        InstanceName: invocation.hostname,
        Comment: command.comment ?? '',
        DocumentName: command.document.name,
        DocumentVersion: command.documentVersion,
        RequestedDateTime: epochSeconds(command.requestedAt),
        Status: view.status,
        StatusDetails: view.details,
        StandardOutputUrl: '',
        StandardErrorUrl: '',
        CommandPlugins: input.Details === true ? [plugin] : [],
      };
    }),
    NextToken: nextToken,
  };
});

function outputOf(command: RunCommand, view: InvocationView): string {
  const { output, errorOutput } = command.document.command;
  return view.status === 'Success' || errorOutput === '' ? output : `${output}\n----------ERROR-------\n${errorOutput}`;
}

interface GetCommandInvocationRequest {
  readonly CommandId: string;
  readonly InstanceId: string;
  readonly PluginName?: string;
}

export const getCommandInvocation = handler<GetCommandInvocationRequest>((context, input) => {
  const { state, operation, now, world } = context;
  const command = state.ssm.commands.get(input.CommandId);
  const invocation = command?.invocations.find((other) => other.instanceId === input.InstanceId);
  const lag = world.faults.standing(
    'visibility-lag',
    { service: 'ssm', operation, account: state.account, region: state.region },
    now,
  );
  if (command === undefined || invocation === undefined || invocation.visibleAt + (lag?.effect.by ?? 0) > now) {
    throw new AwsFault('InvocationDoesNotExist', 400, '');
  }
  const view = invocationAt(command, invocation, now);
  const done = view.ended && view.status !== 'Cancelled';
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    Comment: command.comment ?? '',
    DocumentName: command.document.name,
    DocumentVersion: command.documentVersion,
    PluginName: 'aws:runShellScript',
    ResponseCode: view.responseCode,
    ExecutionStartDateTime: now < invocation.startsAt ? '' : xmlDateTime(invocation.startsAt),
    ExecutionElapsedTime: done ? `PT${((invocation.endsAt - invocation.startsAt) / 1_000).toFixed(3)}S` : '',
    ExecutionEndDateTime: done ? xmlDateTime(invocation.endsAt) : '',
    Status: view.status,
    StatusDetails: view.details,
    StandardOutputContent: view.ended ? command.document.command.output.slice(0, 24_000) : '',
    StandardOutputUrl: '',
    StandardErrorContent: view.ended ? command.document.command.errorOutput.slice(0, 8_000) : '',
    StandardErrorUrl: '',
  };
});

export const cancelCommand = handler<{ readonly CommandId: string; readonly InstanceIds?: readonly string[] }>(
  (context, input) => {
    const command = context.state.ssm.commands.get(input.CommandId);
    if (command === undefined) throw new AwsFault('InvalidCommandId', 400, `Command ${input.CommandId} does not exist.`);
    if (command.cancelledAt === undefined && command.invocations.some((invocation) => context.now < invocation.endsAt)) {
      command.cancelledAt = context.now;
      context.changed();
    }
    return {};
  },
);
