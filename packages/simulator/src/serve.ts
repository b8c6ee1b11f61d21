import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { UserError } from '@breakwater/core';
import { ConnectionReset } from './aws-fault.ts';
import { control } from './control.ts';
import type { WireRequest } from './wire/message.ts';
import type { World } from './world/world.ts';

export interface SimulatorServer {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

/** The largest body that is read; AWS's own limits are far below. */
const LARGEST_BODY = 8 * 1_024 * 1_024;

/**
 * Serves the world over HTTP on 127.0.0.1 only. Port 0 (the default) takes any free one. Throws `UserError` `usage` if the port
 * cannot be taken.
 */
export async function serve(world: World, { port = 0 }: { readonly port?: number } = {}): Promise<SimulatorServer> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    answer(world, request, response).catch((error: unknown) => fail(response, error));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new UserError('usage', `the simulator cannot listen on port ${port}`, {
          next: 'Choose another port, or 0 for any free one.',
          cause,
        }),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function answer(world: World, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(`http://localhost${incoming.url ?? '/'}`);
  const request: WireRequest = {
    method: incoming.method ?? 'GET',
    path: (incoming.url ?? '/').split('?')[0] ?? '/',
    query: url.searchParams,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
    ),
    body: await readBody(incoming),
  };
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableEnded) gone.abort(new Error('the client went away'));
  });
  const { status, headers, body } = (await control(world, request)) ?? (await world.handle(request, gone.signal));
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    size += bytes.length;
    if (size > LARGEST_BODY) throw new ConnectionReset();
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** A dropped connection is dropped; anything else unforeseen is a fault of the simulator and says so. */
function fail(response: ServerResponse, error: unknown): void {
  const { socket } = response;
  if (error instanceof ConnectionReset || response.destroyed || response.headersSent) {
    socket?.resetAndDestroy();
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  response.writeHead(500, { 'content-type': 'application/json', 'x-amzn-errortype': 'SimulatorError' });
  response.end(JSON.stringify({ message: `the simulator failed: ${message}` }));
}
