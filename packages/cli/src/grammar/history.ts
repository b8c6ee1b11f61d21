import { type Command, Option } from 'commander';
import type { HistoryPushCommand, VerifyCommand } from '../commands/requests.ts';
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
    .addHelpText('after', PUSH_HELP)
    .action(async (options: HistoryOptions & { readonly keepBoth?: true }) => {
      const { history: folder, keepBoth } = options;
      answer(await handlers.historyPush({ history: folder, branch: branchWords(options), keepBoth: keepBoth === true }));
    });
  addVerify(history, (command) => handlers.historyVerify(command), answer);
}

const PUSH_HELP = `
Examples:
  breakwater history push
  breakwater history push --history /mnt/usb/history --history-remote git@github.com:acme/recovery.git

Exit codes: 0 fine; 1 the answer is bad; 2 the command line is wrong; 3 a fault of Breakwater.
Can be repeated. Chains are verified first; nothing is pushed if one is broken.`;
