export { CLOCK_VARIABLE, type ClockFromEnvironment, clockFromEnvironment, writeClockVariable } from './clock-from-environment.ts';
export { type AwsAccess, type RunEnvironment, type RunOutcome, type RunRequest, runPlan } from './run-plan.ts';
export { TOOL, VERSION } from './version.ts';
