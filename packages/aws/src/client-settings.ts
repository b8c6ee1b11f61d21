import { callHandler, type RequestHandlerLike } from './boundary.ts';

/** Longest wait for a connection, and for an answer, in milliseconds of real time: they guard a socket, not the run. */
const CONNECTION_TIMEOUT = 5_000;
const REQUEST_TIMEOUT = 30_000;
/** More than the parallel calls of one client ever are; the SDK's own 50 warns at large waves. */
const SOCKETS = 100;

/** What the SDKs ask before each request. */
export type SdkCredentials = () => Promise<{
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration: Date;
}>;

/** The settings that every client of both SDK generations is made with. */
export interface ClientSettings {
  readonly region: string;
  /** One try: retries are ours, on the injected clock, and a change is never sent twice behind our back. */
  readonly maxAttempts: 1;
  readonly retryMode: 'standard';
  readonly defaultsMode: 'standard';
  readonly requestHandler: RequestHandlerLike | Record<string, unknown>;
  readonly customUserAgent: [string, string][];
  readonly endpoint?: string;
  readonly credentials?: SdkCredentials;
}

export interface ClientOptions {
  readonly region: string;
  readonly userAgent: readonly (readonly [string, string])[];
  readonly endpoint: string | undefined;
  readonly requestHandler: object | undefined;
  /** Told when a request leaves for the in-process handler. */
  readonly dispatched: () => void;
  readonly credentials: SdkCredentials | undefined;
}

export function clientSettings(options: ClientOptions): ClientSettings {
  const { region, userAgent, endpoint, requestHandler, dispatched, credentials } = options;
  return {
    region,
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    customUserAgent: userAgent.map(([name, value]) => [name, value]),
    requestHandler: requestHandler === undefined ? networkHandler() : inProcessHandler(requestHandler, dispatched),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/**
 * Options of the SDKs' Node handler. The new generation only logs a request that timed out unless told to throw; the old one throws
 * by itself. `socketTimeout` ends an answer that stops in the middle.
 */
function networkHandler(): Record<string, unknown> {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  return {
    connectionTimeout: CONNECTION_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    socketTimeout: REQUEST_TIMEOUT,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  };
}

function inProcessHandler(handler: object, dispatched: () => void): RequestHandlerLike {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle(request, options) {
      dispatched();
      return callHandler(handler, request, options);
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
}
