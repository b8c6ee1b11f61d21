import { systemClock, UserError } from '@breakwater/core';
import { foldExecution, folderStore } from '@breakwater/history';
import { renderMarkdown, reportJson } from '@breakwater/report';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import type { ReportRequest } from './requests.ts';

/** Ids shown when one is not known. */
const SHOWN = 5;

/**
 * `breakwater report`: the report of an execution, from its record, on stdout. Bad if the record is damaged; the verdict does not
 * matter. Throws `UserError` `execution-unknown`, and what reading the history throws.
 */
export async function report({ execution: id, format, history }: ReportRequest, terminal: Terminal): Promise<ExitCode> {
  const store = folderStore(history, { clock: systemClock, owner: 'breakwater report' });
  const found = await store.find(id);
  if (found === undefined) {
    const known = (await store.list()).slice(0, SHOWN).map((header) => header.id);
    throw new UserError('execution-unknown', `there is no execution "${id}" in ${history}`, {
      next: known.length === 0 ? 'Give the folder of the history with --history.' : `The newest there: ${known.join(', ')}.`,
    });
  }
  const { streams, problems } = await found.read();
  const execution = foldExecution(found.header, streams, problems);
  terminal.stdout.write(format === 'json' ? `${JSON.stringify(reportJson(execution), null, 2)}\n` : renderMarkdown(execution));
  for (const problem of execution.problems) terminal.stderr.write(`breakwater: ${printable(problem)} [history-corrupt]\n`);
  return execution.problems.length === 0 ? EXIT_CODES.fine : EXIT_CODES.bad;
}
