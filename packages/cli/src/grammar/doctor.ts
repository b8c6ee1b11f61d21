import { UserError } from '@breakwater/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { wordArgument } from '../arguments.ts';
import { DEFAULT_BRANCH, type DoctorCommand } from '../commands/requests.ts';
import type { ExitCode } from '../exit-codes.ts';

interface Options {
  readonly plan?: string;
  readonly repo?: string;
  readonly tokenEnv: string;
  readonly historyBranch: string;
  readonly json?: true;
}

/** `breakwater doctor`, added to the program. */
export function addDoctor(
  program: Command,
  handle: (command: DoctorCommand) => Promise<ExitCode>,
  answer: (code: ExitCode) => void,
): void {
  program
    .command('doctor')
    .summary('find gates that only look real')
    .description(
      'Asks GitHub whether the gates of the plans are real, and whether a failover could run there. It changes nothing.',
    )
    .argument('[files...]', 'plan files or folders, from the root of the repository', ['plans'])
    .addOption(new Option('--plan <name>', 'only the gates of this plan').argParser(wordArgument))
    .addOption(
      new Option('--repo <repository>', 'owner/name; none: that of the workflow, or of the remote origin').argParser(
        repositoryArgument,
      ),
    )
    .addOption(
      new Option('--token-env <variable>', 'variable that holds the token').argParser(variableArgument).default('GITHUB_TOKEN'),
    )
    .addOption(
      new Option('--history-branch <branch>', 'branch of the shared history').argParser(wordArgument).default(DEFAULT_BRANCH),
    )
    .addOption(new Option('--json', 'print the findings as one JSON document'))
    .addHelpText('after', HELP)
    .action(async (files: readonly string[], { plan, repo, tokenEnv, historyBranch, json }: Options) => {
      answer(
        await handle({
          files,
          tokenEnv,
          historyBranch,
          json: json === true,
          ...(plan === undefined ? {} : { plan }),
          ...(repo === undefined ? {} : { repository: repo }),
        }),
      );
    });
}

function repositoryArgument(text: string): string {
  if (!/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/.test(text)) throw new InvalidArgumentError('It must be owner/name.');
  return text;
}

/** How GitHub's tokens begin, or what the oldest ones are: they would pass for names of variables. */
const TOKEN = /^(?:gh[a-z]_|github_pat_|[0-9a-f]{40}$)/i;

/** The name of a variable. A token in its place is not shown again, so that no log holds it. */
function variableArgument(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !TOKEN.test(text)) return text;
  throw new UserError('usage', "'--token-env' must be the name of a variable, not a token", {
    next: 'Put the token into a variable and name that, as --token-env GITHUB_TOKEN. If it was a token, revoke it: it is in the history of this shell.',
  });
}

const HELP = `
Examples:
  breakwater doctor
  breakwater doctor plans/webshop.yaml --repo acme/recovery --token-env ADMIN_TOKEN
  breakwater doctor --json

Exit codes: 0 fine; 1 the answer is bad; 2 the command line is wrong; 3 a fault of Breakwater.
Findings of severity error make it 1. Every finding: docs/doctor.md.`;
