import type { StepSpec } from '../scenario/scenario.ts';
import type { Automation, Signal } from './state.ts';

/** Every status that ends an automation. */
const FINAL = new Set([
  'Success',
  'TimedOut',
  'Cancelled',
  'Failed',
  'Rejected',
  'ChangeCalendarOverrideRejected',
  'CompletedWithSuccess',
  'CompletedWithFailure',
  'Exited',
]);

/** Cancelling takes a moment. */
const CANCELLING = 1_500;
/** aws:approve waits a week by default. */
const APPROVAL_TIMEOUT = 7 * 86_400_000;

export interface StepView {
  readonly spec: StepSpec;
  readonly status: string;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly failureMessage: string | undefined;
}

export interface AutomationView {
  readonly status: string;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly steps: readonly StepView[];
  readonly currentStep: StepView | undefined;
  readonly failureMessage: string | undefined;
  readonly outputs: Readonly<Record<string, readonly string[]>>;
}

export function isFinalStatus(status: string): boolean {
  return FINAL.has(status);
}

interface Course {
  /** Infinity: never, unless somebody stops it. */
  readonly to: number;
  readonly status: string;
  /** While it runs. */
  readonly running: string;
  readonly message: string | undefined;
}

/** How an automation stands at `now`, read off its document, its signals and whether it was stopped. */
export function automationAt(automation: Automation, now: number): AutomationView {
  const { document, startedAt, forced, stop } = automation;
  let at = startedAt;
  for (const phase of document.phases) {
    if (stop !== undefined && stop.at < at + phase.duration) return stopped(automation, [], now, stop.at);
    if (now < at + phase.duration) return conclude(automation, [], phase.status);
    at += phase.duration;
  }
  const steps: StepView[] = [];
  let warned = false;
  for (const [index, spec] of document.steps.entries()) {
    const course = stepCourse(automation, index, spec, at);
    if (
      stop !== undefined &&
      stop.at < course.to &&
      stop.at >= at &&
      (stop.type === 'Cancel' || course.to === Number.POSITIVE_INFINITY)
    ) {
      return stopped(automation, [...steps, running(spec, at, course)], now, stop.at);
    }
    if (now < course.to) return conclude(automation, [...steps, running(spec, at, course)], course.running);
    steps.push({ spec, status: course.status, startedAt: at, endedAt: course.to, failureMessage: course.message });
    at = course.to;
    if (course.status !== 'Success') {
      if (spec.onFailure === 'Abort') {
        const status = course.status === 'Rejected' || course.status === 'TimedOut' ? course.status : 'Failed';
        return conclude(
          automation,
          steps,
          status,
          at,
          `Step fails when it is ${course.status}: ${spec.name}. ${course.message ?? ''}`.trim(),
        );
      }
      warned = true;
    }
    if (stop?.type === 'Complete' && stop.at < at) return conclude(automation, steps, 'Success', at);
  }
  const end = forced?.status ?? document.end;
  if (!isFinalStatus(end)) {
    if (stop !== undefined && stop.at >= at) return stopped(automation, steps, now, stop.at);
    return conclude(automation, steps, end);
  }
  const good = end === 'Success' || end === 'CompletedWithSuccess';
  const message = good ? undefined : forced?.message || `The automation ended as ${end}`;
  return conclude(automation, steps, warned && end === 'CompletedWithSuccess' ? 'CompletedWithFailure' : end, at, message);
}

function stepCourse(automation: Automation, index: number, spec: StepSpec, at: number): Course {
  const timeout = spec.timeout;
  if (spec.approval) {
    const signal = automation.signals.find((s): s is Signal => s.at >= at && (s.type === 'Approve' || s.type === 'Reject'));
    const latest = at + (timeout ?? APPROVAL_TIMEOUT);
    if (signal !== undefined && signal.at <= latest) {
      return signal.type === 'Approve'
        ? { to: signal.at, status: 'Success', running: 'Waiting', message: undefined }
        : { to: signal.at, status: 'Rejected', running: 'Waiting', message: 'The request was rejected' };
    }
    return { to: latest, status: 'TimedOut', running: 'Waiting', message: 'Nobody approved in time' };
  }
  const hangs = spec.hangs || (automation.forced?.status === 'hang' && index === automation.document.steps.length - 1);
  const duration = automation.durations[index] ?? spec.duration;
  if (hangs || (timeout !== undefined && duration > timeout)) {
    return {
      to: at + (timeout ?? Number.POSITIVE_INFINITY),
      status: 'TimedOut',
      running: 'InProgress',
      message: 'The step timed out',
    };
  }
  const failed = spec.fails;
  return {
    to: at + duration,
    status: failed === undefined ? 'Success' : 'Failed',
    running: 'InProgress',
    message: failed?.message,
  };
}

function running(spec: StepSpec, at: number, course: Course): StepView {
  return { spec, status: course.running, startedAt: at, endedAt: undefined, failureMessage: undefined };
}

function waitingStep(spec: StepSpec): StepView {
  return { spec, status: 'Pending', startedAt: undefined, endedAt: undefined, failureMessage: undefined };
}

function stopped(automation: Automation, steps: readonly StepView[], now: number, at: number): AutomationView {
  const until = at + CANCELLING;
  const ended = now >= until;
  const shown = steps.map((step) =>
    step.endedAt === undefined && now >= at
      ? { ...step, status: ended ? 'Cancelled' : 'Cancelling', endedAt: ended ? until : undefined }
      : step,
  );
  if (now < at) return conclude(automation, steps, 'InProgress');
  return ended ? conclude(automation, shown, 'Cancelled', until) : conclude(automation, shown, 'Cancelling');
}

/** Steps that were never reached stay Pending. */
function conclude(
  automation: Automation,
  done: readonly StepView[],
  status: string,
  endedAt?: number,
  failureMessage?: string,
): AutomationView {
  const steps = [...done, ...automation.document.steps.slice(done.length).map(waitingStep)];
  const outputs: Record<string, readonly string[]> = {};
  for (const step of steps) {
    for (const [name, value] of Object.entries(stepOutputs(automation, step))) outputs[`${step.spec.name}.${name}`] = value;
  }
  return {
    status,
    startedAt: automation.startedAt,
    endedAt,
    steps,
    currentStep:
      endedAt === undefined ? steps.find((step) => step.startedAt !== undefined && step.endedAt === undefined) : undefined,
    failureMessage,
    outputs,
  };
}

/** What a step has put out: nothing until it has succeeded. */
export function stepOutputs(automation: Automation, step: StepView): Readonly<Record<string, readonly string[]>> {
  if (step.status !== 'Success') return {};
  return Object.fromEntries(
    Object.entries(step.spec.outputs).map(([name, value]) => [name, value.map((text) => fillIn(text, automation))]),
  );
}

/** `{{ Name }}` in an output is a parameter's value, as in a real runbook. */
function fillIn(text: string, automation: Automation): string {
  return text.replaceAll(/\{\{\s*([\w-]+)\s*\}\}/g, (whole, name: string) => automation.parameters[name]?.join(',') ?? whole);
}
