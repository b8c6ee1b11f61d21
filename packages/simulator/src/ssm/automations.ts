import { AwsFault } from '../aws-fault.ts';
import { authorise, demand } from '../iam/authorise.ts';
import { page } from '../paging.ts';
import { epochSeconds } from '../wire-time.ts';
import { type CallContext, handler } from '../world/call-context.ts';
import { automationAt, isFinalStatus, type StepView, stepOutputs } from './automation-timeline.ts';
import { findDocument, parameterProblem, resolveVersion, withDefaults } from './documents.ts';
import type { Automation } from './state.ts';

type Parameters = Readonly<Record<string, readonly string[]>>;

interface StartAutomationExecutionRequest {
  readonly DocumentName: string;
  readonly DocumentVersion?: string;
  readonly Parameters?: Parameters;
  readonly ClientToken?: string;
  readonly Mode?: string;
  readonly Targets?: readonly unknown[];
  readonly TargetLocations?: readonly unknown[];
  readonly TargetMaps?: readonly unknown[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

const MOST_TAGS = 5;

export const startAutomationExecution = handler<StartAutomationExecutionRequest>((context, input) => {
  const { world, state, now, principal } = context;
  const { ClientToken: token, ...rest } = input;
  const text = JSON.stringify(rest, (_, value: unknown) => sorted(value));
  const earlier = token === undefined ? undefined : state.ssm.tokens.get(token.toLowerCase());
  if (earlier !== undefined) {
    if (earlier.input === text) return { AutomationExecutionId: earlier.id };
    throw new AwsFault('IdempotentParameterMismatch', 400, 'The client token was used before with other parameters.');
  }
  if (input.Targets !== undefined || input.TargetLocations !== undefined || input.TargetMaps !== undefined) {
    throw new AwsFault(
      'SimulatorNotImplemented',
      501,
      'The simulator runs no rate-controlled automations (Targets, TargetLocations, TargetMaps).',
    );
  }
  const document = findDocument(context, input.DocumentName, 'automation');
  if (document === undefined) {
    throw new AwsFault('AutomationDefinitionNotFoundException', 400, `Automation definition ${input.DocumentName} not found.`);
  }
  const version = resolveVersion(document, input.DocumentVersion);
  if (version === undefined) {
    const message = `Automation definition ${input.DocumentName} has no version ${input.DocumentVersion ?? ''}.`;
    throw new AwsFault('AutomationDefinitionVersionNotFoundException', 400, message);
  }
  const problem = parameterProblem(document, input.Parameters ?? {});
  if (problem !== undefined) throw new AwsFault('InvalidAutomationExecutionParametersException', 400, problem);
  const role = input.Parameters?.['AutomationAssumeRole']?.[0] ?? document.assumeRole;
  if (role !== undefined) {
    authorise(principal, 'ssm', [
      demand('iam:PassRole', role, { principal, place: state, context: { 'iam:passedtoservice': 'ssm.amazonaws.com' } }),
    ]);
  }
  if ((input.Tags ?? []).length > MOST_TAGS) {
    throw new AwsFault('ValidationException', 400, `At most ${MOST_TAGS} tags can be given to an automation.`);
  }
  const running = [...state.ssm.automations.values()].filter((other) => !isFinalStatus(automationAt(other, now).status)).length;
  if (running >= world.scenario.ssm.concurrentAutomations) {
    throw new AwsFault(
      'AutomationExecutionLimitExceededException',
      400,
      'The number of concurrently executing automations exceeded the limit.',
    );
  }

  const subject = {
    service: 'ssm',
    operation: 'StartAutomationExecution',
    account: state.account,
    region: state.region,
    document: document.name,
  };
  const ends = world.faults.take('automation-ends', subject, now);
  const hangs = ends === undefined ? world.faults.take('automation-hangs', subject, now) : undefined;
  const id = world.random.uuid(
    'automation',
    state.account,
    state.region,
    token?.toLowerCase() ?? `untold-${state.ssm.automations.size}`,
  );
  const automation: Automation = {
    id,
    document,
    documentVersion: version,
    parameters: withDefaults(document, input.Parameters ?? {}),
    mode: input.Mode ?? 'Auto',
    startedAt: now,
    visibleAt: now + world.scenario.ssm.executionVisibleAfter,
    executedBy: principal.arn,
    durations: document.steps.map(
      (step) => step.duration * (1 + world.scenario.jitter * (2 * world.random.fraction('step', id, step.name) - 1)),
    ),
    forced:
      ends !== undefined
        ? { status: ends.status, message: ends.message }
        : hangs !== undefined
          ? { status: 'hang', message: '' }
          : undefined,
    tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key, tag.Value])),
    signals: [],
    stop: undefined,
  };
  state.ssm.automations.set(id, automation);
  if (token !== undefined) state.ssm.tokens.set(token.toLowerCase(), { id, input: text });
  context.changed();
  return { AutomationExecutionId: id };
});

