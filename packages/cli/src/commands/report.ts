import type { HistoryPlace, HistorySurroundings, OpenHistory } from '@breakwater/assembly';
import { systemClock, UserError } from '@breakwater/core';
import { type ExecutionHistory, foldExecution } from '@breakwater/history';
import { renderMarkdown, reportJson } from '@breakwater/report';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { toldText } from '../view/run-view.ts';
import { historyToken } from './history-token.ts';
import type { ReportRequest } from './requests.ts';

export interface ReportParts {
  readonly terminal: Terminal;
  readonly actor: string;
  openHistory(place: HistoryPlace, surroundings: HistorySurroundings): Promise<OpenHistory>;
}

/** Ids shown when one is not known. */
const SHOWN = 5;

/**
 * `breakwater report`: the report of an execution, from its record, on stdout. Bad if the record is damaged; the verdict does not
 * matter. Throws `UserError` `execution-unknown`, and what reading the history throws.
 */
export async function report(
  { execution: id, format, history, branch }: ReportRequest,
  { terminal, actor, openHistory }: ReportParts,
): Promise<ExitCode> {
  const { store, place, close } = await openHistory(
    { history, ...(branch === undefined ? {} : { branch: { ...branch, ...historyToken(terminal.env) } }) },
    {
      clock: systemClock,
      actor,
      onGithub: false,
      simulated: false,
      purpose: 'read',
      environment: terminal.env,
      warn: (reason) => terminal.stderr.write(toldText(reason)),
    },
  );
  try {
    const found = await findIn(store, id);
    if (found === undefined) {
      const known = (await store.list()).slice(0, SHOWN).map((header) => header.id);
      throw new UserError('execution-unknown', `there is no execution "${id}" in ${place}`, {
        next: known.length === 0 ? 'Give the folder of the history with --history.' : `The newest there: ${known.join(', ')}.`,
      });
    }
    const { streams, problems } = await found.read();
    const execution = foldExecution(found.header, streams, problems);
    terminal.stdout.write(format === 'json' ? `${JSON.stringify(reportJson(execution), null, 2)}\n` : renderMarkdown(execution));
    for (const problem of execution.problems) terminal.stderr.write(`breakwater: ${printable(problem)} [history-corrupt]\n`);
    return execution.problems.length === 0 ? EXIT_CODES.fine : EXIT_CODES.bad;
  } finally {
    await close();
  }
}

/** By its id or a beginning of it; also as `<plan>/<id>`, which is what other commands call it. */
async function findIn(store: OpenHistory['store'], name: string): Promise<ExecutionHistory | undefined> {
  const slash = name.indexOf('/');
  const found = await store.find(name.slice(slash + 1));
  return slash < 0 || found?.header.plan.name === name.slice(0, slash) ? found : undefined;
}
