import { resolve } from 'node:path';
import { type Clock, UserError } from '@breakwater/core';
import { checkedRemote, decoded, shownAddress, userOf } from './environment.ts';
import { remoteError, saidBy, troubleOf } from './failure.ts';
import { Git, type GitResult } from './git.ts';

export interface RemoteOptions {
  /** The bare repository of our own, as `<history>/.git-branch`; made if it is missing. */
  readonly folder: string;
  /** URL, path, or the name of a remote of the repository in the working folder. */
  readonly remote: string;
  /** For HTTP(S) addresses; never in an argument, a file or a log. */
  readonly token?: string;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a remote's name and a relative path are looked up; default: the process's working folder. */
  readonly cwd?: string;
}

/** One reference to change on the remote. */
export interface RefUpdate {
  /** Full name, as `refs/heads/dr-history`. */
  readonly ref: string;
  /** Object id; `undefined` deletes the reference. */
  readonly to: string | undefined;
  /**
   * Only if the remote still has it there; `absent`: only if there is none. Left out: only if that loses no commit (a fast-forward, or a
   * reference that does not exist).
   */
  readonly expected?: string;
}

export type PushResult =
  | { readonly state: 'pushed' }
  /** Nothing was changed: these references are not where they were expected. Fetch, look, and try again. */
  | {
      readonly state: 'moved';
      readonly refs: readonly string[];
      /** What git said of a lock that stands in the way: somebody writes just now, or was killed at it. */
      readonly locked?: string;
    }
  /** Nothing was changed: a hook of the remote said no to these references, in these words; it may say yes the next time. */
  | { readonly state: 'declined'; readonly refs: readonly string[]; readonly said: string };

/** Milliseconds of real time for one exchange with the remote. */
export interface Patience {
  readonly timeout: number;
}

export interface FetchOptions {
  readonly depth?: number;
  /** Local references whose like the remote no longer has are removed. */
  readonly prune?: boolean;
  /** More for git's environment, as another `GIT_DIR`. */
  readonly environment?: Readonly<Record<string, string>>;
}

const PATIENCE: Patience = { timeout: 60_000 };

/**
 * A remote git repository and the local one that talks to it. Every method that goes over the network throws `RefusedError`
 * `history-unreachable` (no answer, no network, a server's fault: it may pass) or `history-rejected` (no permission, a protected branch:
 * it will not).
 */
export class GitRemote {
  readonly git: Git;
  /** The address for people: without the name of a user, which may be a token. */
  readonly url: string;
  /** The address for git; it holds no password. */
  readonly #address: string;

  private constructor(git: Git, address: string) {
    this.git = git;
    this.url = shownAddress(address);
    this.#address = address;
  }

  /** Errors: `UserError` `usage` for an address that is not one, and those of `Git.open`. Nothing is sent yet. */
  static async open(options: RemoteOptions): Promise<GitRemote> {
    const { folder, clock, environment, token, cwd = process.cwd() } = options;
    const plain = await Git.open({ folder: resolve(cwd, folder), clock, environment });
    const url = await addressOf(checkedRemote(options.remote), plain, cwd);
    if (token === undefined || token === '' || !/^https?:/i.test(url)) return new GitRemote(plain, url);
    return new GitRemote(await Git.open({ folder: plain.folder, clock, environment, credential: { url, token } }), url);
  }

