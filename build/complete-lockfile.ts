import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { completed, readLockfile, unlockedOptionals } from './lockfile.ts';

/** `npm run lockfile`: run after adding or updating a dependency. */
const root = path.join(import.meta.dirname, '..');
const lockfile = readLockfile(root);
const missing = unlockedOptionals(lockfile);
if (missing.length > 0) writeFileSync(path.join(root, 'package-lock.json'), `${JSON.stringify(completed(lockfile), null, 2)}\n`);
console.log(missing.length === 0 ? 'the lockfile is complete' : `added ${missing.length} optional packages to the lockfile`);
