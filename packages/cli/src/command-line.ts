import { UserError } from '@breakwater/core';
import { type Command, CommanderError } from 'commander';
import { errorText } from './error-text.ts';
import { EXIT_CODES, type ExitCode, exitCodeOfError } from './exit-codes.ts';
import { buildProgram, type Handlers } from './program.ts';
import type { Terminal } from './terminal.ts';

/**
 * Understands `words` (without node and the script), carries them out and answers with the exit code. Never throws: whatever goes
 * wrong is told once, on stderr.
 */
export async function runCommandLine(
  words: readonly string[],
  { terminal, handlers, version }: { readonly terminal: Terminal; readonly handlers: Handlers; readonly version: string },
): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.fine;
  const program = buildProgram(version, handlers, (answered) => {
    code = answered;
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Told below, in the form that all errors have.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(terminal.stdout.columns, 110),
      getErrHelpWidth: () => Math.min(terminal.stderr.columns, 110),
    });
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      terminal.stderr.write(errorText(error, terminal.env));
      return exitCodeOfError(error);
    }
    if (error.exitCode === 0) return EXIT_CODES.fine;
    // Without any words commander has printed the help already, on stderr.
    if (error.code !== 'commander.help') {
      terminal.stderr.write(errorText(usageError(error, words, program), terminal.env));
    }
    return EXIT_CODES.usage;
  }
}

function usageError(error: CommanderError, words: readonly string[], program: Command): UserError {
  const [first, second] = words;
  const command = program.commands.find((one) => one.name() === first);
  const inner = command?.commands.find((one) => one.name() === second);
  const help = ['breakwater', ...[command, inner].flatMap((one) => one?.name() ?? []), '--help'].join(' ');
  const greedy =
    error.code === 'commander.missingArgument' && words.some((word) => /^--(simulate|wave|approve|replace-live)$/.test(word));
  const hint = greedy ? 'Put it first, before the options: they take the words that follow them. ' : '';
  return new UserError('usage', error.message.replace(/^error: /, '').replaceAll('\n', ' '), { next: `${hint}Run \`${help}\`.` });
}
