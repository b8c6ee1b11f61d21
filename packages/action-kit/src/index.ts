export type { Annotations } from './annotations.ts';
export { deedKey } from './deed-key.ts';
export {
  type ActionDefinition,
  COMMON_OUTPUTS,
  type CommonOutput,
  type InputDefinition,
  type Inputs,
  type InputValue,
  type Outcome,
  type OutputDefinition,
  type OutputName,
} from './definition.ts';
export { type GithubContext, readGithubContext } from './github-context.ts';
export { HISTORY_INPUTS, historyBranch } from './history-inputs.ts';
export { inputVariable, type ReadInputs, readInputs } from './inputs.ts';
export type { Log } from './log.ts';
export { LARGEST_OUTPUTS, type Outputs } from './outputs.ts';
export { type ReasonText, reasonText } from './reason-text.ts';
export { type RecordingRunner, recordingRunner } from './recording-runner.ts';
export { type Door, runAction } from './run-action.ts';
export { githubRunner, type Runner } from './runner.ts';
export { fitSummary, LARGEST_SUMMARY } from './summary.ts';
export { cell, factTable, fenced } from './summary-text.ts';
