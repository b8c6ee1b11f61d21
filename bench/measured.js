// Runs a program of ours in this process and says at its end what it took: node measured.js FILE PROGRAM [ARG ...]
// Plain JavaScript, so that its own memory is only that of the program.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const STATUS = '/proc/self/status';

/** Peak resident memory, MiB. Linux's ru_maxrss also counts what the parent held when it forked; VmHWM begins anew with the program. */
function peak() {
  const own = existsSync(STATUS) ? /VmHWM:\s+(\d+) kB/.exec(readFileSync(STATUS, 'utf8'))?.[1] : undefined;
  return (own === undefined ? process.resourceUsage().maxRSS : Number(own)) / 1024;
}

const [file, program, ...args] = process.argv.slice(2);
process.on('exit', () => writeFileSync(file, JSON.stringify({ peakMiB: peak() })));
process.argv = [process.argv[0], program, ...args];
await import(pathToFileURL(program).href);
