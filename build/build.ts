import path from 'node:path';
import { writeActionFiles } from './action-files.ts';
import { bundle } from './bundle.ts';
import { writeRoleTemplates } from './role-templates.ts';

const root = path.join(import.meta.dirname, '..');
await writeActionFiles(root);
await writeRoleTemplates(root);
const files = await bundle(root, path.join(root, 'dist'));
for (const { file, bytes, entry } of [...files].sort((a, b) => b.bytes - a.bytes)) {
  console.log(`${(bytes / 1024).toFixed(1).padStart(9)} KiB  ${entry ? 'door ' : 'chunk'}  ${file}`);
}
const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
console.log(`${(total / 1024).toFixed(1).padStart(9)} KiB  in all`);
