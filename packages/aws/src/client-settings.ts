import { callHandler, type RequestHandlerLike } from './boundary.ts';

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
  readonly requestHandler: RequestHandlerLike;
  readonly customUserAgent: [string, string][];
  readonly endpoint?: string;
  readonly credentials?: SdkCredentials;
}

export interface ClientOptions {
  readonly region: string;
  readonly userAgent: readonly (readonly [string, string])[];
  readonly endpoint: string | undefined;
  /** What carries the requests: the network's or an in-process one. Both SDK generations get the same. */
  readonly handler: object;
  /** Told when a request leaves for the handler. */
  readonly dispatched: () => void;
  readonly credentials: SdkCredentials | undefined;
}

export function clientSettings(options: ClientOptions): ClientSettings {
  const { region, userAgent, endpoint, handler, dispatched, credentials } = options;
  return {
    region,
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    customUserAgent: userAgent.map(([name, value]) => [name, value]),
    requestHandler: carrying(handler, dispatched),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

function carrying(handler: object, dispatched: () => void): RequestHandlerLike {
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
