import type { World } from './world/world.ts';

/** What an SDK client hands its request handler, in both SDK generations. */
export interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface SdkResponse {
  readonly statusCode: number;
  readonly reason: string | undefined;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

interface AbortSignalLike {
  readonly aborted: boolean;
  onabort?: unknown;
  addEventListener?(type: 'abort', listener: () => void): void;
}

export interface SimulatorRequestHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(request: SdkRequest, options?: { readonly abortSignal?: AbortSignalLike }): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(key: string, value: unknown): void;
  httpHandlerConfigs(): Record<string, unknown>;
  destroy(): void;
}

/** Give it as `requestHandler` to any client of the AWS SDK for JavaScript v3: its calls then never leave the process. */
export function requestHandler(world: World): SimulatorRequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, { abortSignal } = {}) {
      const controller = new AbortController();
      const abort = (): void => controller.abort(abortError());
      if (abortSignal?.aborted === true) abort();
      else if (abortSignal?.addEventListener !== undefined) abortSignal.addEventListener('abort', abort);
      else if (abortSignal !== undefined) abortSignal.onabort = abort;
      const { status, headers, body } = await world.handle(
        {
          method: request.method,
          path: request.path,
          query: searchParams(request.query),
          headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
          body: bodyText(request.body),
        },
        controller.signal,
      );
      return {
        response: { statusCode: status, reason: undefined, headers: { ...headers }, body: new TextEncoder().encode(body) },
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}

function searchParams(query: SdkRequest['query']): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null) params.append(name, '');
    else for (const item of typeof value === 'string' ? [value] : value) params.append(name, item);
  }
  return params;
}

function bodyText(body: unknown): string {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  throw new TypeError('the simulator reads requests whose body is text or bytes');
}
