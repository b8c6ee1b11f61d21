import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { temporaryFolder } from './step.ts';

/** PostgreSQL that only a runner inside the VPC reaches. */
export interface Vpc extends AsyncDisposable {
  readonly database: PGlite;
  /** Puts a step inside. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the databases that were connected to, each time, and whether TLS would have proved them. */
  connected(): readonly string[];
}

/** A server with a master user that is no superuser, as on RDS, and with what `contents` makes. */
export async function openVpc(contents: string): Promise<Vpc> {
  const database = await PGlite.create();
  await database.exec('CREATE ROLE rds_master LOGIN CREATEROLE CREATEDB');
  await database.exec('ALTER DATABASE postgres OWNER TO rds_master; ALTER SCHEMA public OWNER TO rds_master');
  await database.exec(`SET SESSION AUTHORIZATION rds_master; ${contents}`);
  const behind = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: 8 });
  await behind.start();
  const door = tlsDoor(portOf(behind.getServerConn()));
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const log = path.join(temporaryFolder('vpc'), 'connected.txt');
  writeFileSync(log, '');
  const address = door.address();
  return {
    database,
    env: {
      NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'inside-the-vpc.ts')}`,
      BREAKWATER_VPC_PORT: String(typeof address === 'object' ? address?.port : ''),
      BREAKWATER_VPC_LOG: log,
    },
    connected: () => readFileSync(log, 'utf8').trim().split('\n'),
    async [Symbol.asyncDispose]() {
      door.close();
      await behind.stop();
      await database.close();
    },
  };
}

/** Says that the server has TLS, and hands the connection on without: nobody has the keys of RDS. */
function tlsDoor(port: number): net.Server {
  return net.createServer((client) => {
    const server = net.connect(port, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    client.once('data', () => {
      client.write('S');
      client.pipe(server).pipe(client);
    });
  });
}

function portOf(address: string): number {
  return Number(/:(\d+)$/.exec(address)?.[1]);
}
