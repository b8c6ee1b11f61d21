import { type Command, Option } from 'commander';
import { wordArgument } from '../arguments.ts';
import { type BranchWords, DEFAULT_BRANCH, DEFAULT_HISTORY, DEFAULT_REMOTE, type HistoryWords } from '../commands/requests.ts';

/** What the options of a history leave behind. */
export interface HistoryOptions {
  readonly history: string;
  readonly historyBranch?: string;
  readonly historyRemote?: string;
}

/** Adds the options that say where a history is. */
export function withHistory(command: Command): Command {
  return command
    .addOption(new Option('--history <folder>', 'where the record is kept').argParser(wordArgument).default(DEFAULT_HISTORY))
    .addOption(
      new Option(
        '--history-branch <name>',
        `share the record on this git branch; with --history-remote ${DEFAULT_BRANCH} if left out`,
      ).argParser(wordArgument),
    )
    .addOption(
      new Option('--history-remote <url>', `URL, path or remote's name of that branch; default ${DEFAULT_REMOTE}`).argParser(
        wordArgument,
      ),
    );
}

/** The history that the options mean: the folder alone, unless a branch or a remote is named. */
export function historyWords({ history, historyBranch, historyRemote }: HistoryOptions): HistoryWords {
  if (historyBranch === undefined && historyRemote === undefined) return { history };
  return { history, branch: branchWords({ history, historyBranch, historyRemote }) };
}

/** The branch that the options mean, where there has to be one. */
export function branchWords({
  historyBranch = DEFAULT_BRANCH,
  historyRemote = DEFAULT_REMOTE,
}: {
  readonly history: string;
  readonly historyBranch?: string | undefined;
  readonly historyRemote?: string | undefined;
}): BranchWords {
  return { name: historyBranch, remote: historyRemote };
}
