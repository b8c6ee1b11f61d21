#!/usr/bin/env node
import { InternalError } from '@breakwater/core';
import packageJson from '../package.json' with { type: 'json' };
import { runCommandLine } from './command-line.ts';
import { errorText } from './error-text.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { handlers } from './handlers.ts';
import { quietSdk } from './quiet-sdk.ts';
import { processTerminal } from './terminal.ts';

const terminal = processTerminal();

quietSdk(process.env);

// Everything a command waits for holds the process. If nothing does and it has not answered, it never would: that is ours.
process.once('beforeExit', () => {
  const stuck = new InternalError('internal', 'the command waits for something that never comes', {
    next: 'A run can be resumed with its execution id. Report this with BREAKWATER_DEBUG=1.',
  });
  terminal.stderr.write(errorText(stuck, terminal.env));
  process.exit(EXIT_CODES.ours);
});

runCommandLine(process.argv.slice(2), { terminal, handlers: handlers(terminal), version: packageJson.version }).then(
  async (code) => {
    // Sockets that the AWS SDK keeps alive would hold the process; what was written must get out first.
    await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
    process.exit(code);
  },
);
