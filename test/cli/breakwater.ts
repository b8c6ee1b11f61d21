import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';

export const ROOT = join(import.meta.dirname, '../..');
export const MAIN = join(ROOT, 'packages/cli/src/main.ts');
export const WEBSHOP = join(ROOT, 'plans/webshop.yaml');
/** Without a SQL server, which takes seconds to start. */
export const SCENARIO = join(ROOT, 'plans/simulation/no-database.yaml');

/** Milliseconds that one process may take, on a slow and busy machine. */
const LONGEST = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** Resolves with stdout so far once it matches. */
  saw(pattern: RegExp): Promise<string>;
}

/** An environment without AWS settings, colours, CI or debugging, whatever the tests themselves run in. */
export function plainEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'].includes(name));
  const env: Record<string, string> = { AWS_EC2_METADATA_DISABLED: 'true', LANG: 'C.UTF-8' };
  for (const [name, value] of kept) if (value !== undefined) env[name] = value;
  return { ...env, ...extra };
}

/** Starts the command line in a process of its own. Whatever still runs when the test ends is killed. */
export function start(
  context: TestContext,
  words: readonly string[],
  { env = {}, cwd = ROOT }: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Running {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd,
    env: plainEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process that hangs fails its test and holds nobody up.
    timeout: LONGEST,
    killSignal: 'SIGKILL',
  });
  context.after(() => child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: typeof code === 'number' ? code : null, out, err }));
  return {
    child,
    ended,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(out)) return;
          child.stdout.off('data', look);
          resolve(out);
        };
        child.stdout.on('data', look);
        void ended.then(() => reject(new Error(`ended without ${pattern}:\n${out}\n${err}`)));
        look();
      }),
  };
}

/** Runs a command line to its end. */
export function breakwater(
  context: TestContext,
  words: readonly string[],
  options?: Parameters<typeof start>[2],
): Promise<Ended> {
  return start(context, words, options).ended;
}

/** A folder that goes away with the test. */
export async function scratch(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-cli-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The variables that `breakwater simulate` prints for a shell. */
export function exported(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
