import { type Command, InvalidArgumentError, Option } from 'commander';
import type { VerifyCommand } from '../commands/requests.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type HistoryOptions, withHistory } from './history-place.ts';

/** `verify`, added to `breakwater history`. */
export function addVerify(
  history: Command,
  handle: (command: VerifyCommand) => Promise<ExitCode>,
  answer: (code: ExitCode) => void,
): void {
  withHistory(history.command('verify'))
    .summary('find whatever was altered in the record')
    .description(
      'Checks the whole record: every line, every sealed execution, the ledger, and on a branch every commit. Says what was altered, and where. A branch without --history-remote is read from the repository in this folder, without the network.',
    )
    .addOption(
      new Option('--anchor <hashes...>', 'hashes noted elsewhere, that must be in the ledger').argParser(
        (text: string, before: readonly string[] | undefined) => [...(before ?? []), anchorArgument(text)],
      ),
    )
    .addOption(new Option('--json', 'print the findings as one JSON document'))
    .addHelpText('after', HELP)
    .action(async (options: HistoryOptions & { readonly anchor?: readonly string[]; readonly json?: true }) => {
      const { history: folder, historyBranch, historyRemote, anchor: anchors = [], json } = options;
      const remote = historyRemote === undefined ? {} : { remote: historyRemote };
      const named = historyBranch !== undefined || historyRemote !== undefined;
      answer(
        await handle({
          history: folder,
          ...(named ? { branch: { ...(historyBranch === undefined ? {} : { name: historyBranch }), ...remote } } : {}),
          anchors,
          json: json === true,
        }),
      );
    });
}

/** A SHA-256, or enough of its beginning to mean one entry. */
function anchorArgument(text: string): string {
  if (!/^[0-9a-fA-F]{12,64}$/.test(text)) {
    throw new InvalidArgumentError('It must be a hash, or at least its first 12 characters.');
  }
  return text.toLowerCase();
}

const HELP = `
Examples:
  breakwater history verify
  breakwater history verify --history-branch dr-history
  breakwater history verify --history-remote https://github.com/acme/recovery.git
  breakwater history verify --anchor 5d41402abc4b --json

Exit codes: 0 fine; 1 the answer is bad; 2 the command line is wrong; 3 a fault of Breakwater.
Anything that is not as it was written makes it 1. An execution without an end is unsealed, and that is fine.`;
