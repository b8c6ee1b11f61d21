import { type Command, Option } from 'commander';
import { wordArgument } from '../arguments.ts';
import type { CompileCommand } from '../commands/requests.ts';
import { DEFAULT_WORKFLOWS } from '../commands/requests.ts';
import type { ExitCode } from '../exit-codes.ts';

interface Options {
  readonly plan?: string;
  readonly output: string;
  readonly uses?: string;
  readonly check?: true;
}

/** `breakwater compile`, added to the program. */
export function addCompile(
  program: Command,
  handle: (command: CompileCommand) => Promise<ExitCode>,
  answer: (code: ExitCode) => void,
): void {
  program
    .command('compile')
    .summary('write the workflow of a plan')
    .description('Writes a plan’s own GitHub workflow: a job for each wave, in the plan’s order, with its gates between them.')
    .argument('[files...]', 'plan files or folders, from the root of the repository', ['plans'])
    .addOption(new Option('--plan <name>', 'only this plan').argParser(wordArgument))
    .addOption(
      new Option('--output <folder>', 'folder of the workflows; "-": standard output')
        .argParser(wordArgument)
        .default(DEFAULT_WORKFLOWS),
    )
    .addOption(
      new Option('--uses <source>', 'where the called workflows are: owner/repository@ref, or "$" for this one').argParser(
        wordArgument,
      ),
    )
    .addOption(new Option('--check', 'write nothing; say whether what is there is what the plans compile to'))
    .addHelpText('after', HELP)
    .action(async (files: readonly string[], { plan, output, uses, check }: Options) => {
      answer(
        await handle({
          files,
          output,
          check: check === true,
          ...(plan === undefined ? {} : { plan }),
          ...(uses === undefined ? {} : { source: uses }),
        }),
      );
    });
}

const HELP = `
Examples:
  breakwater compile
  breakwater compile plans --plan webshop --uses acme/breakwater@v1
  breakwater compile --check

Exit codes: 0 fine; 1 the answer is bad; 2 the command line is wrong; 3 a fault of Breakwater.
With --check a workflow that is missing or stale makes it 1.`;
