/**
 * The only casts of this package, each with its reason. They stand where a value crosses between the SDK's two generations, whose
 * types disagree about things that are the same at run time, or comes from outside without a type.
 */

/** What every client of both SDK generations accepts as request handler: a handler object, or options for the Node one. */
export interface RequestHandlerLike {
  handle(request: unknown, options?: unknown): Promise<{ response: never }>;
  readonly metadata?: { readonly handlerProtocol: string };
  updateHttpClientConfig(key: never, value: never): void;
  httpHandlerConfigs(): Record<string, never>;
  destroy(): void;
}

type Handle = (this: object, request: unknown, options?: unknown) => Promise<{ response: never }>;

/**
 * Calls the `handle` method of a request handler that came in as a plain object. Cast: whoever passes an in-process handler
 * promises that it is one; a mistake shows at the first call as "not a request handler".
 */
export function callHandler(handler: object, request: unknown, options: unknown): Promise<{ response: never }> {
  const handle: unknown = Reflect.get(handler, 'handle');
  if (typeof handle !== 'function') throw new TypeError('not a request handler: it has no handle method');
  return (handle as Handle).call(handler, request, options);
}

/** Reads one property of anything, without trusting that it is an object. */
export function propertyOf(value: unknown, key: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? Reflect.get(value, key) : undefined;
}

/** A caught value in the shape that `@smithy/core/retry` classifies. Cast: its functions read every field defensively. */
export interface ClassifiableError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: true };
  readonly $retryable?: { readonly throttling?: boolean };
}
export function classifiable<T extends Error>(error: unknown): T {
  return (typeof error === 'object' && error !== null ? error : new Error(String(error))) as T;
}