  /** References of the remote that match one of the patterns (as `refs/heads/dr-history`, `refs/breakwater/*`), by full name. */
  async refs(patterns: readonly string[], { timeout }: Patience = PATIENCE): Promise<ReadonlyMap<string, string>> {
    const result = await this.git.run(['ls-remote', '--quiet', '--', this.#address, ...patterns], { timeout });
    if (result.code !== 0) throw this.#trouble(result, 'read the history');
    const lines = result.stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    return new Map(lines.map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf('\t'))]));
  }

  /**
   * Fetches objects into local references, as `+refs/heads/x:refs/remote/x`. `depth` 1: without the past, as far as it is not here already.
   * False if the remote has no such reference: then nothing was fetched.
   */
  async fetch(refspecs: readonly string[], options: Patience & FetchOptions = PATIENCE): Promise<boolean> {
    const { timeout, environment = {} } = options;
    const depth = options.depth === undefined ? [] : [`--depth=${options.depth}`];
    const prune = options.prune === true ? ['--prune'] : [];
    const words = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
    const result = await this.git.run([...words, ...depth, ...prune, '--', this.#address, ...refspecs], { timeout, environment });
    if (result.code === 0) return true;
    if (/couldn't find remote ref/i.test(result.stderr)) return false;
    throw this.#trouble(result, 'read the history');
  }

  /** Changes references on the remote, all or none. After a thrown `history-unreachable` it may have been done all the same. */
  async push(updates: readonly RefUpdate[], { timeout }: Patience = PATIENCE): Promise<PushResult> {
    const leases = updates
      .filter(({ expected }) => expected !== undefined)
      .map(({ ref, expected }) => `--force-with-lease=${ref}:${expected === 'absent' ? '' : expected}`);
    const atomic = updates.length > 1 ? ['--atomic'] : [];
    const specs = updates.map(({ ref, to }) => `${to ?? ''}:${ref}`);
    const words = ['push', '--porcelain', '--no-verify', '--no-follow-tags', '--no-signed', '--recurse-submodules=no'];
    const result = await this.git.run([...words, ...atomic, ...leases, '--', this.#address, ...specs], { timeout });
    if (result.code === 0) return { state: 'pushed' };
    const refused = refusals(result);
    const moved = refused.filter(({ why }) => MOVED.test(why));
    const lock = /Unable to create '[^'\n]*\.lock': File exists/.exec(result.stderr)?.[0];
    const locked = lock === undefined ? {} : { locked: lock };
    if (moved.length > 0) return { state: 'moved', refs: moved.map(({ ref }) => ref), ...locked };
    if (refused.length === 0 && isTransactionLost(result))
      return { state: 'moved', refs: updates.map(({ ref }) => ref), ...locked };
    if (troubleOf(result) === 'unreachable') {
      const refs = refused.map(({ ref }) => ref);
      const hook = refused.find(({ why }) => /hook declined|declined/i.test(why));
      if (hook !== undefined) return { state: 'declined', refs, said: this.#shown(saidBy(result)) };
      const [first] = refused;
      if (first !== undefined) return { state: 'declined', refs, said: first.why };
      if (NOT_ATOMIC.test(result.stderr))
        return { state: 'declined', refs: updates.map(({ ref }) => ref), said: this.#shown(saidBy(result)) };
    }
    throw this.#trouble(result, 'write the history');
  }

  /** What git said, without the name of the user of our address. */
  #shown(said: string): string {
    const [user] = userOf(this.#address);
    return user === '' ? said : said.replaceAll(`${user}@`, '').replaceAll(`${decoded(user)}@`, '');
  }

  #trouble(result: GitResult, what: string): Error {
    return remoteError(troubleOf(result), what, this.url, this.#shown(saidBy(result)));
  }
}

/** Why a reference was refused that only means that somebody else was faster. */
const MOVED =
  /fetch first|non-fast-forward|stale info|already exists|cannot lock ref|failed to update ref|incorrect old value|needs force|failed to lock|reference already/i;

/** A server that cannot change several references as one. */
const NOT_ATOMIC = /does not support --atomic/i;

/** Of two atomic pushes at the same moment, the server tells the slower one this of every reference, and which it was in its own words. */
function isTransactionLost({ stdout, stderr }: GitResult): boolean {
  if (!/atomic transaction failed/i.test(stdout.toString('utf8'))) return false;
  return MOVED.test(stderr) || !/^remote: (?:error|fatal)/im.test(stderr);
}

/** Lines of `push --porcelain`: `!<tab><from>:<to><tab>[rejected] (<why>)`. */
function refusals({ stdout }: GitResult): readonly { readonly ref: string; readonly why: string }[] {
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.split('\t'))
    .map(([, spec = '', why = '']) => ({ ref: spec.slice(spec.indexOf(':') + 1), why }))
    .filter(({ why }) => !/atomic (?:push failed|push failure|transaction failed)/i.test(why));
}

/** A URL or an absolute path; the name of a remote is looked up in the repository of the working folder. */
async function addressOf(remote: string, git: Git, cwd: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(remote)) return remote;
  if (/^(?:\.{0,2}[/\\]|[A-Za-z]:[/\\])/.test(remote)) return resolve(cwd, remote);
  if (/^[^/\\]+:/.test(remote)) return remote;
  if (/[/\\]/.test(remote)) return resolve(cwd, remote);
  const found = await git.named(remote, cwd);
  if (found !== undefined) return addressOf(checkedRemote(found), git, cwd);
  throw new UserError('usage', `the repository in ${cwd} has no remote "${remote}"`, {
    next: 'Give the URL of the repository that keeps the history, or run where that remote is known (git remote -v).',
  });
}
