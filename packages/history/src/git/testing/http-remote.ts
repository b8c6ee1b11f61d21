import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after } from 'node:test';

/** How the server treats a request: as git would, with a status, with silence, by hanging up at once, or when it is done. */
export type Mood = 'well' | 'silent' | 'hang-up' | 'swallow' | number;

export interface HttpRemote {
  readonly url: string;
  /** Every authorization header that came, and every path. */
  readonly seen: { readonly authorization: string | undefined; readonly path: string }[];
  mood: (path: string) => Mood;
  /** Answers requests without this header with 401. */
  demand: string | undefined;
}

/** Serves bare repositories below `root` over HTTP on this machine, through git's own backend. */
export async function httpRemote(root: string): Promise<HttpRemote> {
  const remote: HttpRemote = { url: '', seen: [], mood: () => 'well', demand: undefined };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const { authorization } = request.headers;
    remote.seen.push({ authorization, path });
    const mood = remote.mood(path);
    if (mood === 'silent') return;
    if (mood === 'hang-up') {
      request.socket.destroy();
      return;
    }
    if (typeof mood === 'number') return refuse(response, mood);
    if (remote.demand !== undefined && authorization !== remote.demand) return refuse(response, 401);
    backend(root, request, response, mood === 'swallow');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(remote, { url: `http://127.0.0.1:${port}/origin.git` });
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 401 ? { 'WWW-Authenticate': 'Basic realm="git"' } : {});
  response.end(status === 403 ? 'Write access to repository not granted.' : '');
}

/** CGI, as gitprotocol-http and git-http-backend(1) describe it. */
function backend(root: string, request: IncomingMessage, response: ServerResponse, swallow: boolean): void {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const { 'content-type': type, 'content-encoding': encoding, 'git-protocol': protocol } = request.headers;
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'tester',
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: query,
      ...(type === undefined ? {} : { CONTENT_TYPE: type }),
      ...(encoding === undefined ? {} : { HTTP_CONTENT_ENCODING: encoding }),
      ...(protocol === undefined ? {} : { GIT_PROTOCOL: String(protocol) }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    if (swallow) {
      request.socket.destroy();
      return;
    }
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    const headers = all
      .subarray(0, end)
      .toString('utf8')
      .split('\r\n')
      .map((line) => line.split(': ', 2));
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(
      Number.parseInt(status, 10),
      Object.fromEntries(headers.filter(([name]) => name !== 'Status' && name !== undefined)),
    );
    response.end(all.subarray(end + 4));
  });
}
