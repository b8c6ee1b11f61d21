import type { SsmAutomation } from '@breakwater/aws';
import type { JsonObject, Reason } from '@breakwater/history';
import { maskOutputs, maskText } from './masking.ts';

/** All 19 statuses of AutomationExecutionStatus (SSM API reference), by what they mean for us. */
const SUCCESS = ['Success', 'CompletedWithSuccess'];
const FAILURE = [
  'TimedOut',
  'Cancelled',
  'Failed',
  'Rejected',
  'ChangeCalendarOverrideRejected',
  'CompletedWithFailure',
  'Exited',
];
const UNDERWAY = [
  'Pending',
  'InProgress',
  'Cancelling',
  'Approved',
  'Scheduled',
  'RunbookInProgress',
  'ChangeCalendarOverrideApproved',
];
const ASKING = ['Waiting', 'PendingApproval', 'PendingChangeCalendarOverride'];

export type AutomationState = 'succeeded' | 'failed' | 'underway' | 'asking' | 'unknown';

/** `asking`: a human must answer. `unknown`: a status AWS has added since; it is waited out. */
export function automationState(status: string): AutomationState {
  if (SUCCESS.includes(status)) return 'succeeded';
  if (FAILURE.includes(status)) return 'failed';
  if (UNDERWAY.includes(status)) return 'underway';
  return ASKING.includes(status) ? 'asking' : 'unknown';
}

/** Steps that failed: an execution may succeed although one did (onFailure Continue, isCritical false). */
export function failedSteps({ steps }: SsmAutomation): SsmAutomation['steps'] {
  return steps.filter(({ status }) =>
    ['Failed', 'TimedOut', 'Cancelled', 'CompletedWithFailure', 'Rejected', 'Exited'].includes(status),
  );
}

/** What is being waited for, for people. */
export function automationNote(automation: SsmAutomation): string {
  const { status, currentStep, id } = automation;
  const step = currentStep ?? automation.steps.find((one) => ['InProgress', 'Waiting'].includes(one.status))?.name;
  const where = step === undefined ? '' : ` in step ${step}`;
  if (automationState(status) === 'asking') {
    const what = status === 'PendingChangeCalendarOverride' ? 'a change calendar override' : 'approval';
    return `automation ${id}: waiting for ${what}${where}`;
  }
  return `automation ${id}: ${status}${where}`;
}

/** What an automation left behind, for the record. Outputs and messages are masked. */
export function automationResult(automation: SsmAutomation, site: string, instances: readonly string[]): JsonObject {
  const { id, status, document, startedAt, endedAt, outputs, failureMessage } = automation;
  return {
    id,
    site,
    status,
    document,
    startedAt: moment(startedAt),
    endedAt: moment(endedAt),
    outputs: maskOutputs(outputs),
    failureMessage: failureMessage === undefined ? undefined : maskText(failureMessage),
    failedSteps: failedSteps(automation).map(stepResult),
    ...(instances.length === 0 ? {} : { instances }),
  };
}

function stepResult(step: SsmAutomation['steps'][number]): JsonObject {
  const { name, action, status, failureMessage, failureType } = step;
  return { name, action, status, message: failureMessage === undefined ? undefined : maskText(failureMessage), failureType };
}

/** Why an automation did not succeed: its failing step in AWS's own words. */
export function automationFailure(name: string, automation: SsmAutomation): Reason {
  const { id, status, failureMessage } = automation;
  const step = failedSteps(automation)[0];
  const why = step?.failureMessage ?? failureMessage;
  const where = step === undefined ? '' : ` in step ${step.name}${step.action === undefined ? '' : ` (${step.action})`}`;
  const type = step?.failureType === undefined ? '' : `${step.failureType}: `;
  return {
    code: 'automation-failed',
    message: `automation "${name}" (${id}) ended ${status}${where}${why === undefined ? '' : `: ${maskText(`${type}${why}`)}`}`,
    next: `Look at execution ${id} in the Systems Manager console, mend the cause, and run the same execution again.`,
  };
}

function moment(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
