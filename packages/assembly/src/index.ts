export type { AwsAccess, RunEnvironment, RunOutcome, RunRequest } from './run-plan.ts';