/** Objects with sorted keys, so that the same input in another order is the same input. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A just-started execution is not found for a moment. */
function find({ world, state, operation, now }: CallContext, id: string): Automation {
  const automation = state.ssm.automations.get(id);
  const lag = world.faults.standing(
    'visibility-lag',
    { service: 'ssm', operation, account: state.account, region: state.region },
    now,
  );
  if (automation === undefined || Math.max(automation.visibleAt, automation.startedAt + (lag?.effect.by ?? 0)) > now) {
    throw new AwsFault('AutomationExecutionNotFoundException', 400, `Couldn't find an automation execution with ID: ${id}`);
  }
  return automation;
}

export const getAutomationExecution = handler<{ readonly AutomationExecutionId: string }>((context, input) => {
  const { world, now } = context;
  const automation = find(context, input.AutomationExecutionId);
  const view = automationAt(automation, now);
  const shown = view.steps.slice(0, world.scenario.ssm.stepsShown);
  const count = (status: string): number => view.steps.filter((step) => step.status === status).length;
  return {
    AutomationExecution: {
      ...summary(automation, context),
      StepExecutions: shown.map((step, index) => stepView(context, automation, step, index)),
      StepExecutionsTruncated: shown.length < view.steps.length,
      Parameters: automation.parameters,
      ProgressCounters: {
        TotalSteps: view.steps.length,
        SuccessSteps: count('Success'),
        FailedSteps: count('Failed'),
        CancelledSteps: count('Cancelled'),
        TimedOutSteps: count('TimedOut'),
      },
    },
  };
});

function summary(automation: Automation, { now }: CallContext): Readonly<Record<string, unknown>> {
  const view = automationAt(automation, now);
  return {
    AutomationExecutionId: automation.id,
    DocumentName: automation.document.name,
    DocumentVersion: automation.documentVersion,
    AutomationExecutionStatus: view.status,
    ExecutionStartTime: epochSeconds(automation.startedAt),
    ExecutionEndTime: view.endedAt === undefined ? undefined : epochSeconds(view.endedAt),
    ExecutedBy: automation.executedBy,
    Outputs: view.outputs,
    Mode: automation.mode,
    CurrentStepName: view.currentStep?.spec.name,
    CurrentAction: view.currentStep?.spec.action,
    FailureMessage: view.failureMessage,
    ResolvedTargets: { ParameterValues: [], Truncated: false },
    Targets: [],
  };
}

function stepView(
  { world }: CallContext,
  automation: Automation,
  step: StepView,
  index: number,
): Readonly<Record<string, unknown>> {
  const failed = step.status === 'Failed' ? step.spec.fails : undefined;
  const outputs = stepOutputs(automation, step);
  return {
    StepName: step.spec.name,
    Action: step.spec.action,
    StepStatus: step.status,
    ExecutionStartTime: step.startedAt === undefined ? undefined : epochSeconds(step.startedAt),
    ExecutionEndTime: step.endedAt === undefined ? undefined : epochSeconds(step.endedAt),
    ResponseCode: step.status === 'Success' ? '0' : undefined,
    Outputs: Object.keys(outputs).length === 0 ? undefined : outputs,
    FailureMessage: step.failureMessage,
    FailureDetails:
      failed === undefined
        ? undefined
        : { FailureStage: failed.stage, FailureType: failed.type, Details: { VerificationErrorMessage: [failed.message] } },
    StepExecutionId: world.random.uuid('step', automation.id, index),
    OnFailure: step.spec.onFailure,
    IsCritical: step.spec.onFailure === 'Abort',
    TimeoutSeconds: step.spec.timeout === undefined ? undefined : Math.ceil(step.spec.timeout / 1_000),
  };
}

interface DescribeAutomationStepExecutionsRequest {
  readonly AutomationExecutionId: string;
  readonly Filters?: readonly { readonly Key: string; readonly Values: readonly string[] }[];
  readonly NextToken?: string;
  readonly MaxResults?: number;
  readonly ReverseOrder?: boolean;
}

export function invalidNextToken(): AwsFault {
  return new AwsFault('InvalidNextToken', 400, 'The specified token is not valid.');
}

export const describeAutomationStepExecutions = handler<DescribeAutomationStepExecutionsRequest>((context, input) => {
  const automation = find(context, input.AutomationExecutionId);
  requireFilters(STEP_FILTERS, input.Filters ?? []);
  const all = automationAt(automation, context.now)
    .steps.map((step, index) => stepView(context, automation, step, index))
    .filter((step) => (input.Filters ?? []).every(({ Key, Values }) => filterStep(step, Key, Values)));
  const { items, nextToken } = page(input.ReverseOrder === true ? all.toReversed() : all, {
    listing: `steps/${automation.id}`,
    token: input.NextToken,
    size: Math.min(input.MaxResults ?? context.world.scenario.pageSize, context.world.scenario.pageSize),
    invalidToken: invalidNextToken,
  });
  return { StepExecutions: items, NextToken: nextToken };
});

