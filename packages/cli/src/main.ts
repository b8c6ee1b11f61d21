#!/usr/bin/env node
import packageJson from '../package.json' with { type: 'json' };
import { runCommandLine } from './command-line.ts';
import { handlers } from './handlers.ts';
import { processTerminal } from './terminal.ts';

const terminal = processTerminal();
const code = await runCommandLine(process.argv.slice(2), {
  terminal,
  handlers: handlers(terminal),
  version: packageJson.version,
});
// Sockets that the AWS SDK keeps alive would hold the process; what was written must get out first.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
process.exit(code);
