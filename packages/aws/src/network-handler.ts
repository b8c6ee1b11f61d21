import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface Timeouts {
  /** Longest wait for a connection, in milliseconds of real time: it guards a socket, not the run. */
  readonly connection: number;
  /** Longest wait for an answer, and for the next piece of one. */
  readonly request: number;
}

export const TIMEOUTS: Timeouts = { connection: 5_000, request: 30_000 };

/** More than the parallel calls of one site ever are; the SDK's own 50 warns at large waves. */
const SOCKETS = 100;

/**
 * The new generation's HTTP handler, for the clients of both generations: the old one's own handler keeps a timer, and with it the
 * process, for 35 seconds after a request that failed or was aborted. Unless told to throw, it only logs a request that timed out;
 * `socketTimeout` ends an answer that stops in the middle.
 */
export function networkHandler({ connection, request }: Timeouts): object {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  return new NodeHttpHandler({
    connectionTimeout: connection,
    requestTimeout: request,
    socketTimeout: request,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  });
}
