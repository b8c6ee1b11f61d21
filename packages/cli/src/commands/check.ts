import { formatFindings, formatText } from '@breakwater/plan';
import { checkFiles } from '@breakwater/workflows';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { lookOf, type Terminal } from '../terminal.ts';
import { type CheckRequest, DEFAULT_WORKFLOWS } from './requests.ts';

/** `breakwater check`: every finding, on stdout. Bad if one of them is an error. Throws `UserError` `plan-unknown`. */
export async function check({ files, format, plan }: CheckRequest, terminal: Terminal): Promise<ExitCode> {
  const { findings } = await checkFiles({ files, workflows: DEFAULT_WORKFLOWS, ...(plan === undefined ? {} : { plan }) });
  const { colours } = lookOf(terminal);
  terminal.stdout.write(format === 'text' ? formatText(findings, { colour: colours }) : formatFindings(findings, format));
  return findings.some(({ severity }) => severity === 'error') ? EXIT_CODES.bad : EXIT_CODES.fine;
}
