import { cpSync, existsSync, globSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`]?.trim() ?? '';
const folder = path.join(process.env.ARTIFACTS, process.env.GITHUB_RUN_ID, input('name'));
if (existsSync(folder) && input('overwrite') !== 'true')
  throw new Error(`an artifact named ${input('name')} exists already: 409 Conflict`);
rmSync(folder, { recursive: true, force: true });

const lines = input('path')
  .split('\n')
  .map((line) => line.trim());
const wanted = lines.filter((line) => line !== '' && !line.startsWith('!'));
const unwanted = new Set(lines.filter((line) => line.startsWith('!')).flatMap((line) => files(line.slice(1))));
const found = [...new Set(wanted.flatMap(files))].filter((file) => !unwanted.has(file));
const visible =
  input('include-hidden-files') === 'true'
    ? found
    : found.filter((file) => !file.split(path.sep).some((part) => part.startsWith('.')));
// As the real one: paths in the artifact begin below the least common ancestor of what was searched.
const root = wanted
  .map((pattern) =>
    pattern.split('/').slice(
      0,
      pattern.split('/').findIndex((part, at, parts) => part.includes('*') || at === parts.length - 1),
    ),
  )
  .reduce(common);
for (const file of visible) cpSync(file, path.join(folder, path.relative(root.join('/'), file)), { recursive: true });
if (visible.length === 0 && input('if-no-files-found') === 'error') throw new Error(`no files were found: ${input('path')}`);
console.log(`${visible.length} files kept as ${input('name')}`);

function files(pattern) {
  return globSync(pattern).flatMap((found) =>
    statSync(found).isDirectory() ? globSync(`${found}/**`).filter((file) => statSync(file).isFile()) : [found],
  );
}

function common(one, other) {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at === -1 ? one : one.slice(0, at);
}