const STEP_FILTERS: Readonly<Record<string, string>> = {
  StepExecutionStatus: 'StepStatus',
  StepName: 'StepName',
  Action: 'Action',
  StepExecutionId: 'StepExecutionId',
};
const EXECUTION_FILTERS: Readonly<Record<string, string>> = Object.fromEntries(
  ['DocumentNamePrefix', 'ExecutionStatus', 'ExecutionId', 'StartTimeAfter', 'StartTimeBefore', 'TagKey'].map((key) => [
    key,
    key,
  ]),
);

/** A filter that AWS has and the simulator has not is refused, even when there is nothing to filter. */
function requireFilters(known: Readonly<Record<string, string>>, filters: readonly { readonly Key: string }[]): void {
  const odd = filters.find(({ Key }) => known[Key] === undefined);
  if (odd !== undefined) throw new AwsFault('InvalidFilterKey', 400, `The simulator cannot filter by ${odd.Key}.`);
}

function filterStep(step: Readonly<Record<string, unknown>>, key: string, values: readonly string[]): boolean {
  return values.includes(String(step[STEP_FILTERS[key] ?? key]));
}

interface DescribeAutomationExecutionsRequest {
  readonly Filters?: readonly { readonly Key: string; readonly Values: readonly string[] }[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

export const describeAutomationExecutions = handler<DescribeAutomationExecutionsRequest>((context, input) => {
  const { state, now, world } = context;
  requireFilters(EXECUTION_FILTERS, input.Filters ?? []);
  const all = [...state.ssm.automations.values()]
    .filter(
      (automation) =>
        automation.visibleAt <= now &&
        (input.Filters ?? []).every(({ Key, Values }) => filterExecution(automation, now, Key, Values)),
    )
    .toSorted((a, b) => b.startedAt - a.startedAt);
  const { items, nextToken } = page(all, {
    listing: 'DescribeAutomationExecutions',
    token: input.NextToken,
    size: Math.min(input.MaxResults ?? world.scenario.pageSize, world.scenario.pageSize),
    invalidToken: invalidNextToken,
  });
  return {
    AutomationExecutionMetadataList: items.map((automation) => ({ ...summary(automation, context), AutomationType: 'Local' })),
    NextToken: nextToken,
  };
});

function filterExecution(automation: Automation, now: number, key: string, values: readonly string[]): boolean {
  switch (key) {
    case 'DocumentNamePrefix':
      return values.some((value) => automation.document.name.startsWith(value));
    case 'ExecutionStatus':
      return values.includes(automationAt(automation, now).status);
    case 'ExecutionId':
      return values.includes(automation.id);
    case 'StartTimeAfter':
      return values.some((value) => automation.startedAt >= Date.parse(value));
    case 'StartTimeBefore':
      return values.some((value) => automation.startedAt <= Date.parse(value));
    default:
      return values.some((value) => Object.hasOwn(automation.tags, value));
  }
}

interface StopAutomationExecutionRequest {
  readonly AutomationExecutionId: string;
  readonly Type?: 'Cancel' | 'Complete';
}

export const stopAutomationExecution = handler<StopAutomationExecutionRequest>((context, input) => {
  const automation = find(context, input.AutomationExecutionId);
  const { status } = automationAt(automation, context.now);
  if (isFinalStatus(status) || automation.stop !== undefined) {
    const message = `Automation execution ${automation.id} cannot be stopped: it is ${status}.`;
    throw new AwsFault('InvalidAutomationStatusUpdateException', 400, message);
  }
  automation.stop = { at: context.now, type: input.Type ?? 'Cancel' };
  context.changed();
  return {};
});

interface SendAutomationSignalRequest {
  readonly AutomationExecutionId: string;
  readonly SignalType: string;
  readonly Payload?: Parameters;
}

export const sendAutomationSignal = handler<SendAutomationSignalRequest>((context, input) => {
  const automation = find(context, input.AutomationExecutionId);
  const { status } = automationAt(automation, context.now);
  const approval = input.SignalType === 'Approve' || input.SignalType === 'Reject';
  if (!approval || status !== 'Waiting') {
    const message = `Signal ${input.SignalType} cannot be sent to an execution that is ${status}.`;
    throw new AwsFault('InvalidAutomationSignalException', 400, message);
  }
  automation.signals.push({ at: context.now, type: input.SignalType, payload: input.Payload ?? {} });
  context.changed();
  return {};
});
