import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import { directSession } from './direct-session.ts';
import { SQL_ENGINES } from './session.ts';

for (const engine of SQL_ENGINES) {
  // The drivers keep their own time, so this one is real: two servers that take the connection and then say nothing.
  test(`${engine}: a server that never answers is given up when the time asked for is over`, { timeout: 5_000 }, async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const session = directSession({
      engine,
      host: '127.0.0.1',
      port,
      user: 'master',
      password: 'p',
      tls: 'off',
      connectTimeout: 60,
    });
    try {
      await assert.rejects(session.query('SELECT 1', { reads: true }), (error: unknown) => {
        assert.ok(error instanceof AwsError);
        assert.equal(error.code, 'aws-unavailable');
        assert.match(error.message, /cannot connect to 127\.0\.0\.1:\d+: .*time/i);
        return true;
      });
    } finally {
      await session.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
}
