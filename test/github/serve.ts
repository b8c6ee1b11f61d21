import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serveFakeGithub } from '@breakwater/github/testing';

/**
 * The fake of the GitHub API as a process of its own: `node test/github/serve.ts --port 0 --setup setup.json`. Prints its address as the
 * first line and stays until it is stopped. `setup.json` is a `FakeSetup`; see also `/_fake/…` in fake-github.ts.
 */
const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, setup: { type: 'string' } } });
const setup = values.setup === undefined ? {} : JSON.parse(readFileSync(values.setup, 'utf8'));
const fake = await serveFakeGithub(setup, { port: Number(values.port) });
console.log(fake.url);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const request of fake.unknown) console.error(`unknown request: ${request}`);
    void fake.close().then(() => process.exit(fake.unknown.length > 0 ? 1 : 0));
  });
}
