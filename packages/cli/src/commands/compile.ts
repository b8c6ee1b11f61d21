import { UserError } from '@breakwater/core';
import { compileFiles, writeCompiled } from '@breakwater/workflows';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import type { CompileCommand } from './requests.ts';

/** What stands for standard output among the folders. */
const STDOUT = '-';

const DONE = { new: 'wrote', changed: 'wrote', unchanged: 'unchanged' } as const;
const FOUND = { new: 'missing', changed: 'stale', unchanged: 'up to date' } as const;

/**
 * `breakwater compile`: writes the workflows of plans, or says whether those that are there are stale. Throws `UserError` `plan-unknown`,
 * `plan-invalid`, `usage` or `file-unreadable`; nothing was written then.
 */
export async function compile({ files, plan, output, source, check }: CompileCommand, terminal: Terminal): Promise<ExitCode> {
  const printed = output === STDOUT;
  const compiled = await compileFiles({
    files,
    which: 'all',
    folder: printed ? '.github/workflows' : output,
    ...(plan === undefined ? {} : { plan }),
    ...(source === undefined ? {} : { source }),
  });
  if (printed) {
    const [only, ...more] = compiled;
    if (only === undefined || more.length > 0) {
      throw new UserError('usage', `the files hold ${compiled.length} plans, and standard output takes one workflow`, {
        next: `Say which with --plan: ${compiled.map((each) => each.plan).join(', ')}.`,
      });
    }
    terminal.stdout.write(only.text);
    return EXIT_CODES.fine;
  }
  if (!check) await writeCompiled(compiled);
  for (const { file, state } of compiled) terminal.stdout.write(`${(check ? FOUND : DONE)[state]} ${printable(file)}\n`);
  return check && compiled.some(({ state }) => state !== 'unchanged') ? EXIT_CODES.bad : EXIT_CODES.fine;
}
