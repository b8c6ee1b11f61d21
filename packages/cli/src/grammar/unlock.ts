import { type Command, Option } from 'commander';
import { wordArgument } from '../arguments.ts';
import type { UnlockCommand } from '../commands/requests.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type HistoryOptions, historyWords, withHistory } from './history-place.ts';

/** `breakwater unlock`, added to the program. */
export function addUnlock(
  program: Command,
  handle: (command: UnlockCommand) => Promise<ExitCode>,
  answer: (code: ExitCode) => void,
): void {
  withHistory(program.command('unlock'))
    .summary('list locks, or take those of an execution away')
    .description(
      'Lists what executions hold, or takes its locks away from one that is surely dead. Who did it is written into the ledger first.',
    )
    .argument('[execution]', 'execution id, or an unambiguous beginning of it; none: list', wordArgument)
    .addOption(new Option('--yes', 'do not ask'))
    .addHelpText('after', HELP)
    .action(async (execution: string | undefined, options: HistoryOptions & { readonly yes?: true }) => {
      answer(
        await handle({
          ...historyWords(options),
          yes: options.yes === true,
          ...(execution === undefined ? {} : { execution }),
        }),
      );
    });
}

const HELP = `
Examples:
  breakwater unlock
  breakwater unlock webshop-drill-20261120t031500z-7f3a
  breakwater unlock webshop-drill-20261120t031500z-7f3a --history-branch dr-history --yes

Exit codes: 0 fine; 1 the answer is bad; 2 the command line is wrong; 3 a fault of Breakwater.
Two executions on the same servers can destroy what one of them has recovered: be sure that the other is dead.`;
