import assert from 'node:assert/strict';
import { type AddressInfo, createServer, Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import { createServer as createMysqlServer } from 'mysql2';
import { directSession } from './direct-session.ts';
import { SQL_ENGINES, type SqlEngine } from './session.ts';
import { verifyDatabase } from './verify-database.ts';

/** A server that lets everybody in and then answers no SELECT: of PostgreSQL the few bytes that this takes, of MySQL the driver's own. */
async function silentServer(engine: SqlEngine): Promise<{ readonly port: number; readonly logins: () => number; close(): void }> {
  let logins = 0;
  const sockets: Socket[] = [];
  if (engine === 'postgresql') {
    const authenticated = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
    const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.once('data', () => {
        logins += 1;
        socket.write(Buffer.concat([authenticated, ready]));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const close = () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    };
    return { port: portOf(server.address()), logins: () => logins, close };
  }
  const server = createMysqlServer((connection) => {
    logins += 1;
    // Each command begins to count its packets anew, which the driver leaves to whoever plays the server.
    const allRight = () => {
      connection.sequenceId = 1;
      connection.writeOk();
      connection.sequenceId = 0;
    };
    connection.on('error', () => {});
    connection.on('stmt_prepare', allRight);
    connection.on('query', (sql: string) => {
      if (!/^SELECT (?!@@)/.test(sql)) allRight();
    });
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.0.36',
      connectionId: logins,
      statusFlags: 2,
      characterSet: 45,
      capabilityFlags: 0xffffff ^ 0x800,
      authCallback: (_: unknown, done: (error: unknown) => void) => {
        done(null);
        connection.sequenceId = 0;
      },
    });
  });
  // Its own `listen` takes no host.
  const inner: unknown = Reflect.get(server, '_server');
  assert.ok(inner instanceof Server);
  await new Promise<void>((listening) => inner.listen(0, '127.0.0.1', listening));
  return { port: portOf(inner.address()), logins: () => logins, close: () => void inner.close() };
}

function portOf(address: string | AddressInfo | null): number {
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

for (const engine of SQL_ENGINES) {
  // The drivers keep their own time, so this one is real.
  test(`${engine}: a statement that is never answered is given up, and the next one gets a connection of its own`, {
    timeout: 30_000,
  }, async () => {
    const server = await silentServer(engine);
    const session = directSession({
      engine,
      host: '127.0.0.1',
      port: server.port,
      user: 'master',
      password: 'p',
      tls: 'off',
      statementTimeout: 60,
    });
    try {
      for (const reads of [true, false])
        await assert.rejects(session.query('SELECT 1', { reads }), (error: unknown) => {
          assert.ok(error instanceof AwsError);
          assert.equal(error.call.awsCode, 'StatementTimeoutException');
          assert.match(error.message, /did not answer in time/);
          return true;
        });
      assert.equal(server.logins(), 2);
      const [first, second] = await verifyDatabase(session, [
        { kind: 'database', name: 'shop' },
        { kind: 'query', name: 'stuck', sql: 'SELECT 1', expect: '1' },
      ]);
      for (const result of [first, second])
        assert.deepEqual([result?.ok, /did not answer in time/.test(result?.found ?? '')], [false, true], JSON.stringify(result));
    } finally {
      await session.close();
      server.close();
    }
  });
}
