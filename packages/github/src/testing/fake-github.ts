import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { idToken } from './id-token.ts';
import type { JsonValue } from './json.ts';
import { type FakeAnswer, NOT_FOUND, ROUTES } from './routes.ts';
import { type FakeRepository, type RepositorySetup, repositoryOf } from './state.ts';

/** What a token may do: `{ actions: 'read' }`, as `permissions:` of a job. `metadata: read` comes with every token. */
export type TokenPermissions = Readonly<Record<string, 'read' | 'write'>>;

export interface FakeSetup {
  readonly repositories?: Readonly<Record<string, RepositorySetup>>;
  /** Known tokens; none: any token may do everything. */
  readonly tokens?: Readonly<Record<string, TokenPermissions>>;
}

/** An answer instead of the right one, for some requests. */
export interface FakeFault {
  readonly method?: string;
  /** Part of the path. */
  readonly path?: string;
  /** How often; none: always. */
  times?: number;
  /** `drop`: the connection is reset. `hang`: there is never an answer. */
  readonly effect:
    | {
        readonly kind: 'status';
        readonly status: number;
        readonly body?: JsonValue;
        /** Instead of the body, as it is. */
        readonly text?: string;
        readonly headers?: Readonly<Record<string, string>>;
      }
    | { readonly kind: 'drop' }
    | { readonly kind: 'hang' };
}

export interface FakeCall {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly userAgent: string | undefined;
  readonly status: number;
  readonly body: JsonValue;
}

/** GitHub's REST API on 127.0.0.1, as far as Breakwater and its workflows know it. */
export interface FakeGithub extends AsyncDisposable {
  /** For `GITHUB_API_URL`. */
  readonly url: string;
  readonly port: number;
  /** For `ACTIONS_ID_TOKEN_REQUEST_URL`: tokens of that job. */
  oidcUrl(claims: OidcClaims): string;
  repository(fullName: string): FakeRepository;
  addRepository(fullName: string, setup?: RepositorySetup): FakeRepository;
  setTokens(tokens: Readonly<Record<string, TokenPermissions>> | undefined): void;
  arm(fault: FakeFault): void;
  readonly calls: readonly FakeCall[];
  /** Requests that the fake does not know; a test ends by looking that there are none. */
  readonly unknown: readonly string[];
  close(): Promise<void>;
}

/** What a job's OIDC token says; see "OpenID Connect reference" in GitHub's documentation. */
export interface OidcClaims {
  readonly repository: string;
  readonly run: string;
  readonly attempt?: number;
  readonly environment?: string;
  readonly actor?: string;
  readonly ref?: string;
}

/** Serves the fake on 127.0.0.1; port 0 (the default) takes any free one. */
export async function serveFakeGithub(setup: FakeSetup = {}, { port = 0 } = {}): Promise<FakeGithub> {
  const fake = new Fake(setup);
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    fake.answer(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `the fake failed: ${error instanceof Error ? error.message : String(error)}` }));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  fake.url = `http://127.0.0.1:${taken}`;
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: fake.url,
    port: taken,
    oidcUrl(claims) {
      const query = new URLSearchParams(Object.entries(claims).map(([name, value]): [string, string] => [name, String(value)]));
      return `${fake.url}/_oidc/token?${query}`;
    },
    repository: (name) => fake.repository(name),
    addRepository: (name, given) => fake.add(name, given),
    setTokens: (tokens) => {
      fake.tokens = tokens;
    },
    arm: (fault) => fake.faults.push(fault),
    calls: fake.calls,
    unknown: fake.unknown,
    close,
    [Symbol.asyncDispose]: close,
  };
}

class Fake {
  url = '';
  tokens: Readonly<Record<string, TokenPermissions>> | undefined;
  readonly calls: FakeCall[] = [];
  readonly unknown: string[] = [];
  readonly faults: FakeFault[] = [];
  readonly #repositories = new Map<string, FakeRepository>();

  constructor({ repositories = {}, tokens }: FakeSetup) {
    this.tokens = tokens;
    for (const [name, setup] of Object.entries(repositories)) this.add(name, setup);
  }

  add(fullName: string, setup?: RepositorySetup): FakeRepository {
    const repository = repositoryOf(fullName, setup);
    this.#repositories.set(fullName.toLowerCase(), repository);
    return repository;
  }

