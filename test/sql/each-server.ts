import { after, before, suite, test } from 'node:test';
import { pgliteServer, runningServer, type TestServer } from './servers.ts';

/** PGlite always; the others where `.ci/databases` has started them. */
const SERVERS: readonly { readonly name: string; readonly variable?: string }[] = [
  { name: 'PGlite' },
  { name: 'PostgreSQL', variable: 'BREAKWATER_TEST_POSTGRESQL' },
  { name: 'MariaDB', variable: 'BREAKWATER_TEST_MYSQL' },
];

/** Runs the same tests against each server. `database` is made anew for them. */
export function onEachServer(database: string, tests: (server: () => TestServer, engine: TestServer['engine']) => void): void {
  for (const { name, variable } of SERVERS) {
    const address = variable === undefined ? undefined : process.env[variable];
    if (variable !== undefined && (address === undefined || address === '')) {
      test(`on ${name}`, { skip: `${variable} is not set: .ci/databases starts ${name} and sets it` }, () => {});
      continue;
    }
    suite(`on ${name}`, () => {
      let server: TestServer | undefined;
      before(async () => {
        server = address === undefined ? await pgliteServer() : await runningServer(address, database);
      });
      after(() => server?.close());
      tests(
        () => {
          if (server === undefined) throw new Error('asked for before the tests run');
          return server;
        },
        name === 'MariaDB' ? 'mysql' : 'postgresql',
      );
    });
  }
}
