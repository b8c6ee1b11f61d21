import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, holdStill, RefusedError } from '@breakwater/core';
import { errnoOf } from '../boundary.ts';
import { unwritable } from '../durable-file.ts';
import { type Credential, gitEnvironment, withoutToken } from './environment.ts';

export interface GitOptions {
  /** The bare repository; made if it is missing. Nobody else's working tree or index is ever touched. */
  readonly folder: string;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly credential?: Credential;
}

/** How a git command ended. */
export interface GitResult {
  /** `undefined`: killed. */
  readonly code: number | undefined;
  /** What killed it: its time was up, or a signal of somebody else. */
  readonly killed?: 'late' | NodeJS.Signals;
  readonly stdout: Buffer;
  /** In English, without the token. */
  readonly stderr: string;
}

export interface GitCall {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds of real time, after which it and its helpers are killed. */
  readonly timeout?: number;
}

/** For what stays on this machine. */
const LOCAL_TIMEOUT = 60_000;

/** The first version that reads configuration from the environment. */
const OLDEST = [2, 31] as const;

/**
 * The git executable in a bare repository of our own. Arguments go as a list, never through a shell. A virtual clock is held still
 * meanwhile.
 */
export class Git {
  readonly folder: string;
  readonly #clock: Clock;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #token: string | undefined;

  private constructor(options: GitOptions) {
    this.folder = options.folder;
    this.#clock = options.clock;
    this.#environment = { ...gitEnvironment(options.environment, options.credential), GIT_DIR: options.folder };
    this.#token = options.credential?.token;
  }

  /**
   * Opens the repository, and makes it if it is missing. Throws `RefusedError` `history-unreachable` if there is no git, or one that is too old, and
   * `InternalError` `history-unwritable` if the folder cannot be made.
   */
  static async open(options: GitOptions): Promise<Git> {
    const git = new Git(options);
    const { stdout } = await git.local(['version'], { cwd: process.cwd() });
    const version = /(\d+)\.(\d+)/.exec(stdout.toString('utf8')) ?? [];
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (!(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))) {
      throw new RefusedError('history-unreachable', `git ${version[0] ?? ''} is too old to share the history`, {
        next: `Install git ${OLDEST.join('.')} or later, or leave the branch out and join the history later with \`breakwater history push\`.`,
      });
    }
    if (!existsSync(join(options.folder, 'HEAD'))) await git.#create();
    return git;
  }

  async #create(): Promise<void> {
    // Made aside and put in place at once: several processes may begin together.
    const made = join(dirname(this.folder), `.${randomUUID()}.git`);
    try {
      mkdirSync(dirname(this.folder), { recursive: true });
      await this.local(['init', '--quiet', '--bare', '--template=', '--initial-branch=none', made], {
        cwd: dirname(this.folder),
        environment: { GIT_DIR: made },
      });
      renameSync(made, this.folder);
    } catch (error) {
      if (!existsSync(join(this.folder, 'HEAD'))) throw error instanceof RefusedError ? error : unwritable(this.folder, error);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  }

  /** The address of a remote of the repository in `cwd`; `undefined` if there is no such remote, or no repository. */
  async named(remote: string, cwd: string): Promise<string | undefined> {
    const { GIT_DIR: _, ...outside } = this.#environment;
    const { code, stdout } = await this.#spawn(['remote', 'get-url', '--', remote], { cwd, timeout: LOCAL_TIMEOUT }, outside);
    return code === 0 ? stdout.toString('utf8').trim() : undefined;
  }

  /** Runs a command whose failure is a fault of this machine: throws `RefusedError` `history-unreachable` then. */
  async local(words: readonly string[], call: GitCall & { readonly cwd?: string } = {}): Promise<GitResult> {
    const result = await this.run(words, { timeout: LOCAL_TIMEOUT, ...call });
    if (result.code === 0) return result;
    const said = howKilled(result) ?? result.stderr.trim().slice(-500);
    throw new RefusedError(
      'history-unreachable',
      `the shared history cannot be used: git ${words[0]} failed in ${this.folder}: ${said}`,
      {
        next: `Check the disk and the rights of ${this.folder}. It only repeats what is elsewhere: remove it, then run the same execution again.`,
      },
    );
  }

  /**
   * Runs a command; throws only when git cannot be started at all (`history-unreachable`). One that somebody else killed, as they do who stop
   * every process of a job, is run once more: every command of ours may be repeated, since a push says what it expects to find.
   */
  async run(words: readonly string[], call: GitCall & { readonly cwd?: string } = {}): Promise<GitResult> {
    const environment = { ...this.#environment, ...call.environment };
    const result = await this.#spawn(words, call, environment);
    if (result.killed === undefined || result.killed === 'late') return result;
    return this.#spawn(words, call, environment);
  }

  #spawn(
    words: readonly string[],
    { input, timeout, cwd }: GitCall & { readonly cwd?: string },
    env: Readonly<Record<string, string>>,
  ): Promise<GitResult> {
    const running = new Promise<GitResult>((resolve, reject) => {
      const child = spawn('git', words, {
        cwd: cwd ?? this.folder,
        env,
        stdio: ['pipe', 'pipe', 'pipe'],
        // A group of its own: a Ctrl-C at the terminal must not tear a push, and helpers can be ended together with git.
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
      const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
      const kill = () => endGroup(child.pid);
      limit?.addEventListener('abort', kill, { once: true });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
      child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
      // git that ends before it has read everything says why on its own.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      child.on('error', (cause) => reject(notStarted(cause)));
      child.on('close', (code, signal) => {
        limit?.removeEventListener('abort', kill);
        resolve({
          code: code ?? undefined,
          ...(signal === null ? {} : { killed: limit?.aborted === true ? 'late' : signal }),
          stdout: Buffer.concat(stdout),
          stderr: withoutToken(Buffer.concat(stderr).toString('utf8'), this.#token),
        });
      });
    });
    return holdStill(this.#clock, running);
  }
}

/** In words for people; `undefined`: it ended by itself. */
export function howKilled({ code, killed }: GitResult): string | undefined {
  if (code !== undefined) return undefined;
  return killed === undefined || killed === 'late' ? 'no answer in time' : `git was killed by ${killed}`;
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function notStarted(cause: Error): RefusedError {
  const why = errnoOf(cause) === 'ENOENT' ? 'there is no git on this machine' : `git cannot be started: ${cause.message}`;
  return new RefusedError('history-unreachable', `the shared history cannot be used: ${why}`, {
    next: 'Install git, or leave the branch out and join the history later with `breakwater history push`.',
    cause,
  });
}
