import { type Command, Option } from 'commander';
import { type HistoryPushCommand, REWRITTEN, type VerifyCommand } from '../commands/requests.ts';
import type { ExitCode } from '../exit-codes.ts';
import { branchWords, type HistoryOptions, withHistory } from './history-place.ts';
import { addVerify } from './verify.ts';

/** What carries out the commands under `breakwater history`. */
export interface HistoryHandlers {
  historyPush(command: HistoryPushCommand): Promise<ExitCode>;
  historyVerify(command: VerifyCommand): Promise<ExitCode>;
}

/** `breakwater history …`, added to the program. */
export function addHistory(program: Command, handlers: HistoryHandlers, answer: (code: ExitCode) => void): void {
  const history = program
    .command('history')
    .summary('share and check the record')
    .description('Works on the record of executions: joins it with the branch that shares it, checks it.');
  withHistory(history.command('push'))
    .summary('join a local record with its branch')
    .description('Brings every execution of a local record to the branch, as after a failover without the network.')
    .addOption(new Option('--keep-both', 'where a journal went on in two places, keep both'))
    .addOption(
      new Option('--rewritten <how>', 'a branch that was forced back: restore what it lost, or accept it').choices(REWRITTEN),
    )
    .addHelpText('after', PUSH_HELP)
    .action(async (options: HistoryOptions & Pick<HistoryPushCommand, 'rewritten'> & { readonly keepBoth?: true }) => {
      const { history: folder, keepBoth, rewritten } = options;
      const how = rewritten === undefined ? {} : { rewritten };
      answer(await handlers.historyPush({ history: folder, branch: branchWords(options), keepBoth: keepBoth === true, ...how }));
    });
  addVerify(history, (command) => handlers.historyVerify(command), answer);
}

const PUSH_HELP = `
Examples:
  breakwater history push
  breakwater history push --history /mnt/usb/history --history-remote git@github.com:acme/recovery.git

Exit codes: 0 fine; 1 the answer is bad; 2 the command line is wrong; 3 a fault of Breakwater.
Can be repeated. Chains are verified first; nothing is pushed if one is broken.`;
