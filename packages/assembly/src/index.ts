export { CLOCK_VARIABLE, type ClockFromEnvironment, clockFromEnvironment, writeClockVariable } from './clock-from-environment.ts';
export type { AwsAccess, RunEnvironment, RunOutcome, RunRequest } from './run-plan.ts';
export { TOOL, VERSION } from './version.ts';