  repository(fullName: string): FakeRepository {
    const found = this.#repositories.get(fullName.toLowerCase());
    if (found === undefined) throw new Error(`the fake has no repository ${fullName}`);
    return found;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const method = request.method ?? 'GET';
    const body = parseBody(await readBody(request));
    // GitHub Enterprise Server has its API below /api/v3.
    const path = url.pathname.replace(/^\/api\/v3/, '');
    if (path.startsWith('/_fake/')) return send(response, this.#control(method, path, body));
    const fault = this.#faultFor(method, path);
    const note = (status: number) => {
      const userAgent = request.headers['user-agent'];
      this.calls.push({ method, path, query: url.search.slice(1), userAgent, status, body });
    };
    if (fault?.effect.kind === 'drop') {
      note(0);
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.effect.kind === 'hang') return note(0);
    if (fault?.effect.kind === 'status') {
      const { status, headers = {}, body: said = { message: 'a fault' }, text } = fault.effect;
      note(status);
      if (text !== undefined) return void response.writeHead(status, headers).end(text);
      return send(response, { status, body: said }, headers);
    }
    const { answer, needs } = this.#route(method, path, url.searchParams, body, bearer(request));
    note(answer.status);
    send(response, answer, needs === undefined ? {} : { 'x-accepted-github-permissions': needs });
  }

  #route(
    method: string,
    path: string,
    query: URLSearchParams,
    body: JsonValue,
    token: string | undefined,
  ): { readonly answer: FakeAnswer; readonly needs?: string } {
    if (method === 'GET' && path === '/_oidc/token') return { answer: idToken(query, token) };
    const [, fullName, rest = ''] = /^\/repos\/([^/]+\/[^/]+)(\/.*)?$/.exec(path) ?? [];
    const route = fullName === undefined ? undefined : ROUTES.find((each) => each.method === method && each.path.test(rest));
    if (fullName === undefined || route === undefined) {
      this.unknown.push(`${method} ${path}`);
      return { answer: { status: 501, body: { message: `the fake of GitHub does not know ${method} ${path}` } } };
    }
    if (token === undefined || (this.tokens !== undefined && this.tokens[token] === undefined)) {
      return {
        answer: {
          status: 401,
          body: { message: token === undefined ? 'Requires authentication' : 'Bad credentials', status: '401' },
        },
      };
    }
    const repository = this.#repositories.get(decodeURIComponent(fullName).toLowerCase());
    if (repository === undefined) return { answer: NOT_FOUND };
    if (!allows(this.tokens?.[token], route.needs)) {
      const message = 'Resource not accessible by integration';
      return { answer: { status: 403, body: { message, status: '403' } }, needs: route.needs };
    }
    const parts = (route.path.exec(rest) ?? []).slice(1).map((part) => decodeURIComponent(part));
    const places = { api: this.url, html: 'https://github.com' };
    return { answer: route.answer({ repository, places, parts, query, body }), needs: route.needs };
  }

  #faultFor(method: string, path: string): FakeFault | undefined {
    const fault = this.faults.find(
      (each) =>
        (each.method ?? method) === method && path.includes(each.path ?? '') && (each.times === undefined || each.times > 0),
    );
    if (fault?.times !== undefined) fault.times--;
    return fault;
  }

  /** For those who run the fake as a process of its own. */
  #control(method: string, path: string, body: JsonValue): FakeAnswer {
    const json = (value: unknown): FakeAnswer => ({ status: 200, body: JSON.parse(JSON.stringify(value)) });
    const given = JSON.stringify(body);
    switch (`${method} ${path}`) {
      case 'GET /_fake/calls':
        return json(this.calls);
      case 'GET /_fake/unknown':
        return json(this.unknown);
      case 'GET /_fake/state':
        return json(Object.fromEntries(this.#repositories));
      case 'PUT /_fake/tokens':
        this.tokens = JSON.parse(given);
        return json({});
      case 'POST /_fake/faults':
        this.faults.push(JSON.parse(given));
        return json({});
      case 'DELETE /_fake/faults':
        this.faults.splice(0);
        return json({});
    }
    const [, fullName, run] = /^\/_fake\/repos\/([^/]+\/[^/]+)(?:\/runs\/(\d+)\/approvals)?$/.exec(path) ?? [];
    if (method === 'PUT' && fullName !== undefined && run === undefined) return json(this.add(fullName, JSON.parse(given)));
    if (method === 'POST' && fullName !== undefined && run !== undefined) {
      const approvals = this.#repositories.get(fullName.toLowerCase())?.runs[run]?.approvals;
      if (approvals === undefined) return NOT_FOUND;
      approvals.push({ state: 'approved', comment: '', ...JSON.parse(given) });
      return json(approvals);
    }
    return { status: 404, body: { message: `the fake has no control ${method} ${path}` } };
  }
}

function allows(permissions: TokenPermissions | undefined, needs: string): boolean {
  const [name = '', level] = needs.split('=');
  if (permissions === undefined || name === 'metadata') return true;
  const has = permissions[name] ?? permissions[name.replaceAll('_', '-')];
  return has === 'write' || has === level;
}

function bearer(request: IncomingMessage): string | undefined {
  return /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function send(response: ServerResponse, { status, body }: FakeAnswer, headers: Readonly<Record<string, string>> = {}): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, { ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }), ...headers });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

function parseBody(text: string): JsonValue {
  return text === '' ? null : JSON.parse(text);
}
