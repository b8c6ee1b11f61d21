import { checkPlans, concerning, formatFindings, formatText, readPlanFiles } from '@breakwater/plan';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { lookOf, type Terminal } from '../terminal.ts';
import type { CheckRequest } from './requests.ts';

/** `breakwater check`: every finding, on stdout. Bad if one of them is an error. Throws `UserError` `plan-unknown`. */
export async function check({ files, format, plan }: CheckRequest, terminal: Terminal): Promise<ExitCode> {
  const loaded = await readPlanFiles(files);
  const all = checkPlans(loaded);
  const findings = plan === undefined ? all : concerning(loaded, all, plan);
  const { colours } = lookOf(terminal);
  terminal.stdout.write(format === 'text' ? formatText(findings, { colour: colours }) : formatFindings(findings, format));
  return findings.some(({ severity }) => severity === 'error') ? EXIT_CODES.bad : EXIT_CODES.fine;
}
