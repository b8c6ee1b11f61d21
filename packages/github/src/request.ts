import { type Clock, GithubError } from '@breakwater/core';
import { textAt } from './answer.ts';

/** How GitHub's REST API is reached. */
export interface ApiAccess {
  /** As `GITHUB_API_URL` has it: `https://api.github.com`, or `https://<host>/api/v3`. */
  readonly url: string;
  /** A token of the job, or of a person. Goes into one header and nowhere else. */
  readonly token: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** As `breakwater/0.1.0`. */
  readonly userAgent: string;
  /** Milliseconds a request may be silent; 10 s. */
  readonly timeout?: number;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** With every part escaped, as `/repos/example/webshop/environments/prod%2Feu`. */
  readonly path: string;
  /** The entry of `permissions:` that this call needs, as `actions: read`; GitHub's own word for it wins. */
  readonly needs: string;
}

export interface ApiAnswer {
  readonly status: number;
  /** The parsed JSON; `undefined` for an empty body. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type Send = (request: ApiRequest) => Promise<ApiAnswer>;

const API_VERSION = '2022-11-28';
const TIMEOUT = 10_000;
/** Waits before another try, milliseconds: with the requests themselves well under a minute. */
const WAITS = [500, 2_000, 6_000] as const;
/** GitHub may ask for a longer pause than anybody wants to wait before a failover. */
const LONGEST_WAIT = 30_000;

/**
 * Sends requests and gives the answers below 400, and 404: what is not there is often the answer. No answer, 5xx and rate limits are
 * tried again, but a request that changes something only when GitHub surely has not taken it. Throws `GithubError`
 * `github-unavailable`, `github-permission` or `github-fault`, and what the signal was aborted with.
 *
 * Proxies are honoured as the runner sets them (`https_proxy`, `no_proxy`).
 */
export function sender(access: ApiAccess): Send {
  return async (request) => {
    for (const wait of [...WAITS, undefined]) {
      access.signal?.throwIfAborted();
      const answer = await attempt(access, request);
      const again = answer instanceof GithubError ? request.method === 'GET' : retryAfter(answer, request);
      if (again === false || wait === undefined) return settle(answer, request);
      const pause = Math.max(wait, typeof again === 'number' ? again : 0);
      if (pause > LONGEST_WAIT) return settle(answer, request);
      await access.clock.sleep(pause, access.signal);
    }
    throw new Error('unreachable: the last round always settles');
  };
}

async function attempt(access: ApiAccess, request: ApiRequest): Promise<ApiAnswer | GithubError> {
  // Half a megabyte: only who asks GitHub anything loads it.
  const { HttpClient } = await import('@actions/http-client');
  const timeout = access.timeout ?? TIMEOUT;
  const client = new HttpClient(access.userAgent, [], { socketTimeout: timeout, allowRetries: false });
  try {
    const response = await client.request(request.method, `${access.url.replace(/\/+$/, '')}${request.path}`, '', {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${access.token}`,
      'x-github-api-version': API_VERSION,
    });
    const { message } = response;
    message.socket.once('timeout', () => message.destroy(new Error(`no more of the answer came for ${timeout} ms`)));
    // Not `response.readBody()`: it waits for ever when the connection breaks in the middle of the answer.
    const parts: Buffer[] = [];
    for await (const part of message) parts.push(Buffer.from(part));
    const text = Buffer.concat(parts).toString('utf8');
    const status = message.statusCode ?? 0;
    const body = parse(text);
    if (status < 400 && text !== '' && body === undefined) throw new Error('the answer is not JSON; is a proxy in between?');
    return { status, headers: message.headers, body };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return new GithubError('github-unavailable', `GitHub did not answer ${request.method} ${request.path}: ${message}`, {
      next: 'Look at githubstatus.com and at the network of the runner; run it again when GitHub answers.',
      call: callOf(request, undefined),
      cause,
    });
  }
}

/** `false`: the answer stands. `true` or milliseconds: try again, not sooner than that. */
function retryAfter(answer: ApiAnswer, request: ApiRequest): number | boolean {
  if (isRateLimit(answer)) {
    const seconds = Number(header(answer, 'retry-after'));
    if (Number.isFinite(seconds) && seconds > 0) return seconds * 1_000;
    // Of a primary limit GitHub says only when it resets, up to an hour from now.
    return header(answer, 'x-ratelimit-remaining') !== '0';
  }
  return answer.status >= 500 && request.method === 'GET';
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
function isRateLimit(answer: ApiAnswer): boolean {
  if (answer.status === 429) return true;
  if (answer.status !== 403) return false;
  const said = textAt(answer.body, 'message') ?? '';
  return (
    header(answer, 'x-ratelimit-remaining') === '0' || header(answer, 'retry-after') !== undefined || /rate limit/i.test(said)
  );
}

function settle(answer: ApiAnswer | GithubError, request: ApiRequest): ApiAnswer {
  if (answer instanceof GithubError) throw answer;
  const { status } = answer;
  if (status < 400 || status === 404) return answer;
  const said = textAt(answer.body, 'message') ?? `HTTP ${status}`;
  const what = `${request.method} ${request.path}`;
  const call = callOf(request, answer);
  if (isRateLimit(answer)) {
    throw new GithubError('github-unavailable', `GitHub limits our requests: ${what}: ${said}`, {
      next: 'Wait until the limit resets (an hour at most), or use another token; then run it again.',
      call,
    });
  }
  if (status === 401) {
    throw new GithubError('github-permission', `GitHub does not accept the token: ${what}: ${said}`, {
      next: 'Give a token that is valid: in a job that is `github.token`, which ends with the job.',
      call,
    });
  }
  if (status === 403) {
    const missing = neededPermission(answer) ?? request.needs;
    throw new GithubError('github-permission', `the token may not ${what}: it lacks \`${missing}\`: ${said}`, {
      next: /^administration\b/.test(missing)
        ? `The token of a job cannot have \`${missing}\`: use a fine-grained token, or a token of a GitHub App, that has it.`
        : `Add \`${missing}\` to the \`permissions:\` of the job. Jobs of pull requests from forks never get more than read.`,
      call,
      missing,
    });
  }
  if (status >= 500) {
    throw new GithubError('github-unavailable', `GitHub failed: ${what}: ${said} (HTTP ${status})`, {
      next: 'Look at githubstatus.com; run it again when GitHub is well.',
      call,
    });
  }
  throw new GithubError('github-fault', `GitHub refused ${what}: ${said} (HTTP ${status})`, {
    next: 'See what GitHub says; this is a setting of the repository, or a fault of Breakwater.',
    call,
  });
}

/**
 * The entry of `permissions:`, from `X-Accepted-GitHub-Permissions: actions=read`; alternatives are separated by `;`.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#insufficient-permissions-errors
 */
function neededPermission(answer: ApiAnswer): string | undefined {
  const first = header(answer, 'x-accepted-github-permissions')?.split(';')[0]?.trim();
  if (first === undefined || first === '') return undefined;
  return first
    .split(',')
    .map((one) => one.trim().replaceAll('_', '-').replace('=', ': '))
    .join(', ');
}

function header(answer: ApiAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return typeof value === 'string' ? value : value?.join(', ');
}

function callOf({ method, path }: ApiRequest, answer: ApiAnswer | undefined) {
  return {
    method,
    path,
    httpStatus: answer?.status,
    requestId: answer === undefined ? undefined : header(answer, 'x-github-request-id'),
  };
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, or a page that says that GitHub is down: its status tells what is needed.
    return undefined;
  }
}
