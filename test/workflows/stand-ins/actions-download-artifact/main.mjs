import { cpSync, globSync } from 'node:fs';
import path from 'node:path';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`]?.trim() ?? '';
const run = path.join(process.env.ARTIFACTS, process.env.GITHUB_RUN_ID);
const names = globSync(input('name') || input('pattern') || '*', { cwd: run });
if (input('name') !== '' && names.length === 0) throw new Error(`Artifact not found for name: ${input('name')}`);
for (const name of names) {
  const target = input('name') !== '' || input('merge-multiple') === 'true' ? input('path') : path.join(input('path'), name);
  cpSync(path.join(run, name), target, { recursive: true });
}
console.log(`${names.length} artifacts brought back`);
