export { EXIT_CODES, type ExitCode, exitCodeOfError, exitCodeOfVerdict } from './exit-codes.ts';
export { lineOf } from './view/line-mode.ts';
